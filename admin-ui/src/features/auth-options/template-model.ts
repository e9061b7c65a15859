import type { Collection, RecordRow } from "@/api/types";
import { toText } from "@/lib/assert";

/** What each mail can't do without. */
const needed: Record<string, string> = {
  verification: "{TOKEN}",
  "password-reset": "{TOKEN}",
  "email-change": "{TOKEN}",
  otp: "{OTP}",
  "login-alert": "{ALERT_INFO}",
};

export function missingPlaceholder(kind: string, body: string): string | null {
  const text = needed[kind];
  return text === undefined || body.includes(text) ? null : text;
}

export function placeholders(kind: string, collection: Collection): string[] {
  const special = kind === "otp" ? ["{OTP}", "{OTP_ID}"] : [needed[kind] ?? ""].filter(Boolean);
  const fields = collection.fields.filter((field) => !field.hidden && ["text", "email", "url"].includes(field.type));
  return ["{APP_NAME}", "{APP_URL}", ...special, ...fields.slice(0, 6).map((field) => `{RECORD:${field.name}}`)];
}

type Values = { appName: string; appURL: string; record: RecordRow | null };

/** The same literal replacement the server does, with sample values. */
export function fillTemplate(text: string, { appName, appURL, record }: Values): string {
  return text
    .replaceAll("{APP_NAME}", escape(appName))
    .replaceAll("{APP_URL}", appURL)
    .replaceAll("{TOKEN}", "SAMPLE-TOKEN")
    .replaceAll("{OTP_ID}", "sample-id")
    .replaceAll("{OTP}", "123456")
    .replaceAll("{ALERT_INFO}", "2026-01-01 10:30:00 - 203.0.113.7 Sample browser")
    .replaceAll(/\{RECORD:(\w+)\}/g, (_, name: string) => escape(toText(record?.[name]) || `sample ${name}`));
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}
