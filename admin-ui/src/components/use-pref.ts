import { useQuery, useQueryClient } from "@tanstack/react-query";
import { inFull } from "@/api/errors";
import { prefsQuery, readPrefs, writePref, type PrefScope } from "@/api/prefs";
import { readStoredJson, writeStored } from "@/lib/storage";
import { createStore } from "@/lib/store";
import { useStore } from "@/ui/use-store";
import { toast } from "./toasts";

/** Counts what was kept in this browser, so that everybody who reads it hears of it. */
const written = createStore(0);

/** What everybody shares is written one after the other: each write begins from what the one before left. */
let last: Promise<unknown> = Promise.resolve();
let waiting = 0;

/** Changes that wait for that, each by what writes it as far as is known here: there is no later once the page is left. */
const unwritten = new Set<{ write: () => void }>();
window.addEventListener("pagehide", () => {
  for (const each of unwritten) each.write();
  unwritten.clear();
});

type Pref<T> = {
  value: T;
  /** From what it is now to what it is to be; may be asked again of a newer one. */
  change: (to: (now: T) => T) => Promise<void>;
  onServer: boolean;
  ready: boolean;
};

/** A preference that follows people to other browsers where the server keeps it, and stays in this one where it does not. */
export function usePref<T>(scope: PrefScope, key: string, read: (stored: unknown) => T): Pref<T> {
  const client = useQueryClient();
  const query = useQuery(prefsQuery);
  useStore(written);
  const onServer = Boolean(query.data);
  const local = `stead.pref.${scope}.${key}`;
  const show = (to: (now: T) => T) =>
    client.setQueryData(
      prefsQuery.queryKey,
      (all) => all && { ...all, [scope]: { ...all[scope], [key]: to(read(all[scope][key])) } },
    );
  /** Somebody else may have changed other entries since it was read here. */
  function writeShown() {
    const shown = client.getQueryData(prefsQuery.queryKey);
    if (shown) void writePref(scope, key, shown[scope][key]).catch(() => undefined);
  }
  async function changeShared(to: (now: T) => T, mine: { write: () => void }) {
    const newest = to(read((await readPrefs())[scope][key]));
    // The page was left, and is shown again.
    if (!unwritten.delete(mine)) return;
    await writePref(scope, key, newest);
    if (waiting === 1) show(() => newest);
  }
  async function inTurn(to: (now: T) => T) {
    const mine = { write: writeShown };
    unwritten.add(mine);
    waiting += 1;
    const turn = last.then(() => changeShared(to, mine));
    last = turn.catch(() => undefined);
    try {
      await turn;
    } finally {
      unwritten.delete(mine);
      waiting -= 1;
    }
  }
  return {
    value: read(query.data ? query.data[scope][key] : readStoredJson(local)),
    onServer,
    ready: query.isFetched,
    change: async (to) => {
      if (!onServer) {
        writeStored(local, JSON.stringify(to(read(readStoredJson(local)))));
        written.set((n) => n + 1);
        return;
      }
      const shown = show(to);
      try {
        // One's own is sent at once: the page may be left right after.
        if (scope === "shared") await inTurn(to);
        else await writePref(scope, key, shown?.[scope][key]);
      } catch (error) {
        toast(`This was not kept. ${inFull(error)}`, "danger");
        void client.invalidateQueries({ queryKey: prefsQuery.queryKey });
      }
    },
  };
}
