"""Measures scripts, next to the reference with the same hooks in JavaScript.

    scripts/bench hooks [SECONDS]      both programs, SECONDS (default 10) for each figure

STEAD_BIN names a release build (default: target/release/stead), STEAD_REFERENCE the reference binary (default: the one
that scripts/conformance keeps; without one only the product is measured). RELOADS (default 10000) is the length of the
soak. Load comes from wrk when it is installed, else from threads of this process, which are a limit of their own.
"""

import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
CLIENTS = 16
EMAIL, PASSWORD = "root@example.com", "1234567890"
SCRIPTS = 50

STEAD_HOOK = """
on_record_create("hooked", |e| {
    e.record.slug = `${e.record.title}-slug`;
    e.record.n = e.record.title.len();
});
route("GET", "/api/app/json", |e| e.json(200, #{ hello: e.query("name"), list: [1, 2, 3] }));
"""
REFERENCE_HOOK = """
onRecordCreate((e) => {
    e.record.set("slug", e.record.get("title") + "-slug")
    e.record.set("n", e.record.get("title").length)
    e.next()
}, "hooked")
routerAdd("GET", "/api/app/json", (e) => e.json(200, { hello: e.request.url.query().get("name"), list: [1, 2, 3] }))
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """One program on a directory of its own, with its hook script."""

    def __init__(self, name, binary):
        self.name, self.port = name, free_port()
        self.home = pathlib.Path(tempfile.mkdtemp(prefix=f"bench-hooks-{name}-"))
        self.hooks = self.home / ("hooks" if name == "stead" else "pb_hooks")
        self.hooks.mkdir()
        (self.hooks / ("bench.rhai" if name == "stead" else "bench.pb.js")).write_text(
            STEAD_HOOK if name == "stead" else REFERENCE_HOOK
        )
        data = self.home / "data"
        subprocess.run(
            [binary, "superuser", "upsert", EMAIL, PASSWORD, "--dir", data], check=True, capture_output=True
        )
        self.process = subprocess.Popen(
            [binary, "serve", "--dir", data, "--http", f"127.0.0.1:{self.port}", f"--hooksDir={self.hooks}",
             f"--migrationsDir={self.home / 'none'}"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        for _ in range(200):
            try:
                if self.call("GET", "/api/health")[0] == 200:
                    break
            except OSError:
                time.sleep(0.05)
        form = {"identity": EMAIL, "password": PASSWORD}
        self.token = self.call("POST", "/api/collections/_superusers/auth-with-password", form)[1]["token"]
        self.settings({"logs": {"maxDays": 0}})
        for name in ("plain", "hooked"):
            fields = [{"name": "title", "type": "text"}, {"name": "slug", "type": "text"}, {"name": "n", "type": "number"}]
            status, answer = self.call(
                "POST", "/api/collections",
                {"name": name, "type": "base", "createRule": "", "listRule": "", "fields": fields},
            )
            assert status == 200, answer

    def settings(self, changes):
        assert self.call("PATCH", "/api/settings", changes)[0] == 200

    def call(self, method, path, data=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Content-Type": "application/json"}
        if getattr(self, "token", None):
            headers["Authorization"] = self.token
        connection.request(method, path, json.dumps(data) if data is not None else None, headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        try:
            return answer.status, json.loads(body)
        except ValueError:
            return answer.status, body.decode(errors="replace")

    def rss(self):
        """Resident memory in MB."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status")
        if not status.exists():
            return 0.0
        return int(re.search(r"VmRSS:\s+(\d+)", status.read_text()).group(1)) / 1024

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        shutil.rmtree(self.home, ignore_errors=True)


def load(server, seconds, method, path, data=None):
    """Requests per second, and how many failed."""
    if shutil.which("wrk"):
        script = server.home / "load.lua"
        body = json.dumps(data) if data is not None else ""
        script.write_text(
            f'wrk.method = "{method}"\nwrk.headers["Content-Type"] = "application/json"\n'
            + (f"wrk.body = [==[{body}]==]\n" if body else "")
        )
        out = subprocess.run(
            ["wrk", "-t2", f"-c{CLIENTS}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{server.port}{path}"],
            check=True, capture_output=True, text=True,
        ).stdout
        rate = float(re.search(r"Requests/sec:\s+([\d.]+)", out).group(1))
        failed = re.search(r"Non-2xx or 3xx responses: (\d+)", out)
        broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", out)
        return rate, int(failed.group(1) if failed else 0) + sum(map(int, broken.groups() if broken else ()))
    end = time.monotonic() + seconds
    counts, failures = [0] * CLIENTS, [0] * CLIENTS

    def work(i):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while time.monotonic() < end:
            connection.request(method, path, json.dumps(data) if data is not None else None,
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            counts[i] += 1
            failures[i] += answer.status >= 300

    threads = [threading.Thread(target=work, args=(i,)) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / seconds, sum(failures)


def rates(server, seconds):
    """The figures both programs have."""
    record = {"title": "a title"}
    figures = {}
    for name, args in {
        "create without hooks": ("POST", "/api/collections/plain/records", record),
        "create with a hook": ("POST", "/api/collections/hooked/records", record),
        "scripted JSON route": ("GET", "/api/app/json?name=x"),
    }.items():
        load(server, 1, *args)
        figures[name], failed = load(server, seconds, *args)
        assert not failed, f"{failed} of {name} failed"
    return figures


def script(i, version):
    return (
        f'import "lib/shared" as lib;\n'
        f'on_record_update("plain", |e| {{ e.record.n = lib::sum({i}, {version}); }});\n'
        f'route("GET", "/api/app/version/{i}", |e| e.json(200, #{{ version: {version} }}));\n'
        + "".join(f"fn helper_{n}(x) {{ let y = x + {n}; if y > 10 {{ y * 2 }} else {{ y }} }}\n" for n in range(20))
    )


def reloads(server, seconds):
    """Milliseconds from saving 50 scripts to the last one being in use, under load, and failed requests meanwhile."""
    (server.hooks / "lib").mkdir()
    (server.hooks / "lib" / "shared.rhai").write_text("fn sum(a, b) { a + b }\n")

    def save(version):
        for i in range(SCRIPTS):
            unfinished = server.hooks / f"s{i:02}.tmp"
            unfinished.write_text(script(i, version))
            unfinished.rename(server.hooks / f"s{i:02}.rhai")

    def seen(version):
        for i in (0, SCRIPTS - 1):
            status, answer = server.call("GET", f"/api/app/version/{i}")
            if status != 200 or answer["version"] != version:
                return False
        return True

    def until(version):
        end = time.monotonic() + 30
        while not seen(version):
            assert time.monotonic() < end, "the scripts are not loaded"
            time.sleep(0.005)

    save(0)
    until(0)
    result, times, version = [], [], 0
    thread = threading.Thread(target=lambda: result.append(load(server, seconds, "GET", "/api/app/json?name=x")))
    thread.start()
    while thread.is_alive():
        version += 1
        save(version)
        began = time.monotonic()
        until(version)
        times.append((time.monotonic() - began) * 1000)
        time.sleep(0.2)
    thread.join()
    return times, result[0]


def soak(server, n):
    """Memory before and after so many reloads under load."""
    stop, failed = threading.Event(), [0]

    def work():
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while not stop.is_set():
            connection.request("GET", "/api/app/json?name=x")
            answer = connection.getresponse()
            answer.read()
            failed[0] += answer.status != 200

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    warm = min(200, n // 10 + 1)
    for _ in range(warm):
        assert server.call("POST", "/api/stead/hooks/reload")[0] == 200
    before, began = server.rss(), time.monotonic()
    for _ in range(n):
        status, answer = server.call("POST", "/api/stead/hooks/reload")
        assert status == 200 and not answer["problems"], answer
    after, took = server.rss(), time.monotonic() - began
    stop.set()
    for thread in threads:
        thread.join()
    return before, after, took, failed[0]


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    stead = os.environ.get("STEAD_BIN", TARGET / "release" / "stead")
    reference = os.environ.get("STEAD_REFERENCE") or next(iter(sorted(TARGET.glob("reference/pocketbase-*"))), None)
    figures = {}
    binaries = {"stead": stead} | ({"reference": reference} if reference else {})
    for name, binary in binaries.items():
        server = Server(name, binary)
        try:
            figures[name] = rates(server, seconds)
            if name == "stead":
                times, (rate, failed) = reloads(server, seconds)
                n = int(os.environ.get("RELOADS", 10000))
                before, after, took, lost = soak(server, n)
        finally:
            server.stop()
    print(f"{'requests per second':24}" + "".join(f"{name:>12}" for name in figures))
    for name in figures["stead"]:
        print(f"{name:24}" + "".join(f"{values[name]:12.0f}" for values in figures.values()))
    own = figures["stead"]
    print(f"a hook costs a create    {own['create without hooks'] / own['create with a hook']:12.2f} x    (at most 1.3)")
    if "reference" in figures:
        other = figures["reference"]
        for name, least in (("create with a hook", 5), ("scripted JSON route", 3)):
            print(f"{name:24} {own[name] / other[name]:12.1f} x the reference    (at least {least})")
    print(
        f"{SCRIPTS} scripts reloaded {len(times)} times under {rate:.0f} requests per second: median "
        f"{statistics.median(times):.0f} ms, longest {max(times):.0f} ms from the last file saved (100 of them are the "
        f"pause after it); {failed} failed requests"
    )
    print(f"{n} reloads in {took:.0f} s: {before:.1f} MB before, {after:.1f} MB after; {lost} failed requests")


if __name__ == "__main__":
    main()
