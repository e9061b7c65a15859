import type { Collection } from "@/api/types";
import { cardWidth, heightOf, rowOf, type Edge, type Point, type Positions } from "./model";

/** A way from card to card, corner by corner. */
export type Route = { points: Point[]; label: Point };
type Box = { left: number; right: number; top: number; bottom: number };
type Side = 1 | -1;
type Ends = { from: Point; to: Point; leaves: Side; enters: Side };

/** How far from a card a line turns; each line has its own distance, so that lines side by side stay apart. */
const nearest = 12;
const between = 6;
/** No line comes nearer to a card than this. */
const clear = 6;
const lanes = 7;
/** Where on its line a label stands, so that those of lines side by side do not meet. */
const along = [0.5, 0.28, 0.72, 0.4, 0.6, 0.2, 0.8];
/** Cards further off than this are not looked at. */
const reach = 260;
/** A corner is worth a detour of so many pixels. */
const turn = 60;

/** Ways for all relations, around the cards. Where there is none, e.g. below a card, the way is straight through. */
export function routesOf(collections: Collection[], edges: Edge[], at: Positions): Map<string, Route> {
  const boxes = collections.flatMap((collection): Box[] => {
    const place = at[collection.id];
    if (!place) return [];
    return [{ left: place.x, right: place.x + cardWidth, top: place.y, bottom: place.y + heightOf(collection) }];
  });
  const ends = endsOf(edges, at);
  const out = new Map<string, Route>();
  for (const [index, edge] of edges.entries()) {
    const known = ends.get(edge.id);
    if (!known) continue;
    const lane = index % lanes;
    const points = wayAround(known, lane, boxes) ?? straight(known, gapOf(lane));
    out.set(edge.id, { points, label: placeOfLabel(points, along[lane] ?? 0.5) });
  }
  return out;
}

const gapOf = (lane: number) => nearest + lane * between;

/** Lines leave at the row of their field and enter at the head of a card, each at a height of its own. */
function endsOf(edges: Edge[], at: Positions): Map<string, Ends> {
  const sides = edges.flatMap((edge) => {
    const from = at[edge.from.id];
    const to = at[edge.to.id];
    if (!from || !to) return [];
    const apart = Math.abs(to.x - from.x) >= cardWidth + 2 * nearest;
    const leaves: Side = apart && to.x < from.x ? -1 : 1;
    const enters: Side = apart && to.x > from.x ? -1 : 1;
    const y = from.y + rowOf(edge.from, edge.field.id);
    return [{ edge, from, to, y, leaves, enters }];
  });
  const out = new Map<string, Ends>();
  for (const { edge, from, to, y, leaves, enters } of sides) {
    const same = sides
      .filter((other) => other.edge.to.id === edge.to.id && other.enters === enters)
      .toSorted((a, b) => a.y - b.y || (a.edge.id < b.edge.id ? -1 : 1));
    const room = same.length > 4 ? heightOf(edge.to) - 16 : 22;
    const index = same.findIndex((other) => other.edge.id === edge.id);
    const port = same.length === 1 ? 18 : 8 + (index * room) / (same.length - 1);
    out.set(edge.id, {
      from: { x: from.x + (leaves > 0 ? cardWidth : 0), y },
      to: { x: to.x + (enters > 0 ? cardWidth : 0), y: to.y + port },
      leaves,
      enters,
    });
  }
  return out;
}

function straight({ from, to, leaves, enters }: Ends, gap: number): Point[] {
  const x1 = from.x + leaves * gap;
  const x2 = to.x + enters * gap;
  const x = leaves === enters ? Math.max(x1 * leaves, x2 * leaves) * leaves : (x1 + x2) / 2;
  return simple([from, { x, y: from.y }, { x, y: to.y }, to]);
}

type Step = { x: number; y: number; across: boolean; cost: number; guess: number; from: Step | null };

/** The cheapest way along lines beside cards: its length, and a price for each corner. */
function wayAround({ from, to, leaves, enters }: Ends, lane: number, all: Box[]): Point[] | null {
  const gap = gapOf(lane);
  const start = { x: from.x + leaves * gap, y: from.y };
  const goal = { x: to.x + enters * gap, y: to.y };
  const near = {
    left: Math.min(start.x, goal.x) - reach,
    right: Math.max(start.x, goal.x) + reach,
    top: Math.min(start.y, goal.y) - reach,
    bottom: Math.max(start.y, goal.y) + reach,
  };
  const boxes = all.filter((box) => meet(box, near)).map((box) => grown(box, clear));
  const lines = boxes.map((box) => grown(box, gap - clear));
  // What is above or before the canvas can't be seen.
  const edge = 3 + lane * 3;
  const inside = (value: number) => Math.max(value, edge);
  const xs = places([start.x, goal.x, ...lines.flatMap((box) => [inside(box.left), box.right])]);
  const ys = places([start.y, goal.y, ...lines.flatMap((box) => [inside(box.top), box.bottom])]);
  const inTheWay = (a: Point, b: Point) => boxes.filter((box) => meet(box, spanOf(a, b))).length;
  // At its ends a line is beside its own card, and beside no other.
  if (inTheWay(from, start) > 1 || inTheWay(goal, to) > 1) return null;
  // Asked for every step, so that nothing is made for it.
  const free = (a: Point, b: Point) => {
    for (const box of boxes) {
      if (
        (a.x > box.left || b.x > box.left) &&
        (a.x < box.right || b.x < box.right) &&
        (a.y > box.top || b.y > box.top) &&
        (a.y < box.bottom || b.y < box.bottom)
      )
        return false;
    }
    return true;
  };
  const goalX = xs.indexOf(goal.x);
  const goalY = ys.indexOf(goal.y);
  const pointOf = (x: number, y: number): Point => ({ x: xs[x] ?? 0, y: ys[y] ?? 0 });
  const left = (x: number, y: number) => Math.abs((xs[x] ?? 0) - goal.x) + Math.abs((ys[y] ?? 0) - goal.y);
  const best = new Map<number, number>();
  const keyOf = (x: number, y: number, across: boolean) => (y * xs.length + x) * 2 + Number(across);
  const first = { x: xs.indexOf(start.x), y: ys.indexOf(start.y) };
  const waiting: Step[] = [{ ...first, across: true, cost: 0, guess: left(first.x, first.y), from: null }];
  while (waiting.length > 0) {
    const step = pop(waiting);
    if (!step) break;
    if (step.x === goalX && step.y === goalY && step.across) return simple([from, ...trace(step, pointOf), to]);
    const key = keyOf(step.x, step.y, step.across);
    if ((best.get(key) ?? Number.POSITIVE_INFINITY) < step.cost) continue;
    const here = pointOf(step.x, step.y);
    for (const [dx, dy] of [
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ] as const) {
      const x = step.x + dx;
      const y = step.y + dy;
      if (x < 0 || y < 0 || x >= xs.length || y >= ys.length) continue;
      const across = dx !== 0;
      const next = pointOf(x, y);
      const cost =
        step.cost + Math.abs(next.x - here.x) + Math.abs(next.y - here.y) + (across === step.across ? 0 : turn);
      const other = keyOf(x, y, across);
      if (cost >= (best.get(other) ?? Number.POSITIVE_INFINITY) || !free(here, next)) continue;
      best.set(other, cost);
      push(waiting, { x, y, across, cost, guess: cost + left(x, y), from: step });
    }
    // The last corner is made where it arrives.
    if (step.x === goalX && step.y === goalY)
      push(waiting, { ...step, across: true, cost: step.cost + turn, guess: step.cost + turn });
  }
  return null;
}

function spanOf(a: Point, b: Point): Box {
  return { left: Math.min(a.x, b.x), right: Math.max(a.x, b.x), top: Math.min(a.y, b.y), bottom: Math.max(a.y, b.y) };
}

function grown(box: Box, by: number): Box {
  return { left: box.left - by, right: box.right + by, top: box.top - by, bottom: box.bottom + by };
}

function meet(a: Box, b: Box): boolean {
  return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
}

function places(values: number[]): number[] {
  return [...new Set(values)].toSorted((a, b) => a - b);
}

function trace(last: Step, pointOf: (x: number, y: number) => Point): Point[] {
  const out: Point[] = [];
  for (let step: Step | null = last; step; step = step.from) out.unshift(pointOf(step.x, step.y));
  return out;
}

/** Without points that are no corners. */
function simple(points: Point[]): Point[] {
  return points.filter((point, index) => {
    const [before, after] = [points[index - 1], points[index + 1]];
    if (!before || !after) return true;
    if (point.x === after.x && point.y === after.y) return false;
    return !((before.x === point.x && point.x === after.x) || (before.y === point.y && point.y === after.y));
  });
}

/** On the longest piece that goes across, where there is room for a word. */
function placeOfLabel(points: Point[], part: number): Point {
  let best: Point = points[0] ?? { x: 0, y: 0 };
  let longest = -1;
  for (const [index, point] of points.entries()) {
    const next = points[index + 1];
    if (!next) break;
    const length = Math.abs(next.x - point.x) + (next.x === point.x ? Math.abs(next.y - point.y) / 4 : 0);
    if (length <= longest) continue;
    longest = length;
    best = { x: point.x + (next.x - point.x) * part, y: point.y + (next.y - point.y) * part };
  }
  return best;
}

const round = 6;

/** With round corners. */
export function pathOf({ points }: Route): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M ${first.x} ${first.y}`;
  for (const [index, point] of rest.entries()) {
    const before = points[index];
    const after = rest[index + 1];
    if (!before || !after) path += ` L ${point.x} ${point.y}`;
    else {
      const [a, b] = [towards(point, before), towards(point, after)];
      path += ` L ${a.x} ${a.y} Q ${point.x} ${point.y} ${b.x} ${b.y}`;
    }
  }
  return path;
}

function towards(from: Point, to: Point): Point {
  const length = Math.abs(to.x - from.x) + Math.abs(to.y - from.y);
  const by = Math.min(round, length / 2) / (length || 1);
  return { x: from.x + (to.x - from.x) * by, y: from.y + (to.y - from.y) * by };
}

/** A heap by guess. */
function push(heap: Step[], step: Step): void {
  let index = heap.push(step) - 1;
  while (index > 0) {
    const above = (index - 1) >> 1;
    const other = heap[above];
    if (!other || other.guess <= step.guess) break;
    heap[index] = other;
    index = above;
  }
  heap[index] = step;
}

function pop(heap: Step[]): Step | undefined {
  const top = heap[0];
  const last = heap.pop();
  if (!top || !last || heap.length === 0) return top;
  let index = 0;
  for (;;) {
    let below = index * 2 + 1;
    const right = heap[below + 1];
    if (right && right.guess < (heap[below]?.guess ?? Number.POSITIVE_INFINITY)) below += 1;
    const other = heap[below];
    if (!other || other.guess >= last.guess) break;
    heap[index] = other;
    index = below;
  }
  heap[index] = last;
  return top;
}
