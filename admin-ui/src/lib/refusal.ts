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
export function refusalOf(blocked: { message: string; data: unknown }): string {
  const data = isObject(blocked.data) ? Object.values(blocked.data) : [];
  const said = data.flatMap((item) => (isObject(item) && isString(item["message"]) ? [item["message"]] : []));
  return said.length > 0 ? said.join("\n") : blocked.message;
}
