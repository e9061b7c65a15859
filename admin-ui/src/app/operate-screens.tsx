import { BackupsSettings } from "@/features/backups/backups-settings";
import { SettingsPage } from "@/features/settings/settings-page";
import { changesOf } from "@/features/schema/model";
import { Superusers } from "@/features/superusers/superusers";
import { SchemaSync } from "@/features/transfer/schema-sync";

/** Settings bring several features together; they do not know each other. */
export function SettingsScreen({ section, onNavigate }: { section: string; onNavigate: (to: string) => void }) {
  return (
    <SettingsPage
      section={section}
      onNavigate={onNavigate}
      backups={(form) => (
        <BackupsSettings
          value={form.value.backups}
          stored={form.draft.base.backups}
          dirty={form.dirty}
          errors={form.errors}
          onChange={(backups) => form.draft.set({ backups })}
        />
      )}
      schemaSync={<SchemaSync changesOf={changesOf} />}
      superusers={<Superusers />}
    />
  );
}
