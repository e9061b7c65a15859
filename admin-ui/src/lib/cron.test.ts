import { describe, expect, test } from "vitest";
import { cronWords, nextRuns, parseCron } from "./cron";

test.each([
  ["* * * * *", true],
  ["*/5 0-6 1,15 * 1", true],
  ["@daily", true],
  ["", false],
  ["* * * *", false],
  ["60 * * * *", false],
  ["* * * * 7", false],
  ["5-1 * * * *", false],
  ["*/0 * * * *", false],
  ["a * * * *", false],
])("%s can be read: %s", (text, good) => {
  expect(parseCron(text) !== null).toBe(good);
});

test.each([
  ["* * * * *", "every minute"],
  ["*/5 * * * *", "every 5 minutes"],
  ["0 * * * *", "every hour"],
  ["0 */6 * * *", "every 6 hours"],
  ["30 2 * * *", "every day at 02:30 UTC"],
  ["0 0 * * 0", "every Sunday at 00:00 UTC"],
  ["@monthly", "on day 1 of every month at 00:00 UTC"],
  ["1-5 4 * 2 *", "1-5 4 * 2 *"],
  ["nonsense", "nonsense"],
])("%s is %s", (text, words) => {
  expect(cronWords(text)).toBe(words);
});

describe("next runs", () => {
  const after = new Date("2026-11-26T12:34:56Z");
  test.each([
    ["* * * * *", ["2026-11-26T12:35", "2026-11-26T12:36"]],
    ["0 0 * * *", ["2026-11-27T00:00", "2026-11-28T00:00"]],
    ["30 2 1 1 *", ["2027-01-01T02:30", "2028-01-01T02:30"]],
    ["0 0 29 2 *", ["2028-02-29T00:00", "2032-02-29T00:00"]],
    ["0 0 31 2 *", []],
    ["0 12 * * 1", ["2026-11-30T12:00", "2026-12-07T12:00"]],
  ])("of %s", (text, expected) => {
    expect(nextRuns(text, after, 2).map((date) => date.toISOString().slice(0, 16))).toEqual(expected);
  });
});
