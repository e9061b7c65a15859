import { isObject } from "@/lib/assert";

/** How many records a backup has, by its name and that of the collection. */
export type BackupCounts = Record<string, Record<string, number>>;

export function readCounts(stored: unknown): BackupCounts {
  if (!isObject(stored)) return {};
  return Object.fromEntries(
    Object.entries(stored).map(([key, counts]): [string, Record<string, number>] => [
      key,
      Object.fromEntries(
        Object.entries(isObject(counts) ? counts : {}).filter(
          (pair): pair is [string, number] => typeof pair[1] === "number",
        ),
      ),
    ]),
  );
}

const keptBackups = 20;
/** A preference has 64 kB on the server. */
const room = 60_000;

/** The newest that fit. */
export function fitting(counts: BackupCounts, size = room): BackupCounts {
  const out: [string, Record<string, number>][] = [];
  let left = size;
  for (const one of Object.entries(counts).slice(-keptBackups).toReversed()) {
    left -= JSON.stringify(one).length;
    if (left < 0) break;
    out.unshift(one);
  }
  return Object.fromEntries(out);
}
