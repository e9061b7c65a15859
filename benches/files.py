"""Measures thumbnails, uploads and downloads, next to the reference.

    scripts/bench files [SECONDS]      both programs, SECONDS (default 10) for each figure

Pillow, which makes the pictures, is installed into target/bench on the first run.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time

import common
from common import TARGET, Server

CLIENTS = 4

# Linux throws away what arrives on a TCP connection.
DISCARD = getattr(socket, "MSG_TRUNC", 0) if sys.platform == "linux" else 0


def pictures():
    """A 12-megapixel picture like a photo, in every format thumbnails are made of."""
    folder = TARGET / "bench"
    names = ["photo.jpg", "progressive.jpg", "photo.png", "photo.webp"]
    if not all((folder / name).exists() for name in names):
        python = folder / "python" / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", folder / "python"], check=True)
            subprocess.run([python, "-m", "pip", "install", "--quiet", "pillow"], check=True)
        code = """
import random, sys
from PIL import Image, ImageChops
random.seed(7)
size = (4000, 3000)
picture = Image.new("RGB", size, (40, 60, 80))
for step, share in ((500, 0.5), (128, 0.4), (32, 0.3), (8, 0.2)):
    small = (size[0] // step, size[1] // step)
    layer = Image.frombytes("RGB", small, random.randbytes(small[0] * small[1] * 3)).resize(size, Image.BICUBIC)
    picture = Image.blend(picture, layer, share)
noise = Image.effect_noise(size, 12).convert("RGB")
picture = Image.blend(picture, noise, 0.08)
picture.save("photo.jpg", quality=90)
picture.save("progressive.jpg", quality=90, progressive=True)
picture.save("photo.png", compress_level=1)
picture.save("photo.webp", quality=85)
"""
        subprocess.run([python, "-c", code], check=True, cwd=folder)
    return {name: (folder / name).read_bytes() for name in names}


class Gallery(Server):
    def upload(self, name, content, connection=None):
        body = b'--x\r\nContent-Disposition: form-data; name="p"; filename="%s"\r\n\r\n%s\r\n--x--\r\n'
        body %= (name.encode(), content)
        path = "/api/collections/pics/records"
        made = json.loads(self.send("POST", path, body, "multipart/form-data; boundary=x", connection)[1])
        return f"/api/files/pics/{made['id']}/{made['p']}"

    def get(self, path, connection=None):
        return self.send("GET", path, connection=connection)[0]

    def receive(self, path, length, connection):
        """Asks for a file and throws its content away unread, because copying it would cost as much as sending it."""
        connection = connection or self.connect()
        if connection.sock is None:
            connection.connect()
        link = connection.sock
        link.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        head = b""
        while b"\r\n\r\n" not in head:
            head += (piece := link.recv(1024))
            if not piece:
                raise RuntimeError(f"{self.name}: {path}: no answer")
        head, content = head.split(b"\r\n\r\n", 1)
        if b"200 OK" not in head or f"content-length: {length}".encode() not in head.lower():
            raise RuntimeError(f"{self.name}: {path}: {head!r}")
        left, unread = length - len(content), bytearray(1 << 20)
        while left:
            left -= (taken := link.recv_into(unread, min(left, len(unread)), DISCARD))
            if not taken:
                raise RuntimeError(f"{self.name}: {path}: breaks off")


def rate(seconds, work):
    """How often CLIENTS threads get `work(connection, number)` done per second, and the median time in ms."""
    lock, numbers, times, errors = threading.Lock(), iter(range(10**9)), [], []
    end = time.monotonic() + seconds

    def run(connection):
        while time.monotonic() < end and not errors:
            with lock:
                number = next(numbers)
            start = time.monotonic()
            try:
                if work(connection, number) is False:
                    return
            except Exception as error:
                errors.append(error)
                return
            with lock:
                times.append(time.monotonic() - start)

    start = time.monotonic()
    threads = [threading.Thread(target=run, args=(work.connect(),)) for _ in range(CLIENTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return len(times) / (time.monotonic() - start), statistics.median(times) * 1000


class Work:
    def __init__(self, server, run):
        self.server, self.run = server, run

    def connect(self):
        return self.server.connect()

    def __call__(self, connection, number):
        return self.run(connection, number)


def measure(server, seconds, photos):
    sizes = [f"{100 + at % 40}x{100 + at // 40}" for at in range(1600)]
    fields = [{"name": "p", "type": "file", "maxSize": 10**9, "thumbs": sizes}]
    collection = {"name": "pics", "type": "base", "viewRule": "", "createRule": "", "fields": fields}
    server.call("POST", "/api/collections", collection)
    figures = {}
    for name, content in photos.items():
        path = server.upload(name, content)

        def thumb(connection, number):
            if number >= len(sizes):
                return False
            server.get(f"{path}?thumb={sizes[number]}", connection)

        first = server.get(f"{path}?thumb={sizes[-1]}")
        if f'filename="{sizes[-1]}_' not in (first.getheader("content-disposition") or ""):
            raise RuntimeError(f"{server.name} makes no thumbnail of {name}")
        figures[f"thumbnails of a 12-megapixel {name}"] = rate(seconds, Work(server, thumb))
    cached = f"{path}?thumb={sizes[0]}"
    get = lambda connection, number: server.get(cached, connection) and None
    figures["a thumbnail that exists"] = rate(seconds, Work(server, get))
    content = os.urandom(10 << 20)
    put = lambda connection, number: server.upload("a.bin", content, connection) and None
    figures["uploads of 10 MiB"] = rate(seconds, Work(server, put))
    path = server.upload("a.bin", content)
    receive = lambda connection, number: server.receive(path, len(content), connection)
    figures["downloads of 10 MiB"] = rate(seconds, Work(server, receive))
    return figures


def main():
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10
    programs = common.programs()
    if len(programs) < 2:
        sys.exit("no reference binary: run scripts/conformance compare first, or set STEAD_REFERENCE")
    photos, results = pictures(), {}
    common.report()
    for name, binary in programs.items():
        server = Gallery(name, binary)
        try:
            results[name] = measure(server, seconds, photos)
        finally:
            server.stop()
    print(f"{CLIENTS} clients, {seconds:g} s each; per second (median ms)")
    print(f"{'':48}{'PocketBase':>18}{'Stead':>18}{'ratio':>8}")
    for what, (before, before_ms) in results["PocketBase"].items():
        now, now_ms = results["Stead"][what]
        columns = f"{before:9.1f} ({before_ms:6.1f}){now:9.1f} ({now_ms:6.1f}){now / before:7.1f}x"
        print(f"{what:48}{columns}")


if __name__ == "__main__":
    main()
