import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { inFull } from "@/api/errors";
import { tryRequest, type Identity } from "@/api/playground";
import { countQuery } from "@/api/records";
import type { Collection, Field } from "@/api/types";
import { IdentityPicker } from "@/components/identity";
import { isObject } from "@/lib/assert";
import { showValue } from "@/lib/shown";
import { count, groupDigits } from "@/lib/words";
import { Button } from "@/ui/button";
import { Modal } from "@/ui/dialog";
import { Notice } from "@/ui/notice";
import { Skeleton } from "@/ui/skeleton";

type SeeAsDialogProps = { collection: Collection; visible: Field[]; filter: string; sort: string; onClose: () => void };

const shownRows = 50;

/** The table as a guest or an account gets it: a request of theirs, with the filter and the order of the table. */
export default function SeeAsDialog({ collection, visible, filter, sort, onClose }: SeeAsDialogProps) {
  const [identity, setIdentity] = useState<Identity>({ kind: "guest" });
  const all = useQuery(countQuery(collection.name, filter)).data;
  const seen = useQuery({
    queryKey: ["records", collection.name, "seen as", identity, filter, sort],
    queryFn: () => {
      const query = { page: "1", perPage: String(shownRows), ...(filter ? { filter } : {}), ...(sort ? { sort } : {}) };
      return tryRequest(identity, "GET", `/api/collections/${collection.name}/records`, query, undefined);
    },
    enabled: identity.kind !== "record" || identity.id !== "",
    gcTime: 0,
    retry: false,
  });
  const body = isObject(seen.data?.body) ? seen.data.body : {};
  const allowed = seen.data?.status === 200;
  const rows = allowed && Array.isArray(body["items"]) ? body["items"].filter(isObject) : [];
  const total = typeof body["totalItems"] === "number" ? body["totalItems"] : 0;
  const who = identity.kind === "guest" ? "A guest sees" : identity.kind === "record" ? "They see" : "You see";
  return (
    <Modal
      title={`See ${collection.name} as…`}
      description="Which records and fields the rules let somebody list, with the filter and the order of the table."
      width="lg"
      onClose={onClose}
      footer={<Button onClick={onClose}>Close</Button>}
    >
      <div className="space-y-4 pb-3">
        <IdentityPicker identity={identity} onChange={setIdentity} />
        <div role="status">
          {allowed && (
            <p className="tnum">
              {who} {groupDigits(total)}
              {all === undefined ? "" : ` of ${count(all, "record")}`}
              {total > rows.length && `; these are the first ${rows.length}`}.
            </p>
          )}
          {seen.data && !allowed && (
            <Notice tone="warn">
              Refused with {seen.data.status}: {String(body["message"] ?? "")}
            </Notice>
          )}
        </div>
        {seen.isError && (
          <Notice tone="danger" role="alert">
            {inFull(seen.error)}
          </Notice>
        )}
        {seen.isFetching && !seen.data && <Skeleton className="!h-32 w-full" />}
        {rows.length > 0 && <Seen rows={rows} visible={visible} what={`${collection.name} as they are listed`} />}
      </div>
    </Modal>
  );
}

function Seen({ rows, visible, what }: { rows: Record<string, unknown>[]; visible: Field[]; what: string }) {
  return (
    // It is scrolled by keys too.
    <div role="region" aria-label={what} tabIndex={0} className="max-h-80 overflow-auto rounded-md border border-line">
      <table className="w-full">
        <thead className="sticky top-0 bg-raised">
          <tr className="text-start text-ink-2 [&>th]:px-3 [&>th]:py-1.5 [&>th]:text-start [&>th]:font-medium">
            {visible.map((field) => (
              <th key={field.id} scope="col">
                {field.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="[&_td]:max-w-60 [&_td]:truncate [&_td]:border-t [&_td]:border-line [&_td]:px-3 [&_td]:py-1">
          {rows.map((row) => (
            <tr key={String(row["id"])}>
              {visible.map(({ id, name }) => (
                <td key={id} className={name in row ? undefined : "text-ink-3"}>
                  {name in row ? showValue(row[name]) : "not sent"}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
