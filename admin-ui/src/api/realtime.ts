import { pb } from "./client";
import type { RecordRow } from "./types";

export type RecordEvent = { action: "create" | "update" | "delete"; record: RecordRow };

/** Follows the records of a collection. The client holds one connection for all of them and finds it again by itself. */
export async function followRecords(collection: string, onEvent: (event: RecordEvent) => void): Promise<() => void> {
  const stop = await pb.collection(collection).subscribe<RecordRow>("*", ({ action, record }) => {
    if (action === "create" || action === "update" || action === "delete") onEvent({ action, record });
  });
  return () => void stop().catch(() => undefined);
}

export function isLive(): boolean {
  return pb.realtime.isConnected;
}

export function onLiveLost(listener: () => void): void {
  pb.realtime.onDisconnect = (subscriptions) => {
    if (subscriptions.length > 0) listener();
  };
}
