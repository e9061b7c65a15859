import { Suspense, useEffect, type ReactNode } from "react";
import { createStore } from "@/lib/store";
import { lazyPart } from "@/ui/lazy-part";
import { useStore } from "@/ui/use-store";

export type Question = {
  title: string;
  body: ReactNode;
  /** The verb on the button, the same as in the title. */
  verb: string;
  /** For what cannot be brought back: this text has to be typed. */
  typed?: string;
  cancel?: string;
  tone?: "danger" | "primary";
  run: () => Promise<unknown> | unknown;
  onCancel?: () => void;
};

export const pending = createStore<Question | null>(null);

/** Asks before something that can't be undone. One question at a time; it stays open with the reason when it fails. */
export function confirm(question: Question): void {
  pending.set(question);
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
        <ConfirmDialog key={question.title} question={question} />
      </Suspense>
    )
  );
}
