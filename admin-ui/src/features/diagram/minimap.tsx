import { useEffect, useState, type PointerEvent, type RefObject } from "react";
import type { Collection } from "@/api/types";
import { cardWidth, heightOf, sizeOf, type Positions } from "./model";
import { watchSeen } from "./watch-seen";

type MinimapProps = {
  collections: Collection[];
  positions: Positions;
  zoom: number;
  scroller: RefObject<HTMLDivElement | null>;
};

type Seen = { left: number; top: number; width: number; height: number };

const most = { width: 180, height: 120 };

/** Everything in small, and which part of it is seen. For the pointer: keys move from card to card, which scrolls by itself. */
export function Minimap({ collections, positions, zoom, scroller }: MinimapProps) {
  const [seen, setSeen] = useState<Seen | null>(null);
  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const look = () =>
      setSeen({ left: box.scrollLeft, top: box.scrollTop, width: box.clientWidth, height: box.clientHeight });
    return watchSeen(box, look);
  }, [scroller]);
  const { width, height } = sizeOf(collections, positions);
  const scale = Math.min(most.width / width, most.height / height);
  // Nothing is out of sight.
  if (!seen || (width * zoom <= seen.width + 1 && height * zoom <= seen.height + 1)) return null;
  function go(event: PointerEvent<SVGSVGElement>) {
    if (event.buttons !== 1 || !seen) return;
    const box = event.currentTarget.getBoundingClientRect();
    const x = ((event.clientX - box.left) / scale) * zoom;
    const y = ((event.clientY - box.top) / scale) * zoom;
    scroller.current?.scrollTo({ left: x - seen.width / 2, top: y - seen.height / 2 });
  }
  return (
    <svg
      aria-hidden
      data-minimap
      width={width * scale}
      height={height * scale}
      viewBox={`0 0 ${width} ${height}`}
      className="absolute end-4 bottom-4 cursor-pointer touch-none rounded-md border border-line-strong bg-raised shadow-float max-sm:hidden"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        go(event);
      }}
      onPointerMove={go}
    >
      {collections.map((collection) => {
        const place = positions[collection.id];
        if (!place) return null;
        return (
          <rect
            key={collection.id}
            x={place.x}
            y={place.y}
            width={cardWidth}
            height={heightOf(collection)}
            rx={16}
            className="fill-line-strong"
          />
        );
      })}
      <rect
        x={seen.left / zoom}
        y={seen.top / zoom}
        width={seen.width / zoom}
        height={seen.height / zoom}
        className="fill-accent stroke-accent"
        fillOpacity={0.15}
        strokeWidth={2 / scale}
      />
    </svg>
  );
}
