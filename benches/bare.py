"""How far the product is from a program that is nothing but axum and SQLite (benches/bare.rs): reads and a create.
What a connection alone costs is shown by a program that sends the same bytes to whatever comes (benches/constant.c).

    scripts/bench bare [--seconds 5] [--rounds 3] [--json FILE]

Both have a copy of one data directory. `wrk` sends each request over 32 connections, the programs taking turns, PocketBase
among them if it is there. Processor time is that of the server, in user and kernel mode, and that of `wrk`, for one request.
"""

import argparse
import json
import os
import re
import resource
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import common
from common import ROOT, Load, Server

FRESH = {"title": "water the plants", "rank": 5, "done": True}
RECORDS = "/api/collections/notes/records"
TICKS = os.sysconf("SC_CLK_TCK")


class Bare:
    """The bare program on a copy of the directory of another."""

    name = "bare"

    def __init__(self, binary, data):
        self.home = tempfile.mkdtemp()
        database = f"{self.home}/data.db"
        shutil.copy(data / "data.db", database)
        self.port = common.free_port()
        self.process = subprocess.Popen([binary, database, str(self.port)])
        ends = time.monotonic() + 20
        while subprocess.run(["curl", "-sf", f"http://127.0.0.1:{self.port}/api/health"], capture_output=True).returncode:
            if self.process.poll() is not None or time.monotonic() > ends:
                sys.exit("the bare program does not answer")
            time.sleep(0.01)

    def stop(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.home)


class Constant:
    """Sends the product's answer to whatever comes, for as long as the block lasts."""

    name = "constant"

    def __init__(self, program, answer):
        self.port = common.free_port()
        self.process = subprocess.Popen([program, str(self.port)], stdin=subprocess.PIPE)
        self.process.stdin.write(answer)
        self.process.stdin.close()
        common.wait_for(self.port)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def raw_answer(load, server):
    """The bytes that a server sends for a request, head and body."""
    body = json.dumps(load.body).encode() if load.body else b""
    lines = [f"{load.method} {load.path} HTTP/1.1", "Host: 127.0.0.1", "Content-Type: application/json", f"Content-Length: {len(body)}"]
    head = "".join(f"{line}\r\n" for line in [*lines, ""])
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as link, link.makefile("rb") as answer:
        link.sendall(head.encode() + body)
        lines = []
        while not lines or lines[-1] != b"\r\n":
            lines.append(answer.readline())
        length = next(int(line.split(b":")[1]) for line in lines if line.lower().startswith(b"content-length:"))
        return b"".join(lines) + answer.read(length)


def build():
    command = ["cargo", "bench", "--bench", "bare", "--no-run"]
    built = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, check=True).stderr
    return ROOT / re.search(r"Executable .*\((.*)\)", built)[1]


def seed(server):
    everybody = {rule: "" for rule in ("listRule", "viewRule", "createRule")}
    stamps = [
        {"name": "created", "type": "autodate", "onCreate": True},
        {"name": "updated", "type": "autodate", "onCreate": True, "onUpdate": True},
    ]
    fields = [{"name": "title", "type": "text"}, {"name": "rank", "type": "number"}, {"name": "done", "type": "bool"}, *stamps]
    server.call("POST", "/api/collections", {"name": "notes", "type": "base", "fields": fields, **everybody})
    server.call("PATCH", "/api/settings", {"logs": {"maxDays": 0}})
    ids = [server.call("POST", RECORDS, {**FRESH, "title": f"note {n}"})["id"] for n in range(300)]
    server.halt()
    return ids[7]


def times(server):
    """Seconds of processor time so far: the server's in user and in kernel mode, and that of every `wrk` that has ended."""
    with open(f"/proc/{server.process.pid}/stat", encoding="utf-8") as file:
        user, kernel = file.read().rsplit(")", 1)[1].split()[11:13]
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return int(user) / TICKS, int(kernel) / TICKS, ended.ru_utime + ended.ru_stime


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--json")
    arguments = arguments.parse_args()
    binary = build()
    sender = common.compiled("constant")
    programs = common.programs()
    first = Server("Stead", programs["Stead"])
    one = seed(first)
    servers = [Server(name, program, first.data) for name, program in programs.items()]
    product = servers[-1]
    servers.append(Bare(binary, first.data))
    shutil.rmtree(first.home)
    loads = {
        "view one record": Load("GET", f"{RECORDS}/{one}"),
        "list 30, without total": Load("GET", f"{RECORDS}?perPage=30&skipTotal=1"),
        "create": Load("POST", RECORDS, FRESH),
    }
    figures = {}
    try:
        print(f"{'':34}{'/s':>10}{'user, us':>10}{'kernel, us':>12}{'wrk, us':>10}")
        for title, load in loads.items():
            with Constant(sender, raw_answer(load, product)) as constant:
                measured = [*servers, constant]
                results = {server.name: [] for server in measured}
                for _ in range(arguments.rounds):
                    for server in measured:
                        before = times(server)
                        rate = load.drive(server, arguments.seconds)[0]
                        spent = [1e6 * (b - a) / (rate * arguments.seconds) for a, b in zip(before, times(server))]
                        results[server.name].append((rate, *spent))
            for name, rounds in results.items():
                rate, user, kernel, wrk = sorted(rounds)[len(rounds) // 2]
                figures[f"{title}, {name}"] = {"rate": rate, "user": user, "kernel": kernel, "wrk": wrk}
                print(f"{title + ', ' + name:34}{rate:10,.0f}{user:10.1f}{kernel:12.1f}{wrk:10.1f}", flush=True)
    finally:
        for server in servers:
            server.stop()
    common.report(figures, arguments.json)


if __name__ == "__main__":
    main()
