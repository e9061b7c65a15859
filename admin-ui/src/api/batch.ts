import { ClientResponseError } from "pocketbase";
import { isObject } from "@/lib/assert";
import { flatten } from "./errors";
import { pb } from "./client";
import type { RecordRow } from "./types";

export type Write =
  | { kind: "create"; body: Record<string, unknown> }
  | { kind: "update"; id: string; body: Record<string, unknown> }
  | { kind: "delete"; id: string };

/** All of them or none, in one request. */
export async function sendBatch(collection: string, writes: Write[]): Promise<(RecordRow | null)[]> {
  const batch = pb.createBatch();
  const records = batch.collection(collection);
  for (const write of writes) {
    if (write.kind === "create") records.create(write.body);
    else if (write.kind === "update") records.update(write.id, write.body);
    else records.delete(write.id);
  }
  const results = await batch.send();
  return results.map((result): RecordRow | null => (isRow(result.body) ? result.body : null));
}

function isRow(body: unknown): body is RecordRow {
  return isObject(body) && typeof body["id"] === "string";
}

export async function sendOne(collection: string, write: Write): Promise<RecordRow | null> {
  const records = pb.collection(collection);
  if (write.kind === "create") return records.create<RecordRow>(write.body);
  if (write.kind === "update") return records.update<RecordRow>(write.id, write.body);
  await records.delete(write.id);
  return null;
}

/** Which request of a batch was refused, and the messages by field. */
export function batchFailure(
  error: unknown,
): { index: number; message: string; fields: Record<string, string> } | null {
  if (!(error instanceof ClientResponseError)) return null;
  const data: unknown = error.response["data"];
  const requests = isObject(data) ? data["requests"] : undefined;
  if (!isObject(requests)) return null;
  const [first] = Object.entries(requests);
  if (!first) return null;
  const answer = isObject(first[1]) ? first[1]["response"] : undefined;
  if (!isObject(answer)) return null;
  const message = typeof answer["message"] === "string" ? answer["message"] : "";
  return { index: Number(first[0]), message, fields: flatten(answer["data"]) };
}
