# SPDX-License-Identifier: GPL-3.0-or-later
"""P13: what a login costs the server. The costly part, Argon2id, is the browser's."""

import json
import statistics
import subprocess
import time

import transfer

CUSTOMERS = 24
ROUNDS = 7


def read_cpu(pid):
    """Seconds of CPU of the whole process, all its threads, to the nanosecond (clock_getcpuclockid(3))."""
    return time.clock_gettime((~pid << 3) | 2)


class Client:
    """A browser's kept connection."""

    def __init__(self, portal):
        self.connection = transfer.Connection(portal.port)
        self.headers = (("Origin", portal.origin), ("X-Siegelpost", "1"), ("Content-Type", "application/json"))

    def post(self, path, body):
        status, _, text = self.connection.ask_whole("POST", path, self.headers, json.dumps(body).encode())
        assert status == 200, text
        return json.loads(text)


def log_in_all(harness, client, pid, customers):
    """One login of each; seconds of the server's CPU. The browsers' halves are made between, not during."""
    halves = [harness.opaque("startLogin", password=one.password) for one in customers]
    before = read_cpu(pid)
    answers = [client.post("/p/v1/login/start", {"address": one.address, "request": half["startLoginRequest"]})
               for one, half in zip(customers, halves)]
    cpu = read_cpu(pid) - before
    finishes = [harness.opaque("finishLogin", password=one.password, response=answer["response"], state=half["clientLoginState"], real=False)
                for one, half, answer in zip(customers, halves, answers)]
    before = read_cpu(pid)
    for answer, finish in zip(answers, finishes):
        client.post("/p/v1/login/finish", {"login": answer["login"], "finish": finish["finishLoginRequest"]})
    return cpu + read_cpu(pid) - before


def logins(table, harness, portal, staff, programs):
    """Everything that the process does for a login: HTTP, JSON, the guard's counters on disk, OPAQUE, the session."""
    multiply, opaque = programs / "bench-multiply", programs / "bench-opaque"
    if not multiply.exists() or not opaque.exists():
        table.skipped.append("P13 against libsodium: bench-multiply or bench-opaque is not built")
        return

    def run(program):
        return int(subprocess.run([program], check=True, capture_output=True, text=True, timeout=300).stdout) / 1000

    customers = [harness.customer(portal, staff, f"k{i}@kunde.example") for i in range(CUSTOMERS)]
    client = Client(portal)
    reference, whole, alone = [], [], []
    for _ in range(ROUNDS):
        reference.append(5 * run(multiply))
        alone.append(run(opaque))
        whole.append(log_in_all(harness, client, portal.process.pid, customers) / CUSTOMERS * 1e6)
    five = statistics.median(reference)
    table.add("P13 login, the server's OPAQUE, CPU", statistics.median(alone), "us", five, "<= 3", "5 ristretto255 multiplications, libsodium")
    table.add("P13 login, the whole server with HTTP and disk, CPU", statistics.median(whole), "us", five, "<= 3", "the same")
