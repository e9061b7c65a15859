import { useQuery } from "@tanstack/react-query";
import { useRef, useState, type FormEvent, type ReactNode } from "react";
import { requestCode, signIn, signInMethodsQuery, signInWithCode } from "@/api/auth";
import { toUiError } from "@/api/errors";
import { Button } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { CodeStep } from "./code-step";
import { PasswordBox } from "./password-box";

type SignInFormProps = { email: string; onDone: () => void; children?: ReactNode };

/** What is asked for now. With `mfaId` one of the two ways is done and the other one is due. */
type Step = { kind: "password"; mfaId: string } | { kind: "ask" } | { kind: "code"; otpId: string; mfaId: string };

/** E-mail and password or a code; then the other of the two where the account asks for both. */
export function SignInForm({ email: known, onDone, children }: SignInFormProps) {
  const [email, setEmail] = useState(known);
  const [step, setStep] = useState<Step>({ kind: "password", mfaId: "" });
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [password, setPassword] = useState("");
  const passwordInput = useRef<HTMLInputElement>(null);
  const codes = useQuery(signInMethodsQuery).data?.otp.enabled === true;
  const second = step.kind === "password" && step.mfaId !== "";

  async function attempt(work: () => Promise<void>, explained: (caught: unknown) => string) {
    setBusy(true);
    setError(null);
    try {
      await work();
    } catch (caught) {
      setError(explained(caught));
      setPassword("");
      passwordInput.current?.focus();
    } finally {
      setBusy(false);
    }
  }
  async function sendCode(mfaId: string) {
    setStep({ kind: "code", otpId: await requestCode(email.trim()), mfaId });
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    if (email.trim() === "" || (step.kind === "password" && password === "")) {
      setError(step.kind === "ask" ? "Enter your e-mail." : "Enter your e-mail and password.");
      return;
    }
    if (step.kind === "ask") {
      void attempt(() => sendCode(""), explain);
      return;
    }
    const before = step.kind === "password" ? step.mfaId : "";
    void attempt(async () => {
      const { mfaId } = await signIn(email.trim(), password, before);
      if (mfaId === null) onDone();
      else await sendCode(mfaId);
    }, explain);
  }
  function submitCode(code: string) {
    if (step.kind !== "code") return;
    void attempt(
      async () => {
        const { mfaId } = await signInWithCode(step.otpId, code, step.mfaId);
        if (mfaId === null) onDone();
        else setStep({ kind: "password", mfaId });
      },
      (caught) => (toUiError(caught).status === 400 ? "The code is wrong or too old." : explain(caught)),
    );
  }
  function restart() {
    setStep({ kind: "password", mfaId: "" });
    setError(null);
  }
  if (step.kind === "code") {
    return (
      <CodeStep
        email={email}
        error={error}
        busy={busy}
        onSubmit={submitCode}
        onResend={() => void attempt(() => sendCode(step.mfaId), explain)}
        onBack={restart}
      />
    );
  }
  return (
    <form noValidate className="space-y-4" onSubmit={submit}>
      {second && <p className="text-ink-2">The code was right. Your password is the second step.</p>}
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
            autoFocus={known === "" && !second}
            readOnly={second}
            className="control !min-h-9 !text-md"
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        )}
      </FieldBox>
      {step.kind === "password" && (
        <PasswordBox
          label="Password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          inputRef={passwordInput}
        />
      )}
      <Button type="submit" tone="primary" busy={busy} className="!min-h-9 w-full">
        {step.kind === "ask" ? "Send code" : busy ? "Signing in…" : "Sign in"}
      </Button>
      {codes && !second && (
        <Button
          className="!min-h-9 w-full"
          onClick={() => {
            setError(null);
            setStep(step.kind === "ask" ? { kind: "password", mfaId: "" } : { kind: "ask" });
          }}
        >
          {step.kind === "ask" ? "Use a password instead" : "Use a code sent by e-mail"}
        </Button>
      )}
      {children}
    </form>
  );
}

function explain(error: unknown): string {
  const { status, title, offline } = toUiError(error);
  if (offline) return `${title} Check that it is running, then try again.`;
  if (status === 429) return "Too many attempts. Wait a moment, then try again.";
  if (status === 403)
    return `${title} Superusers may be limited to certain addresses, and then yours is not one of them.`;
  return status === 400 ? "E-mail or password is wrong." : title;
}
