import PocketBase, { BaseAuthStore, LocalAuthStore } from "pocketbase";
import { isObject } from "@/lib/assert";
import { storedName } from "@/lib/storage";

/** Where the browser keeps the session; all its tabs share it. */
export const sessionKey = storedName("stead.superuser");

/** Where the server is, without a slash at its end: one level above this page, also where a proxy puts both below a path. */
export const serverUrl = new URL("..", window.location.href).href.replace(/\/$/, "");

/** The only client. Every action of the interface is a call anyone else could make. */
export const pb = new PocketBase(serverUrl, new LocalAuthStore(sessionKey));
// Cancelling is done per query by signal; the SDK's automatic cancelling would drop parallel requests for the same path.
pb.autoCancellation(false);
pb.afterSend = (response: Response, data: unknown) => {
  // A page that is left in the middle of an answer gets an empty one, which would end the session.
  if (response.ok && response.url.endsWith("/auth-refresh") && !(isObject(data) && data["token"]))
    throw new Error("The answer ended early.");
  // Under this name the log has what happened.
  const requestId = response.ok ? null : response.headers.get("x-request-id");
  return requestId !== null && isObject(data) ? { ...data, requestId } : data;
};

/** A client that speaks for somebody else, or for nobody. What it knows is gone with it. */
export function otherClient(token: string): PocketBase {
  const client = new PocketBase(serverUrl, new BaseAuthStore());
  client.autoCancellation(false);
  if (token !== "") client.authStore.save(token);
  return client;
}
