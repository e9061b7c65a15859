import { expect, test } from "vitest";
import { instantiate, obstacle, templates } from "./templates";

test("relations of a template lead to collections that exist afterwards", () => {
  const users = [{ id: "users0000000000", name: "users" }];
  let n = 0;
  for (const template of templates) {
    expect(obstacle(template, users)).toBeNull();
    const made = instantiate(template, users, () => `fresh${(n += 1)}`);
    const ids = new Set([...users, ...made].map((one) => one.id));
    for (const field of made.flatMap((one) => one.fields))
      if (field.type === "relation") expect(ids.has(String(Reflect.get(field, "collectionId")))).toBe(true);
  }
});

test("what is in the way is named", () => {
  const [blog] = templates;
  if (!blog) throw new Error("no template");
  expect(obstacle(blog, [])).toBe("It needs a collection users");
  expect(obstacle(blog, [{ id: "a", name: "posts" }])).toBe("There already is a collection posts");
});
