import { useQuery } from "@tanstack/react-query";
import { serverUrl } from "@/api/client";
import { capabilitiesQuery } from "@/api/settings";
import { FormPage, Section, TextRow, TwoColumns } from "@/components/form-parts";
import { FieldBox } from "@/ui/field";
import { SwitchRow } from "@/ui/switch";
import type { SettingsForm } from "./use-settings";

export function Application({ form }: { form: SettingsForm }) {
  const { meta } = form.value;
  const { errors } = form;
  const version = useQuery(capabilitiesQuery).data;
  const set = (change: Partial<typeof meta>) => form.draft.set({ meta: { ...meta, ...change } });
  return (
    <FormPage title="Application" lead="How this server presents itself in mails and links.">
      <Section title="Identity">
        <TwoColumns>
          <TextRow
            label="Name"
            required
            value={meta.appName}
            error={errors["meta.appName"]}
            onChange={(appName) => set({ appName })}
          />
          <TextRow
            label="Address"
            required
            type="url"
            help="Links in mails start with it."
            value={meta.appURL}
            error={errors["meta.appURL"]}
            onChange={(appURL) => set({ appURL })}
          />
        </TwoColumns>
        {meta.appURL !== "" && !meta.appURL.startsWith(serverUrl) && (
          <p className="text-sm text-ink-3">
            You opened this page at {serverUrl}; links in mails will lead to {meta.appURL}.
          </p>
        )}
      </Section>
      <Section title="Dashboard">
        <FieldBox
          label="Accent colour"
          error={errors["meta.accentColor"]}
          help="Kept for other dashboards of the same data; this one keeps its own for the sake of contrast."
        >
          {(control) => (
            <div className="flex items-center gap-2">
              <input
                type="color"
                aria-label="Pick the accent colour"
                className="size-8 shrink-0 cursor-pointer rounded-sm border border-line-strong bg-bg p-0.5"
                value={/^#[0-9a-f]{6}$/i.test(meta.accentColor) ? meta.accentColor : swatch}
                onChange={(event) => set({ accentColor: event.target.value })}
              />
              <input
                {...control}
                className="control max-w-32 font-mono text-code"
                value={meta.accentColor}
                onChange={(event) => set({ accentColor: event.target.value })}
              />
            </div>
          )}
        </FieldBox>
        <SwitchRow
          label="Hide collection and record controls"
          help="Other dashboards then do not offer to change the schema; the API is not affected."
          checked={meta.hideControls}
          onChange={(hideControls) => set({ hideControls })}
        />
      </Section>
      {version && (
        <p className="text-sm text-ink-3">
          Stead {version.version}
          {version.commit !== "" && ` (${version.commit})`}
        </p>
      )}
    </FormPage>
  );
}

/** What the picker shows while nothing valid is typed: black, spelled without a literal. */
const swatch = `#${"0".repeat(6)}`;
