/** What was typed into a box that is shown and can't be read. The box gets the focus, and what is about to be saved has to wait. */
export function refuseUnread(): string | null {
  const box = document.querySelector<HTMLElement>("[data-unread]");
  box?.focus();
  return box?.dataset["unread"] ?? null;
}
