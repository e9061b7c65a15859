import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** Lists the licence of every package that really got bundled, so the notice can never be longer or shorter than the truth. */
export function thirdParty(): Plugin {
  return {
    name: "third-party-notices",
    apply: "build",
    generateBundle(_options, bundle) {
      const roots = new Set<string>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== "chunk") continue;
        for (const id of chunk.moduleIds) {
          const match = /^(?:\0)?(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id);
          if (match?.[1]) roots.add(match[1]);
        }
      }
      const notices = [...roots].map(packageNotice);
      notices.push(fontNotice("Inter", "Inter-OFL.txt"), fontNotice("JetBrains Mono", "JetBrainsMono-OFL.txt"));
      notices.sort((a, b) => (a.title < b.title ? -1 : a.title > b.title ? 1 : 0));
      const seen = new Set<string>();
      const text = notices
        .filter((n) => !seen.has(n.title) && seen.add(n.title))
        .map((n) => `${n.title}\n${"-".repeat(n.title.length)}\n${n.text.trim()}\n`)
        .join("\n\n");
      this.emitFile({ type: "asset", fileName: "THIRD_PARTY.txt", source: text });
    },
  };
}

function packageNotice(root: string): { title: string; text: string } {
  const meta: { name: string; version: string; license?: string } = JSON.parse(
    readFileSync(join(root, "package.json"), "utf8"),
  );
  const file = readdirSync(root).find((name) => /^licen[cs]e/i.test(name));
  return {
    title: `${meta.name} ${meta.version}`,
    text: file ? readFileSync(join(root, file), "utf8") : `Licence: ${meta.license ?? "unknown"}`,
  };
}

function fontNotice(name: string, file: string): { title: string; text: string } {
  const path = new URL(`../src/styles/fonts/${file}`, import.meta.url);
  return { title: `${name} (font)`, text: existsSync(path) ? readFileSync(path, "utf8") : "" };
}
