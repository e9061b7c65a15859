import { expect, test } from "vitest";
import { fitting } from "./counts";

test("of what backups have the newest that fit are kept, each in full", () => {
  const counts = Object.fromEntries(["a.zip", "b.zip", "c.zip"].map((key) => [key, { posts: 12_345, tags: 7 }]));
  expect(fitting(counts)).toEqual(counts);
  const one = JSON.stringify(["a.zip", counts["a.zip"]]).length;
  expect(Object.keys(fitting(counts, 2 * one))).toEqual(["b.zip", "c.zip"]);
  expect(fitting(counts, one - 1)).toEqual({});
});
