import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toUiError } from "@/api/errors";
import { settingsQuery, updateSettings, type Settings } from "@/api/settings";
import { useCarefulSave } from "@/components/environment";
import { useLeaveGuard } from "@/components/leave-guard";
import { noticeRefusal } from "@/components/session";
import { toast } from "@/components/toasts";
import { useDraft, type DraftHandle } from "@/components/use-draft";
import { listWords } from "@/lib/words";

export type SettingsForm = {
  draft: DraftHandle<Settings>;
  value: Settings;
  errors: Record<string, string>;
  failure: string | null;
  busy: boolean;
  dirty: boolean;
  save: () => Promise<boolean>;
  discard: () => void;
};

/** One draft for the whole document, so that walking between sections loses nothing. Only changed members are sent. */
export function useSettings(base: Settings): SettingsForm {
  const client = useQueryClient();
  const draft = useDraft<Settings>(base);
  const [seen, setSeen] = useState(base);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [failure, setFailure] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const dirty = draft.dirty.length > 0;
  if (base !== seen) {
    setSeen(base);
    if (!dirty) draft.reset(base);
  }
  useLeaveGuard({
    dirty,
    passes: (from, to) => to.pathname.startsWith("/settings/") && from.pathname.startsWith("/settings/"),
    what: `Changed settings: ${listWords(draft.dirty.map((key) => sectionNames[key] ?? key))}.`,
    onLeave: () => undefined,
  });

  const careful = useCarefulSave();
  async function save(): Promise<boolean> {
    if (!(await careful("Save settings"))) return false;
    setBusy(true);
    setFailure(null);
    try {
      const saved = await updateSettings(draft.patch());
      client.setQueryData(settingsQuery.queryKey, saved);
      setSeen(saved);
      setErrors({});
      draft.reset(saved);
      toast("Settings saved");
      void client.invalidateQueries({ queryKey: ["health"] });
      return true;
    } catch (error) {
      void noticeRefusal(error);
      const said = toUiError(error);
      setErrors(said.fields);
      const wrong = Object.values(said.fields);
      setFailure([said.title, ...wrong].join(" "));
      return false;
    } finally {
      setBusy(false);
    }
  }
  return {
    draft,
    value: draft.value,
    errors,
    failure,
    busy,
    dirty,
    save,
    discard: () => {
      draft.reset(draft.base);
      setErrors({});
      setFailure(null);
    },
  };
}

const sectionNames: Record<string, string> = {
  meta: "application",
  smtp: "mail",
  s3: "file storage",
  backups: "backups",
  logs: "logs",
  rateLimits: "rate limits",
  batch: "batch",
  trustedProxy: "proxy",
  superuserIPs: "superuser addresses",
};
