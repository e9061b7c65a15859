import { useState } from "react";
import { Button } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";

type CodeStepProps = {
  email: string;
  error: string | null;
  busy: boolean;
  onSubmit: (code: string) => void;
  onResend: () => void;
  onBack: () => void;
};

/** The code from the mail. Nothing tells whether the address is known, so the words stay careful. */
export function CodeStep({ email, error, busy, onSubmit, onResend, onBack }: CodeStepProps) {
  const [code, setCode] = useState("");
  return (
    <form
      noValidate
      className="space-y-4"
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit(code.trim());
      }}
    >
      <p className="break-words text-ink-2">A code is on its way to {email}.</p>
      {error && (
        <Notice tone="danger" role="alert">
          {error}
        </Notice>
      )}
      <FieldBox label="Code">
        {(control) => (
          <input
            {...control}
            autoComplete="one-time-code"
            inputMode="numeric"
            autoFocus
            className="control tnum !min-h-9 !text-md"
            value={code}
            onChange={(event) => setCode(event.target.value)}
          />
        )}
      </FieldBox>
      <Button type="submit" tone="primary" busy={busy} className="!min-h-9 w-full">
        Sign in
      </Button>
      <div className="flex flex-wrap justify-between gap-2">
        <Button size="sm" tone="ghost" onClick={onBack}>
          Start again
        </Button>
        <Button size="sm" tone="ghost" busy={busy} onClick={onResend}>
          Send another code
        </Button>
      </div>
    </form>
  );
}
