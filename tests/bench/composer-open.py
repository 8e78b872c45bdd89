#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""P9: how long a composer takes to open, with Siegelpost and without, in the real Evolution.

Both are measured in the same run and in turns of five, so that a busy machine is busy for both. Prints
one line: figure, reference, ratio, goal (--table: figure and reference only, for `run`). SGP_BUILD_DIR names the build;
a number changes the 20.
"""

import statistics
import sys
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "lib"), str(HERE.parent / "hosts")]

import stage  # noqa: E402
from office import Office  # noqa: E402
from scratch import wait_for  # noqa: E402

GOAL = 1.03
TURNS = 4


def opening_times(office, module, count):
    """Seconds from the key press to a composer that can be written in, count times."""
    if module:
        office.desktop.add_product()
    else:
        office.desktop.remove_module()
    evolution = stage.start(office)
    times = []
    for number in range(count + 1):
        known = {window.reference for window in evolution.windows()}
        begun = time.monotonic()
        evolution.key("ctrl+shift+m")
        window = wait_for("a composer", lambda: next(
            (one for one in evolution.windows() if one.reference not in known), None), 20, 0.01)
        window.find(("document web", "document frame"), None, 20)
        if number > 0:  # the first one loads libraries
            times.append(time.monotonic() - begun)
        evolution.key("ctrl+w")
        wait_for("the composer to close", lambda: not window.showing, 10, 0.02)
    evolution.quit()
    office.evolution = None
    return times


def main():
    words = [word for word in sys.argv[1:] if word != "--table"]
    count = int(words[0]) if words else 20
    with_module, without = [], []
    with Office(language="en", name="bench") as office:
        stage.seed(office)
        for _turn in range(TURNS):
            without += opening_times(office, False, count // TURNS)
            with_module += opening_times(office, True, count // TURNS)
    figure, reference = statistics.median(with_module), statistics.median(without)
    if "--table" in sys.argv:
        print(f"P9 composer opens\t{figure * 1000:.1f}\t{reference * 1000:.1f}")
        return
    print(f"P9 composer opens: {figure * 1000:.0f} ms, without the module {reference * 1000:.0f} ms "
          f"(medians of {len(without)}), ratio {figure / reference:.3f}, goal {GOAL}")


if __name__ == "__main__":
    main()
