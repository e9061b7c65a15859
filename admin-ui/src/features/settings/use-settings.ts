import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { toUiError } from "@/api/errors";
import { healthQuery, settingsQuery, updateSettings, type Settings } from "@/api/settings";
import { useCarefulSave } from "@/components/environment";
import { useLeaveGuard } from "@/components/leave-guard";
import { noticeRefusal } from "@/components/session";
import { dismissPassing, toast } from "@/components/toasts";
import { useDraft, type DraftHandle } from "@/components/use-draft";
import { includesAddress } from "@/lib/addresses";
import { changesIn, mergeDeep } from "@/lib/merge-deep";
import type { Conflict, Sides } from "@/lib/merge3";
import { listWords } from "@/lib/words";
import { forgetUnread, refuseUnread } from "@/ui/unread";

export type SettingsForm = {
  draft: DraftHandle<Settings>;
  value: Settings;
  errors: Record<string, string>;
  failure: string | null;
  /** Why it can't be saved as it is. */
  blocked: string | null;
  busy: boolean;
  dirty: boolean;
  /** What somebody else changed too, and has to be decided before it is saved. */
  conflicts: Conflict[];
  dismissConflicts: () => void;
  save: (sides?: Sides) => Promise<boolean>;
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
  const [conflicts, setConflicts] = useState<Conflict[]>([]);
  const dirty = draft.dirty.length > 0;
  if (base !== seen) {
    setSeen(base);
    if (!dirty) draft.reset(base);
  }
  useLeaveGuard({
    dirty,
    passes: (from, to) => to.pathname.startsWith("/settings/") && from.pathname.startsWith("/settings/"),
    what: `Changed settings: ${listWords(draft.dirty.map((key) => sectionNames[key] ?? key))}.`,
    boxes: true,
    onLeave: () => undefined,
  });

  const addresses = draft.dirty.includes("superuserIPs") ? (draft.value.superuserIPs ?? []) : [];
  const mine = useQuery({ ...healthQuery, enabled: addresses.length > 0 }).data?.realIP;
  const blocked = mine === undefined ? null : lockOut(addresses, mine);
  const careful = useCarefulSave();
  /** Others may have changed other members, or the same: what they did is not undone. */
  async function merged(sides: Sides): Promise<{ theirs: Settings; value: Settings } | null> {
    const theirs = await client.fetchQuery({ ...settingsQuery, staleTime: 0 });
    const { value, conflicts: found } = mergeDeep(draft.base, draft.value, theirs, sides);
    const open = found.filter(({ key }) => sides[key] === undefined);
    setConflicts(open);
    const out = addresses.length > 0 ? lockOut(value.superuserIPs ?? [], mine) : null;
    if (out !== null) setFailure(out);
    return open.length > 0 || out !== null ? null : { theirs, value };
  }
  async function save(sides: Sides = {}): Promise<boolean> {
    const unread = refuseUnread();
    if (unread !== null) {
      setFailure(unread);
      return false;
    }
    // Asked again: the address may not have been known yet.
    if (addresses.length > 0 && lockOut(addresses, (await client.ensureQueryData(healthQuery)).realIP) !== null)
      return false;
    if (!(await careful("Save settings"))) return false;
    dismissPassing();
    setBusy(true);
    setFailure(null);
    try {
      const wanted = await merged(sides);
      if (!wanted) return false;
      const saved = await updateSettings(changesIn(wanted.theirs, wanted.value));
      client.setQueryData(settingsQuery.queryKey, saved);
      setSeen(saved);
      setErrors({});
      draft.settle(draft.value, saved);
      toast("Settings saved");
      void client.invalidateQueries({ queryKey: ["health"] });
      return true;
    } catch (error) {
      void noticeRefusal(error);
      const said = toUiError(error);
      setErrors(said.fields);
      // What is wrong may be in another section than the one in sight.
      const wrong = Object.entries(said.fields).map(([path, message]) => `${settingWords(path)}: ${message}`);
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
    conflicts,
    dismissConflicts: () => setConflicts([]),
    save,
    discard: () => {
      forgetUnread();
      draft.reset(base);
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

/** `meta.senderName` is the sender name of the application. */
export function settingWords(path: string): string {
  const [section = "", ...rest] = path.split(".");
  // Lists are counted from one.
  const words = rest
    .map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : part))
    .join(", ")
    .replace(/, (?=\d)/g, " ")
    .replace(/([A-Z]+)/g, (letters) => ` ${letters.toLowerCase()}`);
  // It is kept with the application and edited where mail is.
  const shown = section === "meta" && rest[0]?.startsWith("sender") ? "smtp" : section;
  return [sectionNames[shown] ?? shown, words].filter(Boolean).join(": ");
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
