import { expect, test } from "vitest";
import { formatTyped, monthGrid, parseTyped, parseWire, relative, spanOf, toWire } from "./dates";

test.each([
  ["2026-03-01 10:30", "2026-03-01 10:30:00.000Z"],
  ["2026-3-1 9:05", "2026-03-01 09:05:00.000Z"],
  ["2026-03-01", "2026-03-01 00:00:00.000Z"],
  ["2026-03-01T10:30:15.5", "2026-03-01 10:30:15.500Z"],
])("typed %s in UTC", (typed, wire) => {
  const date = parseTyped(typed, "utc");
  expect(date && toWire(date)).toBe(wire);
});

test.each([
  ["2026-03-01 09:30:00.000Z", "2026-03-01 09:30:00.000Z"],
  ["2026-03-01T09:30:00.123456+13:00", "2026-02-28 20:30:00.123Z"],
  ["2026-03-01 09:30-0330", "2026-03-01 13:00:00.000Z"],
  ["2026-03-01 09:30+02", "2026-03-01 07:30:00.000Z"],
])("typed %s is in the zone that it names, whatever people see", (typed, wire) => {
  const read = (["utc", "local"] as const).map((zone) => parseTyped(typed, zone));
  expect(read.map((date) => date && toWire(date))).toEqual([wire, wire]);
});

test.each([
  "",
  "tomorrow",
  "03/04/2026",
  "Product 12",
  "2026-03-01-05",
  "2026-02-30",
  "2026-13-01",
  "2026-03-01 25:00",
  "2026-03-01 10:61",
])("%s is no date", (typed) => {
  expect(parseTyped(typed, "utc")).toBeNull();
});

test.each([
  ["2026", "2026-01-01 00:00:00.000Z", "2026-12-31 23:59:59.999Z"],
  ["2026-12", "2026-12-01 00:00:00.000Z", "2026-12-31 23:59:59.999Z"],
  ["2024-2", "2024-02-01 00:00:00.000Z", "2024-02-29 23:59:59.999Z"],
  ["2026-02-28", "2026-02-28 00:00:00.000Z", "2026-02-28 23:59:59.999Z"],
  ["2026-03-01 10:30", "2026-03-01 10:30:00.000Z", "2026-03-01 10:30:59.999Z"],
  ["2026-03-01 10:30:15", "2026-03-01 10:30:15.000Z", "2026-03-01 10:30:15.999Z"],
  ["2026-03-01 10:30:15.120Z", "2026-03-01 10:30:15.120Z", "2026-03-01 10:30:15.120Z"],
])("%s begins and ends", (typed, first, last) => {
  const span = spanOf(typed, "utc");
  expect(span && [toWire(span.first), toWire(span.last)]).toEqual([first, last]);
  const local = spanOf(typed, "local");
  expect(
    local && [formatTyped(local.first, "local").slice(0, 10), formatTyped(local.last, "local").slice(0, 10)],
  ).toEqual(typed.endsWith("Z") ? expect.anything() : [first.slice(0, 10), last.slice(0, 10)]);
});

test.each(["", "2026-13", "2026-02-30", "spring"])("%s is no time", (typed) => {
  expect(spanOf(typed, "utc")).toBeNull();
});

test("local time goes through the zone and back", () => {
  const date = parseTyped("2026-07-01 10:30", "local");
  expect(date && formatTyped(date, "local")).toBe("2026-07-01 10:30");
});

test("the wire format survives a round trip", () => {
  const wire = "2026-03-01 09:30:05.120Z";
  const date = parseWire(wire);
  expect(date && toWire(date)).toBe(wire);
  expect(date && formatTyped(date, "utc")).toBe("2026-03-01 09:30:05.120");
});

test("a month is six weeks from Monday", () => {
  const days = monthGrid(2026, 10);
  expect(days).toHaveLength(42);
  expect(days[0]).toEqual({ y: 2026, mo: 9, d: 26, inside: false });
});

test("distance in words", () => {
  const now = new Date("2026-03-01T00:00:00Z");
  expect(relative(new Date("2026-02-28T23:58:00Z"), now)).toBe("2 minutes ago");
  expect(relative(new Date("2026-03-02T12:00:00Z"), now)).toBe("tomorrow");
});
