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


def tell(office):
    """The portal told this yesterday, when the mail program was not open."""
    database = sqlite3.connect(office.desktop.data / "siegelpost" / "state.sqlite")
    with database:
        database.executemany("INSERT INTO portal_event (kind, address, time) VALUES (?, ?, ?)",
                             [(kind, address, int(time.time()) - 86400) for kind, address in TOLD])
    database.close()


def bar(checks, office, evolution):
    def says(part):
        return any(part in label.name for label in evolution.main_window().find_all("label"))

    with checks.that("the main window says that a message was not collected, and what to do"):
        wait_for("the bar", lambda: says("erika@kunde.example") and says("Brief"), 60, 0.5)
        office.desktop.screenshot(stage.build_dir() / "hosts" / "event-bar.png")
        assert not says("olaf@kunde.example"), "a message that was read needs nobody"


def listed(checks, office, evolution):
    with checks.that("the preferences list both, and what is done there stays done and takes the bar away"):
        evolution.key("ctrl+shift+s")
        window = evolution.window("Evolution-Einstellungen")
        tab = window.find(lambda role: role in ("label", "list item", "icon", "table cell"), "Siegelpost", 15, showing=False)
        x, y = tab.middle()
        evolution.click(x, y)
        wait_for("the list", lambda: any("olaf@kunde.example hat" in one.name for one in window.find_all("label")), 20, 0.3)
        office.desktop.screenshot(stage.build_dir() / "hosts" / "event-list.png")
        window.button("Erledigt").press()
        wait_for("the end of it", lambda: not [one for one in window.find_all(("push button", "button"), "Erledigt")], 20, 0.3)
        window.button("Schließen").press()
        wait_for("the bar to go", lambda: not any("Brief" in label.name and "erika" in label.name
                                                  for label in evolution.main_window().find_all("label")), 20, 0.3)
