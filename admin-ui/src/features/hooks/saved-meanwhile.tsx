import type { Script } from "@/api/hooks";
import { DiffView } from "@/components/diff-view";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";

type SavedMeanwhileProps = {
  path: string;
  theirs: Script;
  mine: string;
  onMine: () => void;
  onTheirs: () => void;
  onClose: () => void;
};

/** Somebody else was quicker. Both texts are there; which one stays is for people to say. */
export function SavedMeanwhile({ path, theirs, mine, onMine, onTheirs, onClose }: SavedMeanwhileProps) {
  const text = theirs.pending?.text ?? theirs.text;
  return (
    <Modal
      title="Somebody else saved this script"
      description={
        text === null
          ? `${path} was deleted since you opened it.`
          : `${path} changed since you opened it. From theirs to yours:`
      }
      width="lg"
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Keep editing</Button>
          <Button onClick={onTheirs}>Take theirs</Button>
          <Button tone="primary" onClick={onMine}>
            Save mine
          </Button>
        </>
      }
    >
      <div className="space-y-2 pb-3">
        <DiffView label="Difference" before={text ?? ""} after={mine} />
        <p className="text-sm text-ink-3">
          {theirs.pending
            ? "Theirs waits and is not among the revisions: saving yours replaces it for good."
            : "What is replaced stays among the revisions."}
        </p>
      </div>
    </Modal>
  );
}
