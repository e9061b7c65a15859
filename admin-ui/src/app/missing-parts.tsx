import { useEffect, useState } from "react";
import { programState, type ProgramState } from "@/api/program";
import { Button } from "@/ui/button";
import { missingParts } from "@/ui/lazy-part";
import { useStore } from "@/ui/use-store";

const words: Record<ProgramState, string> = {
  offline: "This part could not be loaded: the server can't be reached.",
  updated: "A new version is installed. Reload to go on; records you were editing are kept as drafts.",
  same: "This part could not be loaded.",
};

const firstWait = 1000;
const longestWait = 15_000;

/** Says what is missing on the page and why, over whatever else is there. */
export function MissingParts() {
  const retries = useStore(missingParts);
  const [reason, setReason] = useState<ProgramState | null>(null);
  // The server knows whether it has changed; asked again with each part, with each try, and for as long as it does not answer.
  useEffect(() => {
    if (retries.length === 0) return undefined;
    let gone = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function look(wait: number) {
      const found = await programState();
      if (gone) return;
      setReason(found);
      if (found === "offline") timer = setTimeout(() => void look(Math.min(wait * 2, longestWait)), wait);
      else if (found === "same" && wait > firstWait) retries.forEach((again) => again());
    }
    void look(firstWait);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [retries]);
  if (retries.length === 0 || reason === null) return null;
  return (
    <div role="alert" className="pointer-events-none fixed inset-x-0 bottom-24 z-50 flex justify-center px-3">
      <div className="enter pointer-events-auto flex max-w-[min(520px,100%)] flex-wrap items-center justify-end gap-2 rounded-md bg-raised px-3 py-2 shadow-float">
        <span className="min-w-0 flex-1 basis-44">{words[reason]}</span>
        {reason !== "updated" && <Button onClick={() => retries.forEach((again) => again())}>Try again</Button>}
        {reason !== "offline" && (
          <Button tone={reason === "updated" ? "primary" : "secondary"} onClick={() => window.location.reload()}>
            Reload
          </Button>
        )}
      </div>
    </div>
  );
}
