import { expect, test } from "vitest";
import { BadText, badTexts, readNumber } from "./typed";

test("numbers are read with a point or a comma, and only those that can be stored", () => {
  expect([" 12,5 ", "-1e3", "", "0"].map(readNumber)).toEqual([12.5, -1000, null, 0]);
  for (const text of ["abc", "1.2.3", "1e400", "-1e400", "Infinity", "0x10"])
    expect(readNumber(text), text).toBeInstanceOf(BadText);
});

test("text that is no value is found in fields and in the parts of a place", () => {
  const values = {
    price: new BadText("abc", "no number"),
    place: { lat: 1, lon: new BadText("x", "no place") },
    on: true,
  };
  expect(badTexts(values)).toEqual({ price: "no number", place: "no place" });
  expect(badTexts({ text: "abc", list: ["a"], none: null, object: { a: 1 } })).toEqual({});
});
