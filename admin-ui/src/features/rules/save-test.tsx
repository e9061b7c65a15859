import { useState } from "react";
import { inFull } from "@/api/errors";
import { TextRow } from "@/components/form-parts";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";

type SaveTestProps = { start: string; onClose: () => void; onSave: (name: string) => Promise<unknown> };

/** A test needs a name by which people know what broke. */
export function SaveTest({ start, onClose, onSave }: SaveTestProps) {
  const [name, setName] = useState(start);
  const [error, setError] = useState<string | undefined>();
  const [busy, setBusy] = useState(false);
  async function save() {
    if (name.trim() === "") return;
    setBusy(true);
    try {
      await onSave(name.trim());
    } catch (caught) {
      setError(inFull(caught));
      setBusy(false);
    }
  }
  return (
    <Modal
      title="Save as test"
      description="It is asked again whenever the collections change."
      width="sm"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button
            tone="primary"
            busy={busy}
            blocked={name.trim() === "" ? "Give it a name" : null}
            onClick={() => void save()}
          >
            Save test
          </Button>
        </>
      }
    >
      <form
        className="pb-3"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <TextRow label="Name" value={name} onChange={setName} error={error} />
      </form>
    </Modal>
  );
}
