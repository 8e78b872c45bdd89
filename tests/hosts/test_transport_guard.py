# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way out of Evolution that does not lead through the composer's pipeline ends at the transport."""

from gi.repository import GLib

import stage
from scratch import wait_for

FILTERS = """<?xml version="1.0"?>
<filteroptions>
 <ruleset>
  <rule enabled="true" grouping="all" source="incoming">
   <title>forward</title>
   <partset>
    <part name="subject">
     <value name="subject-type" type="option" value="contains"/>
     <value name="subject" type="string"><string>Weiterleiten</string></value>
    </part>
   </partset>
   <actionset>
    <part name="forward">
     <value name="address" type="address"><address>erika@kunde.example</address></value>
     <value name="from" type="mail-identity"/>
    </part>
   </actionset>
  </rule>
 </ruleset>
</filteroptions>
"""

MEETING = """BEGIN:VCALENDAR\r
PRODID:-//Siegelpost//tests//EN\r
VERSION:2.0\r
BEGIN:VEVENT\r
UID:meeting@agentur.example\r
DTSTAMP:20260101T080000Z\r
DTSTART:20360102T090000Z\r
DTEND:20360102T100000Z\r
SUMMARY:Besprechung\r
ORGANIZER;CN=Sabine Siegel:mailto:sabine@agentur.example\r
ATTENDEE;CN=Sabine Siegel;PARTSTAT=ACCEPTED:mailto:sabine@agentur.example\r
ATTENDEE;CN=Erika Eiche;RSVP=TRUE:mailto:erika@kunde.example\r
END:VEVENT\r
END:VCALENDAR\r
"""


def play(checks):
    with stage.office(checks, "guard") as office:
        office.customer_writes(office.erika, "Mit Lesebestätigung", "Guten Tag\n",
                               Disposition_Notification_To="erika@kunde.example")
        stage.seed(office, FilterInbox="true")
        mail = office.scratch.directory(office.desktop.config, "evolution", "mail")
        (mail / "filters.xml").write_text(FILTERS)
        calendar = office.scratch.directory(office.desktop.data, "evolution", "calendar", "system")
        (calendar / "calendar.ics").write_text(MEETING, newline="")
        old_outbox_content(checks, office)
        evolution = stage.start(office)
        outbox_is_refused(checks, office, evolution)
        redirect(checks, office, evolution)
        read_receipt(checks, office, evolution)
        filter_forward(checks, office, evolution)
        meeting(checks, office, evolution)
        changed_copy(checks, office, evolution)
        with checks.that("in the end nothing has reached the customer"):
            assert not office.erika.paths()
            assert all("erika@kunde.example" not in one["to"] for one in office.mail.envelopes())


def outside_transactions(office):
    """What went to a customer."""
    return [one for one in office.mail.envelopes() if one["from"] == office.sabine.address
            and any(address.endswith("@kunde.example") for address in one["to"])]


def send_and_receive(evolution):
    """Make Evolution send its outbox."""
    window = evolution.main_window()
    window.find("push button", evolution._("Send / Receive")).press()


def old_outbox_content(checks, office):
    """Evolution without Siegelpost puts a mail to a customer into its outbox, and is ended."""
    with checks.that("(a mail in clear waits in the outbox, written before Siegelpost was there)"):
        office.start_session()
        office.desktop.remove_module()
        office.mail.stop()
        evolution = stage.start(office)
        composer = evolution.compose("erika@kunde.example", "Alt", "Im Klartext.\n")
        composer.send()
        box = wait_for("the question what to do", lambda: next(
            (button for window in evolution.windows() for button in window.find_all("push button")
             if button.name == "Im Nachrichtenausgang speichern"), None), 30, 0.3)
        box.press()
        stage.wait_for_outbox(office, 1)
        composer.wait_until_closed()
    office.evolution.quit()
    office.evolution = None
    office.mail.start()
    office.desktop.add_product()


def outbox_is_refused(checks, office, evolution):
    with checks.that("mail that lay in the outbox in clear is refused, stays there, and the reason is shown"):
        send_and_receive(evolution)
        wait_for("the reason", lambda: any(
            "nicht von Siegelpost versiegelt" in label.name for window in evolution.windows()
            for label in window.find_all("label")), 40, 0.3)
        assert not outside_transactions(office) and len(stage.outbox(office)) == 1
        close_boxes(evolution)


def close_boxes(evolution):
    """Close what came up beside the main window."""
    main = evolution.main_window()
    for window in evolution.windows():
        if window != main:
            for button in window.find_all("push button"):
                if button.name in (evolution._("_Close"), evolution._("Close"), "Schließen"):
                    button.press()
                    break


def redirect(checks, office, evolution):
    with checks.that("a redirect to a customer is held in the composer"):
        evolution.select_mail("Mit Lesebestätigung")
        item = evolution.main_window().find("menu item", lambda name: name.startswith("Umleiten"), showing=False)
        item.press()
        composer = wait_for("the redirect", lambda: next(iter(evolution.composers()), None), 20, 0.2)
        composer.entry("_To:").set_text("erika@kunde.example")
        composer.wait_until_says("erika@kunde.example")
        composer.send()
        composer.wait_until_says("kann nicht an einen Kunden umgeleitet werden")
        assert not outside_transactions(office)
    with checks.that("a redirect to a colleague is held where mail among colleagues is encrypted"):
        office.agent.set("internal-encryption", GLib.Variant("s", "always"))
        composer.entry("_To:").set_text("bernd@agentur.example")
        composer.wait_until_says("bernd@agentur.example")
        composer.send()
        composer.wait_until_says("umgeleitet werden")
        assert not office.bernd.paths() and not stage.outbox(office)[1:]
        office.agent.set("internal-encryption", GLib.Variant("s", "never"))
    with checks.that("a redirect to a colleague passes"):
        composer.entry("_To:").set_text("bernd@agentur.example")
        composer.wait_until_says("bernd@agentur.example", "im Büro")
        composer.send()
        composer.wait_until_closed()
        office.bernd.wait_for_mails(1)


def read_receipt(checks, office, evolution):
    with checks.that("a read receipt to a customer does not leave"):
        before = len(stage.outbox(office))
        evolution.select_mail("Mit Lesebestätigung")
        evolution.main_window().button(evolution._("_Notify Sender"), evolution._("Notify Sender")).press()
        stage.wait_for_outbox(office, before + 1)
        send_and_receive(evolution)
        wait_for("the transport to have refused", lambda: refusals(evolution), 40, 0.3)
        assert not outside_transactions(office)
        close_boxes(evolution)


def refusals(evolution):
    """Whether the reason is on the screen."""
    return any("nicht von Siegelpost versiegelt" in label.name for window in evolution.windows()
               for label in window.find_all("label"))


def filter_forward(checks, office, evolution):
    with checks.that("a filter that forwards to a customer does not get out"):
        before = len(stage.outbox(office))
        office.mail.write(office.bernd, office.sabine, "Weiterleiten", "Hallo\n")
        stage.wait_for_outbox(office, before + 1, 90)
        send_and_receive(evolution)
        wait_for("the transport to have refused", lambda: refusals(evolution), 60, 0.3)
        assert not outside_transactions(office)
        close_boxes(evolution)


def meeting(checks, office, evolution):
    with checks.that("what the calendar writes to a customer is held in a composer that had not been shown"):
        waiting, reached = len(stage.outbox(office)), len(office.mail.envelopes())
        evolution.open("calendar:///?startdate=20360102T090000Z")
        calendar, event = wait_for("the meeting in the calendar", lambda: next(
            ((window, event) for window in evolution.windows()
             for event in window.find_all("Calendar Event") if "Besprechung" in event.name), None), 30, 0.3)
        evolution.click(*event.middle())
        click_when_possible(evolution, calendar, "Löschen")
        for answer in ("Löschen", "Nachricht verschicken"):
            question = wait_for(f"the question answered by {answer}", lambda: next(
                (window for window in evolution.windows() if window.role in ("dialog", "alert")
                 and window.find_all("push button", answer)), None), 20, 0.3)
            click_when_possible(evolution, question, answer)
        composer = wait_for("the composer", lambda: next(iter(evolution.composers()), None), 30, 0.3)
        composer.wait_until_says("Nicht gesendet")
        composer.wait_until_says("An erika@kunde.example: ")
        assert "Besprechung" in composer.title, composer.title
        assert len(stage.outbox(office)) == waiting and len(office.mail.envelopes()) == reached
        composer.close()
        calendar.button("Schließen").press()
        wait_for("the calendar to close", lambda: not calendar.showing, 15, 0.2)


def click_when_possible(evolution, window, name):
    """With the mouse: the question's nested main loop would keep an accessible click waiting."""
    button = window.button(name)
    wait_for(f"{name} to become possible", lambda: button.sensitive, 15, 0.2)
    evolution.click(*button.middle())


def changed_copy(checks, office, evolution):
    with checks.that("a plain copy that is changed in the outbox is refused"):
        before = len(stage.outbox(office))
        office.mail.tell(refuse=["bernd@agentur.example"])
        composer = evolution.compose("bernd@agentur.example", "Für Bernd", "Der alte Text.\n")
        composer.wait_until_says("im Büro")
        at_bernd = len(office.bernd.paths())
        composer.send()
        composer.wait_until_closed()
        stage.wait_for_outbox(office, before + 1)
        wait_for("the server's refusal", lambda: any(
            "RCPT TO" in label.name for label in evolution.main_window().find_all("label")), 30, 0.3)
        evolution.quit()
        changed = 0
        for path in stage.outbox(office):
            text = path.read_text(errors="surrogateescape")
            if "Der alte Text." in text:
                path.write_text(text.replace("Der alte Text.", "Der neue Text."), errors="surrogateescape")
                changed += 1
        assert changed == 1, f"{changed} copies were changed"
        office.mail.tell()
        evolution = stage.start(office)
        send_and_receive(evolution)
        wait_for("the refusal", lambda: any(
            "nach dem Versiegeln verändert" in label.name for window in evolution.windows()
            for label in window.find_all("label")), 40, 0.3)
        assert len(office.bernd.paths()) == at_bernd
