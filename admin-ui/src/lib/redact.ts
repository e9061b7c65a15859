/** Takes the values of secrets out of addresses and objects before they are shown, copied or saved. */
const names = /(token|password|secret|authorization|passwordconfirm|apikey|api_key)/i;
const shown = "•••";

export function redactText(text: string): string {
  return text.replace(/([?&](?:[\w-]*(?:token|password|secret|key)[\w-]*)=)[^&\s"]+/gi, `$1${shown}`);
}

export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === "string") return redactText(value);
  if (typeof value !== "object" || value === null || depth > 8) return value;
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key,
      names.test(key) && typeof item === "string" && item !== "" ? shown : redact(item, depth + 1),
    ]),
  );
}

/** With a secret that is to be stored; without one, what the server has stays. */
export function withSecret<T extends object>(of: T, name: keyof T & string, secret: string | undefined): T {
  const next = { ...of };
  if (secret === undefined) Reflect.deleteProperty(next, name);
  else Reflect.set(next, name, secret);
  return next;
}
