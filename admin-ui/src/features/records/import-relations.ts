import { queryOptions } from "@tanstack/react-query";
import { namingFields } from "@/api/presentable";
import { listRecords } from "@/api/records";
import type { Collection } from "@/api/types";
import { toText } from "@/lib/assert";
import { anyOf, literal } from "@/lib/keyset";
import type { Wanted } from "./import-model";
import type { Named } from "./import-values";

export function namedQuery(collections: Collection[], wanted: Wanted) {
  return queryOptions({
    queryKey: ["records", "named", wanted],
    queryFn: async ({ signal }): Promise<Named> => {
      const out = new Map<string, Map<string, string[]>>();
      for (const target of collections) {
        const texts = wanted[target.id];
        if (texts) out.set(target.id, await findNamed(target, texts, signal));
      }
      return out;
    },
    retry: false,
    gcTime: 0,
  });
}

const most = 200;

async function findNamed(target: Collection, texts: string[], signal: AbortSignal): Promise<Map<string, string[]>> {
  const fields = ["id", ...namingFields(target)];
  const out = new Map<string, string[]>(texts.map((text) => [text, []]));
  async function ask(part: string[]): Promise<void> {
    const filter = anyOf(part.flatMap((text) => fields.map((name) => `${name} = ${literal(text)}`)));
    const shape = { filter, sort: "", page: 1, perPage: most, fields: fields.join(",") };
    const rows = await listRecords(target.name, shape, signal);
    if (rows.length === most && part.length > 1) {
      // There may be more; for one text alone, two are enough to know.
      await ask(part.slice(0, part.length / 2));
      await ask(part.slice(part.length / 2));
      return;
    }
    for (const row of rows) for (const name of fields) note(out, toText(row[name]), row.id);
  }
  for (const part of portions(texts, fields.length)) await ask(part);
  // An id is what it says, whatever others are called.
  for (const [text, ids] of out) if (ids.includes(text)) out.set(text, [text]);
  return out;
}

function note(out: Map<string, string[]>, text: string, id: string): void {
  const ids = out.get(text);
  if (ids && !ids.includes(id)) ids.push(id);
}

/** As many as a filter and an address may have. */
function portions(texts: string[], fields: number): string[][] {
  const out: string[][] = [];
  let room = { conditions: 0, signs: 0 };
  for (const text of texts) {
    const signs = fields * encodeURIComponent(text).length;
    if (room.conditions < fields || room.signs < signs) {
      out.push([]);
      room = { conditions: 120, signs: 4000 };
    }
    out.at(-1)?.push(text);
    room = { conditions: room.conditions - fields, signs: room.signs - signs };
  }
  return out;
}
