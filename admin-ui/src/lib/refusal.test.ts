import { expect, test } from "vitest";
import { fieldsOfRefusal, problemsOf, refusalOf } from "./refusal";

const message =
  'Data validations failed for collection "a" (x):\n{\n  "listRule": "Invalid rule.",\n  "fields": {"1": {"name": "must be {valid}"}}\n}.';

test("a refused import names the fields of the form", () => {
  expect(fieldsOfRefusal(message)).toEqual({ listRule: "Invalid rule.", "fields.1.name": "must be {valid}" });
  expect(fieldsOfRefusal("Something else.")).toEqual({});
});

test("what the data of a refusal says comes before its title", () => {
  expect(refusalOf({ message: "Failed.", data: { collections: { code: "c", message: "why" } } })).toBe("why");
  expect(refusalOf({ message: "Failed.", data: {} })).toBe("Failed.");
});

test("what is wrong is said of fields by their names", () => {
  const blocked = { message: "Failed.", data: { collections: { code: "c", message } } };
  expect(problemsOf(blocked, [{ name: "a", fields: [{ name: "id" }, { name: "bad name" }] }])).toEqual([
    "a: listRule: Invalid rule.",
    "a.bad name, name: must be {valid}",
  ]);
  expect(problemsOf(blocked, [])[1]).toBe("a.field 2, name: must be {valid}");
  expect(problemsOf({ message: "One.\nTwo.", data: {} }, [])).toEqual(["One.", "Two."]);
});
