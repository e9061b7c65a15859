import { useBlocker } from "@tanstack/react-router";
import { isObject, toText } from "@/lib/assert";
import { anyUnread, refuseUnread } from "@/ui/unread";
import { confirm } from "./confirm";

type Place = { pathname: string; record: string; tab: string };
type LeaveGuard = {
  dirty: boolean;
  /** Moves that lose nothing. */
  passes: (from: Place, to: Place) => boolean;
  what: string;
  /** Its boxes go with the page or the tab, and with them what was typed and can't be read. */
  boxes?: boolean;
  onLeave: () => void;
};

/** Asks before unsaved changes are left behind, by a link, the back button or by closing the page. */
export function useLeaveGuard({ dirty, passes, what, boxes = false, onLeave }: LeaveGuard): void {
  useBlocker({
    enableBeforeUnload: () => dirty || (boxes && anyUnread()),
    shouldBlockFn: ({ current, next }) => {
      const [from, to] = [placeOf(current), placeOf(next)];
      const goes = boxes && (from.pathname !== to.pathname || from.tab !== to.tab);
      // The focus is there afterwards, if it is to be kept.
      const unread = goes ? refuseUnread() : null;
      const left = dirty && !passes(from, to);
      if (!left && unread === null) return false;
      return new Promise<boolean>((resolve) => {
        confirm({
          title: left ? "Discard unsaved changes?" : "Discard what was typed?",
          body: [left ? what : "", unread ?? ""].filter(Boolean).join(" "),
          verb: left ? "Discard changes" : "Discard",
          cancel: "Keep editing",
          run: () => {
            if (left) onLeave();
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
