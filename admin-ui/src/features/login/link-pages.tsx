import { useMutation } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { confirmEmailChange, confirmPasswordReset, confirmVerification, requestPasswordReset } from "@/api/auth";
import { toUiError } from "@/api/errors";
import { claimsOf, isExpired } from "@/lib/token";
import { cx } from "@/lib/cx";
import { Button, buttonClass } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { GuestCard } from "./card";
import { PasswordBox } from "./password-box";

/** Pages that links in mails lead to. Their addresses are part of the contract: stored mail templates contain them. */

function collectionOf(token: string): string {
  const id = claimsOf(token)["collectionId"];
  return typeof id === "string" ? id : "_superusers";
}

/** The id of the collection that may sign in here; the others belong to apps. */
const superusersId = "pbc_3142635823";

/** Says so before anything is typed into a page that can't work any more. */
function DeadLink({ token }: { token: string }) {
  const superuser = collectionOf(token) === superusersId;
  return (
    <GuestCard
      title={isExpired(token) ? "This link has expired" : "This link is not complete"}
      lead={
        isExpired(token)
          ? "Links in mails work for a limited time only. Ask for a new one."
          : "Copy the whole address from the mail, or ask for a new one."
      }
    >
      {superuser && (
        <a href="#/request-password-reset" className={cx(buttonClass("primary"), "!min-h-9 w-full")}>
          Ask for a new link
        </a>
      )}
    </GuestCard>
  );
}

function isDead(token: string): boolean {
  return isExpired(token) || Object.keys(claimsOf(token)).length === 0;
}

/** What the server said; messages of fields on the page stand at the fields. */
function Failure({ error, shown }: { error: unknown; shown?: string }) {
  if (error === null) return null;
  const { title, fields } = toUiError(error);
  const others = Object.entries(fields).filter(([name]) => name !== shown);
  return (
    <Notice tone="danger" role="alert">
      {[title, ...others.map(([, message]) => message)].join(" ")}
    </Notice>
  );
}

function fieldError(error: unknown, name: string): string | undefined {
  return error === null ? undefined : toUiError(error).fields[name];
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
  const [wrong, setWrong] = useState<"empty" | "differ" | null>(null);
  const collection = collectionOf(token);
  const send = useMutation({ mutationFn: () => confirmPasswordReset(collection, token, password) });
  if (isDead(token)) return <DeadLink token={token} />;
  if (send.isSuccess) {
    return (
      <GuestCard title="Password changed" lead="You can sign in with the new password now.">
        {collection === superusersId && <SignInLink />}
      </GuestCard>
    );
  }
  return (
    <GuestCard title="Set a new password">
      <form
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          const problem = password === "" ? "empty" : password === again ? null : "differ";
          setWrong(problem);
          if (problem === null) send.mutate();
        }}
      >
        <Failure error={send.error} shown="password" />
        <PasswordBox
          label="New password"
          autoComplete="new-password"
          value={password}
          onChange={setPassword}
          error={wrong === "empty" ? "Enter a new password." : fieldError(send.error, "password")}
        />
        <PasswordBox
          label="Confirm password"
          autoComplete="new-password"
          value={again}
          onChange={setAgain}
          error={wrong === "differ" ? "The two passwords differ." : undefined}
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
  if (isDead(token)) return <DeadLink token={token} />;
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
  if (isDead(token)) return <DeadLink token={token} />;
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
        <Failure error={send.error} shown="password" />
        <PasswordBox
          label="Password"
          autoComplete="current-password"
          value={password}
          onChange={setPassword}
          error={fieldError(send.error, "password")}
        />
        <Button type="submit" tone="primary" busy={send.isPending} className="!min-h-9 w-full">
          Change e-mail
        </Button>
      </form>
    </GuestCard>
  );
}

/** Where a provider sends the browser back to; the page that opened it goes on by itself. */
export function OAuthResultPage({ ok }: { ok: boolean }) {
  // The browser closes windows that were opened for this; in others the text stays.
  useEffect(() => window.close(), []);
  return (
    <GuestCard
      title={ok ? "Signed in" : "Sign-in failed"}
      lead={ok ? "You can close this window and go back to the app." : "Close this window and try again in the app."}
    />
  );
}
