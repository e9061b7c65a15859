import { useQuery } from "@tanstack/react-query";
import { settingsQuery } from "@/api/settings";
import type { Collection } from "@/api/types";
import { errorUnder, Section } from "@/components/form-parts";
import { parseIndex } from "@/lib/indexes";
import { Combobox } from "@/ui/combobox";
import { FieldBox } from "@/ui/field";
import { NumberInput } from "@/ui/number-input";
import { Notice } from "@/ui/notice";
import { SwitchRow } from "@/ui/switch";
import { OAuth2Section } from "./oauth2";
import { Seconds, type AuthSectionProps } from "./parts";
import { Templates } from "./templates";
import { Tokens } from "./tokens";

/** How records of an auth collection sign in. */
export function AuthTab({ draft, errors }: AuthSectionProps) {
  const { passwordAuth, otp, mfa, authAlert } = draft.value;
  const superusers = draft.value.name === "_superusers";
  const smtp = useQuery(settingsQuery).data?.smtp.enabled;
  return (
    <div className="mx-auto w-full max-w-[760px] space-y-8 px-4 py-6">
      {passwordAuth && (
        <Section title="Password">
          <SwitchRow
            label="Sign in with a password"
            checked={passwordAuth.enabled}
            disabled={superusers}
            {...(superusers ? { help: "Superusers always can." } : {})}
            onChange={(enabled) => draft.set({ passwordAuth: { ...passwordAuth, enabled } })}
          />
          {passwordAuth.enabled && (
            <IdentityFields
              collection={draft.value}
              chosen={passwordAuth.identityFields}
              error={errorUnder(errors, "passwordAuth.identityFields")}
              onChange={(identityFields) => draft.set({ passwordAuth: { ...passwordAuth, identityFields } })}
            />
          )}
        </Section>
      )}
      {otp && (
        <Section title="One-time codes">
          <SwitchRow
            label="Sign in with a code sent by e-mail"
            checked={otp.enabled}
            onChange={(enabled) => draft.set({ otp: { ...otp, enabled } })}
          />
          {otp.enabled && smtp === false && (
            <Notice tone="warn">
              No mail server is set, so codes may never arrive.{" "}
              <a href="#/settings/mail" className="underline">
                Set one up
              </a>
            </Notice>
          )}
          {otp.enabled && (
            <div className="grid gap-4 sm:grid-cols-2">
              <Seconds
                label="Valid for (seconds)"
                value={otp.duration}
                error={errors["otp.duration"]}
                onChange={(duration) => draft.set({ otp: { ...otp, duration } })}
              />
              <FieldBox label="Length of the code" error={errors["otp.length"]} help="At least 4 digits.">
                {(control) => (
                  <NumberInput
                    control={control}
                    integer
                    value={otp.length}
                    onChange={(length) => draft.set({ otp: { ...otp, length: length ?? 0 } })}
                  />
                )}
              </FieldBox>
            </div>
          )}
        </Section>
      )}
      {mfa && (
        <Section title="Two-factor">
          <SwitchRow
            label="Ask for a second way to sign in"
            help="Needs at least two of password, one-time codes and OAuth2."
            checked={mfa.enabled}
            onChange={(enabled) => draft.set({ mfa: { ...mfa, enabled } })}
          />
          {errors["mfa.enabled"] && <p className="text-sm text-danger-text">{errors["mfa.enabled"]}</p>}
          {mfa.enabled && (
            <>
              <Seconds
                label="Time for the second step (seconds)"
                value={mfa.duration}
                error={errors["mfa.duration"]}
                onChange={(duration) => draft.set({ mfa: { ...mfa, duration } })}
              />
              <FieldBox label="Only for records where" help="Empty means for all." error={errors["mfa.rule"]}>
                {(control) => (
                  <textarea
                    {...control}
                    rows={1}
                    spellCheck={false}
                    className="control font-mono text-code"
                    value={mfa.rule}
                    onChange={(event) => draft.set({ mfa: { ...mfa, rule: event.target.value } })}
                  />
                )}
              </FieldBox>
            </>
          )}
        </Section>
      )}
      {authAlert && (
        <Section title="Alerts">
          <SwitchRow
            label="Mail about a sign-in from a new place"
            checked={authAlert.enabled}
            onChange={(enabled) => draft.set({ authAlert: { ...authAlert, enabled } })}
          />
        </Section>
      )}
      {!superusers && <OAuth2Section draft={draft} errors={errors} />}
      <Tokens draft={draft} errors={errors} />
      <Templates draft={draft} errors={errors} />
    </div>
  );
}

type IdentityFieldsProps = {
  collection: Collection;
  chosen: string[];
  error: string | undefined;
  onChange: (names: string[]) => void;
};

/** Only what is unique can tell records apart. */
function IdentityFields({ collection, chosen, error, onChange }: IdentityFieldsProps) {
  const unique = collection.indexes
    .map(parseIndex)
    .flatMap((parts) => (parts?.unique && parts.columns.length === 1 ? parts.columns : []))
    .filter((name) => name !== "tokenKey");
  return (
    <FieldBox
      label="Recognised by"
      error={error}
      help={chosen.length > 0 ? "Any field with a unique index of its own can be chosen." : "Choose at least one."}
    >
      {(control) => (
        <Combobox
          control={control}
          options={[...new Set([...unique, ...chosen])].map((name) => ({ value: name, label: name }))}
          selected={chosen}
          keepOpen
          display={chosen.join(", ")}
          onPick={(name) =>
            onChange(chosen.includes(name) ? chosen.filter((other) => other !== name) : [...chosen, name])
          }
        />
      )}
    </FieldBox>
  );
}
