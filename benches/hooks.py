"""Measures scripts, next to the reference with the same hooks in JavaScript.

    scripts/bench hooks [SECONDS]      both programs, SECONDS (default 10) for each figure, three rounds

RELOADS (default 10000) is the length of the soak, 0 leaves it out.
"""

import http.client
import os
import statistics
import sys
import threading
import time

import common
from common import Load, Server

SCRIPTS = 50
ROUNDS = 3

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


class Scripted(Server):
    """A program with its hook script and two collections, one of them with a hook."""

    def start(self):
        is_own = self.name == "Stead"
        self.hooks = self.home / ("hooks" if is_own else "pb_hooks")
        self.hooks.mkdir()
        script = self.hooks / ("bench.rhai" if is_own else "bench.pb.js")
        script.write_text(STEAD_HOOK if is_own else REFERENCE_HOOK)
        return super().start()

    def prepare(self):
        for name in ("plain", "hooked"):
            fields = [{"name": "title", "type": "text"}, {"name": "slug", "type": "text"}, {"name": "n", "type": "number"}]
            form = {"name": name, "type": "base", "createRule": "", "listRule": "", "fields": fields}
            self.call("POST", "/api/collections", form)


def create(collection):
    return Load("POST", f"/api/collections/{collection}/records", {"title": "a title"})


LOADS = {
    "a small answer of the server itself": Load("GET", "/api/health"),
    "create without hooks": create("plain"),
    "create with a hook": create("hooked"),
    "scripted JSON route": Load("GET", "/api/app/json?name=x"),
    "scripted JSON route, without logs": Load("GET", "/api/app/json?name=x"),
}
# As a server is after it was installed, requests are logged; what a script costs shows best where they are not.
LOGGED = {"scripted JSON route"}


def rates(servers, seconds):
    """Medians of requests per second, by load and server; loads and servers take turns."""
    results = {name: {server.name: [] for server in servers} for name in LOADS}
    for _ in range(ROUNDS):
        for name, load in LOADS.items():
            for server in servers:
                server.call("PATCH", "/api/settings", {"logs": {"maxDays": 5 if name in LOGGED else 0}})
                results[name][server.name].append(load.drive(server, seconds)[0])
    return {name: {who: statistics.median(rates) for who, rates in row.items()} for name, row in results.items()}


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
            try:
                if server.call("GET", f"/api/app/version/{i}")["version"] != version:
                    return False
            except RuntimeError:
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
    load = LOADS["scripted JSON route"]
    thread = threading.Thread(target=lambda: result.append(load.drive(server, seconds)[0]))
    thread.start()
    while thread.is_alive():
        version += 1
        save(version)
        began = time.monotonic()
        until(version)
        times.append((time.monotonic() - began) * 1000)
        time.sleep(0.2)
    thread.join()
    # A request that fails ends the load with an error.
    if not result:
        sys.exit("requests failed while scripts were reloaded")
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
        server.call("POST", "/api/stead/hooks/reload")
    before, began = server.memory(), time.monotonic()
    for _ in range(n):
        answer = server.call("POST", "/api/stead/hooks/reload")
        assert not answer["problems"], answer
    after, took = server.memory(), time.monotonic() - began
    stop.set()
    for thread in threads:
        thread.join()
    return before, after, took, failed[0]


def main():
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    common.report()
    servers = [Scripted(name, binary) for name, binary in common.programs().items()]
    try:
        for server in servers:
            server.prepare()
        figures = rates(servers, seconds)
        print(f"{'requests per second':38}" + "".join(f"{server.name:>12}" for server in servers))
        for name, row in figures.items():
            print(f"{name:38}" + "".join(f"{rate:12.0f}" for rate in row.values()))
        own = {name: row["Stead"] for name, row in figures.items()}
        cost = own["create without hooks"] / own["create with a hook"]
        print(f"{'a hook costs a create':38}{cost:12.2f} x    (at most 1.3)")
        for name, least in (("create with a hook", 5), ("scripted JSON route", 3), ("scripted JSON route, without logs", 3)):
            for other in figures[name].keys() - {"Stead"}:
                print(f"{name:38}{own[name] / figures[name][other]:12.1f} x {other}    (at least {least})")
        stead = servers[-1]
        times, rate = reloads(stead, seconds)
        print(
            f"{SCRIPTS} scripts reloaded {len(times)} times under {rate:.0f} requests per second: median "
            f"{statistics.median(times):.0f} ms, longest {max(times):.0f} ms from the last file saved (100 of them are "
            f"the pause after it); no failed request"
        )
        if n := int(os.environ.get("RELOADS", 10000)):
            before, after, took, lost = soak(stead, n)
            print(f"{n} reloads in {took:.0f} s: {before:.1f} MB before, {after:.1f} MB after; {lost} failed requests")
    finally:
        for server in servers:
            server.stop()


if __name__ == "__main__":
    main()
