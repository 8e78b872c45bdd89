# SPDX-License-Identifier: GPL-3.0-or-later
"""wrk of Debian: how many requests a second a server answers on kept connections."""

import re
import shutil
import statistics
import subprocess

CONNECTIONS = 16
SECONDS = 2


def find_wrk():
    return shutil.which("wrk")


def run_wrk(url, headers=(), seconds=SECONDS, connections=CONNECTIONS):
    """Requests a second. An answer that is no 200 would make any server look fast: that is an error."""
    words = [find_wrk(), "-t", "1", "-c", str(connections), "-d", f"{seconds}s", "--timeout", "30s"]
    for name, value in headers:
        words += ["-H", f"{name}: {value}"]
    said = subprocess.run([*words, url], check=True, capture_output=True, text=True, timeout=120).stdout
    if "Non-2xx" in said or "Socket errors" in said:
        raise AssertionError(f"{url}: {said}")
    return float(re.search(r"Requests/sec:\s+([\d.]+)", said)[1])


def compare(first, second, rounds=5):
    """Two servers in turn, each (url, headers): medians of requests a second."""
    samples = ([], [])
    for one in (first, second):
        run_wrk(*one, seconds=1)
    for _ in range(rounds):
        for mine, one in zip(samples, (first, second)):
            mine.append(run_wrk(*one))
    return [statistics.median(mine) for mine in samples]
