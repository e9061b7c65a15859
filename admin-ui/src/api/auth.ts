import { queryOptions } from "@tanstack/react-query";
import { ClientResponseError } from "pocketbase";
import { pb } from "./client";

const superusers = "_superusers";

/** How superusers may sign in; the page offers only what works. */
export const signInMethodsQuery = queryOptions({
  queryKey: ["sign-in-methods"],
  queryFn: () => pb.collection(superusers).listAuthMethods(),
  staleTime: 60_000,
  retry: false,
});

/** `{ mfaId }` means that a second step is needed. */
export type Step = { mfaId: string | null };

async function step(work: Promise<unknown>): Promise<Step> {
  try {
    await work;
    return { mfaId: null };
  } catch (error) {
    const pending = error instanceof ClientResponseError && error.status === 401 ? error.response["mfaId"] : null;
    if (typeof pending === "string" && pending !== "") return { mfaId: pending };
    throw error;
  }
}

export function signIn(email: string, password: string, mfaId: string): Promise<Step> {
  return step(pb.collection(superusers).authWithPassword(email, password, mfaId ? { mfaId } : {}));
}

export async function requestCode(email: string): Promise<string> {
  return (await pb.collection(superusers).requestOTP(email)).otpId;
}

export function signInWithCode(otpId: string, code: string, mfaId: string): Promise<Step> {
  return step(pb.collection(superusers).authWithOTP(otpId, code, mfaId ? { mfaId } : {}));
}

export function signOut(): void {
  pb.authStore.clear();
}

export function isSignedIn(): boolean {
  return pb.authStore.isValid && pb.authStore.isSuperuser;
}

export function currentEmail(): string {
  const email: unknown = pb.authStore.record?.["email"];
  return typeof email === "string" ? email : "";
}

/** Renews the session once per page load. A refused token signs out; a silent server does not. */
export async function renew(): Promise<void> {
  try {
    await pb.collection(superusers).authRefresh();
  } catch (error) {
    if (error instanceof ClientResponseError && (error.status === 401 || error.status === 403 || error.status === 404))
      signOut();
  }
}

/** Called now, and whenever somebody signs in or out, in any tab. */
export function onSession(changed: () => void): void {
  pb.authStore.onChange(changed, true);
}

/** Refused, or a record that is not there: a guest is not told of what is kept from guests. */
export function mayMeanGuest(error: unknown): boolean {
  if (!(error instanceof ClientResponseError)) return false;
  return [401, 403].includes(error.status) || (error.status === 404 && error.url.includes("/records"));
}

/** Whether the server still knows the session. Asks for what no rule can open to others; a silent server says nothing. */
export async function sessionHolds(): Promise<boolean> {
  const { token, record } = pb.authStore;
  if (!isSignedIn() || !record) return false;
  try {
    await pb.collection(superusers).getOne(record.id, { fields: "id" });
    return true;
  } catch (error) {
    const refused = error instanceof ClientResponseError && [401, 403, 404].includes(error.status);
    // Another tab may have signed in meanwhile.
    return !refused || (isSignedIn() && pb.authStore.token !== token);
  }
}

/** An installer token stops working with the first superuser. */
export async function isInstallerTokenGood(token: string): Promise<boolean> {
  try {
    await pb.collection(superusers).getList(1, 1, { headers: { Authorization: token }, fields: "id" });
    return true;
  } catch (error) {
    if (error instanceof ClientResponseError && [401, 403, 404].includes(error.status)) return false;
    throw error;
  }
}

export async function createFirstSuperuser(token: string, email: string, password: string): Promise<void> {
  const body = { email, password, passwordConfirm: password };
  await pb.collection(superusers).create(body, { headers: { Authorization: token } });
  await pb.collection(superusers).authWithPassword(email, password);
}

export async function requestPasswordReset(email: string, collection = superusers): Promise<void> {
  await pb.collection(collection).requestPasswordReset(email);
}

export async function requestVerification(collection: string, email: string): Promise<void> {
  await pb.collection(collection).requestVerification(email);
}

/** A token of an account, for as long as its collection says. */
export async function impersonate(collection: string, id: string): Promise<string> {
  return (await pb.collection(collection).impersonate(id, 0)).authStore.token;
}

export async function confirmPasswordReset(collection: string, token: string, password: string): Promise<void> {
  await pb.collection(collection).confirmPasswordReset(token, password, password);
}

export async function confirmVerification(collection: string, token: string): Promise<void> {
  await pb.collection(collection).confirmVerification(token);
}

export async function confirmEmailChange(collection: string, token: string, password: string): Promise<void> {
  await pb.collection(collection).confirmEmailChange(token, password);
}
