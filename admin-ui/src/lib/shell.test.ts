import { expect, test } from "vitest";
import { curlOf } from "./shell";

test("what a stranger asked for stays one word of the command", () => {
  expect(curlOf("GET", "http://a/api/health?x=';touch${IFS}b;'")).toBe(
    "curl -X GET 'http://a/api/health?x='\\'';touch${IFS}b;'\\'''",
  );
  expect(curlOf("GET;reboot", "http://a/")).toBe("curl -X 'GET;reboot' 'http://a/'");
});
