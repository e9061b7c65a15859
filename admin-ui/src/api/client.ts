import PocketBase, { BaseAuthStore, LocalAuthStore } from "pocketbase";

/** The only client. Every action of the interface is a call anyone else could make. */
export const pb = new PocketBase(window.location.origin, new LocalAuthStore("stead.superuser"));
// Cancelling is done per query by signal; the SDK's automatic cancelling would drop parallel requests for the same path.
pb.autoCancellation(false);

/** A client that speaks for somebody else, or for nobody. What it knows is gone with it. */
export function otherClient(token: string): PocketBase {
  const client = new PocketBase(window.location.origin, new BaseAuthStore());
  client.autoCancellation(false);
  if (token !== "") client.authStore.save(token);
  return client;
}
