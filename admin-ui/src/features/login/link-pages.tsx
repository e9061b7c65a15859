import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { confirmEmailChange, confirmPasswordReset, confirmVerification, requestPasswordReset } from "@/api/auth";
import { toUiError } from "@/api/errors";
import { claimsOf } from "@/lib/token";
import { Button } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { GuestCard } from "./card";
import { PasswordBox } from "./password-box";

/** Pages that links in mails lead to. Their addresses are part of the contract: stored mail templates contain them. */

function collectionOf(token: string): string {
  const id = claimsOf(token)["collectionId"];
  return typeof id === "string" ? id : "_superusers";
}

function Failure({ error }: { error: unknown }) {
  if (error === null) return null;
  const { title, fields } = toUiError(error);
  return (
    <Notice tone="danger" role="alert">
      {[title, ...Object.values(fields)].join(" ")}
    </Notice>
  );
}

function SignInLink() {
  return (
    <p className="text-center">
      <a href="#/login" className="text-accent-text underline-offset-2 hover:underline">
        Back to sign in
      </a>
    </p>
  );
}

export function RequestResetPage() {
  const [email, setEmail] = useState("");
  const send = useMutation({ mutationFn: () => requestPasswordReset(email.trim()) });
  if (send.isSuccess) {
    return (
      <GuestCard
        title="Check your mail"
        lead={`If ${email} belongs to a superuser, a link to set a new password is on its way.`}
      >
        <SignInLink />
      </GuestCard>
    );
  }
  return (
    <GuestCard title="Forgot password" lead="Enter your e-mail to get a link for a new one.">
      <form
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        <Failure error={send.error} />
        <FieldBox label="E-mail">
          {(control) => (
            <input
              {...control}
              type="email"
              autoFocus
              autoComplete="username"
              className="control !min-h-9 !text-md"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </FieldBox>
        <Button type="submit" tone="primary" busy={send.isPending} className="!min-h-9 w-full">
          Send link
        </Button>
        <SignInLink />
      </form>
    </GuestCard>
  );
}

export function ConfirmResetPage({ token }: { token: string }) {
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [mismatch, setMismatch] = useState(false);
  const collection = collectionOf(token);
  const send = useMutation({ mutationFn: () => confirmPasswordReset(collection, token, password) });
  if (send.isSuccess) return <GuestCard title="Password changed" lead="You can sign in with the new password now." />;
  return (
    <GuestCard title="Set a new password">
      <form
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          setMismatch(password !== again);
          if (password === again) send.mutate();
        }}
      >
        <Failure error={send.error} />
        <PasswordBox label="New password" autoComplete="new-password" value={password} onChange={setPassword} />
        <PasswordBox
          label="Confirm password"
          autoComplete="new-password"
          value={again}
          onChange={setAgain}
          error={mismatch ? "The two passwords differ." : undefined}
        />
        <Button type="submit" tone="primary" busy={send.isPending} className="!min-h-9 w-full">
          Change password
        </Button>
      </form>
    </GuestCard>
  );
}

export function ConfirmVerificationPage({ token }: { token: string }) {
  const collection = collectionOf(token);
  const send = useMutation({ mutationFn: () => confirmVerification(collection, token) });
  if (send.isSuccess) return <GuestCard title="E-mail verified" lead="Thank you. You can close this page." />;
  return (
    <GuestCard title="Verify your e-mail">
      <div className="space-y-4">
        <Failure error={send.error} />
        <Button tone="primary" busy={send.isPending} className="!min-h-9 w-full" onClick={() => send.mutate()}>
          Verify
        </Button>
      </div>
    </GuestCard>
  );
}

export function ConfirmEmailChangePage({ token }: { token: string }) {
  const [password, setPassword] = useState("");
  const collection = collectionOf(token);
  const send = useMutation({ mutationFn: () => confirmEmailChange(collection, token, password) });
  if (send.isSuccess) return <GuestCard title="E-mail changed" lead="Sign in with the new address from now on." />;
  return (
    <GuestCard title="Confirm your new e-mail" lead="Enter your password to finish the change.">
      <form
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate();
        }}
      >
        <Failure error={send.error} />
        <PasswordBox label="Password" autoComplete="current-password" value={password} onChange={setPassword} />
        <Button type="submit" tone="primary" busy={send.isPending} className="!min-h-9 w-full">
          Change e-mail
        </Button>
      </form>
    </GuestCard>
  );
}

/** Where a provider sends the browser back to; the page that opened it goes on by itself. */
export function OAuthResultPage({ ok }: { ok: boolean }) {
  return (
    <GuestCard
      title={ok ? "Signed in" : "Sign-in failed"}
      lead={ok ? "You can close this window and go back to the app." : "Close this window and try again in the app."}
    />
  );
}
