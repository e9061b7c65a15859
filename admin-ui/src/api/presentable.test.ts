import { expect, test } from "vitest";
import { namingFields, recordTitle } from "./presentable";
import type { Collection, Field } from "./types";

test("a place in the name of a record is written as the table writes it", () => {
  const collection: Pick<Collection, "fields"> = {
    fields: [
      {
        id: "g",
        name: "place",
        type: "geoPoint",
        presentable: true,
        hidden: false,
        system: false,
        required: false,
        help: "",
      },
    ],
  };
  expect(recordTitle(collection, { ...row, place: { lon: 13.4, lat: 52.5 } })).toBe("52.5, 13.4");
  expect(recordTitle(collection, { ...row, place: { lon: 0, lat: 0 } })).toBe("r1");
});

const row = { id: "r1", collectionId: "c1", collectionName: "shops" };

test("a record is called by what presents it, what looks like a name, and what no two share", () => {
  const collection = {
    fields: [text("id"), text("heading", true), text("slug"), text("isbn"), text("shelf"), text("notes")],
    indexes: [
      "CREATE UNIQUE INDEX `a` ON `books` (`isbn`)",
      "CREATE UNIQUE INDEX `b` ON `books` (`shelf`, `notes`)",
      "CREATE INDEX `c` ON `books` (`notes`)",
    ],
  };
  expect(namingFields(collection)).toEqual(["heading", "slug", "isbn"]);
});

const text = (name: string, presentable = false): Field => ({
  id: name,
  name,
  type: "text",
  presentable,
  hidden: false,
  system: false,
  required: false,
  help: "",
  min: 0,
  max: 0,
  pattern: "",
  autogeneratePattern: "",
  primaryKey: name === "id",
});
