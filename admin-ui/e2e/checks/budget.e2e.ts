import type PocketBase from "pocketbase";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { atRest, launch } from "../fixtures/browser.ts";
import { median, signedIn, startOwn, startReference, type Dashboard, type Kept } from "../fixtures/dashboards.ts";
import { shown, watchRows, type FirstRows } from "../fixtures/painted.ts";
import { patience } from "../fixtures/patience.ts";

/**
 * What the first table costs, with an empty cache. With REFERENCE_BIN set to a PocketBase, its own dashboard is measured in
 * the same run on the same data, in turns, and both are printed side by side.
 *
 * Bytes, requests and elements are the same on every machine and are held to their limits. Times are not: they are printed
 * with their ratio, and only being slower than the reference fails.
 */
const reference = process.env["REFERENCE_BIN"];
const limits = { bytes: 330_000, requests: 14, nodes: 2500, ratio: 0.5 };
const rounds = reference ? 7 : 1;

let browser: Browser;
const started: Dashboard[] = [];
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  for (const { server } of started) await server.stop();
});

async function seed(pb: PocketBase): Promise<void> {
  await pb.settings.update({ batch: { enabled: true, maxRequests: 500, timeout: 60 } });
  const columns = Array.from({ length: 8 }, (_, n) => ({ name: `c${n}`, type: "text" }));
  await pb.collections.create({
    name: "events",
    type: "base",
    fields: [
      { name: "title", type: "text", presentable: true },
      ...columns,
      { name: "created", type: "autodate", onCreate: true },
    ],
  });
  const batch = pb.createBatch();
  for (let n = 0; n < 400; n += 1) batch.collection("events").create({ title: `Event ${n}`, c0: "x", c5: "y" });
  await batch.send();
}

type Measured = { bytes: number; requests: number; ms: number; cpu: number; nodes: number; addresses: string[] };

/** The font of ids is asked for by the text that is already there. */
function counts(url: string): boolean {
  return url.startsWith("http") && !url.includes("jetbrains-mono");
}

/** Opens the table in a new profile with an empty cache and counts until the rows are there. */
async function measure({ table }: Dashboard, storageState: Kept): Promise<Measured> {
  const context = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    ...(storageState ? { storageState } : {}),
  });
  const page = await context.newPage();
  await page.addInitScript(watchRows);
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const addresses = new Map<string, string>();
  const sizes = new Map<string, number>();
  session.on("Network.responseReceived", (event) => void addresses.set(event.requestId, event.response.url));
  session.on("Network.loadingFinished", (event) => {
    const address = addresses.get(event.requestId) ?? "";
    sizes.set(address, (sizes.get(address) ?? 0) + event.encodedDataLength);
  });
  await atRest(browser);
  await page.goto(table("events"), { waitUntil: "commit" });
  await shown(session);
  const { metrics } = await session.send("Performance.getMetrics");
  const first: FirstRows = await page.evaluate(() => Reflect.get(window, "firstRows"));
  const loaded = [...new Set([page.url().split("#")[0] ?? "", ...first.loaded])].filter(counts);
  const out = {
    cpu: (metrics.find((metric) => metric.name === "ThreadTime")?.value ?? Number.NaN) * 1000,
    ms: first.ms,
    bytes: loaded.reduce((sum, url) => sum + (sizes.get(url) ?? 0), 0),
    requests: loaded.length,
    nodes: first.nodes,
    addresses: loaded.map((url) => new URL(url).pathname),
  };
  await context.close();
  return out;
}

function report(name: string, all: Measured[]): void {
  const times = all.map((one) => Math.round(one.ms));
  const last = all.at(-1);
  const size = `${Math.round((last?.bytes ?? 0) / 1000)} kB in ${last?.requests} requests, ${last?.nodes} elements`;
  const cpu = Math.round(median(all.map((one) => one.cpu)));
  const rows = `rows after ${Math.round(median(times))} ms (${times.join(" ")}), ${cpu} ms of them computing`;
  process.stdout.write(`${name}: ${rows}; ${size}\n`);
}

test(
  "the first table stays within its budget",
  async () => {
    const target = await startOwn(seed);
    started.push(target);
    const other = reference ? await startReference(reference, seed) : null;
    if (other) started.push(other);
    const state = await signedIn(browser, target);
    const otherState = other ? await signedIn(browser, other) : undefined;
    const seen = reference ? await signedIn(browser, target, "events") : undefined;
    const own: Measured[] = [];
    const again: Measured[] = [];
    const theirs: Measured[] = [];
    for (let round = 0; round < rounds; round += 1) {
      own.push(await measure(target, state));
      if (!other) continue;
      theirs.push(await measure(other, otherState));
      again.push(await measure(target, seen));
    }
    report("own", own);
    for (const one of own) {
      expect(one.bytes, one.addresses.join(" ")).toBeLessThanOrEqual(limits.bytes);
      expect(one.requests, one.addresses.join(" ")).toBeLessThanOrEqual(limits.requests);
      expect(one.nodes).toBeLessThanOrEqual(limits.nodes);
    }
    if (theirs.length === 0) return;
    report("reference", theirs);
    report("own, where the table has been seen before", again);
    const ratio = median(own.map((one) => one.ms)) / median(theirs.map((one) => one.ms));
    const lowest = Math.min(...own.map((one) => one.ms)) / Math.min(...theirs.map((one) => one.ms));
    const verdict = ratio <= limits.ratio ? "within" : "above";
    process.stdout.write(
      `ratio: ${ratio.toFixed(2)} of medians, ${lowest.toFixed(2)} of the fastest; ${verdict} the limit of ${limits.ratio}\n`,
    );
    expect(ratio).toBeLessThan(1);
    expect(own[0]?.bytes).toBeLessThanOrEqual((theirs[0]?.bytes ?? 0) / 2);
  },
  patience(180_000),
);
