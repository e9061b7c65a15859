import { expect, test } from "vitest";
import { formatTsv, parseTsv } from "./tsv";

test("cells survive the way through the clipboard", () => {
  const pieces = ["", "a", '"', "tab\there", "line\nend", 'say "hi"', '"quoted"', "  ", "1.5"];
  let seed = 7;
  const pick = (below: number) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  for (let round = 0; round < 300; round += 1) {
    const columns = 1 + pick(4);
    const rows = Array.from({ length: 1 + pick(4) }, () =>
      Array.from({ length: columns }, () => pieces[pick(pieces.length)] ?? ""),
    );
    // A last line that is empty can't be told from the end of the line before.
    if (rows.at(-1)?.every((cell) => cell === "") && columns === 1) continue;
    expect(parseTsv(formatTsv(rows)), `seed ${seed}`).toEqual(rows);
  }
});

test("what spreadsheets and people write is read", () => {
  expect(parseTsv("a\tb\r\nc\td\r\n")).toEqual([
    ["a", "b"],
    ["c", "d"],
  ]);
  expect(parseTsv('5" pipe\tx')).toEqual([['5" pipe', "x"]]);
  expect(parseTsv('"open\tx')).toEqual([['"open', "x"]]);
  expect(parseTsv("")).toEqual([[""]]);
});
