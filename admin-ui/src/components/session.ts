import { toUiError } from "@/api/errors";
import { currentEmail, isSignedIn, renew } from "@/api/auth";
import { createStore } from "@/lib/store";

/** Set while the page is open but the session is not; the page stays, so that nothing typed is lost. */
export const sessionEnded = createStore<{ email: string } | null>(null);

/** A refused call may mean that the session ended. Asks the server before saying so. */
export async function noticeRefusal(error: unknown): Promise<void> {
  const { status } = toUiError(error);
  if ((status !== 401 && status !== 403) || sessionEnded.get()) return;
  const email = currentEmail();
  if (isSignedIn()) await renew();
  if (!isSignedIn()) sessionEnded.set({ email });
}
