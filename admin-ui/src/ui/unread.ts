import { useState } from "react";
import { createStore } from "@/lib/store";
import { useStore } from "./use-store";

/**
 * What was typed into a box that is shown and can't be read. The box gets the focus, and what is about to be saved, or to take the
 * box away, has to wait.
 */
export function refuseUnread(within: ParentNode = document): string | null {
  const box = within.querySelector<HTMLElement>("[data-unread]");
  box?.focus();
  return box?.dataset["unread"] ?? null;
}

/** Whether there is such a box, without going to it. */
export function anyUnread(): boolean {
  return document.querySelector("[data-unread]") !== null;
}

const round = createStore(0);

/** What was entered is given up, and with it what can't be read. */
export function forgetUnread(): void {
  round.set((now) => now + 1);
}

/** Text as it is typed, until it is given up. */
export function useTyped(): [string | null, (text: string | null) => void] {
  const now = useStore(round);
  const [typed, setTyped] = useState<{ text: string; round: number } | null>(null);
  return [typed?.round === now ? typed.text : null, (text) => setTyped(text === null ? null : { text, round: now })];
}
