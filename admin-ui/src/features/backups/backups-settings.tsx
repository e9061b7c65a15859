import { useMutation, useQuery } from "@tanstack/react-query";
import { inFull } from "@/api/errors";
import { offersQuery, testStorage, type Settings } from "@/api/settings";
import { FormPage, NumberRow, Section, TextRow, TwoColumns } from "@/components/form-parts";
import { S3Fields } from "@/components/s3-fields";
import { cronWords, nextRuns, parseCron } from "@/lib/cron";
import { formatTyped } from "@/lib/dates";
import { Button } from "@/ui/button";
import { Notice } from "@/ui/notice";
import { BackupList } from "./backups";

type Backups = Settings["backups"];
type BackupsSettingsProps = {
  value: Backups;
  stored: Backups;
  dirty: boolean;
  errors: Record<string, string>;
  onChange: (value: Backups) => void;
};

export function BackupsSettings({ value, stored, dirty, errors, onChange }: BackupsSettingsProps) {
  const set = (change: Partial<Backups>) => onChange({ ...value, ...change });
  const offered = useQuery(offersQuery("/api/settings/test/s3")).data;
  const test = useMutation({ mutationFn: () => testStorage("backups") });
  return (
    <FormPage title="Backups">
      <BackupList />
      <Section title="Schedule">
        <TwoColumns>
          <TextRow
            label="When"
            mono
            placeholder="0 3 * * *"
            help={whenWords(value.cron)}
            value={value.cron}
            error={errors["backups.cron"]}
            onChange={(cron) => set({ cron })}
          />
          <NumberRow
            label="Scheduled backups to keep"
            value={value.cronMaxKeep}
            error={errors["backups.cronMaxKeep"]}
            onChange={(cronMaxKeep) => set({ cronMaxKeep })}
          />
        </TwoColumns>
        <div className="flex flex-wrap gap-1.5">
          {presets.map((preset) => (
            <Button key={preset.cron} size="sm" onClick={() => set({ cron: preset.cron })}>
              {preset.label}
            </Button>
          ))}
        </div>
      </Section>
      <Section title="Place">
        <S3Fields
          label="Keep backups in S3"
          prefix="backups.s3"
          value={value.s3}
          stored={stored.s3.enabled}
          errors={errors}
          onChange={(s3) => set({ s3 })}
        />
        {value.s3.enabled && (
          <>
            <Button
              busy={test.isPending}
              blocked={
                offered === false
                  ? "This server can't test its storage"
                  : dirty
                    ? "Save the changes first: the test uses what is stored"
                    : null
              }
              onClick={() => test.mutate()}
            >
              Test the connection
            </Button>
            <div role="status">{test.isSuccess && <Notice tone="ok">The bucket can be written and read.</Notice>}</div>
            {test.isError && (
              <Notice tone="danger" role="alert">
                {inFull(test.error)}
              </Notice>
            )}
          </>
        )}
      </Section>
    </FormPage>
  );
}

const presets = [
  { label: "Every night", cron: "0 3 * * *" },
  { label: "Every Sunday", cron: "0 3 * * 0" },
  { label: "Every 6 hours", cron: "0 */6 * * *" },
  { label: "Never", cron: "" },
];

function whenWords(cron: string): string {
  if (cron.trim() === "") return "Empty: no scheduled backups.";
  if (!parseCron(cron)) return "Five fields: minute, hour, day, month, weekday.";
  const [next] = nextRuns(cron, new Date(), 1);
  return `${cronWords(cron)}${next ? `; next ${formatTyped(next, "local")}` : ""}`;
}
