# SPDX-License-Identifier: GPL-3.0-or-later
"""What the portal told while nobody looked: bars for what needs a person, and a list of everything."""

import sqlite3
import time

import stage
from scratch import wait_for

TOLD = (("read", "olaf@kunde.example"), ("not-collected", "erika@kunde.example"))


def play(checks):
    with stage.office(checks, "events") as office:
        stage.seed(office)
        office.start_session()
        office.cli("consent", "list")  # makes the state
        tell(office)
        evolution = stage.start(office)
        bar(checks, office, evolution)
        listed(checks, office, evolution)
        without_agent(checks, office, evolution)


def tell(office):
    """The portal told this yesterday, when the mail program was not open."""
    database = sqlite3.connect(office.desktop.data / "siegelpost" / "state.sqlite")
    with database:
        database.executemany("INSERT INTO portal_event (kind, address, time) VALUES (?, ?, ?)",
                             [(kind, address, int(time.time()) - 86400) for kind, address in TOLD])
    database.close()


def page_of_siegelpost(evolution):
    def opened():
        # Again, if need be: a window that was closed just now may not have given the keyboard back.
        evolution.key("ctrl+shift+s")
        return next((one for one in evolution.windows() if one.name == "Evolution-Einstellungen"), None)
    window = wait_for("the preferences", opened, 30, 1)
    tab = window.find(lambda role: role in ("label", "list item", "icon", "table cell"), "Siegelpost", 15, showing=False)
    evolution.click(*tab.middle())
    return window


def wait_until_says(window, words):
    wait_for(f"{words!r}", lambda: says(window, words), 40, 0.3)


def says(window, words):
    return any(words in label.name for label in window.find_all("label"))


def bar(checks, office, evolution):
    with checks.that("the main window says that a message was not collected, and what to do"):
        wait_for("the bar", lambda: all(says(evolution.main_window(), words) for words in ("erika@kunde.example", "Brief")),
                 60, 0.5)
        office.desktop.screenshot(stage.build_dir() / "hosts" / "event-bar.png")
        assert not says(evolution.main_window(), "olaf@kunde.example"), "a message that was read needs nobody"


def listed(checks, office, evolution):
    with checks.that("the preferences list both, and what is done there stays done and takes the bar away"):
        window = page_of_siegelpost(evolution)
        wait_until_says(window, "olaf@kunde.example hat")
        office.desktop.screenshot(stage.build_dir() / "hosts" / "event-list.png")
        window.button("Erledigt").press()
        wait_for("the end of it", lambda: not [one for one in window.find_all(("push button", "button"), "Erledigt")], 20, 0.3)
        window.button("Schließen").press()
        wait_for("the bar to go", lambda: not any("Brief" in label.name and "erika" in label.name
                                                  for label in evolution.main_window().find_all("label")), 20, 0.3)


def without_agent(checks, office, evolution):
    with checks.that("without the agent the list says that it could not look, and no longer once it could, though nothing is new"):
        back = stage.stop_agent(office)
        try:
            window = page_of_siegelpost(evolution)
            wait_until_says(window, "nicht erreichbar")
            assert says(window, "olaf@kunde.example hat"), "what was listed stays"
            assert not says(window, "Keine versiegelte E-Mail wartet"), "nobody could look"
        finally:
            back()
        window.button("Schließen").press()
        window = page_of_siegelpost(evolution)
        wait_until_says(window, "ist im Dienst")
        wait_for("the end of it", lambda: not says(window, "nicht erreichbar"), 40, 0.3)
        assert says(window, "olaf@kunde.example hat") and not says(window, "Das Portal hat noch nichts gemeldet")
        window.button("Schließen").press()
