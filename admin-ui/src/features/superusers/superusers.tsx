import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Ellipsis, Plus } from "lucide-react";
import { useState } from "react";
import { deleteRecord, updateRecord } from "@/api/records";
import { currentSuperuserId, superusersQuery } from "@/api/settings";
import type { RecordRow } from "@/api/types";
import { confirm } from "@/components/confirm";
import { DateText } from "@/components/date-text";
import { FormPage } from "@/components/form-parts";
import { ErrorPanel } from "@/components/panels";
import { toast } from "@/components/toasts";
import { toText } from "@/lib/assert";
import { Badge } from "@/ui/badge";
import { Button, buttonClass, IconButton } from "@/ui/button";
import { Menu } from "@/ui/menu";
import { Skeleton } from "@/ui/skeleton";
import { SuperuserDialog } from "./superuser-dialog";

const collection = "_superusers";

/** Who may do everything. One's own account and the last one can't be deleted here. */
export function Superusers() {
  const query = useQuery(superusersQuery);
  const client = useQueryClient();
  const [dialog, setDialog] = useState<{ record: RecordRow | null } | null>(null);
  const rows = query.data;
  const again = () => client.invalidateQueries({ queryKey: ["records", collection] });

  function askDelete(row: RecordRow) {
    confirm({
      title: `Delete superuser ${emailOf(row)}?`,
      verb: "Delete superuser",
      body: "The account can't sign in any more; its sessions end at once.",
      run: async () => {
        await deleteRecord(collection, row.id);
        await again();
        toast(`Superuser ${emailOf(row)} deleted`);
      },
    });
  }
  function askRevoke(row: RecordRow) {
    const own = row.id === currentSuperuserId();
    confirm({
      title: `End all sessions of ${emailOf(row)}?`,
      verb: "End all sessions",
      body: own ? "That includes this one: you will have to sign in again." : "Every browser has to sign in again.",
      run: async () => {
        await updateRecord(collection, row.id, { "tokenKey:autogenerate": "" });
        toast(`All sessions of ${emailOf(row)} ended`);
        await again();
      },
    });
  }
  return (
    <FormPage title="Superusers" lead="They may read and change everything, and no rule applies to them.">
      <div className="flex flex-wrap gap-2">
        <Button tone="primary" onClick={() => setDialog({ record: null })}>
          <Plus size={14} aria-hidden /> Add superuser
        </Button>
        <a href="#/collections/_superusers?tab=auth" className={buttonClass()}>
          Codes and second factor
        </a>
      </div>
      {query.isPending && <Skeleton className="!h-24 w-full" />}
      {query.isError && !rows && (
        <ErrorPanel what="The superusers can't be shown" error={query.error} onRetry={() => void query.refetch()} />
      )}
      {rows && (
        <ul aria-label="Superusers" className="divide-y divide-line rounded-md border border-line bg-bg">
          {rows.map((row) => (
            <li key={row.id} className="flex min-h-12 items-center gap-3 py-1.5 ps-4 pe-2">
              <div className="min-w-0 flex-1">
                <span className="flex flex-wrap items-center gap-2">
                  <span className="font-medium break-all">{emailOf(row)}</span>
                  {row.id === currentSuperuserId() && <Badge tone="accent">You</Badge>}
                </span>
                <span className="block text-sm text-ink-3">
                  since <DateText value={toText(row["created"])} />
                </span>
              </div>
              <Menu
                trigger={
                  <IconButton label={`Actions for ${emailOf(row)}`}>
                    <Ellipsis size={16} />
                  </IconButton>
                }
                items={[
                  { label: "Change e-mail or password…", run: () => setDialog({ record: row }) },
                  { label: "End all sessions…", run: () => askRevoke(row) },
                  { kind: "separator", label: "delete" },
                  {
                    label: "Delete…",
                    danger: true,
                    blocked:
                      row.id === currentSuperuserId()
                        ? "You can't delete your own account"
                        : rows.length < 2
                          ? "The last superuser can't be deleted"
                          : undefined,
                    run: () => askDelete(row),
                  },
                ]}
              />
            </li>
          ))}
        </ul>
      )}
      {dialog && (
        <SuperuserDialog
          record={dialog.record}
          onClose={() => setDialog(null)}
          onSaved={() => {
            setDialog(null);
            void again();
          }}
        />
      )}
    </FormPage>
  );
}

function emailOf(row: RecordRow): string {
  return toText(row["email"]);
}
