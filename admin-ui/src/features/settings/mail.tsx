import { useMutation, useQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useState } from "react";
import { currentEmail } from "@/api/auth";
import { collectionsQuery } from "@/api/collections";
import { inFull } from "@/api/errors";
import { offersQuery, sendTestMail, type MailKind } from "@/api/settings";
import { ChoiceRow, FormPage, NumberRow, Section, SecretRow, TextRow, TwoColumns } from "@/components/form-parts";
import { withSecret } from "@/lib/redact";
import { Button } from "@/ui/button";
import { Notice } from "@/ui/notice";
import { SwitchRow } from "@/ui/switch";
import type { SettingsForm } from "./use-settings";

export function Mail({ form }: { form: SettingsForm }) {
  const { meta, smtp } = form.value;
  const { errors } = form;
  const set = (change: Partial<typeof smtp>) => form.draft.set({ smtp: { ...smtp, ...change } });
  return (
    <FormPage title="Mail" lead="Verification, password resets and one-time codes are sent from here.">
      <Section title="Sender">
        <TwoColumns>
          <TextRow
            label="Sender name"
            required
            value={meta.senderName}
            error={errors["meta.senderName"]}
            onChange={(senderName) => form.draft.set({ meta: { ...meta, senderName } })}
          />
          <TextRow
            label="Sender address"
            required
            type="email"
            value={meta.senderAddress}
            error={errors["meta.senderAddress"]}
            onChange={(senderAddress) => form.draft.set({ meta: { ...meta, senderAddress } })}
          />
        </TwoColumns>
      </Section>
      <Section title="Delivery">
        <SwitchRow
          label="Send through an SMTP server"
          help="Without it the server hands mail to the sendmail command of its machine, if there is one."
          checked={smtp.enabled}
          onChange={(enabled) => set({ enabled })}
        />
        {smtp.enabled && (
          <TwoColumns>
            <TextRow
              label="Host"
              required
              value={smtp.host}
              error={errors["smtp.host"]}
              onChange={(host) => set({ host })}
            />
            <NumberRow
              label="Port"
              required
              value={smtp.port}
              error={errors["smtp.port"]}
              onChange={(port) => set({ port })}
            />
            <TextRow
              label="User name"
              value={smtp.username}
              error={errors["smtp.username"]}
              onChange={(username) => set({ username })}
            />
            <SecretRow
              label="SMTP password"
              stored={smtp.username !== ""}
              value={smtp.password}
              error={errors["smtp.password"]}
              onChange={(password) => form.draft.set({ smtp: withSecret(smtp, "password", password) })}
            />
            <ChoiceRow
              label="Encryption"
              value={smtp.tls ? "tls" : "auto"}
              options={[
                { value: "auto", label: "STARTTLS when offered" },
                { value: "tls", label: "TLS from the start" },
              ]}
              onChange={(next) => set({ tls: next === "tls" })}
            />
            <ChoiceRow
              label="Sign-in method"
              value={smtp.authMethod === "LOGIN" ? "LOGIN" : "PLAIN"}
              error={errors["smtp.authMethod"]}
              options={[
                { value: "PLAIN", label: "PLAIN" },
                { value: "LOGIN", label: "LOGIN" },
              ]}
              onChange={(authMethod) => set({ authMethod })}
            />
            <TextRow
              wide
              label="Name in EHLO"
              help="Only some servers insist on it; empty means localhost."
              value={smtp.localName}
              error={errors["smtp.localName"]}
              onChange={(localName) => set({ localName })}
            />
          </TwoColumns>
        )}
      </Section>
      <TestMail blocked={form.dirty ? "Save the changes first: the test uses what is stored" : null} />
    </FormPage>
  );
}

const kinds: { value: MailKind; label: string }[] = [
  { value: "verification", label: "Verification" },
  { value: "password-reset", label: "Password reset" },
  { value: "email-change", label: "E-mail change" },
  { value: "otp", label: "One-time code" },
  { value: "login-alert", label: "Sign-in alert" },
];

/** Sends a real mail with sample values, so that what arrives is what users will see. */
function TestMail({ blocked }: { blocked: string | null }) {
  const offered = useQuery(offersQuery("/api/settings/test/email")).data;
  const collections = (useQuery(collectionsQuery).data ?? []).filter((collection) => collection.type === "auth");
  const [to, setTo] = useState(currentEmail());
  const [kind, setKind] = useState<MailKind>("verification");
  const [collection, setCollection] = useState("_superusers");
  const send = useMutation({ mutationFn: () => sendTestMail(to, kind, collection) });
  const reason = offered === false ? "This server can't send test mails" : blocked;
  return (
    <Section title="Test">
      <TwoColumns>
        <TextRow label="To" type="email" value={to} onChange={setTo} />
        <ChoiceRow
          label="Template"
          value={kind}
          options={kinds}
          onChange={(next) => setKind(kinds.find((known) => known.value === next)?.value ?? "verification")}
        />
        <ChoiceRow
          label="Of collection"
          value={collection}
          options={collections.map(({ name }) => ({ value: name, label: name }))}
          onChange={setCollection}
        />
      </TwoColumns>
      <Button busy={send.isPending} blocked={reason} onClick={() => send.mutate()}>
        <Send size={14} aria-hidden /> Send test mail
      </Button>
      <div role="status">
        {send.isSuccess && <Notice tone="ok">The mail server accepted the message to {to}.</Notice>}
      </div>
      {send.isError && (
        <Notice tone="danger" role="alert">
          <span className="whitespace-pre-wrap">{inFull(send.error)}</span>
        </Notice>
      )}
    </Section>
  );
}
