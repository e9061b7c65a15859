import { expect, test } from "vitest";
import { BadText, badTexts, readNumber } from "./typed";

test("numbers are read with a point or a comma, and only those that can be stored", () => {
  expect([" 12,5 ", "-1e3", "", "0"].map(readNumber)).toEqual([12.5, -1000, null, 0]);
  for (const text of ["abc", "1.2.3", "1e400", "-1e400", "Infinity", "0x10"])
    expect(readNumber(text), text).toBeInstanceOf(BadText);
});

test("a number that somebody else reads as another is asked about, and one that is clear is read", () => {
  for (const text of ["6,250", "-1,000"]) expect(readNumber(text), text).toBeInstanceOf(BadText);
  expect(readNumber("6,250")).toMatchObject({ message: "“6,250” can be 6250 or 6.25." });
  expect(["0,250", "1,2345", "1.234", "1,234.50", "1.234,5", "-1,234,567", "1.234.567"].map(readNumber)).toEqual([
    0.25, 1.2345, 1.234, 1234.5, 1234.5, -1234567, 1234567,
  ]);
  for (const text of ["1,23,456", "1,234.567.8", "12,34.5"]) expect(readNumber(text), text).toBeInstanceOf(BadText);
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
