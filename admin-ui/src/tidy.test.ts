import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

const src = import.meta.dirname;
const files = readdirSync(src, { recursive: true })
  .map((name) => String(name).replaceAll("\\", "/"))
  .filter((name) => /\.(ts|tsx)$/.test(name));
const read = (name: string) => readFileSync(join(src, name), "utf8");

/** A layer may import itself and every layer before it. `api` and `ui` do not know each other. */
const layers: Record<string, string[]> = {
  lib: ["lib"],
  api: ["lib", "api"],
  ui: ["lib", "ui"],
  components: ["lib", "api", "ui", "components"],
  fields: ["lib", "api", "ui", "components", "fields"],
  features: ["lib", "api", "ui", "components", "fields", "features"],
  app: ["lib", "api", "ui", "components", "fields", "features", "app"],
};

function importsOf(name: string): string[] {
  const folder = name.split("/").slice(0, -1);
  return [...read(name).matchAll(/(?:from|import)\s*\(?"(@\/|\.\.?\/)([^"]*)"/g)].map(([, start, rest]) => {
    if (start === "@/") return rest ?? "";
    const path = start === "../" ? [...folder.slice(0, -1), rest ?? ""] : [...folder, rest ?? ""];
    return path.join("/");
  });
}

describe("layers", () => {
  test.each(files.filter((name) => name.includes("/")))("%s", (name) => {
    const [layer = "", feature] = name.split("/");
    for (const target of importsOf(name)) {
      const [to = "", toFeature] = target.split("/");
      expect(layers[layer], `${name} imports ${target}`).toContain(to);
      if (layer === "features" && to === "features") expect(toFeature, `${name} imports ${target}`).toBe(feature);
    }
  });
});

test("no two files need each other, however far apart", () => {
  const known = new Set(files);
  const needs = new Map(
    files.map((name) => [
      name,
      importsOf(name).flatMap((target) => [`${target}.ts`, `${target}.tsx`].filter((file) => known.has(file))),
    ]),
  );
  const done = new Set<string>();
  const follow = (name: string, way: string[]): void => {
    expect(way, [...way, name].join(" → ")).not.toContain(name);
    if (done.has(name)) return;
    for (const target of needs.get(name) ?? []) follow(target, [...way, name]);
    done.add(name);
  };
  for (const name of files) follow(name, []);
});

test("only the client module makes a client, and nothing fetches by itself", () => {
  // The playground writes requests down for others to run; the page itself and its parts are no calls of the API.
  const shown = /^(features\/playground\/code(\.test)?|api\/program|lib\/part-files)\.ts$/;
  for (const name of files.filter((file) => file !== "tidy.test.ts" && !shown.test(file))) {
    const code = read(name);
    if (name !== "api/client.ts") expect(code, name).not.toMatch(/new PocketBase\(/);
    expect(code, name).not.toMatch(/\bfetch\(|XMLHttpRequest|new EventSource/);
  }
});

test("files stay small", () => {
  for (const name of files) {
    const lines = read(name).split("\n").length;
    expect(lines, name).toBeLessThanOrEqual(name.endsWith(".tsx") ? 250 : 400);
  }
});

test("colours come from tokens", () => {
  for (const name of files) {
    if (name.endsWith(".test.ts")) continue;
    expect(read(name), name).not.toMatch(/#[0-9a-f]{3,8}\b(?![^\n]*href)|\brgba?\(/i);
  }
});

test("markup is never built from data", () => {
  for (const name of files.filter((file) => file !== "tidy.test.ts"))
    expect(read(name), name).not.toMatch(/dangerouslySetInnerHTML|\.innerHTML\b/);
});

test("nothing is laid out by container queries", () => {
  // Chromium leaves out what is in a container in a form when the focus moves while a part that was loaded later arrives.
  for (const name of files.filter((file) => file !== "tidy.test.ts"))
    expect(read(name), name).not.toMatch(/@container|@\[|@(sm|md|lg|xl):/);
});

describe("contrast", () => {
  const css = readFileSync(join(src, "styles/tokens.css"), "utf8");
  const block = (start: string) => {
    const from = css.indexOf(start);
    const body = css.slice(from, css.indexOf("}", from));
    return Object.fromEntries(
      [...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/gi)].map(([, name, hex]) => [name ?? "", hex ?? ""]),
    );
  };
  const themes = { light: block(":root {"), dark: block('[data-theme="dark"] {') };
  const surfaces = ["bg", "canvas", "raised", "sunken", "hover", "selected"];
  const pairs: [string, string, number][] = [
    ...surfaces.flatMap((surface): [string, string, number][] => [
      ["text", surface, 7],
      ["text-2", surface, 4.5],
      ["text-3", surface, 4.5],
      ["accent-text", surface, 4.5],
      ["danger-text", surface, 4.5],
    ]),
    ["on-accent", "accent", 4.5],
    ["on-danger", "danger", 4.5],
    ["accent-text", "accent-soft", 4.5],
    ["danger-text", "danger-soft", 4.5],
    ["warn", "warn-soft", 4.5],
    ["ok", "ok-soft", 4.5],
    ["info", "info-soft", 4.5],
    ["border-strong", "bg", 3],
    ["focus", "bg", 3],
    ["focus", "sunken", 3],
    ...[1, 2, 3, 4, 5, 6, 7, 8].map((n): [string, string, number] => [`hue-${n}`, "bg", 3]),
  ];
  for (const [theme, tokens] of Object.entries(themes)) {
    test.each(pairs)(`${theme}: %s on %s is at least %d`, (ink, surface, least) => {
      expect(ratio(tokens[ink] ?? "", tokens[surface] ?? "")).toBeGreaterThanOrEqual(least);
    });
  }
});

function ratio(a: string, b: string): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].toSorted((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
