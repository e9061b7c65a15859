import { queryOptions } from "@tanstack/react-query";
import { pb } from "./client";
import { earlyPrefs } from "./early";
import { isMissing } from "./settings";

/** `me` is this superuser, `shared` all of them. */
export type PrefScope = "me" | "shared";
export type Prefs = Record<PrefScope, Record<string, unknown>>;

/** What superusers keep on the server about this interface; `null` where the server has no place for it. */
export const prefsQuery = queryOptions({
  queryKey: ["prefs"],
  queryFn: async ({ signal }): Promise<Prefs | null> => {
    const early = await earlyPrefs();
    if (early !== undefined) return early;
    try {
      return await readPrefs(signal);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
  },
  staleTime: 30_000,
  retry: false,
});

/** As they are on the server now. */
export function readPrefs(signal?: AbortSignal): Promise<Prefs> {
  return pb.send<Prefs>("/api/stead/prefs", { method: "GET", ...(signal ? { signal } : {}) });
}

/** What browsers send to its end although the page is left meanwhile: 64 kB in all, so no single one takes more than half. */
const mostKeptAlive = 32_000;

export function writePref(scope: PrefScope, key: string, value: unknown): Promise<unknown> {
  const keepalive = JSON.stringify({ value }).length < mostKeptAlive;
  const path = `/api/stead/prefs/${scope}/${encodeURIComponent(key)}`;
  return pb.send(path, { method: "PUT", body: { value }, keepalive });
}
