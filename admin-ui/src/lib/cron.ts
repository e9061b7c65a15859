/** Cron expressions of five fields in UTC: whether they can be read, what they say in words, and when they are next due. */
type Schedule = {
  minutes: Set<number>;
  hours: Set<number>;
  days: Set<number>;
  months: Set<number>;
  weekdays: Set<number>;
};

const macros: Record<string, string> = {
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
  "@monthly": "0 0 1 * *",
  "@weekly": "0 0 * * 0",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@hourly": "0 * * * *",
};

export function parseCron(expression: string): Schedule | null {
  const fields = (macros[expression.trim()] ?? expression.trim()).split(/\s+/);
  if (fields.length !== 5) return null;
  const [minutes, hours, days, months, weekdays] = [
    parseField(fields[0], 0, 59),
    parseField(fields[1], 0, 23),
    parseField(fields[2], 1, 31),
    parseField(fields[3], 1, 12),
    parseField(fields[4], 0, 6),
  ];
  return minutes && hours && days && months && weekdays ? { minutes, hours, days, months, weekdays } : null;
}

function parseField(text: string | undefined, min: number, max: number): Set<number> | null {
  const out = new Set<number>();
  for (const part of (text ?? "").split(",")) {
    const found = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part);
    if (!found) return null;
    const from = found[1] === undefined ? min : Number(found[1]);
    const to = found[2] !== undefined ? Number(found[2]) : found[1] === undefined ? max : from;
    const step = found[3] === undefined ? 1 : Number(found[3]);
    if (from < min || to > max || from > to || step < 1 || step > max) return null;
    for (let at = from; at <= to; at += step) out.add(at);
  }
  return out;
}

const oneYear = 366 * 24 * 60;

/** The next moments after `after`, at most `n`; fewer for what never comes within some years. */
export function nextRuns(expression: string, after: Date, n: number): Date[] {
  const schedule = parseCron(expression);
  if (!schedule) return [];
  const out: Date[] = [];
  const at = new Date(after);
  at.setUTCSeconds(0, 0);
  at.setUTCMinutes(at.getUTCMinutes() + 1);
  for (let tries = 0; tries < oneYear && out.length < n; tries += 1) {
    if (!schedule.months.has(at.getUTCMonth() + 1)) {
      at.setUTCMonth(at.getUTCMonth() + 1, 1);
      at.setUTCHours(0, 0);
    } else if (!schedule.days.has(at.getUTCDate()) || !schedule.weekdays.has(at.getUTCDay())) {
      at.setUTCDate(at.getUTCDate() + 1);
      at.setUTCHours(0, 0);
    } else if (!schedule.hours.has(at.getUTCHours())) {
      at.setUTCHours(at.getUTCHours() + 1, 0);
    } else {
      if (schedule.minutes.has(at.getUTCMinutes())) out.push(new Date(at));
      at.setUTCMinutes(at.getUTCMinutes() + 1);
    }
  }
  return out;
}

const weekdayNames = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** The common shapes in words; anything else stays as it is written. */
export function cronWords(expression: string): string {
  const text = macros[expression.trim()] ?? expression.trim();
  if (!parseCron(text)) return expression;
  const [minute = "", hour = "", day = "", month = "", weekday = ""] = text.split(/\s+/);
  const everyMinute = /^\*\/(\d+)$/.exec(minute)?.[1];
  const everyHour = /^\*\/(\d+)$/.exec(hour)?.[1];
  const daily = day === "*" && month === "*";
  const time =
    /^\d+$/.test(minute) && /^\d+$/.test(hour) ? `${hour.padStart(2, "0")}:${minute.padStart(2, "0")} UTC` : "";
  if (daily && weekday === "*") {
    if (minute === "*" && hour === "*") return "every minute";
    if (everyMinute && hour === "*") return `every ${everyMinute} minutes`;
    if (/^\d+$/.test(minute) && hour === "*") return minute === "0" ? "every hour" : `every hour at minute ${minute}`;
    if (minute === "0" && everyHour) return `every ${everyHour} hours`;
    if (time) return `every day at ${time}`;
  }
  if (daily && time && /^\d$/.test(weekday)) return `every ${weekdayNames[Number(weekday)] ?? ""} at ${time}`;
  if (month === "*" && weekday === "*" && time && /^\d+$/.test(day)) return `on day ${day} of every month at ${time}`;
  return text;
}
