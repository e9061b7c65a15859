import { describe, expect, test } from "vitest";
import { csvCell, csvLine, csvList, decodeText, parseCsv, parseCsvList, unguarded } from "./csv";
import { redact, redactText } from "./redact";
import { countOfDelete, isWriting, placeOfError, statementAt, statements } from "./sql";

describe("sql", () => {
  test("statements end at semicolons outside of texts and comments", () => {
    const source = "SELECT ';' -- ; no\n; /* ; */ DELETE FROM `a;b`;\n\n";
    expect(statements(source).map((statement) => statement.text)).toEqual([
      "SELECT ';' -- ; no",
      "/* ; */ DELETE FROM `a;b`",
    ]);
    expect(statementAt("select 1;\nselect 2", 12)?.text).toBe("select 2");
    expect(statementAt("select 1;\nselect 2", 3)?.text).toBe("select 1");
    expect(statementAt("  ", 1)).toBeNull();
  });

  test.each([
    ["select * from a", false],
    ["SELECT 'delete'", false],
    ["with x as (select 1) select * from x", false],
    ["with x as (select 1) delete from a", true],
    ["-- a\nDELETE from a", true],
    ["explain query plan delete from a", false],
    ["pragma user_version = 3", true],
    ["", false],
  ])("%s writes: %s", (text, expected) => {
    expect(isWriting(text)).toBe(expected);
  });

  test("a deletion can be counted first", () => {
    expect(countOfDelete("DELETE FROM orders WHERE a = 1")).toEqual({
      table: "orders",
      query: "SELECT COUNT(*) FROM `orders` WHERE a = 1",
    });
    expect(countOfDelete("select 1")).toBeNull();
  });

  test("errors point at a word", () => {
    expect(placeOfError('near "SELEC": syntax error', "SELEC 1")).toEqual({ from: 0, to: 5 });
    expect(placeOfError("no such column: a.nme", "select a.nme from a")).toEqual({ from: 9, to: 12 });
    expect(placeOfError("disk I/O error", "select 1")).toBeNull();
  });
});

describe("csv", () => {
  test("cells that look like formulas stay texts", () => {
    expect(csvLine([csvCell("a,b"), csvCell("=1+1"), csvCell('say "hi"'), csvCell("-5", true), csvCell("")])).toBe(
      '"a,b","\'=1+1","say ""hi""",-5,\r\n',
    );
  });

  test.each([
    [
      "a,b\n1,2\n",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      'a;b\r\n"x;\ny";"q""q"',
      [
        ["a", "b"],
        ["x;\ny", 'q"q'],
      ],
    ],
    [
      "\uFEFFa\tb\n\n1\t",
      [
        ["a", "b"],
        ["1", ""],
      ],
    ],
    ["", []],
  ])("%j is read", (text, rows) => {
    expect(parseCsv(text).map(({ cells }) => cells)).toEqual(rows);
  });
});

test("secrets are taken out", () => {
  expect(redactText("GET /api/files/a/b/c.png?thumb=1&token=abc.def x")).toBe(
    "GET /api/files/a/b/c.png?thumb=1&token=••• x",
  );
  expect(redact({ url: "/x?token=a", headers: { Authorization: "Bearer x" }, list: ["?token=b"], n: 1 })).toEqual({
    url: "/x?token=•••",
    headers: { Authorization: "•••" },
    list: ["?token=•••"],
    n: 1,
  });
});

test.each([
  [[0xc3, 0xa9], "é", false],
  [[0xe9, 0x31], "é1", true],
  [[0xff, 0xfe, 0xe9, 0x00], "é", false],
  [[0xfe, 0xff, 0x00, 0xe9], "é", false],
])("the letters of a file of %j", (bytes, text, western) => {
  expect(decodeText(new Uint8Array(bytes))).toEqual({ text, western });
});

test.each([["-5 °C"], ["'=SUM(A1)"], ["''@x"], ["'quoted'"], ['say "hi", now'], ["two\nlines"], ["'"]])(
  "%j comes back from a file as it was",
  (value) => {
    const [row] = parseCsv(csvLine([csvCell(value), "x"]));
    expect(unguarded(row?.cells[0] ?? "")).toBe(value);
  },
);

test.each([[["a", "b"]], [["a, b", "c"]], [["[x]"]], [["one"]]])("%j is a list again", (values) => {
  expect(parseCsvList(csvList(values))).toEqual(values);
});
