// One hash over everything dist is made from, so that a stale dist is found without Node: for every file, in byte order of
// its path relative to this folder, the path, a line feed, the lower-case hex SHA-256 of its bytes and a line feed; SHA-256 of that.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const folders = ["src", "public"];
const files = ["index.html", "package-lock.json", "vite.config.ts", "tsconfig.json"];

const inside = folders.flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => `${folder}/${String(name).replaceAll("\\", "/")}`)
    .filter((name) => statSync(join(root, name)).isFile()),
);
const sha = (data) => createHash("sha256").update(data).digest("hex");
const listing = [...files, ...inside]
  .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  .map((name) => `${name}\n${sha(readFileSync(join(root, name)))}\n`)
  .join("");
const hash = sha(listing);
const stored = join(root, "dist", "SOURCE_HASH");

if (process.argv[2] === "--check") {
  const now = existsSync(stored) ? readFileSync(stored, "utf8").trim() : "missing";
  if (now !== hash) {
    console.error(`dist is stale (${now.slice(0, 12)}, sources are ${hash.slice(0, 12)}): run scripts/ui build`);
    process.exit(1);
  }
} else {
  writeFileSync(stored, `${hash}\n`);
  console.log(`SOURCE_HASH ${hash}`);
}
