import { describe, expect, test } from "vitest";
import { merge3 } from "./merge3";

const keysOf = (conflicts: { key: string }[]) => conflicts.map((conflict) => conflict.key);

describe("merge3", () => {
  const cases = [
    { name: "only mine changed", base: { a: 1 }, mine: { a: 2 }, theirs: { a: 1 }, value: { a: 2 }, conflicts: [] },
    { name: "only theirs changed", base: { a: 1 }, mine: { a: 1 }, theirs: { a: 3 }, value: { a: 3 }, conflicts: [] },
    {
      name: "different fields",
      base: { a: 1, b: 1 },
      mine: { a: 2, b: 1 },
      theirs: { a: 1, b: 3 },
      value: { a: 2, b: 3 },
      conflicts: [],
    },
    {
      name: "same change on both sides",
      base: { a: 1 },
      mine: { a: 2 },
      theirs: { a: 2 },
      value: { a: 2 },
      conflicts: [],
    },
    {
      name: "different changes of one field",
      base: { a: 1 },
      mine: { a: 2 },
      theirs: { a: 3 },
      value: { a: 2 },
      conflicts: ["a"],
    },
    {
      name: "lists merge as sets",
      base: { a: ["x", "y"] },
      mine: { a: ["x", "y", "m"] },
      theirs: { a: ["y", "t"] },
      value: { a: ["y", "m", "t"] },
      conflicts: [],
    },
    {
      name: "nested values compare by content",
      base: { a: { lon: 1, lat: 2 } },
      mine: { a: { lat: 2, lon: 1 } },
      theirs: { a: { lon: 5, lat: 2 } },
      value: { a: { lon: 5, lat: 2 } },
      conflicts: [],
    },
    {
      name: "lists that are no sets of words conflict",
      base: { a: [1] },
      mine: { a: [1, 2] },
      theirs: { a: [1, 3] },
      value: { a: [1, 2] },
      conflicts: ["a"],
    },
  ];
  test.each(cases)("$name", ({ base, mine, theirs, value, conflicts }) => {
    const merged = merge3(base, mine, theirs);
    expect(merged.value).toEqual(value);
    expect(keysOf(merged.conflicts)).toEqual(conflicts);
  });

  test("without changes on one side the other side wins, whatever the values", () => {
    for (let seed = 1; seed <= 300; seed += 1) {
      const pick = randomObject(seed);
      const other = randomObject(seed + 1000);
      expect(merge3(pick, pick, other).value, `seed ${seed}`).toEqual(other);
      expect(merge3(pick, other, pick).value, `seed ${seed}`).toMatchObject(other);
      expect(merge3(pick, other, other).conflicts, `seed ${seed}`).toEqual([]);
    }
  });
});

function randomObject(seed: number): Record<string, unknown> {
  let state = seed;
  const next = (n: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state % n;
  };
  const values: unknown[] = [0, 1, "", "a", true, null, ["a"], ["a", "b"], { lon: 1, lat: 2 }];
  return { a: values[next(values.length)], b: values[next(values.length)], c: values[next(values.length)] };
}
