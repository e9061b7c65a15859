import { ClientResponseError } from "pocketbase";
import { expect, test } from "vitest";
import { filterProblem } from "./filter-problem";

function refusal(data: Record<string, unknown>, status = 400): ClientResponseError {
  return new ClientResponseError({ status, response: { status, message: "Something went wrong.", data } });
}

function saying(message: string): ClientResponseError {
  return refusal({ filter: { code: "validation_invalid_filter", message } });
}

const names = ["title", "price"];

test.each([
  ["author.nme = 1", 'Unknown field at position 1: "author.nme".', "author.nme"],
  ['title = "ö🙂" && a.nope = 1', 'Unknown field at position 17: "a.nope".', "a.nope"],
  ["title = 1 &&", "Expected a field at position 13 (end of the expression).", ""],
  ["price = 1 price", "Expected && or || at position 11 near `price`.", "price"],
  ["price", "Too many comparisons.", ""],
  ["title = 1", "Invalid at position 99.", ""],
])("%s is refused in the server's words", (text, message, marked) => {
  const problem = filterProblem(saying(message), text, names);
  expect(problem?.message).toBe(message);
  expect(text.slice(problem?.from, problem?.to)).toBe(marked);
  expect(problem?.fix).toBeUndefined();
});

test("a misspelt field is offered as it is spelt", () => {
  const message = 'Unknown field at position 14: "prise".';
  expect(filterProblem(saying(message), "title = 1 && prise > 1", names)).toEqual({
    message,
    from: 13,
    to: 18,
    fix: "price",
  });
});

test("a server that gives no reason leaves it to the grammar", () => {
  expect(filterProblem(refusal({}), "prise > 1", names)?.message).toBe("unknown field prise — did you mean price?");
  expect(filterProblem(refusal({}), "a.b > 1", ["a"])?.message).toBe("the server refused it: Something went wrong.");
});

test("other errors are no problem of the filter", () => {
  const sort = refusal({ sort: { code: "validation_invalid_sort", message: "Unknown field." } });
  expect(filterProblem(sort, "prise > 1", names)).toBeNull();
  expect(filterProblem(refusal({}, 500), "prise > 1", names)).toBeNull();
  expect(filterProblem(saying("x"), "", names)).toBeNull();
  expect(filterProblem(null, "prise > 1", names)).toBeNull();
});
