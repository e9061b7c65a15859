import { expect, test } from "vitest";
import { formatRhai } from "./format";
import { lexRhai } from "./lex";

const crooked = `import "lib/numbers" as numbers;
on_record_create("orders", |e| {
  if e.record.total <= 0 {
throw bad_request("no", #{
total: validation_error("a", "b"),
        });
      }   else {
  e.record.number = numbers::next(
    e.record
    );
}
let text = e.record.title
.trim()
.to_lower();
let long = \`one
  two {
three\`;
  /* a
     comment ( */
   e.next();
});


fn f(a) { a }   
`;

const straight = `import "lib/numbers" as numbers;
on_record_create("orders", |e| {
    if e.record.total <= 0 {
        throw bad_request("no", #{
            total: validation_error("a", "b"),
        });
    }   else {
        e.record.number = numbers::next(
            e.record
        );
    }
    let text = e.record.title
        .trim()
        .to_lower();
    let long = \`one
  two {
three\`;
    /* a
     comment ( */
    e.next();
});


fn f(a) { a }
`;

function words(text: string): string[] {
  return lexRhai(text).map((token) => text.slice(token.from, token.to).replaceAll("\r\n", "\n").trimEnd());
}

test("lines are indented by the brackets around them", () => {
  expect(formatRhai(crooked)).toBe(straight);
  expect(formatRhai(straight)).toBe(straight);
});

test("brackets of several arguments close where their line began", () => {
  const text =
    'route(\n    "GET",\n    |e| {\n        e\n    },\n    [\n        gzip()\n    ]\n);\ncall(#{\n    a: 1\n}, |e| {\n    b\n});\n';
  expect(formatRhai(text.replaceAll(/^ +/gm, ""))).toBe(text);
  expect(formatRhai('cron_add("a", "* * * * *",\n|| {\nb\n});')).toBe(
    'cron_add("a", "* * * * *",\n    || {\n        b\n});\n',
  );
  expect(formatRhai("let a = b\n&& c;")).toBe("let a = b\n    && c;\n");
});

test("nothing but space changes, whatever is not closed", () => {
  for (const text of [crooked, "}}}) (\n{ [\n", 'let a = "open\n  b {\n', "/* /* \n x", "", "a\r\n{\r\nb\r\n}\r\n"]) {
    const tidy = formatRhai(text);
    expect(words(tidy)).toEqual(words(text));
    expect(formatRhai(tidy)).toBe(tidy);
  }
});
