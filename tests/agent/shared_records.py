# SPDX-License-Identifier: GPL-3.0-or-later
"""Consent records shared by the office: two state directories and one real portal."""

import json
import sqlite3

from scratch import build_dir, wait_for

PROGRAM = build_dir() / "plugin" / "cli" / "siegelpost"
NINA = "nina@kunde.example"


class Device:
    """siegelpost on a second state directory, enrolled as the first one is."""

    def __init__(self, office):
        self.office = office
        self.directory = office.scratch.directory("second-device")
        ours = sqlite3.connect(office.state / "state.sqlite")
        theirs = sqlite3.connect(self.directory / "state.sqlite")
        ours.backup(theirs)
        ours.close()
        theirs.close()

    def call(self, *words, check=True):
        return self.office.desktop.run([PROGRAM, "--state-dir", self.directory, "--json", *words], check=check)

    def sync(self):
        return json.loads(self.call("ledger", "sync").stdout)

    def records(self):
        return json.loads(self.call("consent", "list", "--address", NINA).stdout)


def here(office):
    """What the agent's own ledger knows of Nina."""
    return office.cli_json("consent", "list", "--address", NINA)


def run(office, checks):
    second = Device(office)
    with checks.that("what is recorded by the agent reaches the portal by itself, and a second device from there"):
        office.cli("consent", "add", "--kind", "agreement", "--address", NINA, "--taken-by", "Sabine")
        wait_for("the record to be shared", lambda: here(office)[0]["synced"], 30)
        assert second.sync()["received"] == 1
        (record,) = second.records()
        assert (record["kind"], record["from"], record["synced"]) == ("agreement", office.sabine.address, True), record
        assert record["id"] == here(office)[0]["id"]
    with checks.that("while the portal is away the own record decides at once, and is marked until it is shared"):
        office.portal.stop()
        second.call("consent", "add", "--kind", "withdrawal", "--address", NINA, "--taken-by", "Bernd")
        assert second.call("ledger", "sync", check=False).returncode == 2
        assert [(one["state"], one["synced"]) for one in second.records()] == [("withdrawn", True), ("valid", False)]
        office.portal.start()
        assert second.sync()["sent"] == 1
        office.cli("ledger", "sync")
        assert [one["state"] for one in here(office)] == ["withdrawn", "valid"], here(office)
    with checks.that("the portal keeps what it cannot read"):
        kept = b"".join(path.read_bytes() for path in office.portal.data.rglob("*") if path.is_file())
        assert b"BEGIN PGP MESSAGE" in kept and NINA.encode() not in kept
    with checks.that("an erasure here is one there too, and the withdrawal outlives it"):
        office.cli("ledger", "erase", "--address", NINA, "--reason", "Art. 17")
        office.cli("ledger", "sync")
        second.sync()
        assert second.records() == [] and json.loads(second.call("ledger", "verify").stdout)["valid"]
        mail = office.scratch.path / "to-nina.eml"
        mail.write_text(f"From: {office.sabine.address}\nTo: {NINA}\nSubject: Hallo\n\nx\n")
        decided = json.loads(second.call("assess", mail, check=False).stdout)["recipients"][0]
        assert decided["basis"]["refusal"] == "withdrawn", decided["basis"]
