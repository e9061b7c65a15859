import { useState } from "react";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { FieldBox } from "@/ui/field";
import { SwitchRow } from "@/ui/switch";

type NameDialogProps = {
  taken: string[];
  /** Whether there is a place that others see too. */
  sharing: boolean;
  onClose: () => void;
  onSave: (name: string, share: boolean) => void;
};

export default function NameDialog({ taken, sharing, onClose, onSave }: NameDialogProps) {
  const [name, setName] = useState("");
  const [share, setShare] = useState(false);
  const given = name.trim();
  return (
    <Modal
      title="Save view"
      description={sharing ? "Filter, order and columns." : "Filter, order and columns, kept in this browser."}
      width="sm"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button tone="primary" blocked={given === "" ? "Give it a name" : null} onClick={() => onSave(given, share)}>
            Save view
          </Button>
        </>
      }
    >
      <form
        className="pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (given !== "") onSave(given, share);
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
        {sharing && (
          <div className="mt-2">
            <SwitchRow label="Share with the other superusers" checked={share} onChange={setShare} />
          </div>
        )}
      </form>
    </Modal>
  );
}
