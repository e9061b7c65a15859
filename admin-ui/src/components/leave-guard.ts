import { useBlocker } from "@tanstack/react-router";
import { isObject, toText } from "@/lib/assert";
import { confirm } from "./confirm";

type Place = { pathname: string; record: string; tab: string };
type LeaveGuard = {
  dirty: boolean;
  /** Moves that lose nothing. */
  passes: (from: Place, to: Place) => boolean;
  what: string;
  onLeave: () => void;
};

/** Asks before unsaved changes are left behind, by a link, the back button or by closing the page. */
export function useLeaveGuard({ dirty, passes, what, onLeave }: LeaveGuard): void {
  useBlocker({
    enableBeforeUnload: () => dirty,
    shouldBlockFn: ({ current, next }) => {
      if (!dirty || passes(placeOf(current), placeOf(next))) return false;
      return new Promise<boolean>((resolve) => {
        confirm({
          title: "Discard unsaved changes?",
          body: what,
          verb: "Discard changes",
          cancel: "Keep editing",
          run: () => {
            onLeave();
            resolve(false);
          },
          onCancel: () => resolve(true),
        });
      });
    },
  });
}

function placeOf(location: { pathname: string; search: unknown }): Place {
  const search = isObject(location.search) ? location.search : {};
  return { pathname: location.pathname, record: toText(search["record"]), tab: toText(search["tab"]) };
}
