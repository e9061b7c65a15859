import { useState } from "react";
import { TextRow } from "@/components/form-parts";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";

export function SaveDialog({
  taken,
  onClose,
  onSave,
}: {
  taken: string[];
  onClose: () => void;
  onSave: (name: string) => void;
}) {
  const [name, setName] = useState("");
  const replaces = taken.includes(name.trim());
  return (
    <Modal
      title="Save query"
      description="Kept in this browser."
      width="sm"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            blocked={name.trim() === "" ? "Give it a name" : null}
            onClick={() => onSave(name.trim())}
          >
            Save query
          </Button>
        </>
      }
    >
      <form
        className="pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (name.trim() !== "") onSave(name.trim());
        }}
      >
        <TextRow
          label="Name"
          value={name}
          onChange={setName}
          help={replaces ? "Replaces the query of that name." : undefined}
        />
      </form>
    </Modal>
  );
}
