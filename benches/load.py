"""Requests per second of the common reads and writes, start, memory and size, next to the reference.

    scripts/bench load [--seconds 5] [--rounds 3] [--only REGEX] [--json FILE]

One data directory is made and copied for both programs. `wrk` sends each request over 32 connections, the programs taking
turns round by round; medians and their ratio are printed beside the aim. An answer that is no success ends the run.
"""

import argparse
import itertools
import os
import pathlib
import random
import re
import shutil
import sqlite3
import statistics
import sys
import time

import common
from common import Load, Server

# The least ratio of the rates, and the least ratio of the times of single requests.
AIMS = {
    "view one record, public rule": 6,
    "view one record, rule through a back relation": 8,
    "list 30, without total": 10,
    "list 30 with total": 8,
    "list 30, relation rule, filter, sort": 12,
    "list 30 with expand": 10,
    "update": 5,
    "batch of 20 creates": 3,
    "create, public rule": 6,
    "create, relation rule": 9,
}
SINGLE_AIMS = {
    "list over 100,000 rows with total": 4,
    "list over 100,000 rows, text search": 3,
    "list over 20,000 rows, nested rule": 20,
}
# Equal requests of one burst get one answer. What different ones take is shown beside it.
IN_TURN = "view 300 records in turn, public rule"
# A total is remembered for as long as nothing changes. What the first search for some words takes is shown beside it.
NEW_WORDS = "list over 100,000 rows, other words each time"
# The most that may be used of what the reference uses.
SHARES = {"start, ms": 1.0, "memory at rest, MB": 0.5, "memory after load, MB": 0.5, "executable, MB": 0.75}
STARTS = 5
WORDS = "the quick brown fox jumps over a lazy dog while seven wizards quietly mix five dozen jars of liquor".split()


def relation(name, target, **more):
    return {"name": name, "type": "relation", "collectionId": target["id"], "maxSelect": 1, **more}


def seed(server):
    """Collections and rows; returns what the requests name."""
    call = server.call
    stamps = [
        {"name": "created", "type": "autodate", "onCreate": True},
        {"name": "updated", "type": "autodate", "onCreate": True, "onUpdate": True},
    ]
    text = {"name": "title", "type": "text"}
    make = lambda name, fields, **more: call("POST", "/api/collections", {"name": name, "type": "base", "fields": fields, **more})
    everybody = {rule: "" for rule in ("listRule", "viewRule", "createRule", "updateRule", "deleteRule")}
    users = call("GET", "/api/collections/users")
    make("notes", [text, {"name": "rank", "type": "number"}, {"name": "done", "type": "bool"}, *stamps], **everybody)
    team = make("teams", [text])
    make("seats", [relation("user", users), relation("team", team)], indexes=["CREATE INDEX seat ON seats (team, user)"])
    rule = '@request.auth.id != "" && team.seats_via_team.user ?= @request.auth.id'
    tasks = [relation("team", team, required=True), relation("owner", users), text, *stamps]
    index = ["CREATE INDEX task_team ON tasks (team)"]
    make("tasks", tasks, listRule=rule, viewRule=rule, createRule=rule, indexes=index)
    label = make("labels", [text, {"name": "active", "type": "bool"}])
    writer = make("writers", [text, relation("labels", label, maxSelect=9)])
    make("articles", [text, {"name": "body", "type": "editor"}, relation("writer", writer), *stamps], listRule="")
    nested = "writer.labels.active = true && writer.title != 'none'"
    make("drafts", [text, relation("writer", writer)], listRule=nested)
    call("PATCH", "/api/settings", {"batch": {"enabled": True, "maxRequests": 50}, "logs": {"maxDays": 0}})
    form = {"email": "ann@example.com", "password": common.PASSWORD, "passwordConfirm": common.PASSWORD}
    ann = call("POST", "/api/collections/users/records", form)
    mine = call("POST", "/api/collections/teams/records", {"title": "mine"})
    call("POST", "/api/collections/seats/records", {"user": ann["id"], "team": mine["id"]})
    task = {"team": mine["id"], "owner": ann["id"], "title": "water the plants"}
    add = lambda name, data: call("POST", f"/api/collections/{name}/records", data)["id"]
    notes = [add("notes", {"title": f"note {n}", "rank": n, "done": n % 2 == 0}) for n in range(300)]
    facts = {
        "token": server.sign_in("users", "ann@example.com"),
        "notes": notes,
        "note": notes[7],
        "task": [add("tasks", {**task, "title": f"task {n}"}) for n in range(300)][7],
        "new task": task,
        "team": mine["id"],
    }
    server.halt()
    fill(server.data / "data.db")
    return facts


def fill(path):
    """Rows in bulk, the same ones in every run."""
    chance = random.Random(11)
    new_id = lambda: "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=15))
    now, ids = "2026-01-02 03:04:05.678Z", {}
    database = sqlite3.connect(path)

    def put(table, columns, rows):
        rows = list(rows)
        ids[table] = [row[0] for row in rows]
        marks = ", ".join("?" * len(columns))
        database.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)

    some = lambda table, count: "[" + ",".join(f'"{one}"' for one in chance.sample(ids[table], count)) + "]"
    put("labels", ["id", "title", "active"], ((new_id(), f"label {n}", n % 10 != 0) for n in range(100)))
    put("writers", ["id", "title", "labels"], ((new_id(), f"writer {n}", some("labels", 3)) for n in range(1000)))
    one = lambda: chance.choice(ids["writers"])
    prose = lambda: " ".join(chance.choices(WORDS, k=75))
    columns = ["id", "title", "body", "writer", "created", "updated"]
    put("articles", columns, ((new_id(), f"article {n}", prose(), one(), now, now) for n in range(100_000)))
    put("drafts", ["id", "title", "writer"], ((new_id(), f"draft {n}", one()) for n in range(20_000)))
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def workloads(facts):
    records = lambda name, rest="": f"/api/collections/{name}/records{rest}"
    token, team = facts["token"], f"filter=(team='{facts['team']}')"
    fresh = {"title": "water the plants", "rank": 5, "done": True}
    batch = {"requests": [{"method": "POST", "url": records("notes"), "body": fresh} for _ in range(20)]}
    loads = (
        Load("GET", records("notes", f"/{facts['note']}")),
        Load("GET", records("tasks", f"/{facts['task']}"), token=token),
        Load("GET", records("notes", "?perPage=30&skipTotal=1")),
        Load("GET", records("notes", "?perPage=30")),
        Load("GET", records("tasks", f"?perPage=30&skipTotal=1&{team}&sort=-created"), token=token),
        Load("GET", records("tasks", f"?perPage=30&skipTotal=1&{team}&expand=team,owner"), token=token),
        Load("PATCH", records("notes", f"/{facts['note']}"), fresh),
        Load("POST", "/api/batch", batch),
        Load("POST", records("notes"), fresh),
        Load("POST", records("tasks"), facts["new task"], token),
    )
    return dict(zip(AIMS, loads))


def singles():
    paths = (
        "/api/collections/articles/records?perPage=30",
        "/api/collections/articles/records?perPage=30&filter=(body~'quick%20brown%20fox')",
        "/api/collections/drafts/records?perPage=30",
    )
    return dict(zip(SINGLE_AIMS, paths))


def searches():
    """One search after the other, none of which was asked before."""
    chance = random.Random(12)
    while True:
        words = "%20".join(chance.sample(WORDS, 3))
        yield f"/api/collections/articles/records?perPage=30&filter=(body~'{words}')"


def started(server):
    """Seconds to the first healthy answer and memory at rest, medians of several starts; the server runs afterwards."""
    starts, rest = [], []
    for _ in range(STARTS):
        server.halt()
        starts.append(server.start())
        time.sleep(0.3)
        rest.append(server.memory())
    return statistics.median(starts) * 1000, statistics.median(rest)


def row(title, before, now, ratio, aim, good, unit=""):
    print(f"{title:48}{before:10.1f}{now:10.1f}{ratio:8.2f}{aim:>7}  {unit}{'' if good else ' MISSED'}", flush=True)
    return good


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=int, default=5)
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--only", default="")
    arguments.add_argument("--json")
    arguments = arguments.parse_args()
    programs = common.programs()
    if len(programs) < 2:
        sys.exit("no reference binary: run scripts/conformance compare first, or set STEAD_REFERENCE")
    first = Server(*next(iter(programs.items())))
    facts = seed(first)
    servers = [Server(name, binary, first.data) for name, binary in programs.items()]
    shutil.rmtree(first.home)
    figures, outcomes = {}, []
    wanted = lambda title: re.search(arguments.only, title)

    def compare(title, before, now, ratio, aim, good, unit=""):
        figures[title] = {"PocketBase": before, "Stead": now, "ratio": ratio, "aim": aim}
        outcomes.append(row(title, before, now, ratio, aim, good, unit))

    try:
        resources = {"start, ms": [], "memory at rest, MB": []}
        for server in servers:
            for title, figure in zip(resources, started(server)):
                resources[title].append(figure)
        print(f"{'':48}{'PocketBase':>10}{'Stead':>10}{'ratio':>8}{'aim':>7}")
        for title, load in workloads(facts).items():
            if wanted(title):
                results = common.in_turns(servers, lambda _: load, arguments.seconds, arguments.rounds)
                before, now = results["PocketBase"][0], results["Stead"][0]
                compare(title, before, now, now / before, AIMS[title], now / before >= AIMS[title], "/s")
                figures[title]["p99"] = {name: result[2] for name, result in results.items()}
        if wanted(IN_TURN):
            paths = [f"/api/collections/notes/records/{note}" for note in facts["notes"]]
            load = Load("GET", paths[0], paths=paths)
            results = common.in_turns(servers, lambda _: load, arguments.seconds, arguments.rounds)
            before, now = results["PocketBase"][0], results["Stead"][0]
            figures[IN_TURN] = {"PocketBase": before, "Stead": now, "ratio": now / before}
            row(IN_TURN, before, now, now / before, "", True, "/s")
        resources["memory after load, MB"] = [server.memory() for server in servers]
        for title, path in singles().items():
            if wanted(title):
                results = common.one_by_one(servers, [path] * 5)
                before, now = results["PocketBase"], results["Stead"]
                compare(title, before, now, before / now, SINGLE_AIMS[title], before / now >= SINGLE_AIMS[title], "ms")
        if wanted(NEW_WORDS):
            results = common.one_by_one(servers, itertools.islice(searches(), 11))
            before, now = results["PocketBase"], results["Stead"]
            figures[NEW_WORDS] = {"PocketBase": before, "Stead": now, "ratio": before / now}
            row(NEW_WORDS, before, now, before / now, "", True, "ms")
        resources["executable, MB"] = [os.path.getsize(pathlib.Path(server.binary)) / 1e6 for server in servers]
        for title, (before, now) in resources.items():
            if wanted(title):
                compare(title, before, now, now / before, f"<={SHARES[title]}", now / before <= SHARES[title])
    finally:
        for server in servers:
            server.stop()
    common.report(figures, arguments.json)
    print(f"{sum(outcomes)} met, {len(outcomes) - sum(outcomes)} missed")
    sys.exit(0 if all(outcomes) else 1)


if __name__ == "__main__":
    main()
