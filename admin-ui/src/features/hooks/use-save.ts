import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { deleteScript, hooksQuery, saveScript, scriptQuery, theirScript, type Script } from "@/api/hooks";
import { inFull } from "@/api/errors";
import { confirm } from "@/components/confirm";
import { noticeRefusal } from "@/components/session";
import { toast } from "@/components/toasts";
import type { Draft, Drafts } from "./use-drafts";

type UseSave = { path: string; draft: Draft; drafts: Drafts; onGone: () => void };

/** Saving, and what comes in between: a text that has to wait, and somebody else who saved first. */
export function useSave({ path, draft, drafts, onGone }: UseSave) {
  const client = useQueryClient();
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(null);
  const [theirs, setTheirs] = useState<Script | null>(null);

  function taken(saved: Script) {
    client.setQueryData(scriptQuery(path).queryKey, saved);
    void client.invalidateQueries({ queryKey: hooksQuery.queryKey, exact: true });
    void client.invalidateQueries({ queryKey: ["hooks", "revisions", path] });
  }
  /** `mayWait`: a text that does not load is kept all the same, and what runs goes on. */
  async function run(mayWait: boolean, etag = draft.etag) {
    setBusy(true);
    setFailure(null);
    try {
      const saved = await saveScript(path, { text: draft.text, pending: mayWait, etag });
      taken(saved);
      drafts.settle(path, draft.text, saved);
      setTheirs(null);
      const runs = saved.version > 0 ? `version ${saved.version} keeps running` : "nothing runs yet";
      toast(saved.pending ? `Saved as pending; ${runs}` : `Saved: running v${saved.version}`);
    } catch (error) {
      void noticeRefusal(error);
      const other = theirScript(error);
      if (other) setTheirs(other);
      else setFailure(inFull(error));
    } finally {
      setBusy(false);
    }
  }
  function remove() {
    confirm({
      title: `Delete ${path}?`,
      body: "What it registers stops at once. Its revisions stay.",
      verb: "Delete script",
      tone: "danger",
      run: async () => {
        if (draft.etag !== "") await deleteScript(path);
        drafts.drop(path);
        client.removeQueries({ queryKey: scriptQuery(path).queryKey });
        await client.invalidateQueries({ queryKey: hooksQuery.queryKey, exact: true });
        onGone();
      },
    });
  }
  return {
    run,
    busy,
    failure,
    theirs,
    remove,
    settle: {
      onMine: () => void run(true, theirs?.etag ?? ""),
      onTheirs: () => {
        if (theirs) taken(theirs);
        drafts.drop(path);
        setTheirs(null);
      },
      onClose: () => setTheirs(null),
    },
  };
}
