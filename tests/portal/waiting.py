# SPDX-License-Identifier: GPL-3.0-or-later
"""Waiting for what others make true."""

import time


def wait_until(what, seconds=10):
    """Polls a condition that a thread or another process makes true; returns its value."""
    end = time.monotonic() + seconds
    while True:
        value = what()
        if value or time.monotonic() > end:
            return value
        time.sleep(0.02)
