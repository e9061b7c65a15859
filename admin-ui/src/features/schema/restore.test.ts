import { expect, test } from "vitest";
import type { Field } from "@/api/types";
import { restored } from "./restore";

const field = (id: string): Field => ({
  id,
  name: id,
  type: "bool",
  system: false,
  hidden: false,
  presentable: false,
  help: "",
  required: false,
});
const [a, b, c, d] = [field("a"), field("b"), field("c"), field("d")];

test("a removed field comes back where it was", () => {
  expect(restored([a, b, c], [a, c], b)).toEqual([a, b, c]);
  expect(restored([a, b, c], [b, c], a)).toEqual([a, b, c]);
  expect(restored([a, b, c], [c, d, a], b)).toEqual([c, d, a, b]);
});
