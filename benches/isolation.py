"""Measures a point read beside everything that is slow, and what more work than there is capacity for does.

    scripts/bench isolation [SECONDS] [PART...]      SECONDS (default 15) for each figure; parts: isolation, overload, memory

isolation  p50 and p99 of a point read alone and while 8 clients run a list that reads every row and follows relations of
           several values, 8 sign in with passwords, 4 upload files of 20 MB and backups are made one after the other
overload   2,000 connections that all run that list; then 500 half-open connections and 200 clients that do not read their
           answers, beside which the point read is measured again
memory     peak memory (VmHWM) after an upload of 100 MB, a download of it, a backup, a list of 1,000 rows, and with 1,000 open
           realtime streams

STEAD_BIN names a release build (default: target/release/stead). The load comes from this machine too, in processes of its
own; nothing but Python is needed. ROWS (default 100000) is the size of the table.
"""

import http.client
import json
import multiprocessing
import os
import pathlib
import re
import resource
import select
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
ROWS = int(os.environ.get("ROWS", 100_000))
EMAIL, PASSWORD = "root@example.com", "1234567890"
HEAVY = "/api/collections/posts/records?perPage=200&sort=-body&filter=" + (
    "(body~'needle'%7C%7Ctags.name?~'needle'%7C%7Cauthor.tags.name?~'needle'%7C%7Cbody~'1')"
)
MULTIPART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.bin"\r\n\r\n'


class Server:
    """A server on a directory of its own with a large table."""

    def __init__(self, binary):
        self.binary, self.home = binary, tempfile.mkdtemp(prefix="bench-isolation-")
        self.data = os.path.join(self.home, "data")
        self.run("superuser", "upsert", EMAIL, PASSWORD)
        self.start()
        self.prepare()

    def run(self, *arguments):
        subprocess.run([self.binary, *arguments, "--dir", self.data], check=True, stdout=subprocess.DEVNULL, cwd=self.home)

    def start(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        log = open(os.path.join(self.home, "log"), "ab")
        command = [self.binary, "serve", "--dir", self.data, "--http", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.home)
        for _ in range(400):
            try:
                if self.call("GET", "/api/health")[0] == 200:
                    break
            except OSError:
                time.sleep(0.025)
        self.token = json.loads(self.sign_in("_superusers", EMAIL)[1])["token"]

    def stop(self):
        self.process.terminate()
        self.process.wait()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)

    def call(self, method, path, body=None, kind="application/json", connection=None, token=None):
        own = connection or self.connect()
        headers = {"Content-Type": kind} if body is not None else {}
        if token:
            headers["Authorization"] = token
        own.request(method, path, json.dumps(body) if isinstance(body, dict) else body, headers)
        answer = own.getresponse()
        return answer.status, answer.read()

    def must(self, *arguments, **named):
        status, body = self.call(*arguments, token=self.token, **named)
        if status >= 300:
            raise RuntimeError(f"{arguments[:2]}: {status} {body[:300]}")
        return json.loads(body) if body else None

    def sign_in(self, collection, email, connection=None):
        body = {"identity": email, "password": PASSWORD}
        return self.call("POST", f"/api/collections/{collection}/auth-with-password", body, connection=connection)

    def prepare(self):
        text, open_to_all = {"name": "name", "type": "text"}, {"listRule": "", "viewRule": "", "createRule": "", "deleteRule": ""}
        tags = self.must("POST", "/api/collections", {"name": "tags", "type": "base", "fields": [text], **open_to_all})["id"]
        several = {"name": "tags", "type": "relation", "collectionId": tags, "maxSelect": 9}
        fields = [text, several]
        authors = self.must("POST", "/api/collections", {"name": "authors", "type": "base", "fields": fields, **open_to_all})["id"]
        fields = [{"name": "body", "type": "text"}, {"name": "author", "type": "relation", "collectionId": authors}, several]
        self.must("POST", "/api/collections", {"name": "posts", "type": "base", "fields": fields, **open_to_all})
        fields = [{"name": "file", "type": "file", "maxSize": 200 << 20}]
        self.must("POST", "/api/collections", {"name": "files", "type": "base", "fields": fields, **open_to_all})
        self.must("PATCH", "/api/settings", {"logs": {"maxDays": 0}})
        person = {"email": "ann@example.com", "password": PASSWORD, "passwordConfirm": PASSWORD}
        self.must("POST", "/api/collections/users/records", person)
        self.stop()
        base = sqlite3.connect(os.path.join(self.data, "data.db"))
        ids = lambda prefix, count: [f"{prefix}{number:014}" for number in range(count)]
        tags, authors, posts = ids("t", 200), ids("a", 500), ids("p", ROWS)
        with base:
            base.executemany("INSERT INTO tags (id, name) VALUES (?, ?)", ((id, f"tag {id}") for id in tags))
            some = lambda number: json.dumps([tags[(number * 7 + step) % 200] for step in range(3)])
            rows = ((id, f"author {id}", some(at)) for at, id in enumerate(authors))
            base.executemany("INSERT INTO authors (id, name, tags) VALUES (?, ?, ?)", rows)
            rows = ((id, f"{at * 2654435761 % 2**32:010} " + "lorem ipsum " * 16, authors[at % 500], some(at)) for at, id in enumerate(posts))
            base.executemany("INSERT INTO posts (id, body, author, tags) VALUES (?, ?, ?, ?)", rows)
        base.close()
        self.post = f"/api/collections/posts/records/{posts[ROWS // 2]}"
        self.start()

    def memory(self):
        """Resident memory now and at its peak, in MB."""
        with open(f"/proc/{self.process.pid}/status") as status:
            text = status.read()
        return [int(re.search(rf"{name}:\s+(\d+)", text)[1]) / 1024 for name in ("VmRSS", "VmHWM")]

    def forget_peak(self):
        with open(f"/proc/{self.process.pid}/clear_refs", "w") as file:
            file.write("5")


def percentile(times, share):
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def point_reads(server, seconds):
    """Reads one after the other; the times in ms."""
    request = f"GET {server.post} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    times, end = [], time.monotonic() + seconds
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as link:
        link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while time.monotonic() < end:
            start = time.perf_counter()
            link.sendall(request)
            answer = link.recv(1 << 16)
            times.append((time.perf_counter() - start) * 1000)
            if not answer.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"a point read failed: {answer[:200]}")
            time.sleep(0.002)
    shown = f"p50 {percentile(times, 0.5):7.2f} ms, p99 {percentile(times, 0.99):7.2f} ms, max {max(times):7.1f} ms"
    print(f"    point read: {shown} ({len(times)} reads)")
    return percentile(times, 0.99)


class Load:
    """Clients in a process of their own that do something over and over."""

    def __init__(self, clients, work):
        self.ends = multiprocessing.Event()
        self.counts = multiprocessing.Manager().dict()
        self.process = multiprocessing.Process(target=self.serve, args=(clients, work))
        self.process.start()

    def serve(self, clients, work):
        statuses, lock = {}, threading.Lock()

        def run():
            while not self.ends.is_set():
                try:
                    status = work()
                except Exception as error:
                    status = repr(error)
                with lock:
                    statuses[status] = statuses.get(status, 0) + 1

        threads = [threading.Thread(target=run) for _ in range(clients)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        self.counts.update(statuses)

    def end(self):
        self.ends.set()
        self.process.join()
        return dict(self.counts)


def upload(server, content, connection=None):
    kind = "multipart/form-data; boundary=x"
    body = MULTIPART + content + b"\r\n--x--\r\n"
    status, answer = server.call("POST", "/api/collections/files/records", body, kind, connection)
    return status, json.loads(answer)


def upload_and_delete(server, content):
    status, made = upload(server, content)
    if status == 200:
        server.call("DELETE", f"/api/collections/files/records/{made['id']}")
    return status


def backup(server, name="bench.zip"):
    status, _ = server.call("POST", "/api/backups", {"name": name}, token=server.token)
    server.call("DELETE", f"/api/backups/{name}", token=server.token)
    return status


def isolation(server, seconds):
    print("isolation")
    start = time.perf_counter()
    status, body = server.call("GET", HEAVY)
    took = (time.perf_counter() - start) * 1000
    print(f"  the list alone takes {took:.0f} ms ({status}, {len(body)} bytes, {ROWS} rows)")
    content = os.urandom(20 << 20)
    loads = {
        "8 run the list": (8, lambda: server.call("GET", HEAVY)[0]),
        "8 sign in": (8, lambda: server.sign_in("users", "ann@example.com")[0]),
        "4 upload 20 MB": (4, lambda: upload_and_delete(server, content)),
        "backups": (1, lambda: backup(server)),
    }
    print("  nobody else")
    point_reads(server, min(seconds, 5))
    for name, load in loads.items():
        measure(server, seconds / 2, {name: load})
    return measure(server, seconds, loads)


def measure(server, seconds, loads):
    print("  " + ", ".join(loads))
    server.forget_peak()
    running = {name: Load(*load) for name, load in loads.items()}
    time.sleep(1)
    worst = point_reads(server, seconds)
    results = {name: load.end() for name, load in running.items()}
    print("    " + "; ".join(f"{name}: {counts}" for name, counts in results.items()))
    print("    memory: %.0f MB, peak %.0f MB" % tuple(server.memory()))
    bad = [name for name, counts in results.items() if any(status not in (200, 204) for status in counts)]
    if bad:
        print(f"    FAILED: {bad}")
    return worst, bad


def flood(server, connections, seconds):
    """So many connections that each ask for the list again as soon as they are answered."""
    request = f"GET {HEAVY} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    poll, links, counts, waiting = select.epoll(), {}, {}, {}
    for _ in range(connections):
        link = socket.create_connection(("127.0.0.1", server.port), timeout=10)
        link.setblocking(False)
        links[link.fileno()] = link
        poll.register(link, select.EPOLLIN)
    for link in links.values():
        link.send(request)
    end, retry = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        for number, _ in poll.poll(0.5):
            link = links[number]
            try:
                data = waiting.pop(number, b"") + link.recv(1 << 20)
            except OSError as error:
                counts[repr(error)] = counts.get(repr(error), 0) + 1
                poll.unregister(link)
                continue
            if not data:
                counts["closed"] = counts.get("closed", 0) + 1
                poll.unregister(link)
                continue
            head, found, rest = data.partition(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head)
            if not found or not length or len(rest) < int(length[1]):
                waiting[number] = data
                continue
            status = head[9:12].decode()
            counts[status] = counts.get(status, 0) + 1
            if status == "503":
                retry += b"retry-after" in head
                # It does as it is told, more or less.
                time.sleep(0)
            link.send(request)
    for link in links.values():
        link.close()
    return counts, retry


def overload(server, seconds):
    print("overload")
    server.forget_peak()
    results = multiprocessing.Manager().list()
    child = multiprocessing.Process(target=lambda: results.extend(flood(server, 2000, seconds)))
    child.start()
    time.sleep(2)
    worst = point_reads(server, seconds - 3)
    child.join()
    counts, retry = results
    print(f"    2,000 connections run the list: {dict(counts)}, {retry} with Retry-After")
    print("    memory: %.0f MB, peak %.0f MB" % tuple(server.memory()))
    print(f"    alive afterwards: {server.call('GET', '/api/health')[0]}")
    links = []
    for _ in range(500):
        link = socket.create_connection(("127.0.0.1", server.port))
        link.sendall(b"GET /api/health HTTP/1.1\r\nHost: x\r\n")
        links.append(link)
    for _ in range(200):
        link = socket.socket()
        link.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        link.connect(("127.0.0.1", server.port))
        link.sendall(b"GET /api/collections/posts/records?perPage=1000&skipTotal=1 HTTP/1.1\r\nHost: x\r\n\r\n")
        links.append(link)
    time.sleep(2)
    print("  500 half-open connections, 200 clients that do not read")
    point_reads(server, min(seconds, 5))
    print("    memory: %.0f MB, peak %.0f MB" % tuple(server.memory()))
    for link in links:
        link.close()
    return worst


def memory(server):
    print("memory (VmHWM above what it was before)")
    server.stop()
    server.start()

    def step(name, work):
        time.sleep(0.5)
        server.forget_peak()
        before = server.memory()[0]
        work()
        now, peak = server.memory()
        print(f"  {name:44} before {before:6.1f} MB, peak {peak:6.1f} MB, after {now:6.1f} MB")

    step("at rest", lambda: None)
    step("a list of 1,000 rows", lambda: server.call("GET", "/api/collections/posts/records?perPage=1000"))
    content = os.urandom(100 << 20)
    made = {}
    step("an upload of 100 MB", lambda: made.update(upload(server, content)[1]))
    path = f"/api/files/files/{made['id']}/{made['file']}"
    step("a download of 100 MB", lambda: server.call("GET", path))
    step("a backup with it", lambda: server.must("POST", "/api/backups", {"name": "memory.zip"}))
    step("a download of the backup", lambda: download_backup(server))
    links = []

    def streams():
        for _ in range(1000):
            link = socket.create_connection(("127.0.0.1", server.port))
            link.sendall(b"GET /api/realtime HTTP/1.1\r\nHost: x\r\n\r\n")
            while b"clientId" not in link.recv(4096):
                pass
            links.append(link)

    step("1,000 open realtime streams", streams)


def download_backup(server):
    token = server.must("POST", "/api/files/token")["token"]
    with socket.create_connection(("127.0.0.1", server.port)) as link:
        link.sendall(f"GET /api/backups/memory.zip?token={token} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())
        total = 0
        while data := link.recv(1 << 20):
            total += len(data)
    if total < 50 << 20:
        raise RuntimeError("the backup is short")


def main():
    arguments = sys.argv[1:]
    seconds = float(arguments.pop(0)) if arguments and arguments[0].replace(".", "").isdigit() else 15
    parts = arguments or ["isolation", "overload", "memory"]
    multiprocessing.set_start_method("fork")
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    binary = os.environ.get("STEAD_BIN", str(TARGET / "release" / "stead"))
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    print(f"{binary}, working copy at {commit.stdout.strip()}, {os.cpu_count()} processors")
    server = Server(binary)
    missed = False
    try:
        if "isolation" in parts:
            worst, bad = isolation(server, seconds)
            missed = worst >= 25 or bool(bad)
            print(f"  point read below 25 ms at p99 and no failure: {'MISSED' if missed else 'met'}")
        if "overload" in parts:
            overload(server, seconds)
        if "memory" in parts:
            memory(server)
    finally:
        server.stop()
        shutil.rmtree(server.home)
    sys.exit(missed)


if __name__ == "__main__":
    main()
