import { expect, test } from "vitest";
import type { Field } from "@/api/types";
import { typedSince } from "./hand-over";

const common = { system: false, hidden: false, presentable: false, help: "", required: false };
const text = (name: string): Field => ({
  ...common,
  id: name,
  name,
  type: "email",
  onlyDomains: [],
  exceptDomains: [],
});
const files: Field = {
  ...common,
  id: "files",
  name: "files",
  type: "file",
  maxSize: 0,
  maxSelect: 9,
  mimeTypes: [],
  thumbs: [],
  protected: false,
};

test("what is typed while a record is being saved stays, and nothing else", () => {
  const fields = [text("a"), text("b"), text("c")];
  const sent = { a: "1", b: "2", c: "3" };
  const now = { a: "1", b: "2 and more", c: "3" };
  expect(typedSince(fields, sent, now, { a: "1", b: "2", c: "made by the server" })).toEqual({
    a: "1",
    b: "2 and more",
    c: "made by the server",
  });
});

test("a file that was sent is not sent again with one that was added meanwhile", () => {
  const [one, two] = [new File(["1"], "one.txt"), new File(["2"], "two.txt")];
  const sent = { files: ["old.txt", one] };
  const saved = { files: ["old.txt", "one_x1.txt"] };
  expect(typedSince([files], sent, { files: ["old.txt", one, two] }, saved)).toEqual({
    files: ["old.txt", "one_x1.txt", two],
  });
  expect(typedSince([files], sent, { files: [one] }, saved)).toEqual({ files: ["one_x1.txt"] });
  expect(typedSince([files], sent, { files: ["old.txt", one] }, saved)).toEqual(saved);
});
