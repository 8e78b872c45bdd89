# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that read as sentences, and the line that tests/run counts.

    checks = Checks("hosts")
    with checks.that("a reply to an inquiry leaves"):
        assert ...
    sys.exit(checks.finish())

A missing tool skips on a laptop and fails where SGP_TEST_REQUIRE names it ("all" names everything).
"""

import os
import time
import traceback
from contextlib import contextmanager


def required(what):
    """Whether $SGP_TEST_REQUIRE (words separated by commas, or "all") insists on this."""
    words = os.environ.get("SGP_TEST_REQUIRE", "").replace(",", " ").split()
    return "all" in words or what in words


class Checks:
    """One group of checks."""

    def __init__(self, name, on_failure=None):
        self.name = name
        self.on_failure = on_failure
        self.passed = self.failed = self.skipped = 0

    @contextmanager
    def that(self, sentence):
        """One check: it passes unless something is raised. The ones after it still run."""
        started = time.monotonic()
        try:
            yield
        except Exception as error:
            self.failed += 1
            print(f"not ok - {self.name}: {sentence} ({time.monotonic() - started:.1f} s)")
            for line in traceback.format_exc().rstrip().splitlines():
                print(f"#   {line}")
            if self.on_failure:
                self.on_failure(sentence, error)
        else:
            self.passed += 1
            print(f"ok - {self.name}: {sentence} ({time.monotonic() - started:.1f} s)", flush=True)

    def skip(self, sentence, what, why):
        """A check that cannot run here for want of `what`: a failure where that is required."""
        if required(what):
            self.failed += 1
            print(f"not ok - {self.name}: {sentence} # {what} is required, but: {why}")
        else:
            self.skipped += 1
            print(f"ok - {self.name}: {sentence} # SKIP {why}")

    def finish(self):
        """Print the line that is counted; return the exit status. No check at all is a failure."""
        if self.passed + self.failed + self.skipped == 0:
            self.failed = 1
            print(f"not ok - {self.name}: no check ran")
        print(f"{self.name}: {self.passed} passed, {self.failed} failed, {self.skipped} skipped",
              flush=True)
        return 1 if self.failed else 0
