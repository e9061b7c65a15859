import type { Field } from "@/api/types";
import { equal } from "@/lib/equal";
import type { FormValues } from "./form-model";

/** What a form starts with that another one leaves to it: what was typed last, or a copy. */
let handed: { collection: string; record: string; values: FormValues } | null = null;

export function handOver(collection: string, record: string, values: FormValues): void {
  handed = Object.keys(values).length > 0 ? { collection, record, values } : null;
}

/** For the form that is drawn now; the one that left it is taken away right after. */
export function handedOver(collection: string, record: string): FormValues {
  return handed?.collection === collection && handed.record === record ? handed.values : {};
}

/** Whoever left something and goes takes along what nobody wanted. */
export function takeBack(collection: string): void {
  if (handed?.collection === collection) handed = null;
}

/** What was typed while a form was being saved, on what was made of it. A file that was sent is a stored one now. */
export function typedSince(fields: Field[], sent: FormValues, now: FormValues, saved: FormValues): FormValues {
  const out: FormValues = { ...saved };
  for (const { name, type } of fields) {
    if (type === "autodate" || name === "id" || equal(sent[name], now[name])) continue;
    if (type === "file") {
      const [before, stored] = [listOf(sent[name]), listOf(saved[name])];
      out[name] = listOf(now[name]).map((file) => stored[before.indexOf(file)] ?? file);
    } else out[name] = now[name];
  }
  return out;
}

/** In a draft a file field is always a list. */
function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
