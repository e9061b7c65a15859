import { expect, test } from "vitest";
import type { Collection, Field, RelationField } from "@/api/types";
import {
  cardinality,
  cardWidth,
  edgesOf,
  heightOf,
  layout,
  neighbours,
  pendingOf,
  toMermaid,
  type Positions,
} from "./model";
import { toSvg } from "./picture";
import { pathOf, routesOf, type Route } from "./route";

const common = { system: false, hidden: false, presentable: false, help: "", required: false };

function relation(name: string, collectionId: string, maxSelect = 1): RelationField {
  return { ...common, id: name, name, type: "relation", collectionId, cascadeDelete: false, minSelect: 0, maxSelect };
}

function collection(name: string, fields: Field[], indexes: string[] = []): Collection {
  return {
    id: name,
    name,
    type: "base",
    system: false,
    created: "",
    updated: "",
    fields,
    indexes,
    listRule: null,
    viewRule: null,
    createRule: null,
    updateRule: null,
    deleteRule: null,
  };
}

const users = collection("users", []);
const posts = collection("posts", [relation("author", "users"), relation("parent", "posts")]);
const likes = collection("likes", [relation("post", "posts"), relation("by", "users", 5)]);
const all = [users, posts, likes];

test("what points at something stands to its left, and circles do no harm", () => {
  const at = layout(all);
  expect(at["likes"]?.x).toBeLessThan(at["posts"]?.x ?? 0);
  expect(at["posts"]?.x).toBeLessThan(at["users"]?.x ?? 0);
  const round = layout([collection("a", [relation("b", "b")]), collection("b", [relation("a", "a")])]);
  expect(Object.keys(round)).toHaveLength(2);
});

test("hundreds of collections fill an area and not a line", () => {
  const many = Array.from({ length: 200 }, (_, n) =>
    collection(`c${n}`, n % 2 === 0 ? [] : [relation("to", `c${(n * 7) % 100}`)]),
  );
  const places = Object.values(layout(many));
  expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBe(200);
  const [width, height] = [Math.max(...places.map(({ x }) => x)), Math.max(...places.map(({ y }) => y))];
  expect(height).toBeLessThan(2 * width);
  expect(width).toBeLessThan(3 * height);
});

test("relations say how many", () => {
  const edges = edgesOf(all);
  expect(edges.map((edge) => cardinality(edge))).toEqual(["n:1", "n:1", "n:1", "n:m"]);
  const one = collection("cards", [relation("user", "users")], ["CREATE UNIQUE INDEX i ON cards (`user`)"]);
  expect(cardinality(edgesOf([users, one])[0] ?? expect.fail("no edge"))).toBe("1:1");
  expect([...neighbours("posts", edges)].toSorted()).toEqual(["likes", "posts", "users"]);
  expect(toMermaid(all)).toContain("likes }o--o{ users : by");
});

/** Pieces of a line that lie on a card. */
function covered(route: Route, collections: Collection[], at: Positions): string[] {
  return route.points.slice(1).flatMap((point, index) => {
    const before = route.points[index] ?? point;
    expect(point.x === before.x || point.y === before.y).toBe(true);
    return collections.flatMap((known) => {
      const place = at[known.id];
      const across =
        place !== undefined &&
        Math.max(point.x, before.x) > place.x &&
        Math.min(point.x, before.x) < place.x + cardWidth &&
        Math.max(point.y, before.y) > place.y &&
        Math.min(point.y, before.y) < place.y + heightOf(known);
      return across ? [`${known.name} ${JSON.stringify(before)}`] : [];
    });
  });
}

test("lines go around cards, and each arrives at a place of its own", () => {
  const wide = collection("wide", [relation("a", "users"), relation("b", "users"), relation("c", "posts")]);
  const known = [users, posts, likes, wide];
  const edges = edgesOf(known);
  const row: Positions = {
    likes: { x: 20, y: 40 },
    posts: { x: 360, y: 40 },
    wide: { x: 360, y: 200 },
    users: { x: 700, y: 40 },
  };
  for (const at of [row, layout(known), { ...row, wide: { x: 20, y: 220 }, users: { x: 20, y: 420 } }]) {
    const routes = routesOf(known, edges, at);
    expect(routes.size).toBe(edges.length);
    for (const route of routes.values()) expect(covered(route, known, at)).toEqual([]);
    for (const { points } of routes.values())
      for (const point of points) expect(Math.min(point.x, point.y)).toBeGreaterThan(0);
    const ends = [...routes.values()].map((route) => JSON.stringify(route.points.at(-1)));
    expect(new Set(ends).size).toBe(ends.length);
  }
  const path = pathOf(routesOf(known, edges, row).get(edges.at(-1)?.id ?? "") ?? expect.fail("no route"));
  expect(path).toMatch(/^M [\d. ]+ L /);
});

test("a way is found even where none is free, and a hundred collections take no time", () => {
  const heap = Object.fromEntries(all.map(({ id }) => [id, { x: 10, y: 10 }]));
  expect(routesOf(all, edgesOf(all), heap).size).toBe(edgesOf(all).length);
  const many = Array.from({ length: 100 }, (_, n) =>
    collection(`c${n}`, [relation("a", `c${(n * 7) % 100}`), relation("b", `c${(n * 13 + 5) % 100}`)]),
  );
  const at = Object.fromEntries(many.map(({ id }, n) => [id, { x: (n % 10) * 330, y: Math.floor(n / 10) * 160 }]));
  const routes = routesOf(many, edgesOf(many), at);
  expect(routes.size).toBe(200);
  expect([...routes.values()].flatMap((route) => covered(route, many, at))).toEqual([]);
});

test("the picture says everything and breaks on no name", () => {
  const ink = { canvas: "a", bg: "b", border: "c", line: "d", text: "e", faint: "f" };
  const odd = collection('a<b>&"', [relation("author", "users")]);
  const svg = toSvg([users, odd], layout([users, odd]), ink);
  expect(svg).toContain("a&lt;b&gt;&amp;&quot;");
  expect(svg).toContain(">author</text>");
  expect(svg).toContain(">n:1</text>");
});

test("what others added meanwhile stays in what the diagram is about to apply", () => {
  const extra = relation("extra", "likes");
  const draft = { ...users, fields: [relation("best", "posts")] };
  const now = { ...users, name: "people", fields: [extra] };
  expect(pendingOf([now, posts], { users: { from: users, draft } })).toEqual([
    { base: now, draft: { ...now, fields: [relation("best", "posts"), extra] } },
  ]);
});
