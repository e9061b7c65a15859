import { useEffect, useState } from "react";
import { isObject } from "@/lib/assert";
import { dirtyKeys, patchOf, redo, setKey, startDraft, undo, type Draft } from "@/lib/draft";
import { mergeDeep } from "@/lib/merge-deep";
import { badTexts } from "@/lib/typed";
import { readStoredJson, writeStored } from "@/lib/storage";

export type StoredDraft = { at: number; patch: Record<string, unknown> };

export type DraftHandle<T extends object> = {
  value: T;
  base: T;
  core: Draft<T>;
  dirty: string[];
  patch: () => Partial<T>;
  set: (change: Partial<T>) => void;
  reset: (base: T, value?: T) => void;
  /** What was sent has been saved; what was typed since then stays. */
  settle: (sent: T, saved: T) => void;
  revert: (key: keyof T) => void;
  undo: () => void;
  redo: () => void;
};

/** An edited copy of `base`. It never follows `base` by itself: the owner decides when to `reset`. */
export function useDraft<T extends object>(base: T, start: T = base): DraftHandle<T> {
  const [core, setCore] = useState(() => startDraft(base, start));
  return {
    core,
    value: core.value,
    base: core.base,
    dirty: dirtyKeys(core),
    patch: () => patchOf(core),
    set: (change) => setCore((now) => setKey(now, Object.keys(change).join(), { ...now.value, ...change }, Date.now())),
    reset: (next, value = next) => setCore(startDraft(next, value)),
    settle: (sent, saved) => setCore((now) => startDraft(saved, mergeDeep(sent, now.value, saved).value)),
    revert: (key) => setCore((now) => setKey(now, String(key), { ...now.value, [key]: now.base[key] }, Date.now())),
    undo: () => setCore(undo),
    redo: () => setCore(redo),
  };
}

/** Keeps unsaved changes over a reload. Files, passwords and what is no value yet are left out. */
export function useStoredDraft(key: string, dirty: boolean, patch: () => Record<string, unknown>, secret: string[]) {
  const [found, setFound] = useState(() => readStoredDraft(key));
  // Browser storage follows the draft while there is something to lose.
  useEffect(() => {
    if (!dirty) return undefined;
    const keep = () => {
      const kept = Object.entries(patch()).filter(([name, value]) => !secret.includes(name) && !isTransient(value));
      writeStored(key, JSON.stringify({ at: Date.now(), patch: Object.fromEntries(kept) }));
    };
    const timer = setTimeout(keep, 400);
    // The page may be left before that.
    window.addEventListener("pagehide", keep);
    return () => {
      clearTimeout(timer);
      window.removeEventListener("pagehide", keep);
    };
  });
  return {
    found,
    forget: () => {
      writeStored(key, null);
      setFound(null);
    },
  };
}

function readStoredDraft(key: string): StoredDraft | null {
  const stored = readStoredJson(key);
  if (!isObject(stored) || typeof stored["at"] !== "number" || !isObject(stored["patch"])) return null;
  return { at: stored["at"], patch: stored["patch"] };
}

/** What does not come back from text as what it was. */
function isTransient(value: unknown): boolean {
  if (value instanceof Blob || "v" in badTexts({ v: value })) return true;
  return Array.isArray(value) && value.some((item) => item instanceof Blob);
}
