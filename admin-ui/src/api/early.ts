import { isObject } from "@/lib/assert";
import { readStoredJson, writeStored } from "@/lib/storage";
import { pb } from "./client";
import type { Collection, RecordRow } from "./types";

type Answer<T> = { status: number; body: T };

type Early = {
  token: string;
  collections?: Promise<Answer<{ items: Collection[] }>>;
  prefs?: Promise<Answer<Record<"me" | "shared", Record<string, unknown>>>>;
  rows?: { path: string; answer: Promise<Answer<{ items: RecordRow[] }>> };
};

declare global {
  interface Window {
    /** What `public/start.js` asked for before this program was read. Each is taken once, and for the same session. */
    steadStart?: Early;
  }
}

/** As many as one request answers; with more there would be a second page. */
const most = 1000;

function taken<K extends "collections" | "prefs" | "rows">(key: K): Early[K] | undefined {
  const early = window.steadStart;
  if (early?.token !== pb.authStore.token) return undefined;
  const found = early[key];
  delete early[key];
  return found;
}

async function settled<T>(answer: Promise<Answer<T>> | undefined): Promise<Answer<T> | null> {
  try {
    return (await answer) ?? null;
  } catch {
    return null;
  }
}

/** The whole schema, if all of it came. */
export async function earlyCollections(): Promise<Collection[] | null> {
  const answer = await settled(taken("collections"));
  return answer?.status === 200 && answer.body.items.length < most ? answer.body.items : null;
}

/** `null` where the server has no place for them, nothing if they did not come. */
export async function earlyPrefs(): Promise<Record<"me" | "shared", Record<string, unknown>> | null | undefined> {
  const answer = await settled(taken("prefs"));
  if (answer?.status === 404) return null;
  return answer?.status === 200 ? answer.body : undefined;
}

export async function earlyRows(path: string): Promise<RecordRow[] | null> {
  const rows = window.steadStart?.rows?.path === path ? taken("rows") : undefined;
  const answer = await settled(rows?.answer);
  return answer?.status === 200 ? answer.body.items : null;
}

/** From the first picture on, everything is asked for anew. */
export function forgetEarly(): void {
  delete window.steadStart;
}

const key = "stead.first-rows";

/** The address of the first rows that are shown here, for `public/start.js` to ask for next time. */
export function rememberFirstRows(hash: string, path: string): void {
  const known = readStoredJson(key);
  if (isObject(known) && known["hash"] === hash && known["path"] === path) return;
  writeStored(key, JSON.stringify({ hash, path }));
}
