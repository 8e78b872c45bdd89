# SPDX-License-Identifier: GPL-3.0-or-later
"""The program behind packaging/demo."""

import argparse
import os
import signal
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parents[1]
sys.path[:0] = [str(HERE), str(SOURCE / "tests" / "lib")]

from report import Report  # noqa: E402
from scratch import processes_naming  # noqa: E402
from scenes import SCENES  # noqa: E402
from stage import Stage, build  # noqa: E402

TRY = """
Evolution is open: you are Sabine Siegel of an insurance agency. Things to try:

  1. Write a new mail to erika@kunde.example: it is held, because she did not ask for one.
  2. Reply to Olaf's inquiry: it goes OpenPGP. His mail server has it below
     {olaf}
  3. Reply to Sofia's inquiry: it goes S/MIME, for she has a certificate.
  4. Reply to Erika's inquiry: it goes to the WebMail portal, and you are shown a code for her.
     Her notice is below {erika}
     Open its link in a browser, register with the code, read, reply: the reply comes to the inbox.
  5. Reply to Otto: it is held, because he asked for an answer by post.

The portal is at {origin}. Press Ctrl-C to end everything; nothing is kept.
"""


def arguments():
    parser = argparse.ArgumentParser(
        prog="packaging/demo", description="Shows what Siegelpost does, with nothing to configure.")
    parser.add_argument("--headless", action="store_true",
                        help="play the story without a display, with pictures and a report")
    parser.add_argument("--output", default=str(SOURCE / "demo-out"),
                        help="where pictures and report go (default: demo-out)")
    parser.add_argument("--no-build", action="store_true", help="take the build as it is")
    return parser.parse_args()


def play(stage, output):
    """The story without people; returns the exit status."""
    report = Report(output)

    def failed(number):
        stage.office.desktop.screenshot(report.directory / f"failed-{number}.png")
        if stage.office.evolution is not None:
            stage.office.evolution.close_composers()
    report.on_failure = failed
    with report.step("The office is set up: portal, keys, inquiries, Evolution with the plugin"):
        stage.set_up()
        report.checked(f"portal at loopback answers; agent enrolled: "
                       f"{stage.office.agent.portal_status().get('state')}")
        for nick in ("olaf", "sofia", "erika", "otto"):
            stage.evolution.select_mail(stage.subject(nick))
        stage.evolution.show_mail(stage.subject("olaf"), words="zweite Fahrerin")
        report.checked("Evolution lists the inquiries of four customers")
        report.picture("inbox", stage.office.desktop.screenshot)
    if report.failed == 0:
        for sentence, scene in SCENES:
            with report.step(sentence):
                scene(stage, report)
    path = stage.office.scratch.path
    with report.step("Everything ends with the demo"):
        stage.close()
        left = processes_naming(path)
        assert not left, f"still running: {left}"
        report.checked("no process of the demo is left")
    return report.finish()


def show(stage):
    """The office for a person; returns when they end it."""
    stage.set_up()
    print(TRY.format(olaf=stage.office.olaf.maildir, erika=stage.office.erika.maildir,
                     origin=stage.portal.origin), flush=True)
    stage.evolution.process.wait()


def main():
    options = arguments()
    directory = Path(os.environ.get("SGP_BUILD_DIR", SOURCE / "build")).resolve()
    has_display = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    headless = options.headless or not has_display
    if not options.no_build:
        build(directory)
    signal.signal(signal.SIGTERM, lambda *_unused: sys.exit(1))
    signal.signal(signal.SIGINT, signal.default_int_handler)
    stage = Stage(directory, show=not headless)
    try:
        if headless:
            sys.exit(play(stage, options.output))
        show(stage)
    except KeyboardInterrupt:
        print("\nending ...")
    finally:
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C leaves nothing behind
        stage.close()


if __name__ == "__main__":
    main()
