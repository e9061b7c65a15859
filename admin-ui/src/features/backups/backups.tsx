import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { Download, Ellipsis, Plus, Upload } from "lucide-react";
import { useRef, useState } from "react";
import { inFull } from "@/api/errors";
import { backupsQuery, backupUrl, createBackup, deleteBackup, uploadBackup, type Backup } from "@/api/operate";
import { healthQuery } from "@/api/settings";
import { confirm } from "@/components/confirm";
import { DateText } from "@/components/date-text";
import { Section } from "@/components/form-parts";
import { EmptyPanel } from "@/components/panels";
import { toast } from "@/components/toasts";
import { NoData } from "@/components/unavailable";
import { formatBytes } from "@/lib/bytes";
import { count } from "@/lib/words";
import { Badge } from "@/ui/badge";
import { Button, IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { Notice } from "@/ui/notice";
import { Skeleton } from "@/ui/skeleton";
import { useBackupCounts } from "./backup-counts";
import { RestoreDialog } from "./restore-dialog";

const making = ["make-backup"];

/** What can be gone back to. A backup is the whole data directory in one file. */
export function BackupList() {
  const query = useQuery(backupsQuery);
  const client = useQueryClient();
  const health = useQuery(healthQuery).data;
  const picker = useRef<HTMLInputElement>(null);
  const [restoring, setRestoring] = useState<Backup | null>(null);
  const again = () => client.invalidateQueries({ queryKey: ["backups"] });
  const { counts, noteNewest } = useBackupCounts();
  const create = useMutation({
    mutationKey: making,
    mutationFn: async () => {
      await createBackup("");
      await again();
      // Noted before it is said to be made, after which people leave the page or go on deleting; without its counts it is still one.
      await noteNewest().catch(() => undefined);
    },
    onSuccess: () => toast("Backup made"),
    onSettled: again,
  });
  const upload = useMutation({
    mutationFn: uploadBackup,
    onSuccess: () => toast("Backup uploaded"),
    onSettled: again,
  });
  if (query.isError && !query.data)
    return <NoData what="Backups" error={query.error} onRetry={() => void query.refetch()} />;
  const backups = (query.data ?? []).toSorted((a, b) => (a.modified < b.modified ? 1 : -1));
  const busyElsewhere =
    health?.canBackup === false && !create.isPending ? "Another backup or restore is running" : null;
  const failed = create.error ?? upload.error;

  function askDelete(backup: Backup) {
    confirm({
      title: `Delete backup ${backup.key}?`,
      verb: "Delete backup",
      body: `${formatBytes(backup.size)}; it can't be brought back.`,
      run: async () => {
        await deleteBackup(backup.key);
        await again();
        toast("Backup deleted");
      },
    });
  }
  return (
    <Section
      title="Backups"
      aside={
        <span className="flex flex-wrap gap-2">
          <Button size="sm" busy={upload.isPending} onClick={() => picker.current?.click()}>
            <Upload size={14} aria-hidden /> {upload.isPending ? "Uploading…" : "Upload"}
          </Button>
          <Button
            size="sm"
            tone="primary"
            busy={create.isPending}
            blocked={busyElsewhere}
            // A double click is over before the button looks busy.
            onClick={() => client.isMutating({ mutationKey: making }) === 0 && create.mutate()}
          >
            <Plus size={14} aria-hidden /> {create.isPending ? "Backing up…" : "Back up now"}
          </Button>
        </span>
      }
    >
      <input
        ref={picker}
        type="file"
        accept=".zip,application/zip"
        aria-label="Backup file to upload"
        className="hidden"
        tabIndex={-1}
        onChange={(event) => {
          const file = event.target.files?.[0];
          event.target.value = "";
          if (file) upload.mutate(file);
        }}
      />
      {failed && (
        <Notice tone="danger" role="alert">
          {inFull(failed)}
        </Notice>
      )}
      {create.isPending && (
        <Notice tone="info" role="status">
          The backup is being made; the server goes on answering. You may leave this page.
        </Notice>
      )}
      {query.isPending && <Skeleton className="!h-20 w-full" />}
      {query.data && backups.length === 0 && (
        <EmptyPanel title="No backups yet">A backup holds the databases and all uploaded files.</EmptyPanel>
      )}
      {backups.length > 0 && (
        <ul aria-label="Backups" className="divide-y divide-line rounded-md border border-line bg-bg">
          {backups.map((backup) => (
            <li key={backup.key} className="flex min-h-12 items-center gap-2 py-1.5 ps-4 pe-2">
              <div className="min-w-0 flex-1">
                <span className="flex flex-wrap items-center gap-2">
                  <span className="font-mono text-code break-all">{backup.key}</span>
                  {backup.key.startsWith("@auto_") && <Badge>scheduled</Badge>}
                </span>
                <span className="tnum block text-sm text-ink-3">
                  <DateText value={backup.modified} /> · {formatBytes(backup.size)}
                </span>
              </div>
              <IconButton label={`Download ${backup.key}`} onClick={() => void download(backup)}>
                <Download size={16} />
              </IconButton>
              <Menu
                trigger={
                  <IconButton label={`Actions for ${backup.key}`}>
                    <Ellipsis size={16} />
                  </IconButton>
                }
                items={[
                  { label: "Restore…", run: () => setRestoring(backup) },
                  { kind: "separator", label: "delete" },
                  { label: "Delete…", danger: true, run: () => askDelete(backup) },
                ]}
              />
            </li>
          ))}
        </ul>
      )}
      {backups.length > 0 && (
        <p className="tnum text-sm text-ink-3">
          {count(backups.length, "backup")}, {formatBytes(backups.reduce((sum, backup) => sum + backup.size, 0))}
        </p>
      )}
      {restoring && (
        <RestoreDialog backup={restoring} then={counts[restoring.key] ?? null} onClose={() => setRestoring(null)} />
      )}
    </Section>
  );
}

async function download(backup: Backup) {
  try {
    const link = document.createElement("a");
    link.href = await backupUrl(backup.key);
    link.download = backup.key;
    link.click();
  } catch (error) {
    toast(`The backup can't be downloaded. ${inFull(error)}`, "danger");
  }
}
