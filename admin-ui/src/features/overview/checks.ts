import type { Settings } from "@/api/settings";
import type { Collection } from "@/api/types";
import { count, listWords } from "@/lib/words";

export type Finding = { id: string; tone: "warn" | "info"; text: string; href: string; where: string };

type Facts = { settings: Settings; collections: Collection[]; superusers: number; address: string };

/** What an owner should know before somebody else finds it. Nothing here asks the outside world. */
export function findings({ settings, collections, superusers, address }: Facts): Finding[] {
  const out: Finding[] = [];
  const note = (id: string, tone: Finding["tone"], text: string, href: string, where: string) =>
    out.push({ id, tone, text, href: `#${href}`, where });
  if (!settings.smtp.enabled)
    note("mail", "warn", "Mail is off: nobody can reset a password or verify an address.", "/settings/mail", "Mail");
  if (!settings.rateLimits.enabled)
    note("limits", "warn", "Rate limits are off: guessing passwords costs nothing.", "/settings/limits", "Limits");
  if (settings.backups.cron === "")
    note("backups", "warn", "No backups are scheduled.", "/settings/backups", "Backups");
  const admins = collections.find((collection) => collection.name === "_superusers");
  if (admins && !readEnabled(admins["mfa"]))
    note("mfa", "info", "Superusers sign in with one factor.", "/collections/_superusers?tab=auth", "Auth options");
  if ((settings.superuserIPs ?? []).length === 0)
    note("ips", "info", "Superusers may sign in from any address.", "/settings/network", "Network");
  if (superusers === 1)
    note(
      "alone",
      "info",
      "There is one superuser; who lets you in when the password is lost?",
      "/settings/superusers",
      "Superusers",
    );
  for (const [rule, verb] of [
    ["createRule", "create records in"],
    ["updateRule", "change records of"],
    ["deleteRule", "delete records of"],
  ] as const) {
    // Signing up is what an auth collection is for.
    const open = collections.filter(
      (one) => !one.system && one[rule] === "" && !(one.type === "auth" && rule === "createRule"),
    );
    if (open.length === 0) continue;
    const names = listWords(open.slice(0, 4).map((one) => one.name));
    const more = open.length > 4 ? ` and ${count(open.length - 4, "other")}` : "";
    note(rule, "warn", `Anyone on the internet can ${verb} ${names}${more}.`, "/access?show=public", "Access");
  }
  const { appURL } = settings.meta;
  if (appURL !== "" && !appURL.startsWith(address))
    note(
      "address",
      "info",
      `Links in mails lead to ${appURL}; you are at ${address}.`,
      "/settings/application",
      "Application",
    );
  return out;
}

function readEnabled(option: unknown): boolean {
  return typeof option === "object" && option !== null && "enabled" in option && option.enabled === true;
}
