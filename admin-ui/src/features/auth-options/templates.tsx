import { useMutation, useQuery } from "@tanstack/react-query";
import { Send } from "lucide-react";
import { useRef, useState } from "react";
import { currentEmail } from "@/api/auth";
import { inFull } from "@/api/errors";
import { listRecords } from "@/api/records";
import { sendTestMail, settingsQuery, type MailKind } from "@/api/settings";
import type { Collection, MailTemplate } from "@/api/types";
import { Section, TextRow } from "@/components/form-parts";
import { useSettled } from "@/components/use-settled";
import { Button } from "@/ui/button";
import { FieldBox } from "@/ui/field";
import { Notice } from "@/ui/notice";
import { Segmented } from "@/ui/radio";
import { fillTemplate, missingPlaceholder, placeholders } from "./template-model";
import type { AuthSectionProps } from "./parts";

type Spec = {
  id: MailKind;
  label: string;
  path: string;
  get: (collection: Collection) => MailTemplate | undefined;
  put: (collection: Collection, template: MailTemplate) => Partial<Collection>;
};

const specs: Spec[] = [
  {
    id: "verification",
    label: "Verification",
    path: "verificationTemplate",
    get: (collection) => collection.verificationTemplate,
    put: (_, verificationTemplate) => ({ verificationTemplate }),
  },
  {
    id: "password-reset",
    label: "Password reset",
    path: "resetPasswordTemplate",
    get: (collection) => collection.resetPasswordTemplate,
    put: (_, resetPasswordTemplate) => ({ resetPasswordTemplate }),
  },
  {
    id: "email-change",
    label: "E-mail change",
    path: "confirmEmailChangeTemplate",
    get: (collection) => collection.confirmEmailChangeTemplate,
    put: (_, confirmEmailChangeTemplate) => ({ confirmEmailChangeTemplate }),
  },
  {
    id: "otp",
    label: "Code",
    path: "otp.emailTemplate",
    get: (collection) => collection.otp?.emailTemplate,
    put: (collection, emailTemplate) => (collection.otp ? { otp: { ...collection.otp, emailTemplate } } : {}),
  },
  {
    id: "login-alert",
    label: "Sign-in alert",
    path: "authAlert.emailTemplate",
    get: (collection) => collection.authAlert?.emailTemplate,
    put: (collection, emailTemplate) =>
      collection.authAlert ? { authAlert: { ...collection.authAlert, emailTemplate } } : {},
  },
];

export function Templates({ draft, errors }: AuthSectionProps) {
  const [chosen, setChosen] = useState<string>("verification");
  const usable = specs.filter((spec) => spec.get(draft.value) !== undefined);
  const spec = usable.find((candidate) => candidate.id === chosen) ?? usable[0];
  const template = spec?.get(draft.value);
  if (!spec || !template) return null;
  return (
    <Section title="Mail templates">
      <Segmented
        label="Template"
        value={spec.id}
        options={usable.map(({ id, label }) => ({ value: id, label }))}
        onChange={setChosen}
      />
      <TemplateEditor
        key={spec.id}
        spec={spec}
        template={template}
        collection={draft.value}
        stored={draft.base.id !== "" && draft.dirty.length === 0}
        errors={errors}
        onChange={(next) => draft.set(spec.put(draft.value, next))}
      />
    </Section>
  );
}

type TemplateEditorProps = {
  spec: Spec;
  template: MailTemplate;
  collection: Collection;
  stored: boolean;
  errors: Record<string, string>;
  onChange: (template: MailTemplate) => void;
};

function TemplateEditor({ spec, template, collection, stored, errors, onChange }: TemplateEditorProps) {
  const body = useRef<HTMLTextAreaElement>(null);
  const settings = useQuery(settingsQuery).data;
  const sample = useQuery({
    queryKey: ["records", collection.name, "sample"],
    queryFn: () => listRecords(collection.name, { filter: "", sort: "", page: 1, perPage: 1 }),
    enabled: collection.id !== "",
  }).data?.[0];
  const send = useMutation({ mutationFn: () => sendTestMail(currentEmail(), spec.id, collection.name) });
  const missing = missingPlaceholder(spec.id, template.body);
  const values = {
    appName: settings?.meta.appName ?? "Acme",
    appURL: settings?.meta.appURL ?? "",
    record: sample ?? null,
  };

  const html = useSettled(fillTemplate(template.body, values), 200);

  function insert(text: string) {
    const area = body.current;
    const at = area?.selectionStart ?? template.body.length;
    onChange({ ...template, body: template.body.slice(0, at) + text + template.body.slice(area?.selectionEnd ?? at) });
    area?.focus();
  }
  return (
    <div className="space-y-3">
      <TextRow
        label="Subject"
        required
        value={template.subject}
        error={errors[`${spec.path}.subject`]}
        onChange={(subject) => onChange({ ...template, subject })}
      />
      <FieldBox label="Body (HTML)" required error={errors[`${spec.path}.body`]}>
        {(control) => (
          <textarea
            {...control}
            ref={body}
            rows={8}
            spellCheck={false}
            className="control font-mono text-code"
            value={template.body}
            onChange={(event) => onChange({ ...template, body: event.target.value })}
          />
        )}
      </FieldBox>
      <div className="flex flex-wrap items-center gap-1.5">
        <span className="text-sm text-ink-3">Insert</span>
        {placeholders(spec.id, collection).map((text) => (
          <Button key={text} size="sm" className="font-mono" onClick={() => insert(text)}>
            {text}
          </Button>
        ))}
      </div>
      {missing && <Notice tone="warn">Without {missing} this mail is of no use to whoever gets it.</Notice>}
      <section aria-label="Preview of the mail" className="rounded-md border border-line">
        <p className="border-b border-line px-3 py-1.5 text-ink-2">
          <span className="text-ink-3">Subject</span> {fillTemplate(template.subject, values)}
        </p>
        {/* A frame that is still loading does not always take a new text, so that each text gets a frame. */}
        <iframe
          key={html}
          title="Preview of the body"
          sandbox=""
          srcDoc={html}
          className="h-56 w-full rounded-b-md bg-white"
        />
      </section>
      <div className="flex flex-wrap items-center gap-3">
        <Button
          busy={send.isPending}
          blocked={stored ? null : "Apply the changes first: the test uses what is stored"}
          onClick={() => send.mutate()}
        >
          <Send size={14} aria-hidden /> Send test to {currentEmail()}
        </Button>
        <span role="status" className="text-ok">
          {send.isSuccess ? "Sent." : ""}
        </span>
      </div>
      {send.isError && (
        <Notice tone="danger" role="alert">
          {inFull(send.error)}
        </Notice>
      )}
    </div>
  );
}
