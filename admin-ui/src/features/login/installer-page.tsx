import { useQuery } from "@tanstack/react-query";
import { useRef, useState, type FormEvent } from "react";
import { createFirstSuperuser, isInstallerTokenGood } from "@/api/auth";
import { toUiError } from "@/api/errors";
import { ErrorPanel } from "@/components/panels";
import { strengthOf } from "@/lib/password";
import { isExpired } from "@/lib/token";
import { cx } from "@/lib/cx";
import { Button, buttonClass } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { Skeleton } from "@/ui/skeleton";
import { GuestCard } from "./card";
import { PasswordBox } from "./password-box";

type InstallerPageProps = { token: string; onDone: () => void };

export function InstallerPage({ token, onDone }: InstallerPageProps) {
  const good = useQuery({ queryKey: ["installer", token], queryFn: () => isInstallerTokenGood(token), gcTime: 0 });
  if (good.isPending) {
    return (
      <GuestCard title="Welcome to Stead">
        <Skeleton className="w-2/3" />
      </GuestCard>
    );
  }
  if (good.isError)
    return <ErrorPanel page what="The installer can't start" error={good.error} onRetry={() => void good.refetch()} />;
  if (!good.data) {
    const old = isExpired(token);
    return (
      <GuestCard
        title={old ? "This installer link is too old" : "This installer link was already used"}
        lead={
          old
            ? "Links work for 30 minutes. Restart the server for a new one, or create a superuser on the command line."
            : "The first superuser exists. Sign in with that account."
        }
      >
        <a href="#/login" className={cx(buttonClass("primary"), "!min-h-9 w-full")}>
          Sign in
        </a>
      </GuestCard>
    );
  }
  return <InstallerForm token={token} onDone={onDone} />;
}

type Errors = { email?: string; password?: string; confirm?: string };

function InstallerForm({ token, onDone }: InstallerPageProps) {
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const [errors, setErrors] = useState<Errors>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const wrong = Object.values(errors).filter(Boolean).length;
  const strength = strengthOf(password);

  function check(): Errors {
    return {
      ...(/^\S+@\S+\.\S+$/.test(email.trim())
        ? {}
        : { email: email.trim() === "" ? "Enter an e-mail." : "This is not an e-mail address." }),
      ...(password.length >= 8 ? {} : { password: password === "" ? "Enter a password." : "At least 8 characters." }),
      ...(again === password ? {} : { confirm: "The two passwords differ." }),
    };
  }
  function show(found: Errors) {
    setErrors(found);
    setTimeout(() => form.current?.querySelector<HTMLElement>("[aria-invalid=true]")?.focus(), 0);
  }
  async function submit(event: FormEvent) {
    event.preventDefault();
    const found = check();
    setFailure(null);
    show(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await createFirstSuperuser(token, email.trim(), password);
      onDone();
    } catch (caught) {
      const { title, fields } = toUiError(caught);
      setFailure(title);
      show({
        ...(fields["email"] ? { email: fields["email"] } : {}),
        ...(fields["password"] ? { password: fields["password"] } : {}),
      });
      setBusy(false);
    }
  }
  return (
    <GuestCard
      title="Create the first superuser"
      lead="This account may see and change everything. More can be added later."
    >
      <form ref={form} noValidate className="space-y-4" onSubmit={(event) => void submit(event)}>
        {(wrong > 1 || failure) && (
          <Notice tone="danger" role="alert">
            {failure ?? `${wrong} fields need attention`}
          </Notice>
        )}
        <FieldBox label="E-mail" error={errors.email}>
          {(control) => (
            <input
              {...control}
              type="email"
              autoComplete="username"
              autoFocus
              className="control !min-h-9 !text-md"
              value={email}
              onChange={(event) => setEmail(event.target.value)}
            />
          )}
        </FieldBox>
        <div>
          <PasswordBox
            label="Password"
            autoComplete="new-password"
            value={password}
            onChange={setPassword}
            error={errors.password}
          />
          {password !== "" && !errors.password && <Meter score={strength.score} label={strength.label} />}
        </div>
        <PasswordBox
          label="Confirm password"
          autoComplete="new-password"
          value={again}
          onChange={setAgain}
          error={errors.confirm}
        />
        <Button type="submit" tone="primary" busy={busy} className="!min-h-9 w-full">
          Create account
        </Button>
      </form>
    </GuestCard>
  );
}

function Meter({ score, label }: { score: number; label: string }) {
  return (
    <div className="mt-2 flex items-center gap-2">
      <span className="flex flex-1 gap-1" aria-hidden>
        {[1, 2, 3].map((step) => (
          <span
            key={step}
            className={cx("h-1 flex-1 rounded-full", score < step ? "bg-sunken" : score === 1 ? "bg-warn" : "bg-ok")}
          />
        ))}
      </span>
      <span className="text-sm text-ink-3">{label}</span>
    </div>
  );
}
