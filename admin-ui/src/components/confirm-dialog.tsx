import { useState, type ReactNode } from "react";
import { toUiError } from "@/api/errors";
import { Button } from "@/ui/button";
import { Alert, AlertCancel } from "@/ui/dialog";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { useOnBack } from "./use-on-back";

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

/** The question itself; fetched before it is needed. */
export default function ConfirmDialog({ question, onEnd }: { question: Question; onEnd: () => void }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [text, setText] = useState("");
  const { typed, title, body, verb, tone = "danger", cancel = "Cancel" } = question;

  function dismiss() {
    onEnd();
    question.onCancel?.();
  }
  useOnBack(() => {
    if (!busy) dismiss();
  });
  async function run() {
    setBusy(true);
    setError(null);
    try {
      await question.run();
      onEnd();
    } catch (caught) {
      setError(toUiError(caught).title);
      setBusy(false);
    }
  }
  return (
    <Alert
      title={title}
      onCancel={dismiss}
      footer={
        <>
          <AlertCancel asChild>
            <Button>{cancel}</Button>
          </AlertCancel>
          <Button
            tone={tone}
            busy={busy}
            blocked={typed && text !== typed ? `Type ${typed} first` : null}
            onClick={() => void run()}
          >
            {verb}
          </Button>
        </>
      }
    >
      <div>{body}</div>
      {typed && (
        <FieldBox
          label={
            <span className="min-w-0">
              Type <b className="font-semibold text-ink">{typed}</b> to go on
            </span>
          }
        >
          {(control) => (
            <input
              {...control}
              className="control"
              autoComplete="off"
              value={text}
              onChange={(e) => setText(e.target.value)}
            />
          )}
        </FieldBox>
      )}
      {error && (
        <Notice tone="danger" role="alert">
          {error}
        </Notice>
      )}
    </Alert>
  );
}
