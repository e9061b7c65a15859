import { Suspense, useEffect } from "react";
import { createStore } from "@/lib/store";
import { lazyPart } from "@/ui/lazy-part";
import { useStore } from "@/ui/use-store";
import type { Question } from "./confirm-dialog";

const pending = createStore<Question | null>(null);

/** Asks before something that can't be undone. One question at a time; it stays open with the reason when it fails. */
export function confirm(question: Question): void {
  pending.set(question);
}

/** What a question did may have asked something else in the meantime. */
function end(question: Question): void {
  pending.set((now) => (now === question ? null : now));
}

const loadDialog = () => import("./confirm-dialog");
const ConfirmDialog = lazyPart(loadDialog, (m) => m.default);

export function ConfirmHost() {
  const question = useStore(pending);
  // A question has to be there when the connection is not.
  useEffect(() => {
    const timer = setTimeout(() => void loadDialog().catch(() => undefined), 2500);
    return () => clearTimeout(timer);
  }, []);
  return (
    question && (
      <Suspense>
        <ConfirmDialog key={question.title} question={question} onEnd={() => end(question)} />
      </Suspense>
    )
  );
}
