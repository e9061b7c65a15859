import { useState } from "react";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { FieldBox } from "@/ui/field";

type NameDialogProps = { taken: string[]; onClose: () => void; onSave: (name: string) => void };

export default function NameDialog({ taken, onClose, onSave }: NameDialogProps) {
  const [name, setName] = useState("");
  const given = name.trim();
  return (
    <Modal
      title="Save view"
      description="Filter, order and columns, kept in this browser."
      width="sm"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" blocked={given === "" ? "Give it a name" : null} onClick={() => onSave(given)}>
            Save view
          </Button>
        </>
      }
    >
      <form
        className="pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (given !== "") onSave(given);
        }}
      >
        <FieldBox label="Name" help={taken.includes(given) ? "Replaces the view of that name." : undefined}>
          {(control) => (
            <input
              {...control}
              className="control"
              autoComplete="off"
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </FieldBox>
      </form>
    </Modal>
  );
}
