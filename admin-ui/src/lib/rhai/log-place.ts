import { toText } from "../assert";

export type LogPlace = { file: string; line: number; label: string; href: string };

/** The script, and the line of it, that an entry of the log names. */
export function placeOf(data: Record<string, unknown>): LogPlace | null {
  const file = toText(data["file"] ?? data["script"]);
  if (!file.endsWith(".rhai")) return null;
  const line = Number(data["line"]) || 0;
  const query = `file=${encodeURIComponent(file)}${line > 0 ? `&line=${line}` : ""}`;
  return { file, line, label: line > 0 ? `${file}:${line}` : file, href: `#/hooks?${query}` };
}
