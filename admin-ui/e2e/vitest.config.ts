import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const slower = Math.max(1, Number(process.env["E2E_THROTTLE"] ?? 1));

/**
 * Journeys in a real browser against a real server, one file after the other: two browsers on two processors leave keystrokes
 * behind.
 */
export default defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  test: {
    include: ["**/*.e2e.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 120_000 * slower,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 * slower } },
    bail: 0,
  },
});
