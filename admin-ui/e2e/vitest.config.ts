import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/**
 * Journeys in a real browser against a real server. Files run two at a time: each has a server and a browser of its own, and
 * most of their time is spent waiting for one another. `budget` is about time and runs alone.
 */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: {
    include: ["**/*.e2e.ts"],
    environment: "node",
    fileParallelism: process.env["REFERENCE_BIN"] === undefined,
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    bail: 0,
  },
});
