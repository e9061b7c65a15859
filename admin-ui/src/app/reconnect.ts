import type { Query, QueryClient } from "@tanstack/react-query";
import { toUiError } from "@/api/errors";
import { healthQuery } from "@/api/settings";

const firstWait = 1000;
const longestWait = 15_000;

/** Nobody answered, or only what stands before the server. */
function cutOff({ state }: Query): boolean {
  if (state.status !== "error" || state.fetchStatus !== "idle") return false;
  const { offline, status } = toUiError(state.error);
  return offline || [502, 503, 504].includes(status);
}

/** What is shown and failed for want of a server is asked for again once there is one; nobody has to reload for it. */
export function reconnect(client: QueryClient): void {
  const cache = client.getQueryCache();
  const waiting = { type: "active", predicate: cutOff } as const;
  let timer: ReturnType<typeof setTimeout> | null = null;
  let wait = firstWait;
  function plan(): void {
    if (timer !== null) return;
    if (cache.findAll(waiting).length > 0) timer = setTimeout(() => void look(), wait);
    else wait = firstWait;
  }
  async function look(): Promise<void> {
    // One that answers that it is well and then does not answer is not asked more often than one that is down.
    wait = Math.min(wait * 2, longestWait);
    try {
      await client.fetchQuery({ ...healthQuery, retry: false, staleTime: 0 });
      await client.refetchQueries(waiting);
    } catch {
      // Not yet.
    }
    timer = null;
    plan();
  }
  cache.subscribe(({ type }) => {
    if (type === "updated" || type === "observerAdded") plan();
  });
}
