import { expect, test } from "vitest";
import { barsOf, logFilter, recordOf, type LogsSearch } from "./model";

const none: LogsSearch = { filter: "", level: "", range: "", from: "", to: "", log: "", all: "" };
const now = Date.parse("2026-11-26T12:00:00Z");

test.each([
  [{}, 'data.auth != "_superusers"'],
  [{ all: "1" }, ""],
  [{ all: "1", level: "error" }, "level >= 8"],
  [{ all: "1", filter: "timeout" }, 'message ~ "timeout" || data.error ~ "timeout"'],
  [
    { all: "1", filter: "data.status >= 400", range: "1h" },
    '(data.status >= 400) && (created >= "2026-11-26 11:00:00.000Z")',
  ],
  [{ all: "1", from: "a", to: "b" }, '(created >= "a") && (created < "b")'],
])("%j", (search, filter) => {
  expect(logFilter({ ...none, ...search }, now)).toBe(filter);
});

test("bars cover empty hours and stay few", () => {
  const stats = [
    { date: "2026-11-26 10:00:00.000Z", total: 4 },
    { date: "2026-11-26 12:00:00.000Z", total: 2 },
  ];
  const { bars, hours } = barsOf(stats, [{ date: "2026-11-26 12:00:00.000Z", total: 1 }]);
  expect(hours).toBe(1);
  expect(bars).toHaveLength(24);
  expect(bars.slice(-3).map((bar) => [bar.total, bar.errors])).toEqual([
    [4, 0],
    [0, 0],
    [2, 1],
  ]);
  const wide = barsOf([{ date: "2026-01-01 00:00:00.000Z", total: 1 }, ...stats], []);
  expect(wide.bars.length).toBeLessThanOrEqual(121);
  expect(wide.bars.reduce((sum, bar) => sum + bar.total, 0)).toBe(7);
  expect(barsOf([], []).bars).toEqual([]);
});

test("records are found in addresses", () => {
  expect(recordOf("/api/collections/posts/records/abc?x=1")).toEqual({ collection: "posts", id: "abc" });
  expect(recordOf("/api/health")).toBeNull();
});
