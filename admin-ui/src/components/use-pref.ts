import { useQuery, useQueryClient } from "@tanstack/react-query";
import { inFull } from "@/api/errors";
import { prefsQuery, writePref, type PrefScope } from "@/api/prefs";
import { readStoredJson, writeStored } from "@/lib/storage";
import { createStore } from "@/lib/store";
import { useStore } from "@/ui/use-store";
import { toast } from "./toasts";

/** Counts what was kept in this browser, so that everybody who reads it hears of it. */
const written = createStore(0);

type Pref<T> = { value: T; set: (next: T) => Promise<void>; onServer: boolean; ready: boolean };

/** A preference that follows people to other browsers where the server keeps it, and stays in this one where it does not. */
export function usePref<T>(scope: PrefScope, key: string, read: (stored: unknown) => T): Pref<T> {
  const client = useQueryClient();
  const query = useQuery(prefsQuery);
  useStore(written);
  const onServer = Boolean(query.data);
  const local = `stead.pref.${scope}.${key}`;
  return {
    value: read(query.data ? query.data[scope][key] : readStoredJson(local)),
    onServer,
    ready: query.isFetched,
    set: async (next) => {
      if (!onServer) {
        writeStored(local, JSON.stringify(next));
        written.set((n) => n + 1);
        return;
      }
      client.setQueryData(prefsQuery.queryKey, (now) => now && { ...now, [scope]: { ...now[scope], [key]: next } });
      try {
        await writePref(scope, key, next);
      } catch (error) {
        toast(`This was not kept. ${inFull(error)}`, "danger");
        void client.invalidateQueries({ queryKey: prefsQuery.queryKey });
      }
    },
  };
}
