import type PocketBase from "pocketbase";
import type { Browser, BrowserContextOptions, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "../fixtures/api.ts";
import { launch, signIn } from "../fixtures/browser.ts";
import { startServer, superuser, type TestServer } from "../fixtures/server.ts";

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
const servers: TestServer[] = [];
beforeAll(async () => {
  browser = await launch();
});
afterAll(async () => {
  await browser?.close();
  for (const server of servers) await server.stop();
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

type Target = { server: TestServer; hash: string; enter: (page: Page) => Promise<unknown> };

type FirstRows = { ms: number; nodes: number; loaded: string[] };

/** Notes in the page what there is when the first frame with rows has been painted; the same for both sides. */
function watchRows(): void {
  const look = () => {
    if (!/Event \d+/.test(document.body?.textContent ?? "")) {
      requestAnimationFrame(look);
      return;
    }
    requestAnimationFrame(() =>
      setTimeout(() =>
        Reflect.set(window, "firstRows", {
          ms: performance.now(),
          nodes: document.querySelectorAll("*").length,
          loaded: performance.getEntriesByType("resource").map((entry) => entry.name),
        }),
      ),
    );
  };
  requestAnimationFrame(look);
}

/** What a browser keeps of a sign-in, or also of an earlier look at the table; its cache is empty all the same. */
async function signedIn({ enter, server, hash }: Target, seen = false): Promise<BrowserContextOptions["storageState"]> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await enter(page);
  if (seen) {
    await page.goto(`${server.ui}${hash}`);
    await page
      .getByText(/Event \d+/)
      .first()
      .waitFor();
  }
  const state = await context.storageState();
  await context.close();
  return state;
}

/** The font of ids is asked for by the text that is already there. */
function counts(url: string): boolean {
  return url.startsWith("http") && !url.includes("jetbrains-mono");
}

/** Asked in the plainest way: what a driver puts into a page for its own use takes its time from the page. */
async function shown(session: CDPSession): Promise<void> {
  const expression = "Reflect.has(window, 'firstRows')";
  while (!(await session.send("Runtime.evaluate", { expression })).result.value)
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
}

/** Opens the table in a new profile with an empty cache and counts until the rows are there. */
async function measure(
  { server, hash }: Target,
  storageState: BrowserContextOptions["storageState"],
): Promise<Measured> {
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
  await page.goto(`${server.ui}${hash}`, { waitUntil: "commit" });
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

/** The reference's own page, by what any sign-in form has. */
async function enterReference(page: Page, server: TestServer): Promise<void> {
  await page.goto(`${server.ui}#/login`);
  await page.locator("input[type=email], input[type=text]").first().fill(superuser.email);
  await page.locator("input[type=password]").first().fill(superuser.password);
  await page.keyboard.press("Enter");
  await page.locator("input[type=password]").first().waitFor({ state: "detached" });
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function report(name: string, all: Measured[]): void {
  const times = all.map((one) => Math.round(one.ms));
  const last = all.at(-1);
  const size = `${Math.round((last?.bytes ?? 0) / 1000)} kB in ${last?.requests} requests, ${last?.nodes} elements`;
  const cpu = Math.round(median(all.map((one) => one.cpu)));
  const rows = `rows after ${Math.round(median(times))} ms (${times.join(" ")}), ${cpu} ms of them computing`;
  process.stdout.write(`${name}: ${rows}; ${size}\n`);
}

test("the first table stays within its budget", async () => {
  const server = await startServer();
  servers.push(server);
  await seed(await connect(server));
  const target: Target = { server, hash: "#/collections/events", enter: (page) => signIn(page, server) };
  const state = await signedIn(target);
  const own: Measured[] = [];
  const again: Measured[] = [];
  const theirs: Measured[] = [];
  let other: Target | null = null;
  if (reference) {
    const started = await startServer({ binary: reference, ownDashboard: true });
    servers.push(started);
    await seed(await connect(started));
    other = {
      server: started,
      hash: "#/collections?collection=events",
      enter: (page) => enterReference(page, started),
    };
  }
  const otherState = other ? await signedIn(other) : undefined;
  const seen = reference ? await signedIn(target, true) : undefined;
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
}, 180_000);
