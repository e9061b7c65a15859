// Starts the server under test on a temporary directory and stops it again.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const superuser = { email: "root@example.com", password: "correct-horse" };

const freePort = () =>
  new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/**
 * Resolves to `{ url, start, kill, stop }` once the server answers; it can be killed and started again. `files` are served
 * beside the API.
 */
export async function startServer(binary, files = {}) {
  const root = mkdtempSync(join(tmpdir(), "stead-sdk-"));
  const dir = join(root, "data");
  mkdirSync(join(root, "public"));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(root, "public", name), content);
  execFileSync(binary, ["superuser", "upsert", superuser.email, superuser.password, "--dir", dir], { cwd: root });
  const url = `http://127.0.0.1:${await freePort()}`;
  let child;
  const healthy = async () => {
    for (const deadline = Date.now() + 20_000; ; ) {
      if (child.exitCode !== null) throw new Error(`the server ended with status ${child.exitCode}`);
      if (await fetch(`${url}/api/health`).then((answer) => answer.ok, () => false)) return;
      if (Date.now() > deadline) throw new Error("the server did not become healthy within 20 s");
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  };
  const start = async () => {
    child = spawn(binary, ["serve", "--dir", dir, "--http", new URL(url).host], {
      cwd: root,
      stdio: ["ignore", "ignore", "inherit"],
    });
    await healthy();
  };
  const end = async (signal) => {
    const ended = new Promise((resolve) => child.once("exit", resolve));
    if (child.exitCode === null && child.kill(signal)) await ended;
  };
  const kill = () => end("SIGKILL");
  const stop = async () => {
    await end("SIGTERM");
    rmSync(root, { recursive: true, force: true });
  };
  await start();
  return { url, start, kill, stop };
}
