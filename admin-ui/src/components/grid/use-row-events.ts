import { useLayoutEffect, useRef, useState } from "react";
import type { RowEvents } from "./row";

/** What rows call stays the same object, so that a row is drawn again only when something of its own changed. */
export function useRowEvents(events: RowEvents): RowEvents {
  const latest = useRef(events);
  useLayoutEffect(() => {
    latest.current = events;
  });
  const [same] = useState((): RowEvents => ({
    activate: (row, column) => latest.current.activate(row, column),
    press: (row, column, event) => latest.current.press(row, column, event),
    pick: (row, checked, range) => latest.current.pick(row, checked, range),
    edited: (row, column, move) => latest.current.edited(row, column, move),
  }));
  return same;
}
