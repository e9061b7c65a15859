import { pb } from "./client";
import type { Collection } from "./types";

type Early = { token: string; collections: Promise<{ items: Collection[] }> };

declare global {
  interface Window {
    /** What `public/start.js` asked for before this program was read. */
    steadStart?: Early;
  }
}

/** As many as one request answers; with more there would be a second page. */
const most = 1000;

/** The schema that was asked for at the very start: once, for the same session, and only if all of it came. */
export async function earlyCollections(): Promise<Collection[] | null> {
  const early = window.steadStart;
  delete window.steadStart;
  if (early?.token !== pb.authStore.token) return null;
  try {
    const { items } = await early.collections;
    return items.length < most ? items : null;
  } catch {
    return null;
  }
}
