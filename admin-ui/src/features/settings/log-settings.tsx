import { ChoiceRow, FormPage, NumberRow, Section, TwoColumns } from "@/components/form-parts";
import { Notice } from "@/ui/notice";
import { SwitchRow } from "@/ui/switch";
import type { SettingsForm } from "./use-settings";

const levels = [
  { value: "-4", label: "Everything" },
  { value: "0", label: "Info and above" },
  { value: "4", label: "Warnings and errors" },
  { value: "8", label: "Errors only" },
];

export function LogSettings({ form }: { form: SettingsForm }) {
  const { logs } = form.value;
  const { errors } = form;
  const set = (change: Partial<typeof logs>) => form.draft.set({ logs: { ...logs, ...change } });
  return (
    <FormPage title="Logs" lead="What is written down about requests and events, and for how long.">
      <Section title="Keeping">
        <TwoColumns>
          <NumberRow
            label="Days"
            help="0 turns logging off and deletes what there is."
            value={logs.maxDays}
            error={errors["logs.maxDays"]}
            onChange={(maxDays) => set({ maxDays })}
          />
          <ChoiceRow
            label="Level"
            value={String(logs.minLevel)}
            error={errors["logs.minLevel"]}
            options={
              levels.some((level) => level.value === String(logs.minLevel))
                ? levels
                : [...levels, { value: String(logs.minLevel), label: `From level ${logs.minLevel}` }]
            }
            onChange={(next) => set({ minLevel: Number(next) })}
          />
          {logs.maxDataSize !== undefined && (
            <NumberRow
              label="Size of one entry (bytes)"
              help="Longer entries are cut. 0 means 16 KiB."
              value={logs.maxDataSize}
              error={errors["logs.maxDataSize"]}
              onChange={(maxDataSize) => set({ maxDataSize })}
            />
          )}
        </TwoColumns>
        {logs.maxDays === 0 && form.draft.base.logs.maxDays !== 0 && (
          <Notice tone="warn">Saving deletes all log entries and stops logging.</Notice>
        )}
      </Section>
      <Section title="Personal data">
        <SwitchRow label="Client addresses" checked={logs.logIP} onChange={(logIP) => set({ logIP })} />
        <SwitchRow
          label="Ids of signed-in records"
          checked={logs.logAuthId}
          onChange={(logAuthId) => set({ logAuthId })}
        />
      </Section>
    </FormPage>
  );
}
