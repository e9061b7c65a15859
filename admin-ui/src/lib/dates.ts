/** Dates travel as `2026-03-01 09:30:00.000Z`; people see and type `2026-03-01 10:30` in the zone they chose. */
export type Zone = "local" | "utc";

const wire = /^(\d{4})-(\d{2})-(\d{2})[ T](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?Z?$/;
const typed =
  /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?(?: ?(Z|[+-]\d{2}(?::?\d{2})?))?)?$/i;

export function parseWire(text: string): Date | null {
  const m = wire.exec(text);
  if (!m) return null;
  return new Date(Date.UTC(int(m[1]), int(m[2]) - 1, int(m[3]), int(m[4]), int(m[5]), int(m[6]), millis(m[7])));
}

export function toWire(date: Date): string {
  return date.toISOString().replace("T", " ");
}

/** Reads what a person typed, in the zone it names or else in theirs; `null` when it is not a date (2026-02-30 is not). */
export function parseTyped(text: string, zone: Zone): Date | null {
  const m = typed.exec(text.trim());
  if (!m) return null;
  const [y, mo, d, h, mi, s, ms] = [int(m[1]), int(m[2]) - 1, int(m[3]), int(m[4]), int(m[5]), int(m[6]), millis(m[7])];
  const ahead = m[8] === undefined ? null : minutesAhead(m[8]);
  const utc = ahead !== null || zone === "utc";
  const date = utc ? new Date(Date.UTC(y, mo, d, h, mi, s, ms)) : new Date(y, mo, d, h, mi, s, ms);
  const day = utc ? date.getUTCDate() : date.getDate();
  const valid = day === d && mo < 12 && h < 24 && mi < 60 && s < 60;
  return valid && !Number.isNaN(date.getTime()) ? new Date(date.getTime() - (ahead ?? 0) * 60_000) : null;
}

/** The first and the last moment of a year, a month, a day, or a time as exact as it was typed. */
export function spanOf(text: string, zone: Zone): { first: Date; last: Date } | null {
  const period = /^(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?$/.exec(text.trim());
  if (!period) {
    const at = parseTyped(text, zone);
    const exact = /:\d\d:\d\d\./.test(text) ? 0 : /:\d\d:\d\d/.test(text) ? 999 : 59_999;
    return at && { first: at, last: new Date(at.getTime() + exact) };
  }
  const [, year = "", month, day] = period;
  const first = parseTyped(`${year}-${month ?? 1}-${day ?? 1}`, zone);
  if (!first) return null;
  const y = int(year) + (month === undefined ? 1 : 0);
  const mo = int(month ?? "1") - (month !== undefined && day === undefined ? 0 : 1);
  const d = int(day ?? "0") + 1;
  const next = zone === "utc" ? Date.UTC(y, mo, d) : new Date(y, mo, d).getTime();
  return { first, last: new Date(next - 1) };
}

/** `Z`, `+13:00`, `-0330` or `+02`. */
function minutesAhead(offset: string): number {
  const minutes = int(offset.slice(1, 3)) * 60 + int(offset.slice(3).replace(":", ""));
  return offset.startsWith("-") ? -minutes : minutes;
}

/** `2026-03-01 10:30`, with seconds and milliseconds only when they are not zero. */
export function formatTyped(date: Date, zone: Zone): string {
  const p = parts(date, zone);
  const time = `${pad(p.h)}:${pad(p.mi)}`;
  const seconds = p.s || p.ms ? `:${pad(p.s)}` : "";
  const fraction = p.ms ? `.${String(p.ms).padStart(3, "0")}` : "";
  return `${String(p.y).padStart(4, "0")}-${pad(p.mo + 1)}-${pad(p.d)} ${time}${seconds}${fraction}`;
}

/** The short form of a table cell. */
export function formatCell(date: Date, zone: Zone): string {
  return formatTyped(date, zone).slice(0, 16);
}

export function zoneName(zone: Zone, at: Date = new Date()): string {
  if (zone === "utc") return "UTC";
  const part = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" }).formatToParts(at);
  return part.find((item) => item.type === "timeZoneName")?.value ?? "local";
}

/** All year round, such as `Europe/Berlin`. */
export function localZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Whether it makes no difference in which of both zones a date is read. */
export function localIsUtc(): boolean {
  const year = new Date().getFullYear();
  return [0, 6].every((month) => new Date(year, month, 1).getTimezoneOffset() === 0);
}

export function relative(date: Date, now: Date = new Date()): string {
  const seconds = Math.round((date.getTime() - now.getTime()) / 1000);
  const steps: [Intl.RelativeTimeFormatUnit, number][] = [
    ["year", 31_536_000],
    ["month", 2_592_000],
    ["day", 86_400],
    ["hour", 3600],
    ["minute", 60],
  ];
  const format = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
  for (const [unit, size] of steps) {
    if (Math.abs(seconds) >= size) return format.format(Math.trunc(seconds / size), unit);
  }
  return format.format(seconds, "second");
}

export function parts(date: Date, zone: Zone) {
  return zone === "utc"
    ? {
        y: date.getUTCFullYear(),
        mo: date.getUTCMonth(),
        d: date.getUTCDate(),
        h: date.getUTCHours(),
        mi: date.getUTCMinutes(),
        s: date.getUTCSeconds(),
        ms: date.getUTCMilliseconds(),
      }
    : {
        y: date.getFullYear(),
        mo: date.getMonth(),
        d: date.getDate(),
        h: date.getHours(),
        mi: date.getMinutes(),
        s: date.getSeconds(),
        ms: date.getMilliseconds(),
      };
}

/** Six weeks starting on a Monday, as day numbers of a calendar page. */
export function monthGrid(year: number, month: number): { y: number; mo: number; d: number; inside: boolean }[] {
  const offset = (new Date(year, month, 1).getDay() + 6) % 7;
  return Array.from({ length: 42 }, (_, index) => {
    const day = new Date(year, month, 1 - offset + index);
    return { y: day.getFullYear(), mo: day.getMonth(), d: day.getDate(), inside: day.getMonth() === month };
  });
}

function int(text: string | undefined): number {
  return text ? Number.parseInt(text, 10) : 0;
}
function millis(text: string | undefined): number {
  return text ? Number.parseInt(text.padEnd(3, "0"), 10) : 0;
}
function pad(n: number): string {
  return String(n).padStart(2, "0");
}
