"""Measures signing in, reading meanwhile, and what checking a token costs; next to the reference, if there is one.

    scripts/bench auth [SECONDS]       SECONDS (default 10) for each figure

The load comes from this machine too; nothing but Python is needed.

`cargo bench --bench tokens` measures the check of a token by itself.
"""

import os
import statistics
import sys
import threading
import time

import common
from common import PASSWORD, Server

SIGN_INS = 32
READERS = 2
COSTS = (8, 10, 12)


def prepare(server):
    """Accounts whose passwords cost differently, and a record that everyone may read."""
    for cost in COSTS:
        fields = [{"name": "password", "type": "password", "cost": cost, "min": 8}]
        people = {"name": f"people{cost}", "type": "auth", "fields": fields, "authAlert": {"enabled": False}}
        server.call("POST", "/api/collections", people)
        account = {"email": "ann@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD}
        server.call("POST", f"/api/collections/people{cost}/records", account)
    posts = {"name": "posts", "type": "base", "viewRule": "", "fields": [{"name": "title", "type": "text"}]}
    server.call("POST", "/api/collections", posts)
    made = server.call("POST", "/api/collections/posts/records", {"title": "x" * 100})
    server.post = f"/api/collections/posts/records/{made['id']}"


class Load:
    """Threads that do something over and over; the times of what they did, in ms."""

    def __init__(self, server, clients, work):
        self.times, self.errors, self.ends = [], [], False
        self.threads = [threading.Thread(target=self.run, args=(server.connect(), work)) for _ in range(clients)]
        self.started = time.monotonic()
        for thread in self.threads:
            thread.start()

    def run(self, connection, work):
        while not self.ends and not self.errors:
            start = time.perf_counter()
            try:
                work(connection)
            except Exception as error:
                self.errors.append(error)
                return
            self.times.append((time.perf_counter() - start) * 1000)

    def end(self):
        self.ends, count = True, len(self.times)
        took = time.monotonic() - self.started
        for thread in self.threads:
            thread.join()
        if self.errors:
            raise self.errors[0]
        return count / took


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def spread(times):
    return f"p50 {percentile(times, 0.5):6.2f} ms, p99 {percentile(times, 0.99):6.2f} ms, max {max(times):6.1f} ms"


def measure(server, seconds):
    prepare(server)
    read = lambda connection: server.call("GET", server.post, connection=connection, token="")

    def reads():
        load = Load(server, READERS, read)
        time.sleep(seconds)
        rate = load.end()
        return f"{rate:7.0f} reads/s, {spread(load.times)}"

    print(f"  nobody signs in               {reads()}")
    for cost in COSTS:
        sign_in = lambda connection: server.sign_in(f"people{cost}", "ann@example.com", connection)
        alone = Load(server, 1, sign_in)
        time.sleep(min(seconds, 3))
        alone.end()
        single = percentile(alone.times, 0.5)
        load = Load(server, SIGN_INS, sign_in)
        time.sleep(seconds)
        rate = load.end()
        cores = os.cpu_count() or 1
        print(
            f"  cost {cost:2}: {single:6.1f} ms alone; {SIGN_INS} at once {rate:6.1f}/s,"
            f" {rate * single / 1000 / cores * 100:3.0f} % of {cores} cores"
        )
        load = Load(server, SIGN_INS, sign_in)
        time.sleep(0.5)
        print(f"  reads while {SIGN_INS} sign in (cost {cost:2}) {reads()}")
        load.end()
    tokens(server, read, seconds)


def tokens(server, read, seconds):
    """The same read as a guest and with a token, in turns, so that both see the same machine."""
    token = server.sign_in(f"people{COSTS[0]}", "ann@example.com")
    signed = lambda connection: server.call("GET", server.post, connection=connection, token=token)
    connection, times, end = server.connect(), ([], []), time.monotonic() + seconds
    while time.monotonic() < end:
        for kind, work in enumerate((read, signed)):
            for _ in range(50):
                start = time.perf_counter()
                work(connection)
                times[kind].append(time.perf_counter() - start)
    guest, user = (statistics.median(kind) * 1e6 for kind in times)
    print(f"  a read as a guest {guest:.1f} µs, with a token {user:.1f} µs: {user - guest:.1f} µs more (medians)")


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    common.report()
    for name, binary in reversed(common.programs().items()):
        print(name)
        server = Server(name, binary)
        try:
            measure(server, seconds)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
