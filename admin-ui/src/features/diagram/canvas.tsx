import { useMemo, useRef, useState, type KeyboardEvent, type PointerEvent } from "react";
import type { Collection } from "@/api/types";
import { Card } from "./card";
import { EdgeLine } from "./edge-line";
import { Minimap } from "./minimap";
import { cardWidth, heightOf, sizeOf, type Edge, type Point, type Positions } from "./model";
import { routesOf } from "./route";
import { useDrawn } from "./use-drawn";

type CanvasProps = {
  collections: Collection[];
  changed: ReadonlySet<string>;
  edges: Edge[];
  positions: Positions;
  zoom: number;
  found: string | null;
  near: ReadonlySet<string> | null;
  focus: string | null;
  editable: boolean;
  onMove: (id: string, to: Point) => void;
  onFocus: (id: string) => void;
  onOpen: (name: string) => void;
  onRelate: (from: string, to: string) => void;
  onField: (id: string) => void;
};

type Drag = { id: string; kind: "card" | "relation"; start: Point; now: Point };

const steps: Record<string, Point> = {
  ArrowLeft: { x: -1, y: 0 },
  ArrowRight: { x: 1, y: 0 },
  ArrowUp: { x: 0, y: -1 },
  ArrowDown: { x: 0, y: 1 },
};

/** Cards with lines between them. What the pointer can do, the keys and the menu of a card can, too. */
export function Canvas(props: CanvasProps) {
  const { collections, changed, edges, positions, zoom, found, near, focus, editable, onMove, onRelate } = props;
  const board = useRef<HTMLDivElement>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const moving = drag?.kind === "card" ? drag : null;
  const at = moving ? { ...positions, [moving.id]: shifted(positions[moving.id], moving) } : positions;
  const places = collections.flatMap((collection) => {
    const place = at[collection.id];
    return place ? [{ collection, place }] : [];
  });
  const { drawn, onFocusIn, drawNow } = useDrawn(scroller, places, zoom, [found, focus, drag?.id ?? null]);
  const { width, height } = sizeOf(collections, at);
  // Other lines go around a card where it will be; while it is moved, only its own follow.
  const settled = useMemo(() => routesOf(collections, edges, positions), [collections, edges, positions]);
  const own = moving ? edges.filter((edge) => isAt(edge, moving.id)) : [];
  const routes = new Map([...settled, ...routesOf(collections, own, at)]);

  function point(event: PointerEvent): Point {
    const box = board.current?.getBoundingClientRect();
    return { x: (event.clientX - (box?.left ?? 0)) / zoom, y: (event.clientY - (box?.top ?? 0)) / zoom };
  }
  function under(where: Point): string | null {
    const hit = places.find(
      ({ collection, place }) =>
        where.x >= place.x &&
        where.x <= place.x + cardWidth &&
        where.y >= place.y &&
        where.y <= place.y + heightOf(collection),
    );
    return hit?.collection.id ?? null;
  }
  function end() {
    if (!drag) return;
    setDrag(null);
    if (drag.kind === "relation") {
      const target = under(drag.now);
      if (target !== null) onRelate(drag.id, target);
    } else if (drag.now.x !== drag.start.x || drag.now.y !== drag.start.y) {
      onMove(drag.id, shifted(positions[drag.id], drag));
    }
  }
  function onKey(event: KeyboardEvent, id: string) {
    const step = steps[event.key];
    const place = positions[id];
    if (!step || !place || event.target !== event.currentTarget) return;
    event.preventDefault();
    if (event.shiftKey) {
      onMove(id, { x: Math.max(0, place.x + step.x * 20), y: Math.max(0, place.y + step.y * 20) });
      return;
    }
    const related = edges
      .flatMap((edge) => (edge.from.id === id ? [edge.to.id] : edge.to.id === id ? [edge.from.id] : []))
      .filter((other) => other !== id);
    const next = nearest(place, step, related, positions) ?? nearest(place, step, Object.keys(positions), positions);
    if (next === null) return;
    drawNow(next);
    board.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(next)}"]`)?.focus();
  }
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <div
        ref={scroller}
        role="region"
        aria-label="Collections and relations"
        tabIndex={-1}
        className="min-h-0 flex-1 overflow-auto bg-canvas -outline-offset-2"
      >
        <div style={{ width: width * zoom, height: height * zoom }}>
          <div
            ref={board}
            className="relative origin-top-left"
            style={{ width, height, transform: `scale(${zoom})` }}
            onPointerMove={(event) => drag && setDrag({ ...drag, now: point(event) })}
            onPointerUp={end}
            onPointerCancel={() => setDrag(null)}
            onFocus={(event) => onFocusIn(event.target.closest("[data-card]")?.getAttribute("data-card") ?? null)}
          >
            <svg aria-hidden width={width} height={height} className="absolute inset-0">
              {edges.map((edge) => (
                <EdgeLine
                  key={edge.id}
                  edge={edge}
                  route={routes.get(edge.id)}
                  dim={isDim(edge, near)}
                  strong={isAt(edge, focus)}
                />
              ))}
              {drag?.kind === "relation" && (
                <line
                  x1={drag.start.x}
                  y1={drag.start.y}
                  x2={drag.now.x}
                  y2={drag.now.y}
                  className="stroke-accent"
                  strokeWidth={2}
                  strokeDasharray="4 4"
                />
              )}
            </svg>
            {drawn.map(({ collection, place }) => (
              <Card
                key={collection.id}
                collection={collection}
                place={place}
                changed={changed.has(collection.id)}
                found={found === collection.id}
                dim={near !== null && !near.has(collection.id)}
                focused={focus === collection.id}
                editable={editable && collection.type !== "view"}
                relations={edges.filter((edge) => edge.from.id === collection.id).length}
                onKey={(event) => onKey(event, collection.id)}
                onGrab={(event, kind) => {
                  const start = point(event);
                  setDrag({ id: collection.id, kind, start, now: start });
                }}
                onFocus={() => props.onFocus(collection.id)}
                onOpen={() => props.onOpen(collection.name)}
                onRelate={() => onRelate(collection.id, "")}
                onField={() => props.onField(collection.id)}
              />
            ))}
          </div>
        </div>
      </div>
      <Minimap collections={collections} positions={at} zoom={zoom} scroller={scroller} />
    </div>
  );
}

function shifted(place: Point | undefined, drag: Drag): Point {
  const { x, y } = place ?? { x: 0, y: 0 };
  return {
    x: Math.max(0, Math.round(x + drag.now.x - drag.start.x)),
    y: Math.max(0, Math.round(y + drag.now.y - drag.start.y)),
  };
}

function nearest(from: Point, step: Point, ids: string[], positions: Positions): string | null {
  let best: string | null = null;
  let least = Number.POSITIVE_INFINITY;
  for (const id of ids) {
    const to = positions[id];
    if (!to) continue;
    const along = (to.x - from.x) * step.x + (to.y - from.y) * step.y;
    const across = Math.abs((to.x - from.x) * step.y) + Math.abs((to.y - from.y) * step.x);
    if (along > 10 && along + across * 2 < least) {
      best = id;
      least = along + across * 2;
    }
  }
  return best;
}

function isDim(edge: Edge, near: ReadonlySet<string> | null): boolean {
  return near !== null && !(near.has(edge.from.id) && near.has(edge.to.id));
}

function isAt(edge: Edge, focus: string | null): boolean {
  return edge.from.id === focus || edge.to.id === focus;
}
