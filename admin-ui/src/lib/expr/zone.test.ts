import { expect, test } from "vitest";
import { complete, type Known } from "./complete";
import { apart, inZone, meant } from "./zone";

process.env["TZ"] = "Europe/Berlin";

const fields: Known[] = [
  { name: "title", detail: "text" },
  { name: "launch", detail: "date" },
  { name: "created", detail: "autodate" },
];

test.each([
  [">=", "2026-03-31 14:05", "2026-03-31 12:05:00.000Z"],
  ["<", "2026-03-31", "2026-03-30 22:00:00.000Z"],
  [">", "2026-03-31 14:05", "2026-03-31 12:05:59.999Z"],
  ["<=", "2026-03", "2026-03-31 21:59:59.999Z"],
  ["~", "2026-03-31", null],
  [">=", "2026-03-31 12:05:00.000Z", null],
  [">=", "2026-03-31 12:05+02:00", null],
  [">=", "soon", null],
])("%s %s is meant in the zone of the reader", (operator, text, date) => {
  expect(inZone(text, operator, "local")).toBe(date);
});

test("an expression is put into the zone it is read in, and nothing else of it changes", () => {
  expect(meant(`title = "2026-03-31" && (launch >= '2026-03-31 08:00' || created < @now)`, fields, "local")).toBe(
    `title = "2026-03-31" && (launch >= "2026-03-31 06:00:00.000Z" || created < @now)`,
  );
  expect(apart(`title = "2026-03-31"`, fields, "local")).toBe(null);
  expect(apart(`launch >= "2026-03-31"`, fields, "utc")).toBe(null);
});

test("a date that is typed is offered in the zone of the reader", () => {
  const source = 'launch >= "2026-03-31 14:05';
  const { from, options } = complete(source, source.length, fields, { zone: "local", name: "Europe/Berlin" });
  expect(source.slice(0, from)).toBe("launch >= ");
  expect(options[0]).toEqual({
    label: "2026-03-31 14:05",
    detail: "Europe/Berlin",
    insert: '"2026-03-31 12:05:00.000Z"',
  });
  expect(complete(source, source.length, fields).options).toEqual([]);
});
