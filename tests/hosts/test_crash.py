# SPDX-License-Identifier: GPL-3.0-or-later
"""Evolution killed before and after the hand-over: nothing lost, nothing twice."""

import os
import time

from gi.repository import GLib

import stage
from mail_system import plain_mail
from scratch import wait_for

MOMENTS = (0.0, 0.05, 0.15, 0.3, 0.4)  # seconds after the first sealed file appears


def play(checks):
    with stage.office(checks, "crash") as office:
        office.exchange_openpgp()
        for number in range(len(MOMENTS) + 1):
            office.olaf_writes(f"Anfrage {number}", "Guten Tag,\n\neine Frage.\n\nOlaf")
        stage.seed(office)
        evolution = stage.start(office)
        office.agent.wait_for_history()
        for number, moment in enumerate(MOMENTS):
            evolution = killed(checks, office, evolution, number, moment)
        committed_while_away(checks, office, evolution)


def arrived(office, marker):
    """How many mails with this text reached Olaf, and how many copies of it are in Sent."""
    at_olaf = sum(marker in office.olaf_keys.decrypt_mail(mail)[0].as_string() for mail in office.olaf.mails())
    in_sent = sum(marker in office.keys.decrypt_mail(mail)[0].as_string() for mail in office.sabine.mails("Sent"))
    return at_olaf, in_sent


def is_committed(office, before):
    """Whether the agent has sealed something more."""
    return len(sealed(office)) > before


def sealed(office):
    """The spool's files, whatever they are called."""
    return [path for path in office.desktop.data.rglob("*") if "siegelpost" in str(path) and "spool" in str(path)
            and path.is_file()]


def noted_as_left(office):
    """The copies of which Evolution knows that the server has accepted them."""
    return list((office.desktop.home / ".local" / "state" / "siegelpost" / "left").glob("*"))


def pending(office):
    """What the agent still has for Evolution."""
    return office.agent.call("Pending")[0]


def forget_second_copies(office):
    """Leave one file of each mail in Olaf's mailbox, and note it as left: the next moment counts anew."""
    seen = set()
    for path, mail in zip(office.olaf.paths(), office.olaf.mails()):
        if mail["X-Siegelpost-Copy"] in seen:
            path.unlink()
        seen.add(mail["X-Siegelpost-Copy"])


def killed(checks, office, evolution, number, moment):
    marker = f"Antwort Nummer {number}."
    with checks.that(f"Evolution killed {moment:g} s after the mail was sealed: it arrives once, and lies in Sent once"):
        composer = evolution.reply(f"Anfrage {number}")
        composer.write(f"{marker}\n")
        composer.wait_until_says("OpenPGP, Ende-zu-Ende")
        before = len(sealed(office))
        composer.send()
        wait_for("a sealed file", lambda: is_committed(office, before) or not composer.is_open, 20, 0.002)
        time.sleep(moment)  # the moment of the crash is what is tried here
        evolution.kill()
        office.evolution = None
        # Between the server's taking a mail and its "accepted" reaching the client, no client can
        # know: only there may the mail come a second time, as the same mail.
        nobody_can_know = len(office.olaf.paths()) > len(noted_as_left(office))
        evolution = stage.start(office)
        wait_for("an empty outbox", lambda: not stage.outbox(office) and not pending(office), 60, 0.2)
        office.olaf.wait_for_mails(number + 1, seconds=30)
        at_olaf, in_sent = arrived(office, marker)
        assert in_sent == 1, f"{in_sent} in Sent"
        assert at_olaf == 1 or nobody_can_know and at_olaf == 2, f"{at_olaf} at Olaf's"
        forget_second_copies(office)
        for one in evolution.composers():  # what Evolution's autosave brought back
            one.close()
    return evolution


def committed_while_away(checks, office, evolution):
    with checks.that("what the agent sealed before Evolution had it is taken over at the next start, once"):
        evolution.quit()
        office.evolution = None
        mail = plain_mail(office.sabine, office.bernd, "Vor dem Absturz", "Noch da.\n")
        descriptor = os.memfd_create("mail")
        os.write(descriptor, mail.as_bytes())
        options = {"draft-id": GLib.Variant("s", "from-before-the-crash")}
        job = office.agent.call("Prepare", GLib.Variant("(ha{sv})", (0, options)), files=[descriptor])[0]
        os.close(descriptor)
        result = office.agent.result(job)
        assert result["status"] == "committed", result
        for _start in range(2):
            evolution = stage.start(office)
            office.bernd.wait_for_mails(1)
            wait_for("an empty outbox", lambda: not stage.outbox(office), 30, 0.2)
            evolution.quit()
            office.evolution = None
        assert len(office.bernd.paths()) == 1
        sent = [one for one in office.sabine.mails("Sent") if one["Message-ID"] == mail["Message-ID"]]
        assert len(sent) == 1, f"{len(sent)} copies in Sent"
