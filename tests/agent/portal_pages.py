# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages that a real portal serves, compared with the release by a real agent and by doctor (threat 5)."""

import json
import shutil
import sqlite3

from workplace import build_dir, wait_for


def pages_line(office):
    """What doctor says of the portal's pages."""
    said = office.cli("--json", "doctor", check=False)
    return next(one for one in json.loads(said.stdout)["checks"] if one["check"] == "portal pages")


def kinds(office):
    return [one["kind"] for one in json.loads(office.agent.call("PortalEvents")[0])]


def restart(office):
    office.portal.stop()
    office.portal.start()


def let_hours_pass(office):
    """It is time to look again."""
    database = sqlite3.connect(office.state / "state.sqlite", timeout=30)
    with database:
        database.execute("DELETE FROM value WHERE name = 'portal.pages.next'")
    database.close()


def run(office, checks):
    web = office.scratch.path / "web"
    shutil.copytree(build_dir() / "portal" / "web" / "dist", web)
    office.portal.web = web
    restart(office)
    let_hours_pass(office)
    with checks.that("the pages of an honest portal are those of the release, and nothing is told of them"):
        line = pages_line(office)
        assert line["ok"], line
        wait_for("a look", lambda: looked(office), 120, 0.5)
        assert not [kind for kind in kinds(office) if kind.startswith("pages-")], kinds(office)
    script = next((web / "assets").glob("app-*.js"))
    honest = script.read_bytes()
    script.write_bytes(honest + b"\n")
    restart(office)
    with checks.that("one byte more in a script: doctor says so and names the script"):
        line = pages_line(office)
        assert not line["ok"] and script.name in line["detail"] and line["remedy"], line
    with checks.that("the agent tells it by itself, once, to whoever is there and to whoever comes later"):
        let_hours_pass(office)
        wait_for("the event", lambda: "pages-changed" in kinds(office), 120, 0.5)
        let_hours_pass(office)
        wait_for("another look", lambda: looked(office), 120, 0.5)
        assert kinds(office).count("pages-changed") == 1, kinds(office)
    with checks.that("a portal whose pages cannot be had is not one whose pages are right"):
        office.portal.stop()
        line = pages_line(office)
        assert not line["ok"] and line["detail"], line
        script.write_bytes(honest)
        office.portal.start()
        assert pages_line(office)["ok"]


def looked(office):
    database = sqlite3.connect(office.state / "state.sqlite", timeout=30)
    found = database.execute("SELECT 1 FROM value WHERE name = 'portal.pages.next' AND value <> ''").fetchall()
    database.close()
    return bool(found)
