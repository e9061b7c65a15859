"""Measures realtime delivery, next to the reference: the same clients, the same writes.

    scripts/bench realtime                  1,000 subscribers
    scripts/bench realtime delivery         only how long one event takes; "creates" for the other half
    STREAMS=10000 scripts/bench realtime    and the memory of so many idle streams

Creates per second without and with 1,000 subscribers (200 users, an owner rule), and the time until one event has reached
1,000 subscribers, without a rule and with one that each of the 200 users meets. The times are the kernel's: `arrivals.c`, which
the C compiler makes, reads the streams when all is over. Rates are seen by this process, which reads with epoll meanwhile.
"""

import http.client
import os
import re
import resource
import select
import socket
import statistics
import subprocess
import sys
import threading
import time

import common
from common import PASSWORD, Server

SUBSCRIBERS, USERS, SECONDS, WRITERS = 1000, 200, 5, 8


class Streams:
    """Open streams; counts the events that arrive on all of them together."""

    def __init__(self, server, count, subscribe):
        self.poll = select.epoll()
        self.sockets, self.events = {}, 0
        control = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        for number in range(count):
            link = socket.create_connection(("127.0.0.1", server.port))
            link.sendall(b"GET /api/realtime HTTP/1.1\r\nHost: x\r\n\r\n")
            hello = b""
            while b"clientId" not in hello or not hello.rstrip(b"\r\n").endswith(b"}"):
                hello += link.recv(4096)
            client = re.search(rb'"clientId":"(\w+)"', hello)[1].decode()
            topics, token = subscribe(number)
            if topics:
                server.call("POST", "/api/realtime", {"clientId": client, "subscriptions": topics}, control, token or "")
            link.setblocking(False)
            self.sockets[link.fileno()] = link
            self.poll.register(link, select.EPOLLIN)

    def drain(self, timeout):
        for number, _ in self.poll.poll(timeout):
            try:
                data = self.sockets[number].recv(1 << 20)
            except BlockingIOError:
                continue
            self.events += data.count(b'"action":"')

    def close(self):
        for link in self.sockets.values():
            link.close()


class Arrivals:
    """A program that tells when an event has arrived on all of the streams."""

    def __init__(self, streams):
        numbers = list(streams.sockets)
        self.process = subprocess.Popen(
            [common.compiled("arrivals"), *map(str, numbers)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=numbers, text=True
        )
        self.process.stdout.readline()

    def next(self):
        """The time at which the event that is on its way was there everywhere, in nanoseconds of the real-time clock."""
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.wait(10)


def creates(server, data_of, seconds):
    """Creates per second by several writers."""
    counts, stop = [0] * WRITERS, time.monotonic() + seconds

    def write(slot):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        while time.monotonic() < stop:
            server.call("POST", "/api/collections/owned/records", data_of(slot + counts[slot]), connection)
            counts[slot] += 1

    threads = [threading.Thread(target=write, args=(slot,)) for slot in range(WRITERS)]
    [thread.start() for thread in threads]
    return threads, counts


def measure(name, binary, parts):
    print(f"\n{name}")
    server = Server(name, binary)
    users = server.call("GET", "/api/collections/users")
    owner = {"name": "owner", "type": "relation", "collectionId": users["id"], "maxSelect": 1}
    owners = {"name": "owners", "type": "relation", "collectionId": users["id"], "maxSelect": USERS}
    fields = [{"name": "title", "type": "text"}, owner, owners]
    rules = {"open": "", "owned": "owner = @request.auth.id", "shared": "owners.id ?= @request.auth.id"}
    for name, rule in rules.items():
        form = {"name": name, "type": "base", "listRule": rule, "viewRule": rule, "fields": fields}
        server.call("POST", "/api/collections", form)
    if "delivery" in parts:
        delivery(server)
    if "creates" in parts:
        watched_creates(server)
    server.stop()
    if idle := int(os.environ.get("STREAMS", "0")):
        server = Server(name, binary)
        empty = server.memory()
        streams = Streams(server, idle, lambda number: (["users/*"], None))
        time.sleep(1)
        print(f"  memory of {idle} idle streams, MB  {server.memory():10.0f}   ({empty:.0f} before)")
        streams.close()
        server.stop()


def delivery(server):
    """The time until one event has reached all: without a rule, and with one that lets the owners see it, who are all."""
    ids, tokens = members(server, "d")
    for name, data, subscribe in [
        ("open", {"title": "x"}, lambda number: (["open/*"], None)),
        ("shared", {"title": "x", "owners": ids}, lambda number: (["shared/*"], tokens[number % USERS])),
    ]:
        streams = Streams(server, SUBSCRIBERS, subscribe)
        writer = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        times = []
        with Arrivals(streams) as arrivals:
            for _ in range(51):
                start = time.time_ns()
                server.call("POST", f"/api/collections/{name}/records", data, writer)
                times.append((arrivals.next() - start) / 1e6)
        rule = {"open": "no rule", "shared": f"{USERS} users, an owner rule"}[name]
        print(f"  one event to {SUBSCRIBERS}, median ms        {statistics.median(times):10.1f}   (from the request on; {rule})")
        streams.close()


def members(server, prefix):
    """Users that are made here: their ids and tokens."""
    ids, tokens = [], []
    for number in range(USERS):
        email = f"{prefix}{number}@example.com"
        data = {"email": email, "password": PASSWORD, "passwordConfirm": PASSWORD}
        ids.append(server.call("POST", "/api/collections/users/records", data)["id"])
        tokens.append(server.sign_in("users", email))
    return ids, tokens


def watched_creates(server):
    ids, tokens = members(server, "u")
    data_of = lambda number: {"title": "a title of some length", "owner": ids[number % USERS]}

    threads, counts = creates(server, data_of, SECONDS)
    [thread.join() for thread in threads]
    alone = sum(counts) / SECONDS
    print(f"  creates/s without subscribers     {alone:10.0f}")

    streams = Streams(server, SUBSCRIBERS, lambda number: (["owned/*"], tokens[number % USERS]))
    threads, counts = creates(server, data_of, SECONDS)
    while any(thread.is_alive() for thread in threads):
        streams.drain(0.05)
    quiet = time.monotonic() + 10
    expected = sum(counts) * SUBSCRIBERS // USERS
    while streams.events < expected and time.monotonic() < quiet:
        streams.drain(0.05)
    watched = sum(counts) / SECONDS
    print(f"  creates/s with {SUBSCRIBERS} subscribers      {watched:10.0f}   ({watched / alone:.2f} of it; {streams.events} of {expected} events)")
    streams.close()


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    common.report()
    for name, binary in reversed(common.programs().items()):
        measure(name, binary, sys.argv[1:] or ["delivery", "creates"])
