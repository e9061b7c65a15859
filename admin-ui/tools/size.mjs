// Holds the first load to its budget. Counts what index.html loads, and what that loads statically.
import { readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const dist = fileURLToPath(new URL("../dist", import.meta.url));
const limits = { entry: 215_000, warn: 205_000, css: 18_000, total: 2_200_000 };
const gz = (file) => gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;

const html = readFileSync(join(dist, "index.html"), "utf8");
const found = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+\.(?:js|css))"/g)].map((match) => match[1]);
const entry = new Set(found.filter((file) => file.endsWith(".js")));
for (const file of entry) {
  const code = readFileSync(join(dist, file), "utf8");
  for (const match of code.matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) entry.add(`assets/${match[1]}`);
}
const js = [...entry].reduce((sum, file) => sum + gz(file), 0);
const css = found.filter((file) => file.endsWith(".css")).reduce((sum, file) => sum + gz(file), 0);
const total = readdirSync(dist, { recursive: true })
  .map((file) => statSync(join(dist, String(file))))
  .reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);

const kB = (n) => `${(n / 1000).toFixed(1)} kB`;
console.log(
  `entry ${kB(js)} of ${kB(limits.entry)} · css ${kB(css)} of ${kB(limits.css)} · dist ${kB(total)} of ${kB(limits.total)}`,
);
for (const file of entry) console.log(`  ${kB(gz(file))} ${file}`);
if (js > limits.warn) console.log(`entry is above the warning line of ${kB(limits.warn)}`);
if (js > limits.entry || css > limits.css || total > limits.total) process.exit(1);
