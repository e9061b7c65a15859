import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toUiError } from "@/api/errors";
import { healthQuery, settingsQuery, updateSettings, type Settings } from "@/api/settings";
import { useCarefulSave } from "@/components/environment";
import { useLeaveGuard } from "@/components/leave-guard";
import { noticeRefusal } from "@/components/session";
import { toast } from "@/components/toasts";
import { useDraft, type DraftHandle } from "@/components/use-draft";
import { includesAddress } from "@/lib/addresses";
import { listWords } from "@/lib/words";

export type SettingsForm = {
  draft: DraftHandle<Settings>;
  value: Settings;
  errors: Record<string, string>;
  failure: string | null;
  /** Why it can't be saved as it is. */
  blocked: string | null;
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

  const addresses = draft.dirty.includes("superuserIPs") ? (draft.value.superuserIPs ?? []) : [];
  const mine = useQuery({ ...healthQuery, enabled: addresses.length > 0 }).data?.realIP;
  const blocked = mine === undefined ? null : lockOut(addresses, mine);
  const careful = useCarefulSave();
  async function save(): Promise<boolean> {
    // Asked again: the address may not have been known yet.
    if (addresses.length > 0 && lockOut(addresses, (await client.ensureQueryData(healthQuery)).realIP) !== null)
      return false;
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
    blocked,
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

/** Who saves a list without their own address can't take it back. */
function lockOut(addresses: string[], mine: string | undefined): string | null {
  if (addresses.length === 0 || !mine || includesAddress(addresses, mine)) return null;
  return `Your address ${mine} is not included; saving would lock you out.`;
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
