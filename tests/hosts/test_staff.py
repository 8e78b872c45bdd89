# SPDX-License-Identifier: GPL-3.0-or-later
"""What staff look after at the portal: codes, access, locked and erased mailboxes, colleagues' computers, waiting mail."""

import fcntl
import os
import sqlite3
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import stage
from mail_system import plain_mail
from scratch import wait_for

sys.path.append(str(Path(__file__).resolve().parent.parent / "agent"))
import portal_care  # noqa: E402
from workplace import Workplace  # noqa: E402

ERIKA = "erika@kunde.example"


def play(checks):
    with stage.office(checks, "staff") as office:
        stage.seed(office)
        evolution = stage.start(office)
        office.start_portal()
        office.cli("consent", "add", "--kind", "agreement", "--address", ERIKA, "--taken-by", "Sabine Siegel")
        send(office, "first")
        office.agent.wait_until_spool_is_empty()
        window = portal_window(evolution)
        code = codes(checks, office, evolution, window)
        access(checks, office, window, code)
        told(checks, office, evolution)
        devices(checks, office, window)
        waiting(checks, office, evolution, window)
        erased(checks, office, window)


def send(office, draft):
    """A mail to Erika, as from another window."""
    mail = plain_mail(office.sabine, office.erika, "Ihre Frage", "Die Antwort.\n")
    result = office.agent.result(stage.prepare(office, mail, draft))
    assert result["status"] == "committed", result


def picture(office, name):
    office.desktop.screenshot(stage.build_dir() / "hosts" / f"staff-{name}.png")


def portal_window(evolution):
    """By way of the preferences, as people get there."""
    evolution.key("ctrl+shift+s")
    preferences = evolution.window("Evolution-Einstellungen")
    tab = preferences.find(lambda role: role in ("label", "list item", "icon", "table cell"), "Siegelpost", 15, showing=False)
    evolution.click(*tab.middle())
    preferences.button("Kunden beim Portal …").press()
    window = evolution.window("Siegelpost: Kunden beim Portal")
    preferences.button("Schließen").press()
    return window


def says(window, *words):
    return any(all(word in label.name for word in words) for label in window.find_all("label"))


def wait_until_says(window, *words, seconds=60):
    wait_for(f"{words} in {window.name!r}", lambda: says(window, *words), seconds, 0.3)


def shown_code(window):
    """The code on the screen, or None."""
    return next((digits for digits in (label.name.replace(" ", "") for label in window.find_all("label"))
                 if len(digits) == 21 and digits.isdigit()), None)


def focus_of(window):
    """(role, name) of what has the keyboard."""
    return next(((role, one.name) for one, role in window.walk() if one.has_state("FOCUSED")), None)


def by_keyboard(evolution, window):
    """The customer is chosen and the code asked for without the mouse."""
    wait_for("the keyboard in this window", lambda: focus_of(window), 30, 0.2)
    seen = []
    for _step in range(24):
        before = focus_of(window)
        seen.append(before)
        if before and before[1] == "Code anzeigen":
            evolution.key("space")
            return
        evolution.key("Tab")
        wait_for(f"the keyboard to leave {before}", lambda: focus_of(window) != before, 30, 0.1)
    raise AssertionError(f"the keyboard went {seen}")


def fill(window, entry, text, button):
    """Nothing can be done before everything is filled in."""
    assert not window.button(button).sensitive, f"{button} before anything was filled in"
    window.find("text", entry).set_text(text)
    wait_for(f"{button} to become possible", lambda: window.button(button).sensitive, 20, 0.2)


def codes(checks, office, evolution, window):
    with checks.that("the customers are listed with their state, and the chosen one's code is shown once more"):
        window.find("list item", lambda name: name.startswith(ERIKA) and "eingeladen" in name
                    and "1 ungelesene Nachricht" in name, 60)
        picture(office, "customers")
        by_keyboard(evolution, window)
        first = wait_for("the code", lambda: shown_code(window), 60, 0.3)
        assert first == office.agent.portal_customer(ERIKA)["code"]
        assert says(window, "nie per E-Mail")
    with checks.that("a new code is asked for with its consequence, made, and shown by the same box"):
        window.button("Neuer Code …").press()
        assert says(window, "Der alte gilt dann nicht mehr")
        window.button("Neuen Code ausstellen").press()
        second = wait_for("another code", lambda: shown_code(window) not in (None, first) and shown_code(window), 90, 0.3)
        assert second == office.agent.portal_customer(ERIKA)["code"]
        assert says(window, "Gültig bis") and window.button("Brief drucken …")
        picture(office, "new-code")
        return second


def access(checks, office, window, code):
    portal_care.ADDRESS = ERIKA
    with checks.that("who asks for the code of a customer who has registered meanwhile hears only that there is none"):
        portal_care.Customer(office).register(code)
        window.button("Code anzeigen").press()
        wait_until_says(window, "Es gibt keinen Code")
        assert not says(window, "entsperrt")
    with checks.that("a registered customer is locked after a question, and unlocked"):
        look_again(office)
        window.button("Sperren …").press()
        window.button("Postfach sperren").press()
        wait_until_says(window, "Das Postfach ist gesperrt.")
        assert office.agent.portal_customer(ERIKA)["state"] == "frozen"
        wait_until_says(window, "gesperrt: niemand kann sich anmelden")
        window.button("Entsperren …").press()
        window.button("Postfach entsperren").press()
        wait_until_says(window, "Das Postfach ist entsperrt.")
        assert office.agent.portal_customer(ERIKA)["state"] == "registered"
    with checks.that("the access is renewed only with how and by whom the identity was checked, which is on record"):
        wait_for("the button", lambda: window.find_all(("push button", "button"), "Zugang erneuern …"), 30, 0.3)
        window.button("Zugang erneuern …").press()
        window.find("text", "Wer hat sie geprüft?").set_text("")
        assert not window.button("Zugang erneuern").sensitive
        window.find("text", "Wie wurde die Identität geprüft?").set_text("Rückruf unter bekannter Nummer")
        assert not window.button("Zugang erneuern").sensitive, "without who checked it"
        window.find("text", "Wer hat sie geprüft?").set_text("Sabine Siegel")
        wait_for("the button", lambda: window.button("Zugang erneuern").sensitive, 20, 0.2)
        picture(office, "reset-form")
        window.button("Zugang erneuern").press()
        code = wait_for("the code", lambda: shown_code(window), 90, 0.3)
        picture(office, "reset-code")
        assert code == office.agent.portal_customer(ERIKA)["code"]
        record = office.cli("ledger", "export", "--format", "json", "--address", ERIKA).stdout
        assert "Rückruf unter bekannter Nummer" in record and "Sabine Siegel" in record


def look_again(office):
    """Windows ask anew when the agent tells something."""
    office.agent.call("DismissEvent", stage.GLib.Variant("(x)", (0,)))


def told(checks, office, evolution):
    with checks.that("an event that needs somebody has the way to the customer beside it"):
        database = sqlite3.connect(office.desktop.data / "siegelpost" / "state.sqlite", timeout=30)
        with database:
            database.execute("INSERT INTO portal_event (kind, address, time) VALUES ('reset-asked', ?, ?)",
                             (ERIKA, int(time.time())))
        database.close()
        look_again(office)
        button = evolution.main_window().button("Kunden anzeigen …", seconds=60)
        picture(office, "bar")
        button.press()
        wait_until_says(evolution.window("Siegelpost: Kunden beim Portal"), ERIKA)


def devices(checks, office, window):
    with Workplace("colleague") as other:
        other.start_agent()
        token = office.portal.add_staff(office.bernd.address, office.bernd.name)
        other.agent.enrol(office.portal.origin, token, office.bernd.address)
        whole = other.agent.portal_status()["staff_fingerprint"]
        with checks.that("a colleague's computer is let in after the fingerprint was compared"):
            page(window, "Computer")
            window.find("list item", lambda name: "bernd@" in name and "wartet auf Freigabe" in name, 60)
            window.button("Freigeben …", seconds=60).press()
            wait_until_says(window, whole[:4], whole[-4:])
            picture(office, "device")
            assert not window.button("Diesen Computer freigeben").sensitive, "without the comparison"
            window.find("check box", lambda name: "vorgelesen" in name).press()
            wait_for("the tick", lambda: window.button("Diesen Computer freigeben").sensitive, 20, 0.2)
            window.button("Diesen Computer freigeben").press()
            window.find("list item", lambda name: "bernd@" in name and "freigegeben" in name, 90)
            wait_for("the approval", lambda: other.agent.portal_status()["state"] == "enrolled", 60, 0.5)
        with checks.that("a lost computer is shut out, after a question"):
            buttons = window.find_all(("push button", "button"), "Ausschließen …")
            next(one for one in buttons if "bernd@" in one.description).press()
            window.button("Diesen Computer ausschließen").press()
            window.find("list item", lambda name: "bernd@" in name and "ausgeschlossen" in name, 90)
            assert other.agent.portal_status()["state"] == "revoked"


@contextmanager
def delivery_stopped(office):
    """Another deliverer is at work: the agent's waits, so that what was committed is still here."""
    lock = os.open(office.desktop.data / "siegelpost" / "spool" / ".delivery", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def page(window, name):
    window.find("radio button", name).press()


def waiting(checks, office, evolution, window):
    with checks.that("what waits for the portal is listed with its reason"):
        with delivery_stopped(office):
            send(office, "second")
            send(office, "second too")
            office.portal.stop()
        page(window, "Wartende Post")
        window.find("list item", lambda name: ERIKA in name, 60)
        wait_for("the reason", lambda: any("antwortet nicht" in one.name for one in window.find_all("list item")), 90, 0.3)
        picture(office, "waiting")
    with checks.that("without the agent nothing that waits is forgotten; once it is back, nothing says that it is missing"):
        wait_for("the bar", lambda: says(evolution.main_window(), "warten auf das Portal"), 60, 0.3)
        back = stage.stop_agent(office)
        try:
            wait_until_says(window, "nicht erreichbar")
            assert window.find_all("list item", lambda name: ERIKA in name)
            assert says(evolution.main_window(), "warten auf das Portal")
        finally:
            back()
        page(window, "Kunden")
        page(window, "Wartende Post")
        wait_for("the list", lambda: not says(window, "nicht erreichbar"), 60, 0.3)
        assert len(window.find_all("list item", lambda name: ERIKA in name)) == 2
    with checks.that("an order that comes too late is refused, and the reason stays beside the list as it is now"):
        window.button("Nicht mehr zustellen …").press()
        fill(window, "Grund", "Kommt mit dem Brief", "Diese Mail nicht mehr zustellen")
        first = next(one["id"] for one in office.agent.spool() if one["state"] not in ("done", "dropped")
                     and one["channel"] == "portal")
        office.agent.call("SpoolDrop", stage.GLib.Variant("(ss)", (first, "Eine Kollegin war schneller")))
        window.button("Diese Mail nicht mehr zustellen").press()
        wait_for("one row", lambda: len(window.find_all("list item", lambda name: ERIKA in name)) == 1, 60, 0.3)
        assert says(window, "Der Stand hat sich inzwischen geändert")
    with checks.that("it is given up with a reason, and not without"):
        window.button("Nicht mehr zustellen …").press()
        fill(window, "Grund", "Doch am Telefon erledigt", "Diese Mail nicht mehr zustellen")
        window.button("Diese Mail nicht mehr zustellen").press()
        wait_until_says(window, "Es wartet keine versiegelte Mail.")
        assert "dropped" in [one["state"] for one in office.agent.spool()]
        assert office.agent.get("SpoolWaiting") == 0
    with checks.that("once the portal is back, what waits leaves at a press of the button"):
        office.portal.start()
        office.agent.portal_customer(ERIKA)
        with delivery_stopped(office):
            send(office, "third")
            office.portal.stop()
        wait_for("the reason", lambda: any("antwortet nicht" in one.name for one in window.find_all("list item")), 90, 0.3)
        office.portal.start()
        for button in window.find_all(("push button", "button"), "Noch einmal versuchen"):
            button.press()
        wait_until_says(window, "Es wartet keine versiegelte Mail.", seconds=120)
        assert office.agent.get("SpoolWaiting") == 0


def erased(checks, office, window):
    with checks.that("a mailbox is erased after its consequence was said, with a reason that is on record"):
        page(window, "Kunden")
        wait_for("the button", lambda: window.find_all(("push button", "button"), "Löschen …"), 60, 0.3)
        window.button("Löschen …").press()
        assert says(window, "Niemand kann es zurückholen")
        fill(window, "Grund", "Die Kundin verlangt es", "Endgültig löschen")
        picture(office, "erase")
        window.button("Endgültig löschen").press()
        wait_until_says(window, "Das Postfach ist gelöscht.", seconds=90)
        assert office.agent.portal_customer(ERIKA)["state"] == "none"
        record = office.cli("ledger", "export", "--format", "json", "--address", ERIKA).stdout
        assert "Die Kundin verlangt es" in record
