#!/usr/bin/env python3
"""Records small data directories of earlier PocketBase versions for `older.rs`, as SQL.

    record.py POCKETBASE OUTPUT.sql     with the executable of an earlier version

Everything is made through the server's own API, but for the indexes: those are made by hand, as some people do.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
import urllib.request

ADDRESS = "127.0.0.1:8097"
EMAIL, PASSWORD = "root@example.com", "1234567890"
BY_HAND = """
CREATE INDEX by_hand ON papers (b);
CREATE UNIQUE INDEX by_hand_partly ON papers (a, b COLLATE nocase) WHERE a != '';
CREATE INDEX "Odd Name" ON papers (b DESC);
CREATE INDEX like_the_defined ON papers (a);
CREATE INDEX of_expression ON papers (lower(a), length(b) DESC);
CREATE INDEX first_of_two ON notes (a);
CREATE INDEX second_of_two ON notes (a);
DROP INDEX idx_lost_a;
CREATE INDEX like_the_lost ON lost (a);
DROP INDEX idx_moved_a;
CREATE INDEX idx_moved_a ON notes (b);
CREATE TABLE own (x);
CREATE INDEX of_own ON own (x);
"""


def call(method, path, body, token=None):
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = token
    request = urllib.request.Request(
        f"http://{ADDRESS}{path}", json.dumps(body).encode(), headers, method=method
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


def fill():
    token = call(
        "POST",
        "/api/collections/_superusers/auth-with-password",
        {"identity": EMAIL, "password": PASSWORD},
    )["token"]
    fields = [{"type": "text", "name": "a"}, {"type": "text", "name": "b"}]
    for name in ("papers", "notes", "lost", "moved"):
        indexes = [] if name == "notes" else [f"CREATE INDEX `idx_{name}_a` ON `{name}` (`a`)"]
        body = {"name": name, "type": "base", "fields": fields, "indexes": indexes}
        call("POST", "/api/collections", body, token)
    call("POST", "/api/collections/papers/records", {"a": "kept", "b": "too"}, token)
    for name, mail in (("readers", {"subject": "Ours"}), ("writers", {"body": "Ours"})):
        made = call("POST", "/api/collections", {"name": name, "type": "auth"}, token)
        template = {**made["authAlert"]["emailTemplate"], **mail}
        alert = {"enabled": False, "emailTemplate": template}
        call("PATCH", f"/api/collections/{name}", {"authAlert": alert}, token)


def main():
    executable, output = os.path.abspath(sys.argv[1]), sys.argv[2]
    with tempfile.TemporaryDirectory() as home:
        data = os.path.join(home, "data")
        subprocess.run([executable, "superuser", "upsert", EMAIL, PASSWORD, "--dir", data], check=True)
        serve = [executable, "serve", "--dir", data, "--http", ADDRESS, "--automigrate=false"]
        server = subprocess.Popen(serve, cwd=home)
        try:
            deadline = time.monotonic() + 20
            while True:
                try:
                    fill()
                    break
                except OSError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(0.1)
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(20)
        database = sqlite3.connect(os.path.join(data, "data.db"))
        database.executescript(BY_HAND)
        with open(output, "w", encoding="utf-8") as file:
            # The transaction is the reader's own.
            lines = [line for line in database.iterdump() if line not in ("BEGIN TRANSACTION;", "COMMIT;")]
            file.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
