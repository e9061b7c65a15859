"""Measures what operating a server costs its users, against the limits the project has set itself.

    scripts/bench ops [PART]...     parts: logging replica backup restore; all of them without one

Uses STEAD_BIN, or builds a release, and wrk for load. MEGABYTES sets the size of the database (default 1000), SECONDS the
length of a measurement (default 4). Exits with 1 when a limit is missed.
"""

import json
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import common  # finds `running`
from running import Failed, Stead, executable

MEGABYTES = int(os.environ.get("MEGABYTES", 1000))
SECONDS = float(os.environ.get("SECONDS", 4))
ROUNDS = 5
WRITERS = 4
missed = []


def told(what, value, unit, limit=None, is_fine=True):
    verdict = "" if limit is None else f"   (limit {limit}{'' if is_fine else ', MISSED'})"
    print(f"{what:58}{value:>12} {unit}{verdict}", flush=True)
    if not is_fine:
        missed.append(what)


def wrk(url, script=None, connections=16, seconds=SECONDS):
    """Requests answered per second."""
    if not shutil.which("wrk"):
        raise SystemExit("wrk is missing")
    command = ["wrk", "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s"]
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as file:
        if script:
            file.write(script)
            file.flush()
            command += ["-s", file.name]
        text = subprocess.run([*command, url], check=True, capture_output=True, text=True).stdout
    if "Non-2xx" in text or "Socket errors" in text:
        raise SystemExit(f"requests failed:\n{text}")
    return float(text.split("Requests/sec:")[1].split()[0])


def alternating(one, other):
    """What two things give that are measured in turn, so that what else the machine does hits both: the medians, and the
    median of what the second costs compared to the first of the same turn."""
    ones, others = [], []
    for turn in range(ROUNDS):
        pair = [(one, ones), (other, others)]
        for measure, results in pair if turn % 2 == 0 else reversed(pair):
            results.append(measure())
    cost = statistics.median(1 - second / first for first, second in zip(ones, others))
    return statistics.median(ones), statistics.median(others), cost * 100


def things(stead):
    fields = [{"name": "title", "type": "text"}, {"name": "body", "type": "text", "max": 100_000}]
    stead.ask("POST", "/api/collections", {
        "name": "things", "type": "base", "listRule": "", "viewRule": "", "createRule": "", "fields": fields,
    })


CREATE = """wrk.method = "POST"
wrk.body = '{"title": "a title of some length", "body": "and a body that is somewhat longer than that"}'
wrk.headers["Content-Type"] = "application/json"
"""


def logging(binary):
    print("\nThe log of requests, on reads of one record")
    with Stead(binary) as stead:
        things(stead)
        made = stead.ask("POST", "/api/collections/things/records", {"title": "x", "body": "y"})
        url = f"http://127.0.0.1:{stead.port}/api/collections/things/records/{made['id']}"

        def with_days(days):
            stead.ask("PATCH", "/api/settings", {"logs": {"maxDays": days}})
            return wrk(url)

        wrk(url, seconds=1)
        without, with_log, cost = alternating(lambda: with_days(0), lambda: with_days(5))
        told("without", f"{without:.0f}", "per s")
        told("with", f"{with_log:.0f}", "per s")
        told("cost", f"{cost:.1f}", "%", "5 %", cost <= 5)


def replica(binary):
    print("\nThe continuous backup, on creates")
    with tempfile.TemporaryDirectory() as place, Stead(binary) as alone, Stead(binary, ["--replica", place]) as kept:
        for stead in (alone, kept):
            things(stead)
        path = "/api/collections/things/records"

        def creates(stead):
            return wrk(f"http://127.0.0.1:{stead.port}{path}", CREATE)

        for stead in (alone, kept):
            wrk(f"http://127.0.0.1:{stead.port}{path}", CREATE, seconds=1)
        without, with_replica, cost = alternating(lambda: creates(alone), lambda: creates(kept))
        told("without", f"{without:.0f}", "per s")
        told("with", f"{with_replica:.0f}", "per s")
        told("cost", f"{cost:.1f}", "%", "10 %", cost <= 10)
        told("lag behind the writers", kept.ask("GET", "/api/stead/replica")["lagMs"], "ms")


def fill(stead):
    """Makes the database as large as wanted; faster than over HTTP."""
    stead.stop()
    database = sqlite3.connect(stead.data / "data.db")
    rows = MEGABYTES * 1000
    database.execute("PRAGMA synchronous = OFF")
    for start in range(0, rows, 100_000):
        count = min(100_000, rows - start)
        database.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) "
            "INSERT INTO things (id, title, body) "
            "SELECT printf('r%014d', ? + i), 'title ' || i, hex(randomblob(250)) || hex(zeroblob(200)) FROM n",
            (count, start),
        )
        database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    stead.start()
    return rows


class Writers:
    """Writes all the time and keeps what was acknowledged and how long it took."""

    def __init__(self, stead):
        self.stead, self.ids, self.times, self.errors = stead, [], [], []
        self.end, self.lock = threading.Event(), threading.Lock()
        self.threads = [threading.Thread(target=self.write) for _ in range(WRITERS)]

    def write(self):
        connection = self.stead.connect()
        while not self.end.is_set():
            began = time.monotonic()
            try:
                made = self.stead.ask("POST", "/api/collections/things/records", {"title": "while"}, connection)
            except (OSError, Failed) as error:
                self.errors.append(error)
                return
            with self.lock:
                self.times.append((began, time.monotonic() - began))
                self.ids.append(made["id"])
            time.sleep(0.002)

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.end.set()
        for thread in self.threads:
            thread.join()

    def p99(self, start, end):
        times = sorted(took for began, took in self.times if start <= began < end)
        return times[int(len(times) * 0.99)] * 1000 if times else float("nan")


def backup(binary, and_restore):
    print(f"\nA backup of {MEGABYTES} MB while {WRITERS} clients write")
    with Stead(binary) as stead:
        things(stead)
        rows = fill(stead)
        size = (stead.data / "data.db").stat().st_size
        told("the database", f"{size / 1e6:.0f}", "MB")
        with Writers(stead) as writers:
            time.sleep(1)
            begin = time.monotonic()
            time.sleep(max(SECONDS * 2, 8))
            middle = time.monotonic()
            before = list(writers.ids)
            stead.ask("POST", "/api/backups", {"name": "a.zip"})
            end = time.monotonic()
            time.sleep(0.5)
        quiet, busy = writers.p99(begin, middle), writers.p99(middle, end)
        told("it takes", f"{end - middle:.1f}", "s")
        told("the archive", f"{(stead.data / 'backups/a.zip').stat().st_size / 1e6:.0f}", "MB")
        told("writes meanwhile", len([1 for at, _ in writers.times if middle <= at < end]), "")
        told("99 of 100 writes take at most, before", f"{quiet:.2f}", "ms")
        told("and meanwhile", f"{busy:.2f}", "ms")
        told("which is", f"{busy / quiet:.2f}", "times", "3", busy <= 3 * quiet)
        total = stead.ask("GET", "/api/collections/things/records?perPage=1")["totalItems"]
        lost = rows + len(writers.ids) - total + len(writers.errors)
        told("lost writes", lost, "", 0, lost == 0)
        if and_restore:
            print(f"\nRestoring {MEGABYTES} MB")
            began = time.monotonic()
            stead.ask("POST", "/api/backups/a.zip/restore")
            accepted = time.monotonic()
            while True:
                try:
                    total = stead.ask("GET", "/api/collections/things/records?perPage=1")["totalItems"]
                    if not (stead.data / ".stead_restore").exists():
                        break
                except (OSError, Failed):
                    pass
                time.sleep(0.02)
            took = time.monotonic() - began
            told("an archive: unpacked and checked after", f"{accepted - began:.1f}", "s")
            told("an archive: served after", f"{took:.1f}", "s", "30 s", took < 30)
            there = rows <= total <= rows + len(writers.ids)
            missing = 0
            for one in before[:: max(1, len(before) // 50)]:
                try:
                    stead.ask("GET", f"/api/collections/things/records/{one}")
                except Failed:
                    missing += 1
            told("records of before that are missing", missing if there else "many", "", 0, there and missing == 0)


def restore_of_a_replica(binary):
    with tempfile.TemporaryDirectory() as place, Stead(binary, ["--replica", place]) as stead:
        things(stead)
        fill(stead)
        for _ in range(3000):
            status = stead.ask("GET", "/api/stead/replica")
            if status.get("lagMs") is not None and status["lagMs"] < 2000 and not status.get("error"):
                break
            time.sleep(0.1)
        time.sleep(2)
        began = time.monotonic()
        to = stead.home / "restored"
        subprocess.run([binary, "restore", "--from", place, "--to", to], check=True, capture_output=True)
        took = time.monotonic() - began
        told("a replica: restored after", f"{took:.1f}", "s", "30 s", took < 30)
        database = sqlite3.connect(f"file:{to}/data.db?mode=ro", uri=True)
        (found,) = database.execute("SELECT count(*) FROM things").fetchone()
        told("records that are missing", MEGABYTES * 1000 - found, "", 0, found == MEGABYTES * 1000)


def main():
    parts = sys.argv[1:] or ["logging", "replica", "backup", "restore"]
    binary = executable()
    print(f"{binary}, {os.cpu_count()} processors")
    if "logging" in parts:
        logging(binary)
    if "replica" in parts:
        replica(binary)
    if "backup" in parts or "restore" in parts:
        backup(binary, "restore" in parts)
    if "restore" in parts:
        restore_of_a_replica(binary)
    if missed:
        raise SystemExit("\nmissed: " + ", ".join(missed))


if __name__ == "__main__":
    main()
