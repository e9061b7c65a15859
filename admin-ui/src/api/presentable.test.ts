import { expect, test } from "vitest";
import { recordTitle } from "./presentable";
import type { Collection } from "./types";

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
