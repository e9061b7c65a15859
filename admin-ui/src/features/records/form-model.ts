import type { Collection, Field, RecordRow } from "@/api/types";
import { draftFiles } from "@/fields/file";
import { emptyValue } from "@/fields/registry";

export type FormValues = Record<string, unknown>;

/** Fields with an input: the id only while creating, secrets of the system never. */
export function formFields(collection: Collection, isNew: boolean): Field[] {
  const fields = collection.fields.filter((field) => {
    if (field.name === "id") return false;
    if (field.type === "autodate") return !isNew;
    return !(field.system && field.hidden && field.type !== "password");
  });
  const id = collection.fields.find((field) => field.name === "id");
  return isNew && id && collection.type !== "view" ? [...fields, id] : fields;
}

/** The editable part of a record, in the shape inputs work on. */
export function toForm(fields: Field[], record: RecordRow | null): FormValues {
  const values: FormValues = {};
  for (const field of fields) {
    const value = record ? record[field.name] : emptyValue(field);
    if (field.type === "file") values[field.name] = draftFiles(value);
    else if (field.type === "password") values[field.name] = "";
    else values[field.name] = value ?? emptyValue(field);
  }
  return values;
}

/** Turns changed form values into a request body. */
export function toBody(collection: Collection, patch: FormValues): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(patch)) {
    const field = collection.fields.find((candidate) => candidate.name === name);
    if (!field || field.type === "autodate") continue;
    if (field.type === "file") {
      const files = draftFiles(value);
      body[name] = field.maxSelect > 1 ? files : (files[0] ?? "");
    } else {
      body[name] = value;
    }
    // Auth collections want the password twice.
    if (collection.type === "auth" && field.type === "password" && field.system) body["passwordConfirm"] = value;
  }
  return body;
}

/** The values of a form without what only its old record had: stored files, times, and passwords that were not typed. */
export function copyOf(fields: Field[], values: FormValues): FormValues {
  const out: FormValues = {};
  for (const { name, type } of fields) {
    const value = values[name];
    if (type === "file") out[name] = draftFiles(value).filter((file) => file instanceof File);
    else if (type !== "autodate" && value !== "") out[name] = value;
  }
  return out;
}
