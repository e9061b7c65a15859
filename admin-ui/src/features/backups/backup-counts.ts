import { useQueryClient } from "@tanstack/react-query";
import { collectionsQuery } from "@/api/collections";
import { listBackups } from "@/api/operate";
import { countRecords } from "@/api/records";
import { usePref } from "@/components/use-pref";
import { fitting, readCounts } from "./counts";

/** A backup does not say what is in it, so what is counted when it is made here is noted beside it. */
export function useBackupCounts() {
  const client = useQueryClient();
  const pref = usePref("shared", "backups.counts", readCounts);
  return {
    counts: pref.value,
    noteNewest: async () => {
      const newest = (await listBackups()).toSorted((a, b) => (a.modified < b.modified ? 1 : -1))[0];
      if (!newest) return;
      const all = await client.fetchQuery({ ...collectionsQuery, staleTime: 0 });
      const own = all.filter((one) => !one.system && one.type !== "view");
      const counts = Object.fromEntries(
        await Promise.all(own.map(async ({ name }): Promise<[string, number]> => [name, await countRecords(name, "")])),
      );
      await pref.change((now) => {
        const others = Object.entries(now).filter(([key]) => key !== newest.key);
        return fitting(Object.fromEntries([...others, [newest.key, counts]]));
      });
    },
  };
}
