import type { Field, RecordRow } from "@/api/types";
import { equal } from "@/lib/equal";
import { BadText, readNumber } from "@/lib/typed";

/** Edits in the table that have not been sent: by record id and field name, so that sorting and paging never move them. */
export type Patches = Record<string, Record<string, unknown>>;

export type StagedChange = { id: string; field: string; before: unknown; after: unknown };

/** Setting a cell back to what it was is no change. */
export function stage(patches: Patches, base: RecordRow, field: string, value: unknown): Patches {
  const { [field]: _old, ...others } = patches[base.id] ?? {};
  const row = equal(value, base[field]) ? others : { ...others, [field]: value };
  const { [base.id]: _row, ...rest } = patches;
  return Object.keys(row).length === 0 ? rest : { ...rest, [base.id]: row };
}

export function changesOfPatches(patches: Patches, bases: ReadonlyMap<string, RecordRow>): StagedChange[] {
  return Object.entries(patches).flatMap(([id, patch]) =>
    Object.entries(patch).map(([field, after]) => ({ id, field, before: bases.get(id)?.[field], after })),
  );
}

/** Only the ticked changes; what is left out stays staged. */
export function withoutChanges(patches: Patches, left: ReadonlySet<string>): Patches {
  const out: Patches = {};
  for (const [id, patch] of Object.entries(patches)) {
    const kept = Object.entries(patch).filter(([field]) => !left.has(changeKey(id, field)));
    if (kept.length > 0) out[id] = Object.fromEntries(kept);
  }
  return out;
}

/**
 * What is still to be saved: all but what was saved and has not been changed again since `then`, when it was sent. What was set
 * back meanwhile to what it had been is a change now.
 */
export function stillToSave(
  now: Patches,
  then: Patches,
  saved: Patches,
  bases: ReadonlyMap<string, RecordRow>,
): Patches {
  const done = Object.entries(saved).flatMap(([id, patch]) =>
    Object.keys(patch)
      .filter((field) => equal(now[id]?.[field], then[id]?.[field]))
      .map((field) => changeKey(id, field)),
  );
  const out = withoutChanges(now, new Set(done));
  for (const [id, patch] of Object.entries(saved)) {
    const base = bases.get(id);
    const back = Object.keys(patch).filter((field) => base && now[id]?.[field] === undefined);
    if (back.length > 0) out[id] = { ...out[id], ...Object.fromEntries(back.map((field) => [field, base?.[field]])) };
  }
  return out;
}

export function changeKey(id: string, field: string): string {
  return `${id} ${field}`;
}

/** What a cell turns typed text into; `undefined` when it can't be read. */
export function fromText(type: string, text: string): unknown {
  if (type === "number") {
    const read = readNumber(text);
    return read instanceof BadText ? undefined : (read ?? 0);
  }
  return text;
}

/** Types that fit into a cell. The others are edited in the panel, where they have room. */
export function isInline(field: Field): boolean {
  if (field.name === "id" || field.hidden) return false;
  if (field.type === "select") return field.maxSelect <= 1;
  return ["text", "number", "bool", "email", "url", "date"].includes(field.type);
}
