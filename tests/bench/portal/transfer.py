# SPDX-License-Identifier: GPL-3.0-or-later
"""P10 and P11: large bodies, up and down, against nginx on the same disk with the same client."""

import json
import os
import secrets
import socket
import ssl
import statistics
import threading
import time

MEGABYTE = 1024 * 1024
SIZE = 50 * MEGABYTE
ROUNDS = 5
PARALLEL = 20
SMALL_CLIENTS = 16
SMALL_ANSWER = 64 * 1024
SMALL_SIZE = 14 * 1024
SMALL_EACH = 25


class Connection:
    """One kept connection, as bare as a client can be: the client must not be what is measured."""

    def __init__(self, port, certificate=None):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=300)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if certificate:
            self.socket = ssl.create_default_context(cafile=str(certificate)).wrap_socket(self.socket, server_hostname="127.0.0.1")
        self.buffer = memoryview(bytearray(MEGABYTE))
        self.last = b""

    def ask_whole(self, method, path, headers=(), body=b""):
        """The same as ask(), but returns the body, which must be a small one."""
        status, fields, length = self.ask(method, path, headers, body)
        return status, fields, self.last[:length]

    def ask(self, method, path, headers=(), body=b""):
        """Returns (status, headers in lower case, how many bytes of body there were)."""
        head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in headers) + "\r\n"
        self.socket.sendall(head.encode())
        if body:
            self.socket.sendall(body)
        got = b""
        while b"\r\n\r\n" not in got:
            part = self.socket.recv(65536)
            if not part:
                raise ConnectionError(f"{method} {path}: the server hung up")
            got += part
        head, rest = got.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        fields = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in lines[1:])}
        status, left, length = int(lines[0].split()[1]), len(rest), int(fields.get("content-length", 0))
        self.last = rest
        while left < length and method != "HEAD":
            count = self.socket.recv_into(self.buffer)
            if not count:
                raise ConnectionError(f"{method} {path}: the answer broke off")
            left += count
            if left <= SMALL_ANSWER:
                self.last += bytes(self.buffer[:count])
        return status, fields, left

    def close(self):
        self.socket.close()


def run_together(jobs):
    """All at once; seconds until the last is done. One that fails fails the measurement."""
    problems = []
    barrier = threading.Barrier(len(jobs) + 1)

    def run(job):
        barrier.wait()
        try:
            job()
        except Exception as problem:  # in a thread: raised below
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    barrier.wait()
    start = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - start
    if problems:
        raise problems[0]
    return seconds


def expect(answer, status):
    if answer[0] != status:
        raise AssertionError(f"{answer[0]} and not {status}")
    return answer


class OurUpload:
    """POST and PATCH: acknowledged is on disk."""

    def __init__(self, portal, staff):
        self.connection = Connection(portal.port)
        self.headers = (("Authorization", f"Bearer {staff.bearer}"), ("Tus-Resumable", "1.0.0"))
        self.location = None

    def __call__(self, data):
        answer = expect(self.connection.ask("POST", "/api/v1/uploads", (*self.headers, ("Upload-Length", len(data)))), 201)
        self.location = answer[1]["location"]
        more = (("Upload-Offset", 0), ("Content-Type", "application/offset+octet-stream"))
        expect(self.connection.ask("PATCH", self.location, (*self.headers, *more), data), 204)

    def remove(self):
        expect(self.connection.ask("DELETE", self.location, self.headers), 204)

    def close(self):
        self.connection.close()


class NginxUpload:
    """PUT, then the file is synced."""

    def __init__(self, nginx):
        self.connection = Connection(nginx.port)
        self.nginx = nginx
        self.path = nginx.put / secrets.token_hex(8)

    def __call__(self, data):
        expect(self.connection.ask("PUT", f"/put/{self.path.name}", (), data), 201)
        file = os.open(self.path, os.O_RDWR)
        os.fsync(file)
        os.close(file)

    def remove(self):
        self.path.unlink()

    def close(self):
        self.connection.close()


def time_uploads(make, count, data):
    """Seconds of `count` uploads at the same time."""
    uploads = [make() for _ in range(count)]
    try:
        seconds = run_together([lambda one=one: one(data) for one in uploads])
        for one in uploads:
            one.remove()
    finally:
        for one in uploads:
            one.close()
    return seconds


def measure_sync(folder, size, rounds=ROUNDS):
    """What the disk alone needs now: write and fdatasync, without any server. Seconds."""
    path = folder / "sync"
    data = secrets.token_bytes(size)
    samples = []
    for _ in range(rounds):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL)
        start = time.perf_counter()
        os.write(file, data)
        os.fdatasync(file)
        samples.append(time.perf_counter() - start)
        os.close(file)
        path.unlink()
    return statistics.median(samples)


def read_peak(process):
    """MiB of memory that the process had at most."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) / 1024


def uploads(table, portal, staff, nginx):
    """P10."""
    data = secrets.token_bytes(SIZE)
    for count in (1, PARALLEL):
        ours, theirs, disk = [], [], []
        for _ in range(ROUNDS if count > 1 else 3 * ROUNDS):  # one alone is short, and the disk is shared
            theirs.append(time_uploads(lambda: NginxUpload(nginx), count, data))
            ours.append(time_uploads(lambda: OurUpload(portal, staff), count, data))
            disk.append(measure_sync(nginx.put, SIZE, 1))
        speed = [count * SIZE / MEGABYTE / statistics.median(seconds) for seconds in (ours, theirs)]
        bare = SIZE / MEGABYTE / statistics.median(disk)
        table.add(f"P10 upload, 50 MB, {count} at once, durable", speed[0], "MB/s", speed[1], ">= 0.9", "nginx DAV PUT + fsync")
        table.add("P10   the same", speed[0], "MB/s", bare, "", "one bare write + fdatasync")
    table.add(f"P10 memory of the server, {PARALLEL} at once", read_peak(portal.process), "MiB", 300.0, "<= 1", "300 MiB")


class OurDraft:
    """A draft is saved: one small durable write, one transaction."""

    def __init__(self, harness, portal, browser):
        self.connection = Connection(portal.port)
        self.path = f"/p/v1/drafts/{harness.uuid7()}"
        cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
        self.headers = (("Origin", portal.origin), ("X-Siegelpost", "1"), ("Content-Type", "application/json"), ("Cookie", cookies))
        # The same bytes again would be no change, and cost the disk nothing.
        self.bodies = [json.dumps({"wrap": harness.b64u(secrets.token_bytes(SMALL_SIZE))}).encode() for _ in range(2)]

    def __call__(self):
        self.bodies.reverse()
        expect(self.connection.ask("PUT", self.path, self.headers, self.bodies[0]), 200)


class OurSmallUpload(OurUpload):
    """14 KB begun and uploaded: two acknowledged writes, and its removal, which is a third."""

    def __call__(self):
        super().__call__(bytes(SMALL_SIZE))
        self.remove()


def small_writes(table, what, nginx, make):
    """Small durable writes share the disk's flushes: many clients together against one after the other."""
    ours, theirs = [], []

    def run(one):
        for _ in range(SMALL_EACH):
            one()

    for _ in range(ROUNDS):
        theirs.append(1 / measure_sync(nginx.put, SMALL_SIZE, 11))
        ready = [make() for _ in range(SMALL_CLIENTS)]
        ours.append(SMALL_CLIENTS * SMALL_EACH / run_together([lambda one=one: run(one) for one in ready]))
        for one in ready:
            one.connection.close()
    table.add(f"P10 {what}, {SMALL_CLIENTS} at once", statistics.median(ours), "/s", statistics.median(theirs), "", "bare fdatasyncs, one by one")


def time_downloads(connection, path, headers):
    start = time.perf_counter()
    status, _, size = connection.ask("GET", path, headers)
    assert status == 200 and size == SIZE, (status, size)
    return SIZE / MEGABYTE / (time.perf_counter() - start)


def downloads(table, what, ours, path, headers, theirs):
    """P11: two kept connections, in turn, so that both see the same moments."""
    samples = ([], [])
    for _ in range(3 * ROUNDS):
        samples[1].append(time_downloads(theirs, "/blob", ()))
        samples[0].append(time_downloads(ours, path, headers))
    table.add(f"P11 download, 50 MB, {what}", statistics.median(samples[0]), "MB/s", statistics.median(samples[1]), ">= 0.9", "nginx, static file")
