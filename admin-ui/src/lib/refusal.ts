import { isObject, isString } from "./assert";

/**
 * What is wrong with the fields of a form, from the text of a refused import: that names them as JSON behind the name of
 * the collection.
 */
export function fieldsOfRefusal(message: string): Record<string, string> {
  const start = message.indexOf("{");
  const end = message.lastIndexOf("}");
  if (start < 0 || end < start) return {};
  try {
    return leaves(JSON.parse(message.slice(start, end + 1)), "");
  } catch {
    return {};
  }
}

function leaves(value: unknown, path: string): Record<string, string> {
  if (isString(value)) return { [path]: value };
  if (!isObject(value)) return {};
  const pairs = Object.entries(value).map(([key, inner]) => leaves(inner, path === "" ? key : `${path}.${key}`));
  return Object.assign({}, ...pairs);
}

/** All that keeps a plan from being carried out, as text. */
export function refusalOf(blocked: Blocked): string {
  const data = isObject(blocked.data) ? Object.values(blocked.data) : [];
  const said = data.flatMap((item) => (isObject(item) && isString(item["message"]) ? [item["message"]] : []));
  return said.length > 0 ? said.join("\n") : blocked.message;
}

type Blocked = { message: string; data: unknown };
type Sent = { name: string; fields?: { name: string }[] };

/** The same, one line for each value that is wrong. The server knows fields by their place in what was sent. */
export function problemsOf(blocked: Blocked, sent: Sent[]): string[] {
  const text = refusalOf(blocked);
  const wrong = Object.entries(fieldsOfRefusal(text));
  if (wrong.length === 0) return text.split("\n");
  const name = /for collection "([^"]*)"/.exec(text)?.[1] ?? "";
  const fields = sent.find((collection) => collection.name === name)?.fields ?? [];
  return wrong.map(([path, message]) => {
    const [, at, option] = /^fields\.(\d+)\.?(.*)$/.exec(path) ?? [];
    if (at === undefined) return `${[name, path].filter(Boolean).join(": ")}: ${message}`;
    const field = fields[Number(at)]?.name ?? `field ${Number(at) + 1}`;
    return `${[name, field].filter(Boolean).join(".")}${option ? `, ${option}` : ""}: ${message}`;
  });
}
