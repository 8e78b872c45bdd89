# SPDX-License-Identifier: GPL-3.0-or-later
"""What was played and what was checked: demo-out/report.md and the pictures beside it."""

import shutil
import time
import traceback
from contextlib import contextmanager
from pathlib import Path


class Report:
    """One run of the story. A step passes only if it said what it checked."""

    def __init__(self, directory):
        self.directory = Path(directory)
        if self.directory.exists():
            shutil.rmtree(self.directory)
        self.directory.mkdir(parents=True)
        self.rows = []
        self.pictures = 0
        self.failed = 0
        self._checked = []
        self._shots = []
        self.on_failure = None
        self._started = time.monotonic()

    def checked(self, what):
        """Note a check that has just held."""
        self._checked.append(what)
        print(f"    {time.monotonic() - self._started:5.1f} s  {what}", flush=True)

    def picture(self, name, take):
        """Take a numbered picture: take(path) writes the PNG."""
        self.pictures += 1
        path = self.directory / f"{self.pictures:02}-{name}.png"
        take(path)
        if not path.exists() or path.stat().st_size < 1000:
            raise AssertionError(f"the picture {path.name} is missing or empty")
        self._shots.append(path.name)

    @contextmanager
    def step(self, sentence):
        """One step of the story; later steps are played even if it fails."""
        number = len(self.rows) + 1
        print(f"{number}. {sentence}", flush=True)
        self._checked, self._shots = [], []
        started = self._started = time.monotonic()
        verdict = "passed"
        try:
            yield
            if not self._checked:
                raise AssertionError("nothing was checked")
        except Exception as error:
            verdict = "FAILED"
            self.failed += 1
            print("".join(traceback.format_exception(error)), flush=True)
            self._checked.append(f"**{type(error).__name__}: {str(error)[:600]}**".replace("\n", " "))
            if self.on_failure:
                self.on_failure(number)
        self.rows.append((number, sentence, verdict, list(self._checked), list(self._shots),
                          time.monotonic() - started))
        print(f"   {verdict} ({time.monotonic() - started:.1f} s)", flush=True)
        self.write()

    def write(self):
        """report.md as far as the story was played."""
        lines = ["# The story, as it was played", "",
                 "| # | step | result | checked | pictures | seconds |",
                 "|---|---|---|---|---|---|"]
        for number, sentence, verdict, checked, shots, seconds in self.rows:
            links = " ".join(f"[{name}]({name})" for name in shots)
            lines.append(f"| {number} | {cell(sentence)} | {verdict} | {cell('; '.join(checked))} | "
                         f"{links} | {seconds:.0f} |")
        lines += ["", f"{len(self.rows) - self.failed} passed, {self.failed} failed", ""]
        (self.directory / "report.md").write_text("\n".join(lines))

    def finish(self):
        """The closing line; returns the exit status."""
        self.write()
        print(f"report: {self.directory / 'report.md'}")
        print(f"{len(self.rows) - self.failed} passed, {self.failed} failed", flush=True)
        return 1 if self.failed or not self.rows else 0


def cell(text):
    """Text that may stand in a table."""
    return text.replace("|", "\\|").replace("\n", " ")
