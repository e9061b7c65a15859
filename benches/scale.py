"""How cost grows: with connections, with rows and with collections; next to the reference.

    scripts/bench scale [--seconds 3] [--most-rows 1000000] [--json FILE]

Rates are answers per second of `wrk`; single requests are medians of five, in ms. Each program works on a copy of the same
directory, and they take turns.
"""

import argparse
import random
import shutil
import sqlite3

import common
from common import Load, Server

CONNECTIONS = (1, 16, 64, 256)
ROWS = (1_000, 10_000, 100_000, 1_000_000)
COLLECTIONS = (1, 10, 50, 200)
# So many different records are read in turn, lest one hot page answers all.
POINTS = 500
OPEN = {rule: "" for rule in ("listRule", "viewRule", "createRule")}
FIELDS = [
    {"name": "title", "type": "text"},
    {"name": "city", "type": "text"},
    {"name": "rank", "type": "number"},
    {"name": "created", "type": "autodate", "onCreate": True},
]
FRESH = {"title": "a title of some length", "city": "city 7", "rank": 7}


def collection(server, name):
    index = [f"CREATE INDEX {name}_city ON {name} (city)"]
    server.call("POST", "/api/collections", {"name": name, "type": "base", "fields": FIELDS, "indexes": index, **OPEN})


def fill(server, name, rows):
    """Rows in bulk while the server is down; returns some of their ids."""
    chance = random.Random(rows)
    new_id = lambda: "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=15))
    points, every = [], max(1, rows // POINTS)
    database = sqlite3.connect(server.data / "data.db")

    def made():
        for number in range(rows):
            one = new_id()
            if number % every == 0:
                points.append(one)
            yield one, f"title {number}", f"city {number % (rows // 20)}", number, "2026-01-02 03:04:05.678Z"

    database.executemany(f"INSERT INTO {name} (id, title, city, rank, created) VALUES (?, ?, ?, ?, ?)", made())
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return points


class Table:
    """Prints rows of figures as they come and keeps them."""

    def __init__(self, servers, figures):
        self.names, self.figures = [server.name for server in servers], figures

    def title(self, text):
        print(f"\n{text:48}" + "".join(f"{name:>14}" for name in self.names))

    def row(self, title, results, unit):
        values = {name: result[0] if isinstance(result, tuple) else result for name, result in results.items()}
        self.figures[title] = {**values, "unit": unit}
        columns = "".join(f"{values[name]:14,.1f}" for name in self.names)
        print(f"{title:48}{columns}  {unit}", flush=True)


def connections(servers, table, seconds):
    table.title("connections")
    for server in servers:
        collection(server, "few")
        server.one = server.call("POST", "/api/collections/few/records", FRESH)["id"]
    read = lambda server: Load("GET", f"/api/collections/few/records/{server.one}")
    write = lambda _: Load("POST", "/api/collections/few/records", FRESH)
    for title, load in (("view", read), ("create", write)):
        for count in CONNECTIONS:
            results = common.in_turns(servers, load, seconds, 1, count)
            table.row(f"{title}, {count} connections", results, "/s")


def rows(programs, table, seconds, most):
    table.title("rows")
    for count in (count for count in ROWS if count <= most):
        first = Server(*next(iter(programs.items())))
        collection(first, "many")
        first.halt()
        points = fill(first, "many", count)
        servers = [Server(name, binary, first.data) for name, binary in programs.items()]
        shutil.rmtree(first.home)
        base = "/api/collections/many/records"
        try:
            paths = [f"{base}/{point}" for point in points]
            read = lambda _: Load("GET", base, paths=paths)
            table.row(f"view, {count:,} rows", common.in_turns(servers, read, seconds, 1), "/s")
            for title, query in (
                ("page 1 without total", "?perPage=30&skipTotal=1"),
                ("page in the middle", f"?perPage=30&skipTotal=1&page={count // 60}"),
                ("filter with index", "?perPage=30&skipTotal=1&filter=(city='city%203')"),
                ("filter without index", f"?perPage=30&skipTotal=1&filter=(rank={count - 3})"),
            ):
                table.row(f"{title}, {count:,} rows", common.one_by_one(servers, [base + query] * 5), "ms")
            # A total is remembered for as long as nothing changes.
            written = lambda server: server.call("POST", base, FRESH)
            for title, query in (("page 1 with total", ""), ("filter without index, with total", "&filter=(rank%3E10)")):
                pages = [f"{base}?perPage=30&page={page}{query}" for page in range(1, 6)]
                first = common.one_by_one(servers, pages[:1] * 5, before=written)
                table.row(f"{title}, {count:,} rows", first, "ms")
                table.row(f"{title}, further pages, {count:,} rows", common.one_by_one(servers, pages), "ms")
            # Last, because the faster one has more rows afterwards.
            write = lambda _: Load("POST", base, FRESH)
            table.row(f"create, {count:,} rows", common.in_turns(servers, write, seconds, 1), "/s")
        finally:
            for server in servers:
                server.stop()


def collections(servers, table, seconds):
    table.title("collections")
    made = 0
    for count in COLLECTIONS:
        for server in servers:
            for number in range(made, count):
                collection(server, f"c{number}")
            server.one = server.call("POST", "/api/collections/c0/records", FRESH)["id"]
        made = count
        read = lambda server: Load("GET", f"/api/collections/c0/records/{server.one}")
        write = lambda _: Load("POST", "/api/collections/c0/records", FRESH)
        table.row(f"view, {count} collections", common.in_turns(servers, read, seconds, 1), "/s")
        table.row(f"create, {count} collections", common.in_turns(servers, write, seconds, 1), "/s")


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--seconds", type=int, default=3)
    arguments.add_argument("--most-rows", type=int, default=ROWS[-1])
    arguments.add_argument("--json")
    arguments = arguments.parse_args()
    programs, figures = common.programs(), {}
    for part in (connections, collections):
        servers = [Server(name, binary) for name, binary in programs.items()]
        try:
            part(servers, Table(servers, figures), arguments.seconds)
        finally:
            for server in servers:
                server.stop()
    names = [type("Name", (), {"name": name}) for name in programs]
    rows(programs, Table(names, figures), arguments.seconds, arguments.most_rows)
    common.report(figures, arguments.json)


if __name__ == "__main__":
    main()
