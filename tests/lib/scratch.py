# SPDX-License-Identifier: GPL-3.0-or-later
"""A directory of its own for one test run, and every process that was started in its name.

What lives here ends here: `Scratch.close()` ends the processes it started, then whatever they
started themselves (found by the directory's path in their environment or command line), and removes
the directory. `leftovers()` is the check that this worked.
"""

import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

SOURCE_DIR = Path(__file__).resolve().parents[2]


class NotInTime(AssertionError):
    """Something that was waited for did not happen in time."""


def wait_for(what, condition, seconds=20.0, interval=0.05):
    """Wait until condition() is true, and return its value; NotInTime names what was missing."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise NotInTime(f"waited {seconds:g} s for {what}")
        time.sleep(interval)


def build_dir():
    """The build directory under test: $SGP_BUILD_DIR, else build-test, else build."""
    named = os.environ.get("SGP_BUILD_DIR")
    if named:
        return Path(named).resolve()
    for name in ("build-test", "build"):
        if (SOURCE_DIR / name / "CMakeCache.txt").exists():
            return SOURCE_DIR / name
    raise FileNotFoundError("no build directory: set SGP_BUILD_DIR, or run tests/run")


def free_port():
    """A TCP port of 127.0.0.1 that nobody listened on a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def listening(port):
    """Whether something accepts connections on this port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def processes_naming(text):
    """Pids of the running processes, but this one, whose environment or command names the text."""
    needle = str(text).encode()
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit() or int(entry) == os.getpid():
            continue
        for part in ("cmdline", "environ"):
            try:
                content = Path("/proc", entry, part).read_bytes()
            except OSError:  # it ended meanwhile, or is not ours to read
                continue
            if needle in content:
                found.append(int(entry))
                break
    return found


def describe_process(pid):
    """A process as a person would look for it: pid and command line."""
    try:
        words = Path("/proc", str(pid), "cmdline").read_bytes().split(b"\0")
    except OSError:
        return f"{pid} (ended)"
    return f"{pid} " + " ".join(word.decode(errors="replace") for word in words if word)[:200]


class Scratch:
    """One scratch directory. Use it in a `with`."""

    def __init__(self, name="test"):
        # gpg-agent's sockets live below it: their paths must stay under 108 characters.
        self.path = Path(tempfile.mkdtemp(prefix=f"sgp-{name}-"))
        os.chmod(self.path, 0o711)  # the mailbox user below root must be able to pass through
        self.logs = self.directory("log")
        self._processes = []

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def directory(self, *parts, mode=0o755):
        """A directory below the scratch directory, made if need be."""
        path = self.path.joinpath(*parts)
        path.mkdir(parents=True, exist_ok=True)
        os.chmod(path, mode)
        return path

    def environment(self, **more):
        """This process's environment, marked as belonging to this scratch directory."""
        env = dict(os.environ, SGP_SCRATCH=str(self.path), PYTHONDONTWRITEBYTECODE="1")
        for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
            env.pop(name, None)
        env.update(more)
        return env

    def spawn(self, argv, env=None, log=None, **popen):
        """Start a process that close() will end. Its output goes to log/NAME.log."""
        argv = [str(word) for word in argv]
        name = log or Path(argv[0]).name
        with open(self.logs / f"{name}.log", "ab") as output:
            popen.setdefault("stdout", output)
            popen.setdefault("stderr", output)
            popen.setdefault("stdin", subprocess.DEVNULL)
            popen.setdefault("cwd", self.path)
            process = subprocess.Popen(
                argv, env=env or self.environment(), start_new_session=True, **popen)
        self._processes.append(process)
        return process

    def stop(self, process, seconds=10.0):
        """End one process: politely, then not."""
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)
        if process in self._processes:
            self._processes.remove(process)

    def leftovers(self):
        """What still runs in this directory's name, as lines for a person."""
        return [describe_process(pid) for pid in processes_naming(self.path)]

    def close(self):
        """End everything that runs in this directory's name, and remove it ($SGP_KEEP keeps it)."""
        for process in reversed(list(self._processes)):
            self.stop(process)
        for sign in (signal.SIGTERM, signal.SIGKILL):
            for pid in processes_naming(self.path):
                try:
                    os.kill(pid, sign)
                except ProcessLookupError:
                    continue
            try:
                wait_for("the end", lambda: not processes_naming(self.path), seconds=3)
                break
            except NotInTime:
                continue
        if os.environ.get("SGP_KEEP"):
            print(f"# kept: {self.path}")
        else:
            shutil.rmtree(self.path, ignore_errors=True)


def write_json(path, value):
    """Replace a JSON file at once: a reader sees the old or the new one, never half of it."""
    temporary = Path(f"{path}.new")
    temporary.write_text(json.dumps(value, indent=1))
    os.replace(temporary, path)
