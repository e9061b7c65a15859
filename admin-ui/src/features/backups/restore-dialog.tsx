import { useQueries, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { collectionsQuery } from "@/api/collections";
import { inFull } from "@/api/errors";
import { createBackup, isHealthy, restoreBackup, type Backup } from "@/api/operate";
import { countQuery } from "@/api/records";
import { DateText } from "@/components/date-text";
import { TextRow } from "@/components/form-parts";
import { formatBytes } from "@/lib/bytes";
import { groupDigits } from "@/lib/words";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { SwitchRow } from "@/ui/switch";

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
            <Present then={then} />
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

function Count({ n }: { n: number | undefined }) {
  return <td className="text-end">{n === undefined ? "—" : groupDigits(n)}</td>;
}

/** What is there now and will be replaced, beside what the backup had. */
function Present({ then }: { then: Record<string, number> | null }) {
  const collections = (useQuery(collectionsQuery).data ?? []).filter(
    (collection) => !collection.system && collection.type !== "view",
  );
  const shown = collections.slice(0, 8);
  const counts = useQueries({ queries: shown.map((collection) => countQuery(collection.name, "")) });
  const gone = Object.keys(then ?? {}).filter((name) => !collections.some((collection) => collection.name === name));
  return (
    <table className="tnum w-full rounded-md border border-line">
      <caption className="sr-only">Records now and in the backup</caption>
      <thead>
        <tr className="text-ink-2 [&>th]:px-3 [&>th]:py-1.5 [&>th]:font-medium">
          <th scope="col" className="text-start">
            Collection
          </th>
          <th scope="col" className="text-end">
            Now
          </th>
          {then && (
            <th scope="col" className="text-end">
              In the backup
            </th>
          )}
        </tr>
      </thead>
      <tbody className="[&_td]:px-3 [&_td]:py-0.5 [&_th]:px-3">
        {shown.map((collection, index) => (
          <tr key={collection.id}>
            <th scope="row" className="max-w-48 truncate text-start font-normal">
              {collection.name}
            </th>
            <Count n={counts[index]?.data} />
            {then && <Count n={then[collection.name]} />}
          </tr>
        ))}
        {gone.slice(0, 8).map((name) => (
          <tr key={name}>
            <th scope="row" className="max-w-48 truncate text-start font-normal">
              {name}
            </th>
            <Count n={undefined} />
            <Count n={then?.[name]} />
          </tr>
        ))}
        {collections.length > shown.length && (
          <tr>
            <td colSpan={3} className="text-ink-3">
              and {collections.length - shown.length} more collections
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

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
