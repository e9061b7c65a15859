import { useEffect, useState, type RefObject } from "react";
import { flushSync } from "react-dom";
import type { Collection } from "@/api/types";
import { useMedia } from "@/ui/use-media";
import { cardWidth, heightOf, type Point } from "./model";
import { watchSeen } from "./watch-seen";

/** Up to so many cards all are drawn. */
const few = 150;

/** So much around what is in sight is drawn, too, and so far has one to go before others are, in pixels. */
const around = 600;
const step = 300;

export type Placed = { collection: Collection; place: Point };
type Seen = { left: number; top: number; width: number; height: number };

/**
 * Of very many cards those that are in sight or near, those that are asked for, and the one that has the focus between its
 * neighbours, so that Tab goes on from there.
 */
export function useDrawn(
  scroller: RefObject<HTMLElement | null>,
  places: Placed[],
  zoom: number,
  asked: (string | null)[],
) {
  const printing = useMedia("print");
  const many = places.length > few && !printing;
  const [seen, setSeen] = useState<Seen>(() => ({
    left: 0,
    top: 0,
    width: window.innerWidth,
    height: window.innerHeight,
  }));
  const [focused, setFocused] = useState<string | null>(null);
  // What is in sight is known to the browser alone.
  useEffect(() => {
    const box = scroller.current;
    if (!box || !many) return;
    const whole = (pixels: number) => Math.floor(pixels / step) * step;
    const look = () => {
      const next = {
        left: whole(Math.abs(box.scrollLeft)),
        top: whole(box.scrollTop),
        width: box.clientWidth,
        height: box.clientHeight,
      };
      setSeen((now) => (JSON.stringify(now) === JSON.stringify(next) ? now : next));
    };
    return watchSeen(box, look);
  }, [scroller, many]);
  const at = places.findIndex(({ collection }) => collection.id === focused);
  const isNear = ({ collection, place }: Placed) =>
    (place.x + cardWidth) * zoom > seen.left - around &&
    place.x * zoom < seen.left + seen.width + step + around &&
    (place.y + heightOf(collection)) * zoom > seen.top - around &&
    place.y * zoom < seen.top + seen.height + step + around;
  const drawn = many
    ? places.filter(
        (placed, index) =>
          isNear(placed) || asked.includes(placed.collection.id) || (at >= 0 && Math.abs(index - at) <= 1),
      )
    : places;
  return {
    drawn,
    onFocusIn: setFocused,
    /** Draws a card at once, for it is about to get the focus. */
    drawNow: (id: string) => flushSync(() => setFocused(id)),
  };
}
