import { ClientResponseError } from "pocketbase";
import { otherClient, pb } from "./client";

export type Identity = { kind: "superuser" } | { kind: "guest" } | { kind: "record"; collection: string; id: string };

export type Answer = { status: number; ms: number; bytes: number; body: unknown };

const minutes = 5;

/** A token for trying things out; it lives for minutes and is kept in memory only. */
async function tokenOf(identity: Identity): Promise<string> {
  if (identity.kind === "guest") return "";
  if (identity.kind === "superuser") return pb.authStore.token;
  const client = await pb.collection(identity.collection).impersonate(identity.id, minutes * 60);
  return client.authStore.token;
}

export async function tryRequest(
  identity: Identity,
  method: string,
  path: string,
  query: Record<string, string>,
  body: unknown,
): Promise<Answer> {
  const client = otherClient(await tokenOf(identity));
  let status = 0;
  client.afterSend = (response: Response, data: unknown) => {
    status = response.status;
    return data;
  };
  const from = performance.now();
  const answer = (code: number, found: unknown): Answer => ({
    status: code,
    ms: performance.now() - from,
    bytes: new Blob([JSON.stringify(found ?? "")]).size,
    body: found,
  });
  try {
    const data: unknown = await client.send(path, { method, query, ...(body === undefined ? {} : { body }) });
    return answer(status, data);
  } catch (error) {
    if (error instanceof ClientResponseError && error.status > 0) return answer(error.status, error.response);
    throw error;
  }
}
