import { useState } from "react";
import { inFull } from "@/api/errors";
import { createBackup, isHealthy, restoreBackup, type Backup } from "@/api/operate";
import { DateText } from "@/components/date-text";
import { TextRow } from "@/components/form-parts";
import { formatBytes } from "@/lib/bytes";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { SwitchRow } from "@/ui/switch";
import { CountsBeside } from "./counts-beside";

/** `then`: what was counted when the backup was made, if it was made here. */
type RestoreDialogProps = { backup: Backup; then: Record<string, number> | null; onClose: () => void };
type Progress = "asking" | "saving" | "restoring" | "waiting" | "done" | "lost";

/** The server starts again with the old data; this page waits for it. */
export function RestoreDialog({ backup, then, onClose }: RestoreDialogProps) {
  const [typed, setTyped] = useState("");
  const [keep, setKeep] = useState(true);
  const [progress, setProgress] = useState<Progress>("asking");
  const [error, setError] = useState<unknown>(null);
  const working = progress === "saving" || progress === "restoring" || progress === "waiting";

  async function run() {
    setError(null);
    try {
      if (keep) {
        setProgress("saving");
        await createBackup("");
      }
      setProgress("restoring");
      await restoreBackup(backup.key);
      setProgress("waiting");
      setProgress((await serverIsBack()) ? "done" : "lost");
    } catch (caught) {
      setError(caught);
      setProgress("asking");
    }
  }
  return (
    <Modal
      title={`Restore ${backup.key}`}
      description="Everything is replaced: collections, records, files, settings and superusers."
      onClose={() => {
        if (!working) onClose();
      }}
      footer={
        progress === "done" ? (
          <Button tone="primary" onClick={() => window.location.reload()}>
            Reload
          </Button>
        ) : (
          <>
            <Button blocked={working ? "The restore has begun" : null} onClick={onClose}>
              Cancel
            </Button>
            <Button
              tone="danger"
              busy={working}
              blocked={typed === backup.key ? null : "Type the name of the backup first"}
              onClick={() => void run()}
            >
              Restore
            </Button>
          </>
        )
      }
    >
      <div className="space-y-4 pb-3">
        {error !== null && (
          <Notice tone="danger" role="alert">
            {inFull(error)}
          </Notice>
        )}
        {progress === "asking" && (
          <>
            <p>
              From <DateText value={backup.modified} long />, {formatBytes(backup.size)}. What was changed since then is
              lost unless you back it up now.
            </p>
            <CountsBeside then={then} />
            <SwitchRow
              label="Back up the present state first"
              help="So that this can be undone."
              checked={keep}
              onChange={setKeep}
            />
            <TextRow label={`Type ${backup.key} to go on`} mono value={typed} onChange={setTyped} />
          </>
        )}
        <div role="status">
          {working && <Notice tone="info">{words[progress]}</Notice>}
          {progress === "done" && (
            <Notice tone="ok">
              The server is back. Reload to see the restored data; you may have to sign in again.
            </Notice>
          )}
        </div>
        {progress === "lost" && (
          <Notice tone="danger" role="alert">
            The server has not come back within two minutes. Look at its console.
          </Notice>
        )}
      </div>
    </Modal>
  );
}

const words: Record<"saving" | "restoring" | "waiting", string> = {
  saving: "Backing up the present state…",
  restoring: "Starting the restore…",
  waiting: "The server is being started again with the restored data…",
};

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

/** The work starts a second after the answer, so the first good health does not count. */
async function serverIsBack(): Promise<boolean> {
  await pause(2500);
  for (let tries = 0; tries < 80; tries += 1) {
    if (await isHealthy()) return true;
    await pause(1500);
  }
  return false;
}
