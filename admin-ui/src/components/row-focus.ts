import { useLayoutEffect, useRef } from "react";

export type RowButton = "up" | "down" | "remove";

/**
 * Keeps the focus in a list while its rows move and go: they take it with them. It stays with the button that was pressed, or is
 * on what is there instead. Rows say who they are with `data-row`, their buttons with `data-button`.
 */
export function useRowFocus<E extends HTMLElement>(value: readonly unknown[]) {
  const root = useRef<E>(null);
  const pressed = useRef<{ row: string | undefined; button: RowButton; was: readonly unknown[] } | null>(null);
  useLayoutEffect(() => {
    const last = pressed.current;
    if (last === null || last.was === value) return;
    pressed.current = null;
    const rows = [...(root.current?.querySelectorAll<HTMLElement>("[data-row]") ?? [])];
    const row = rows.find((known) => known.dataset["row"] === last.row);
    (row?.querySelector<HTMLElement>(`[data-button=${last.button}]`) ?? row?.querySelector("button"))?.focus();
  });
  const press = (row: string | undefined, button: RowButton) => {
    pressed.current = { row, button, was: value };
  };
  return { root, press };
}
