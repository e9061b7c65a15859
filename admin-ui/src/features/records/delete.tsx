import { recordTitle } from "@/api/presentable";
import type { Collection, RecordRow } from "@/api/types";
import { confirm } from "@/components/confirm";
import { toast } from "@/components/toasts";
import { count } from "@/lib/words";

const namesShown = 5;

/** Names what goes, so that nobody deletes the wrong thing by habit. */
export function confirmDelete(collection: Collection, rows: RecordRow[], run: () => Promise<void>): void {
  const [only] = rows;
  if (!only) return;
  const what = rows.length === 1 ? recordTitle(collection, only) : count(rows.length, "record");
  const verb = rows.length === 1 ? "Delete record" : `Delete ${count(rows.length, "record")}`;
  confirm({
    title:
      rows.length === 1 ? `Delete record ${what} from ${collection.name}?` : `Delete ${what} from ${collection.name}?`,
    verb,
    body: (
      <>
        {rows.length > 1 && (
          <ul className="mb-2 list-disc ps-5 text-ink">
            {rows.slice(0, namesShown).map((row) => (
              <li key={row.id} className="break-words">
                {recordTitle(collection, row)}
              </li>
            ))}
            {rows.length > namesShown && <li>and {rows.length - namesShown} more</li>}
          </ul>
        )}
        <p>
          Their files go with them. Records that refer to them lose the reference, or are deleted too where the relation
          says so.
        </p>
      </>
    ),
    run: async () => {
      await run();
      toast(rows.length === 1 ? "Record deleted" : `${count(rows.length, "record")} deleted`);
    },
  });
}
