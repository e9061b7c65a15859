import { useState } from "react";
import type { Script } from "@/api/hooks";
import { starterOf } from "./model";

/** A text that has not been saved, and what it was begun from. `etag` is empty for a file that is not there yet. */
export type Draft = { text: string; base: string; etag: string };

/** Texts that have not been saved, by their path: going to another file keeps them. */
export function useDrafts() {
  const [drafts, setDrafts] = useState<Record<string, Draft>>({});
  const isDirty = (path: string) => {
    const draft = drafts[path];
    return draft !== undefined && draft.text !== draft.base;
  };
  return {
    get: (path: string): Draft | undefined => drafts[path],
    set: (path: string, draft: Draft) => setDrafts((now) => ({ ...now, [path]: draft })),
    drop: (path: string) =>
      setDrafts((now) => Object.fromEntries(Object.entries(now).filter(([other]) => other !== path))),
    /** `sent` has been saved; what was typed since then goes on from there. */
    settle: (path: string, sent: string, saved: Script) =>
      setDrafts(({ [path]: draft, ...others }) =>
        draft === undefined || draft.text === sent
          ? others
          : { ...others, [path]: { text: draft.text, base: sent, etag: saved.etag } },
      ),
    begin: (path: string) => setDrafts((now) => ({ ...now, [path]: { text: starterOf(path), base: "", etag: "" } })),
    isDirty,
    dirty: Object.keys(drafts).filter(isDirty),
    /** Files that nobody has saved yet. */
    fresh: Object.entries(drafts)
      .filter(([, draft]) => draft.etag === "")
      .map(([path]) => path),
  };
}

export type Drafts = ReturnType<typeof useDrafts>;
