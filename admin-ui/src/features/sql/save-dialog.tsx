import { useState } from "react";
import { TextRow } from "@/components/form-parts";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { SwitchRow } from "@/ui/switch";

export function SaveDialog({
  taken,
  sharing,
  onClose,
  onSave,
}: {
  taken: string[];
  /** Whether there is a place that others see too. */
  sharing: boolean;
  onClose: () => void;
  onSave: (name: string, share: boolean) => void;
}) {
  const [name, setName] = useState("");
  const [share, setShare] = useState(false);
  const replaces = taken.includes(name.trim());
  return (
    <Modal
      title="Save query"
      description={sharing ? "The text of the editor under a name." : "Kept in this browser."}
      width="sm"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            blocked={name.trim() === "" ? "Give it a name" : null}
            onClick={() => onSave(name.trim(), share)}
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
          if (name.trim() !== "") onSave(name.trim(), share);
        }}
      >
        <TextRow
          label="Name"
          value={name}
          onChange={setName}
          help={replaces ? "Replaces the query of that name." : undefined}
        />
        {sharing && (
          <div className="mt-2">
            <SwitchRow label="Share with the other superusers" checked={share} onChange={setShare} />
          </div>
        )}
      </form>
    </Modal>
  );
}
