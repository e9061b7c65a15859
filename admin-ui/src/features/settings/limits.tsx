import { Plus, Trash2 } from "lucide-react";
import type { RateRule } from "@/api/settings";
import { errorUnder, FormPage, ListRow, NumberRow, Section, TwoColumns } from "@/components/form-parts";
import { humanSeconds } from "@/lib/duration";
import { count } from "@/lib/words";
import { Button, IconButton } from "@/ui/button";
import { FieldError } from "@/ui/field";
import { NumberInput } from "@/ui/number-input";
import { SwitchRow } from "@/ui/switch";
import type { SettingsForm } from "./use-settings";

export function Limits({ form }: { form: SettingsForm }) {
  const { rateLimits, batch } = form.value;
  const { errors } = form;
  const setRate = (change: Partial<typeof rateLimits>) => form.draft.set({ rateLimits: { ...rateLimits, ...change } });
  const setBatch = (change: Partial<typeof batch>) => form.draft.set({ batch: { ...batch, ...change } });
  const listError = errors["rateLimits.rules"];
  return (
    <FormPage title="Limits" lead="How much one client may ask for.">
      <Section title="Rate limits">
        <SwitchRow
          label="Limit requests"
          help="Counted per client address and rule. Superusers are never limited."
          checked={rateLimits.enabled}
          onChange={(enabled) => setRate({ enabled })}
        />
        {rateLimits.enabled && (
          <>
            {listError && <FieldError message={listError} />}
            <ul aria-label="Rate limit rules" className="space-y-2">
              {rateLimits.rules.map((rule, index) => (
                <RuleRow
                  // A rule has no identity but its place.
                  // oxlint-disable-next-line react/no-array-index-key
                  key={index}
                  rule={rule}
                  index={index}
                  errorOf={(member) =>
                    errorUnder(errors, `rateLimits.rules.${index}.${member}`) ??
                    (member === "label" ? errors[`rateLimits.rules.${index}`] : undefined)
                  }
                  onChange={(next) =>
                    setRate({ rules: rateLimits.rules.map((old, at) => (at === index ? next : old)) })
                  }
                  onRemove={() => setRate({ rules: rateLimits.rules.filter((_, at) => at !== index) })}
                />
              ))}
            </ul>
            <Button
              className="w-full !border-dashed"
              onClick={() =>
                setRate({ rules: [...rateLimits.rules, { label: "", audience: "", duration: 10, maxRequests: 100 }] })
              }
            >
              <Plus size={14} aria-hidden /> Add rule
            </Button>
            <details className="text-sm text-ink-2">
              <summary>What a rule can name</summary>
              <ul className="mt-1 list-disc space-y-0.5 ps-5">
                <li>
                  <code>/api/batch</code> that path, <code>/api/</code> with a slash at the end everything below it
                </li>
                <li>
                  <code>POST /api/batch</code> only that method
                </li>
                <li>
                  <code>posts:create</code> an action of a collection, <code>*:auth</code> of all collections
                </li>
              </ul>
            </details>
            <ListRow
              label="Never limited"
              help="Addresses or networks, such as 10.0.0.0/8."
              values={rateLimits.excludedIPs ?? []}
              error={errorUnder(errors, "rateLimits.excludedIPs")}
              onChange={(excludedIPs) => setRate({ excludedIPs })}
            />
          </>
        )}
      </Section>
      <Section title="Batch requests">
        <SwitchRow
          label="Allow batch requests"
          help="Several writes in one request and one transaction. Saving many edits at once in this interface uses it."
          checked={batch.enabled}
          onChange={(enabled) => setBatch({ enabled })}
        />
        {batch.enabled && (
          <TwoColumns>
            <NumberRow
              label="Requests in one batch"
              value={batch.maxRequests}
              error={errors["batch.maxRequests"]}
              onChange={(maxRequests) => setBatch({ maxRequests })}
            />
            <NumberRow
              label="Time for one batch (seconds)"
              value={batch.timeout}
              error={errors["batch.timeout"]}
              onChange={(timeout) => setBatch({ timeout })}
            />
            <NumberRow
              label="Size of one batch (bytes)"
              help="0 means 128 MiB."
              value={batch.maxBodySize}
              error={errors["batch.maxBodySize"]}
              onChange={(maxBodySize) => setBatch({ maxBodySize })}
            />
          </TwoColumns>
        )}
      </Section>
    </FormPage>
  );
}

const parts: { member: keyof RateRule; what: string }[] = [
  { member: "label", what: "What it names" },
  { member: "audience", what: "Whom it limits" },
  { member: "maxRequests", what: "Requests" },
  { member: "duration", what: "Seconds" },
];

type RuleRowProps = {
  rule: RateRule;
  index: number;
  errorOf: (member: keyof RateRule) => string | undefined;
  onChange: (rule: RateRule) => void;
  onRemove: () => void;
};

function RuleRow({ rule, index, errorOf, onChange, onRemove }: RuleRowProps) {
  const name = rule.label || `rule ${index + 1}`;
  const idOf = (member: keyof RateRule) => `rate-${member}-${index}`;
  /** Each box has what is wrong with it. */
  const described = (member: keyof RateRule) =>
    errorOf(member) === undefined ? {} : { "aria-invalid": true as const, "aria-describedby": `${idOf(member)}-error` };
  const who =
    rule.audience === "@guest" ? "each guest" : rule.audience === "@auth" ? "each signed-in client" : "each client";
  return (
    <li className="rounded-md border border-line bg-bg p-3">
      <div role="group" aria-label={`Limit of ${name}`} className="flex flex-wrap items-center gap-2">
        <input
          aria-label={`What ${name} names`}
          {...described("label")}
          className="control min-w-40 flex-1 basis-40 font-mono text-code"
          placeholder="/api/"
          spellCheck={false}
          value={rule.label}
          onChange={(event) => onChange({ ...rule, label: event.target.value })}
        />
        <select
          aria-label={`Whom ${name} limits`}
          {...described("audience")}
          className="control !w-32"
          value={rule.audience}
          onChange={(event) => onChange({ ...rule, audience: event.target.value })}
        >
          <option value="">Everyone</option>
          <option value="@guest">Guests</option>
          <option value="@auth">Signed in</option>
        </select>
        <NumberInput
          control={{ id: idOf("maxRequests"), ...described("maxRequests") }}
          label={`Requests allowed by ${name}`}
          className="!w-20"
          integer
          value={rule.maxRequests}
          onChange={(next) => onChange({ ...rule, maxRequests: next ?? 0 })}
        />
        <NumberInput
          control={{ id: idOf("duration"), ...described("duration") }}
          label={`Seconds counted by ${name}`}
          className="!w-20"
          integer
          value={rule.duration}
          onChange={(next) => onChange({ ...rule, duration: next ?? 0 })}
        />
        <IconButton label={`Remove ${name}`} small onClick={onRemove}>
          <Trash2 size={14} />
        </IconButton>
      </div>
      <p className="mt-1 text-sm text-ink-3">
        {count(rule.maxRequests, "request")} in {humanSeconds(rule.duration)} for {who}
      </p>
      {parts.map(({ member, what }) => {
        const error = errorOf(member);
        return error && <FieldError key={member} id={`${idOf(member)}-error`} message={`${what}: ${error}`} />;
      })}
    </li>
  );
}
