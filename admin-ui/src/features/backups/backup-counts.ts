import { useQueryClient } from "@tanstack/react-query";
import { collectionsQuery } from "@/api/collections";
import { listBackups } from "@/api/operate";
import { countRecords } from "@/api/records";
import { usePref } from "@/components/use-pref";
import { isObject } from "@/lib/assert";

/** How many records a backup has, by its name and that of the collection. */
export type BackupCounts = Record<string, Record<string, number>>;

function readCounts(stored: unknown): BackupCounts {
  if (!isObject(stored)) return {};
  return Object.fromEntries(
    Object.entries(stored).map(([key, counts]): [string, Record<string, number>] => [
      key,
      Object.fromEntries(
        Object.entries(isObject(counts) ? counts : {}).filter(
          (pair): pair is [string, number] => typeof pair[1] === "number",
        ),
      ),
    ]),
  );
}

const keptBackups = 20;
const countedCollections = 40;

/** A backup does not say what is in it, so what is counted when it is made here is noted beside it. */
export function useBackupCounts() {
  const client = useQueryClient();
  const pref = usePref("shared", "backups.counts", readCounts);
  return {
    counts: pref.value,
    noteNewest: async () => {
      const newest = (await listBackups()).toSorted((a, b) => (a.modified < b.modified ? 1 : -1))[0];
      if (!newest) return;
      const all = await client.ensureQueryData(collectionsQuery);
      const own = all.filter((one) => !one.system && one.type !== "view").slice(0, countedCollections);
      const counts: Record<string, number> = {};
      for (const { name } of own) counts[name] = await countRecords(name, "");
      await pref.change((now) => {
        const others = Object.entries(now).filter(([key]) => key !== newest.key);
        return Object.fromEntries([...others.slice(1 - keptBackups), [newest.key, counts]]);
      });
    },
  };
}
