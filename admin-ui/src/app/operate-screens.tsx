import { BackupsSettings } from "@/features/backups/backups-settings";
import { SettingsPage } from "@/features/settings/settings-page";
import { Superusers } from "@/features/superusers/superusers";
import { SchemaSync } from "@/features/transfer/schema-sync";
import { ImportReview } from "./import-review";

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
      schemaSync={
        <SchemaSync review={(wanted, done, close) => <ImportReview wanted={wanted} onDone={done} onClose={close} />} />
      }
      superusers={<Superusers />}
    />
  );
}
