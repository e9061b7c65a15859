import { expect, test } from "vitest";
import { includesAddress } from "./addresses";

test.each([
  [["127.0.0.1"], "127.0.0.1", true],
  [["10.0.0.0/8"], "10.200.3.4", true],
  [["10.0.0.0/8"], "11.0.0.1", false],
  [["0.0.0.0/0"], "8.8.8.8", true],
  [["::1"], "0000:0000:0000:0000:0000:0000:0000:0001", true],
  [["2001:db8::/32"], "2001:0db8:0000:0000:0000:0000:0000:0009", true],
  [["2001:db8::/32"], "2001:db9::1", false],
  [["::ffff:10.0.0.1"], "10.0.0.1", true],
  [["10.0.0.0/99", "nonsense", "1:2:3", "300.1.1.1"], "10.0.0.1", false],
  [[], "10.0.0.1", false],
])("%j includes %s: %s", (list, address, expected) => {
  expect(includesAddress(list, address)).toBe(expected);
});
