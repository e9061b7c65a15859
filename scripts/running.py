"""A server on a directory of its own, for the scripts beside this file."""

import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
EMAIL, PASSWORD = "root@example.com", "1234567890"


def executable():
    """STEAD_BIN, or a release that is built now."""
    if "STEAD_BIN" in os.environ:
        return pathlib.Path(os.environ["STEAD_BIN"]).resolve()
    subprocess.run(["cargo", "build", "--release"], cwd=ROOT, check=True)
    return TARGET / "release" / "stead"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, seconds=20):
    """Waits until somebody listens."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"nobody listens on port {port}")


def check(what, holds, told=""):
    print(f"{'ok  ' if holds else 'BAD '} {what}{'' if holds else f': {told}'}", flush=True)
    if not holds:
        raise SystemExit(1)


class Failed(Exception):
    def __init__(self, status, body):
        super().__init__(f"{status} {body[:300]}")
        self.status, self.body = status, body


class Stead:
    """A running server with a superuser. It ends with the block. `under` is a command that runs it, a profiler say."""

    def __init__(self, binary, arguments=(), environment=None, port=None, home=None, under=()):
        self.binary, self.arguments, self.under = str(binary), list(arguments), list(under)
        self.environment = {**os.environ, **(environment or {})}
        self.port = port or free_port()
        self.is_own_home = home is None
        self.home = pathlib.Path(home or tempfile.mkdtemp())
        self.data = self.home / "data"
        self.token, self.process = None, None

    def __enter__(self):
        self.run("superuser", "upsert", EMAIL, PASSWORD)
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()
        if self.is_own_home:
            shutil.rmtree(self.home, ignore_errors=True)

    def run(self, *arguments):
        command = [self.binary, *map(str, arguments), "--dir", str(self.data)]
        return subprocess.run(command, cwd=self.home, check=True, capture_output=True, text=True)

    def start(self):
        self.launch()
        if "--https" not in self.arguments:
            self.token = None
            self.token = self.ask(
                "POST", "/api/collections/_superusers/auth-with-password", {"identity": EMAIL, "password": PASSWORD}
            )["token"]

    def launch(self):
        """Starts without signing in."""
        command = [*self.under, self.binary, "serve", "--dir", str(self.data), *self.arguments]
        if "--https" not in self.arguments:
            command += ["--http", f"127.0.0.1:{self.port}"]
        self.process = subprocess.Popen(
            command, cwd=self.home, env=self.environment, stdout=subprocess.DEVNULL
        )
        if "--https" not in self.arguments:
            wait_for(self.port)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)

    def ask(self, method, path, data=None, connection=None):
        connection = connection or self.connect()
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = self.token
        connection.request(method, path, None if data is None else json.dumps(data), headers)
        answer = connection.getresponse()
        body = answer.read()
        if answer.status >= 300:
            raise Failed(answer.status, body)
        is_json = (answer.getheader("content-type") or "").startswith("application/json")
        return json.loads(body) if is_json and body else body
