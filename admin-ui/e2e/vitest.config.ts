import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import { patience } from "./fixtures/patience.ts";

/**
 * Journeys in a real browser against a real server, one file after the other: two browsers on two processors leave keystrokes
 * behind. All of them share one process, and the browser in it.
 */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: {
    include: ["**/*.e2e.ts"],
    environment: "node",
    fileParallelism: false,
    isolate: false,
    testTimeout: patience(120_000),
    hookTimeout: patience(180_000),
    expect: { poll: { timeout: patience(10_000) } },
    bail: 0,
  },
});
