# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs the layers of tests and counts: the program behind tests/run.

A layer is a program tests/NAME/run that closes with "N passed, N failed, N skipped"; `unit` is
ctest. A layer that ends badly without saying what failed counts as one failure, and so does a
process that is still there when all is over.
"""

import os
import re
import signal
import subprocess
import sys
import time
import uuid
import xml.etree.ElementTree as xml
from pathlib import Path

from checks import required
from scratch import NotInTime, SOURCE_DIR, describe_process, processes_naming, wait_for

LIMITS = {"lint": 300, "unit": 600, "agent": 600, "portal": 600, "web": 1500, "hosts": 1800,
          "crash": 900, "release": 1800, "fuzz": 3600, "sanitize": 7200,
          "coverage": 2400, "bench": 3600}  # seconds
DEFAULT = [name for name in LIMITS if name not in ("sanitize", "coverage", "bench")]
COUNTS = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$")


class Result:
    """What a layer came to."""

    def __init__(self, passed=0, failed=0, skipped=0, note=""):
        self.passed = passed
        self.failed = failed
        self.skipped = skipped
        self.note = note
        self.seconds = 0.0


def build(directory):
    """Configure and build everything with warnings as errors."""
    jobs = str(os.cpu_count() or 2)
    subprocess.run(["cmake", "-S", str(SOURCE_DIR), "-B", str(directory), "-G", "Ninja",
                    "-DWERROR=ON", f"-DCMAKE_INSTALL_LOCALEDIR={directory}/locale"], check=True)
    subprocess.run(["cmake", "--build", str(directory), "-j", jobs], check=True)


def run_limited(argv, env, limit, lines=None):
    """Run a program with a time limit, its output passed on; returns its status, None if late."""
    process = subprocess.Popen(argv, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, start_new_session=True)
    late = []

    def end(*_unused):
        late.append(True)
        os.killpg(process.pid, signal.SIGTERM)
        signal.signal(signal.SIGALRM, lambda *_more: os.killpg(process.pid, signal.SIGKILL))
        signal.alarm(15)

    signal.signal(signal.SIGALRM, end)
    signal.alarm(limit)
    try:
        for raw in process.stdout:
            text = raw.decode(errors="replace")
            sys.stdout.write(text)
            sys.stdout.flush()
            if lines is not None:
                lines.append(text.rstrip("\n"))
        status = process.wait()
    finally:
        signal.alarm(0)
    return None if late else status


def unit(directory, env, limit):
    """ctest, counted from its JUnit file."""
    junit = directory / "unit.xml"
    junit.unlink(missing_ok=True)
    status = run_limited(["ctest", "--test-dir", str(directory), "-j", str(os.cpu_count() or 2),
                          "--output-on-failure", "--no-tests=error", "--timeout", "240",
                          "--output-junit", str(junit)], env, limit)
    if status is None or not junit.exists():
        return Result(failed=1, note="ctest did not finish" if status is None else "no result")
    suite = xml.parse(junit).getroot()
    total, failed = int(suite.get("tests")), int(suite.get("failures"))
    skipped = int(suite.get("skipped", 0)) + int(suite.get("disabled", 0))
    if status and not failed:
        failed = 1
    return Result(max(0, total - failed - skipped), failed, skipped)


def program(name, directory, env, limit):
    """tests/NAME/run."""
    path = SOURCE_DIR / "tests" / name / "run"
    if not os.access(path, os.X_OK):
        return Result(note="this layer has no tests yet")
    lines = []
    status = run_limited([str(path)], env, limit, lines)
    counts = next((match for match in map(COUNTS.match, reversed(lines)) if match), None)
    if status is None:
        result = Result(failed=1, note=f"ended after {limit} s")
    elif counts is None:
        result = Result(failed=1, note=f"status {status}, and it said no count")
    else:
        passed, failed, skipped = (int(number or 0) for number in counts.groups())
        result = Result(passed, failed, skipped)
        if passed + failed + skipped == 0:
            result = Result(failed=1, note="it ran no test")
        elif status and not failed:
            result.failed, result.note = 1, f"status {status}"
    return result


def nothing_left_running(mark):
    """The last check: every process that the tests started has ended."""
    try:
        wait_for("the end of all processes", lambda: not processes_naming(mark), 10, 0.2)
        return Result(passed=1)
    except NotInTime:
        left = processes_naming(mark)
        for pid in left:
            print(f"not ok - still running: {describe_process(pid)}")
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return Result(failed=1, note=f"{len(left)} processes")


def report(results):
    """The table, and the line that counts; returns the exit status."""
    print()
    for name, result in results.items():
        print(f"{name:<22} {result.passed:5} passed {result.failed:4} failed {result.skipped:4} "
              f"skipped {result.seconds:7.1f} s  {result.note}")
    passed = sum(result.passed for result in results.values())
    failed = sum(result.failed for result in results.values())
    skipped = sum(result.skipped for result in results.values())
    if required("all") and skipped:
        print(f"SGP_TEST_REQUIRE=all: {skipped} skipped count as failed")
        failed, skipped = failed + skipped, 0
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed or not passed else 0


def chosen_layers(words):
    """The layers that were asked for, in the order of LIMITS."""
    unknown = [word for word in words if word not in LIMITS and word != "all"]
    if unknown:
        raise SystemExit(f"tests/run: no layer {unknown[0]!r}; there are {', '.join(LIMITS)}, all")
    if "all" in words:
        return list(LIMITS)
    return [name for name in LIMITS if name in words] or DEFAULT


def main():
    layers = chosen_layers(sys.argv[1:])
    directory = Path(os.environ.get("SGP_BUILD_DIR", SOURCE_DIR / "build-test")).resolve()
    if layers != ["lint"] or not (directory / "CMakeCache.txt").exists():
        build(directory)
    mark = f"sgp-run-{uuid.uuid4()}"
    env = dict(os.environ, SGP_BUILD_DIR=str(directory), SGP_RUN=mark, PYTHONDONTWRITEBYTECODE="1")
    results = {}
    for name in layers:
        print(f"\n=== {name}", flush=True)
        started = time.monotonic()
        run = unit if name == "unit" else lambda *rest, which=name: program(which, *rest)
        results[name] = run(directory, env, LIMITS[name])
        results[name].seconds = time.monotonic() - started
    results["nothing left running"] = nothing_left_running(mark)
    sys.exit(report(results))


if __name__ == "__main__":
    main()
