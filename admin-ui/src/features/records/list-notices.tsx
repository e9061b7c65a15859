import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { collectionsQuery, updateCollection } from "@/api/collections";
import { inFull } from "@/api/errors";
import type { Collection } from "@/api/types";
import { toast } from "@/components/toasts";
import { columnName, formatIndex, parseIndex } from "@/lib/indexes";
import type { SortKey } from "@/lib/keyset";
import { groupDigits } from "@/lib/words";
import { Button } from "@/ui/button";
import { costly } from "./ledger";
import type { Jumping } from "./use-jump";

const strip = "enter flex flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5 text-sm";

type CostNoticeProps = { collection: Collection; sortKey: SortKey; total: number };

function isIndexed(collection: Collection, column: string): boolean {
  if (column === "id") return true;
  return collection.indexes.some((sql) => columnName(parseIndex(sql)?.columns[0] ?? "") === column);
}

/** An order without an index reads the whole table each time; said where it hurts, with the way out. */
function CostNotice({ collection, sortKey, total }: CostNoticeProps) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const { field } = sortKey;
  if (isIndexed(collection, field)) return null;
  async function create() {
    setBusy(true);
    const suffix = Math.random().toString(36).slice(2, 8);
    const parts = { unique: false, table: collection.name, columns: [field, "id"], where: "" };
    const sql = formatIndex({ ...parts, name: `idx_${collection.name}_${field}_${suffix}` });
    try {
      await updateCollection(collection.id, { indexes: [...collection.indexes, sql] });
      await client.invalidateQueries({ queryKey: collectionsQuery.queryKey });
      toast(`Index on ${field} created`);
    } catch (error) {
      toast(`The index was not created. ${inFull(error)}`, "danger");
    }
    setBusy(false);
  }
  return (
    <div role="note" aria-label="Cost of this order" className={`${strip} bg-warn-soft text-warn`}>
      <span>
        Sorting {groupDigits(total)} rows by <code className="font-mono">{field}</code> reads the whole table.
      </span>
      <Button size="sm" busy={busy} onClick={() => void create()}>
        Create index
      </Button>
    </div>
  );
}

type ListNoticesProps = { collection: Collection; jump: Jumping; total: number };

/** What is special about the list on the screen: where it starts, and what its order costs. */
export default function ListNotices({ collection, jump, total }: ListNoticesProps) {
  const [error, setError] = useState<string | null>(null);
  return (
    <>
      {total >= costly && jump.key && collection.type !== "view" && (
        <CostNotice collection={collection} sortKey={jump.key} total={total} />
      )}
      {jump.here && jump.here.from !== "" && (
        <div role="note" aria-label="Place in the list" className={`${strip} bg-canvas`}>
          <span>Showing from {jump.here.words} on.</span>
          <Button
            size="sm"
            onClick={() =>
              void jump.earlier().then(
                () => setError(null),
                (caught: unknown) => setError(inFull(caught)),
              )
            }
          >
            Earlier rows
          </Button>
          <Button size="sm" tone="ghost" onClick={() => jump.to({ from: "", before: "", words: "", focus: "first" })}>
            From the start
          </Button>
          {error && (
            <span role="alert" className="text-danger-text">
              {error}
            </span>
          )}
        </div>
      )}
    </>
  );
}
