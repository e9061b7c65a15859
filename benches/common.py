"""What the measurements share: the programs under test, their servers, and `wrk` (a Debian package) as the load.

Environment: STEAD_BIN names a release build (default: target/release/stead), STEAD_REFERENCE the reference binary
(default: the one that scripts/conformance keeps; "none" leaves it out).
"""

import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "scripts"))

from running import EMAIL, PASSWORD, ROOT, TARGET, Stead, free_port, wait_for  # noqa: E402

UNITS = {"us": 0.001, "ms": 1, "s": 1000, "m": 60000}


def programs():
    """The programs to measure by name, the product last."""
    stead = os.environ.get("STEAD_BIN", str(TARGET / "release" / "stead"))
    if not os.access(stead, os.X_OK):
        sys.exit(f"{stead} is no program: run `cargo build --release`, or set STEAD_BIN")
    found = {}
    if (reference := reference_binary()) is not None:
        found["PocketBase"] = reference
    found["Stead"] = stead
    return found


def reference_binary():
    if path := os.environ.get("STEAD_REFERENCE"):
        return path if os.access(path, os.X_OK) else None
    cache = pathlib.Path(os.environ.get("STEAD_REFERENCE_CACHE", TARGET / "reference"))
    return next((str(path) for path in sorted(cache.glob("pocketbase-*")) if os.access(path, os.X_OK)), None)


def compiled(name):
    """The program of a source in C beside this file."""
    program = TARGET / "bench" / name
    program.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", "-O2", "-o", program, ROOT / "benches" / f"{name}.c"], check=True)
    return program


def conditions():
    """What the figures were made with."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True)
    return {
        "commit": commit.stdout.strip(),
        "processors": os.cpu_count(),
        "system": f"{platform.system()} {platform.release()}",
        "command": " ".join([pathlib.Path(sys.argv[0]).name, *sys.argv[1:]]),
    }


class Server(Stead):
    """A program serving a directory of its own; the first superuser is signed in."""

    def __init__(self, name, binary, data=None, arguments=()):
        super().__init__(binary, arguments)
        self.name = name
        if data:
            shutil.copytree(data, self.data)
        else:
            self.run("superuser", "upsert", EMAIL, PASSWORD)
        self.start()
        self.token = self.sign_in("_superusers", EMAIL)

    def start(self):
        """Starts the program; returns the seconds until it is healthy."""
        self.port = free_port()
        began = time.perf_counter()
        command = [self.binary, "serve", "--dir", self.data, "--http", f"127.0.0.1:{self.port}", *self.arguments]
        self.process = subprocess.Popen(command, cwd=self.home, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while time.perf_counter() - began < 60:
            try:
                self.call("GET", "/api/health", token="")
                return time.perf_counter() - began
            except OSError:
                if self.process.poll() is not None:
                    raise RuntimeError(f"{self.name} ended at start")
                time.sleep(0.002)
        raise RuntimeError(f"{self.name} is not healthy after a minute")

    def halt(self):
        """Stops the program; its directory stays."""
        super().stop()

    def stop(self):
        self.halt()
        shutil.rmtree(self.home)

    def send(self, method, path, body=None, kind=None, connection=None, token=None):
        """The answer and its content; `token` "" asks as a guest, otherwise the superuser asks."""
        connection = connection or self.connect()
        headers = {"Content-Type": kind} if kind else {}
        if sent := self.token if token is None else token:
            headers["Authorization"] = sent
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{self.name}: {method} {path}: {answer.status} {content[:300]}")
        return answer, content

    def call(self, method, path, body=None, connection=None, token=None):
        """The JSON that is answered to JSON."""
        kind = None if body is None else "application/json"
        content = self.send(method, path, None if body is None else json.dumps(body), kind, connection, token)[1]
        return json.loads(content) if content else None

    def sign_in(self, collection, email, connection=None):
        form = {"identity": email, "password": PASSWORD}
        path = f"/api/collections/{collection}/auth-with-password"
        return self.call("POST", path, form, connection, token="")["token"]

    def memory(self, what="VmRSS"):
        """Resident memory in MB; VmHWM for the most there ever was."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(rf"{what}:\s+(\d+)", status)[1]) / 1024


class Load:
    """One request, sent over and over by `wrk`."""

    def __init__(self, method, path, body=None, token=None, paths=None):
        """`paths` are asked in turn instead of `path`."""
        self.method, self.path, self.body, self.token, self.paths = method, path, body, token, paths

    def script(self):
        lines = [f'wrk.method = "{self.method}"', 'wrk.headers["Content-Type"] = "application/json"']
        if self.token:
            lines.append(f'wrk.headers["Authorization"] = "{self.token}"')
        if self.body is not None:
            lines.append(f"wrk.body = [==[{json.dumps(self.body)}]==]")
        if self.paths:
            paths = ", ".join(f'"{path}"' for path in self.paths)
            lines.append(f"local paths, at = {{ {paths} }}, 0")
            lines.append("function request() at = at % #paths + 1; return wrk.format(nil, paths[at]) end")
        return "\n".join(lines) + "\n"

    def drive(self, server, seconds, connections=32):
        """(answers per second, median ms, 99th percentile ms); an answer that is no success is an error."""
        if shutil.which("wrk") is None:
            sys.exit("wrk is missing: install the package of that name")
        with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
            script.write(self.script())
            script.flush()
            command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "60s", "--latency"]
            url = f"http://127.0.0.1:{server.port}{self.path}"
            out = subprocess.run([*command, "-s", script.name, url], capture_output=True, text=True, check=True).stdout
        if bad := re.search(r"(Non-2xx or 3xx responses: \d+|Socket errors: .*)", out):
            raise RuntimeError(f"{server.name}: {self.method} {self.path}: {bad[1]}")
        tail = lambda share: (found := re.search(rf"{share}%\s+([\d.]+)(us|ms|s|m)\b", out)) and float(found[1]) * UNITS[found[2]]
        return float(re.search(r"Requests/sec:\s+([\d.]+)", out)[1]), tail(50), tail(99)


def in_turns(servers, load, seconds, rounds, connections=32):
    """Medians of (rate, median ms, 99th percentile ms) by server name, the servers taking turns."""
    results = {server.name: [] for server in servers}
    for _ in range(rounds):
        for server in servers:
            results[server.name].append(load(server).drive(server, seconds, connections))
    return {name: tuple(statistics.median(column) for column in zip(*rows)) for name, rows in results.items()}


def one_by_one(servers, paths, token="", before=None):
    """Median ms of one request at a time by server name, the servers taking turns with each path. `before` is done to a server before
    each of its requests, and not counted."""
    results = {server.name: [] for server in servers}
    for path in paths:
        for server in servers:
            if before:
                before(server)
            began = time.perf_counter()
            server.call("GET", path, token=token)
            results[server.name].append((time.perf_counter() - began) * 1000)
    return {name: statistics.median(figures) for name, figures in results.items()}


def report(figures=None, file=None):
    """Prints the conditions; with a file, writes them and the figures as JSON."""
    made_with = conditions()
    print(", ".join(f"{name}: {value}" for name, value in made_with.items()))
    if file:
        pathlib.Path(file).write_text(json.dumps({**made_with, "figures": figures}, indent=1) + "\n")
