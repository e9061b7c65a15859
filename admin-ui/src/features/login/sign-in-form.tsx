import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { requestCode, signIn, signInWithCode } from "@/api/auth";
import { toUiError } from "@/api/errors";
import { Button } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { PasswordBox } from "./password-box";

type SignInFormProps = { email: string; onDone: () => void; children?: ReactNode };
type Second = { mfaId: string; otpId: string };

/** E-mail and password, then a code where the account asks for one. */
export function SignInForm({ email: known, onDone, children }: SignInFormProps) {
  const [email, setEmail] = useState(known);
  const [password, setPassword] = useState("");
  const [second, setSecond] = useState<Second | null>(null);
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const passwordInput = useRef<HTMLInputElement>(null);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (email.trim() === "" || password === "") {
      setError("Enter your e-mail and password.");
      return;
    }
    setBusy(true);
    setError(null);
    try {
      const { mfaId } = await signIn(email.trim(), password);
      if (mfaId === null) onDone();
      else setSecond({ mfaId, otpId: await requestCode(email.trim()) });
    } catch (caught) {
      setError(explain(caught));
      setPassword("");
      passwordInput.current?.focus();
    } finally {
      setBusy(false);
    }
  }
  if (second) return <CodeStep second={second} email={email} onDone={onDone} />;
  return (
    <form noValidate className="space-y-4" onSubmit={(event) => void submit(event)}>
      {error && (
        <Notice tone="danger" role="alert">
          {error}
        </Notice>
      )}
      <FieldBox label="E-mail">
        {(control) => (
          <input
            {...control}
            type="email"
            autoComplete="username"
            // The page has one purpose, and this is its first step.
            autoFocus={known === ""}
            className="control !min-h-9 !text-md"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </FieldBox>
      <PasswordBox
        label="Password"
        autoComplete="current-password"
        value={password}
        onChange={setPassword}
        inputRef={passwordInput}
      />
      <Button type="submit" tone="primary" busy={busy} className="!min-h-9 w-full">
        {busy ? "Signing in…" : "Sign in"}
      </Button>
      {children}
    </form>
  );
}

function explain(error: unknown): string {
  const { status, title, offline } = toUiError(error);
  if (offline) return `${title} Check that it is running, then try again.`;
  if (status === 429) return "Too many attempts. Wait a moment, then try again.";
  return status === 400 ? "E-mail or password is wrong." : title;
}

function CodeStep({ second, email, onDone }: { second: Second; email: string; onDone: () => void }) {
  const [code, setCode] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    try {
      await signInWithCode(second.otpId, code.trim(), second.mfaId);
      onDone();
    } catch (caught) {
      setError(toUiError(caught).status === 400 ? "The code is wrong or too old." : toUiError(caught).title);
      setBusy(false);
    }
  }
  return (
    <form noValidate className="space-y-4" onSubmit={(event) => void submit(event)}>
      <p className="text-ink-2">A code was sent to {email}.</p>
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
    </form>
  );
}
