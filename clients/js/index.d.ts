import type PocketBase from "pocketbase";
import type { RecordModel, RecordSubscription, RecordSubscribeOptions, UnsubscribeFunc } from "pocketbase";

/** An event with its place in the order of all changes. */
export type Change<T = RecordModel> = RecordSubscription<T> & { seq: number };

export interface ResumeOptions extends RecordSubscribeOptions {
  /** The last change that was seen; from now on if left out. */
  since?: number | undefined;
  /** The server no longer knows what was missed: read everything anew. */
  onResync?: ((event: { action: "resync"; seq: number }) => void) | undefined;
  /** Called after each event with its number, for keeping it. */
  onSeen?: ((seq: number) => void) | undefined;
}

export interface Resumable {
  /** Where the server's log ends now. */
  newest(): Promise<number>;
  subscribe<T = RecordModel>(
    collection: string,
    topic: string,
    callback: (event: Change<T>) => void,
    options?: ResumeOptions,
  ): Promise<UnsubscribeFunc>;
}

/** Adds resumable subscriptions to a PocketBase client that talks to Stead. */
export function resumable(pb: PocketBase): Resumable;
