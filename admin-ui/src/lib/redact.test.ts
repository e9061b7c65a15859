import { expect, test } from "vitest";
import { startDraft, dirtyKeys } from "./draft";
import { withSecret } from "./redact";

test("a secret that was typed and taken away again is not sent, and nothing has changed", () => {
  const smtp: { host: string; password?: string } = { host: "a" };
  const typed = withSecret(smtp, "password", "x");
  expect(typed).toEqual({ host: "a", password: "x" });
  const back = withSecret(typed, "password", undefined);
  expect(Object.keys(back)).toEqual(["host"]);
  expect(dirtyKeys(startDraft({ smtp }, { smtp: back }))).toEqual([]);
});
