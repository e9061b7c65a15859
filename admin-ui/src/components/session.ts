import { currentEmail, isSignedIn, mayMeanGuest, onSession, sessionHolds, signOut } from "@/api/auth";
import { sessionKey } from "@/api/client";
import { createStore } from "@/lib/store";

/** Set while the page is open but the session is not; the page stays, so that nothing typed is lost. */
export const sessionEnded = createStore<{ email: string } | null>(null);

/** An answer is no sign of a session: a guest gets one too where the rules allow it. So one asks now and then. */
const trustMs = 30_000;
let asked = Date.now();
let asking: Promise<boolean> | null = null;
/** Who this page was opened for; forgotten only by signing out here. */
let email = "";

/** Asks the server whether the session holds, and says on the page when it does not. */
export function checkSession(): Promise<boolean> {
  asking ??= ask().finally(() => {
    asking = null;
  });
  return asking;
}

async function ask(): Promise<boolean> {
  asked = Date.now();
  if (await sessionHolds()) return true;
  if (isSignedIn()) signOut();
  if (email !== "") sessionEnded.set({ email });
  return false;
}

/** A refused call may mean that the session ended. Asks the server before saying so. */
export async function noticeRefusal(error: unknown): Promise<void> {
  if (mayMeanGuest(error) && !sessionEnded.get()) await checkSession();
}

/** Something was answered, to whomever. */
export function noticeAnswer(): void {
  if (Date.now() - asked > trustMs && email !== "") void checkSession();
}

export function leaveSession(): void {
  email = "";
  signOut();
}

/** Follows what other tabs do to the session, and what happened to it while nobody looked at this one. */
export function watchSession(onBack: () => void): void {
  onSession(() => {
    email = currentEmail() || email;
  });
  window.addEventListener("storage", ({ key }) => {
    if (key !== null && key !== sessionKey) return;
    if (!isSignedIn()) {
      if (email !== "") sessionEnded.set({ email });
    } else if (sessionEnded.get()) {
      sessionEnded.set(null);
      onBack();
    }
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") noticeAnswer();
  });
}
