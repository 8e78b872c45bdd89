# SPDX-License-Identifier: GPL-3.0-or-later
"""Several staff, several devices: who is let in, who is put out, and the records that they share."""

import json
import secrets
import threading
import time

from harness import KEY, Portal, Staff, armored, roster, uuid7, wait_until


def enrol_second(portal, address="bert@office.example", name="Bert", **changes):
    """A device that waits."""
    staff = Staff(portal, address, name, token="")
    staff.enrolment = portal.admin("add-staff", address, "--name", name).stdout.strip()
    answer = staff.enrol(**changes)
    assert answer.status == 200, answer.body
    staff.bearer, staff.device = answer.json["device_token"], answer.json["device"]
    return staff


def states(staff):
    return {one["id"]: one["state"] for one in staff.call("GET", "/api/v1/devices").json["devices"]}


def test_a_device_that_waits_may_ask_for_itself_and_the_office_and_nothing_else():
    with Portal(smtp=False) as portal:
        anna = Staff(portal)
        handle, _, _ = anna.invite("kunde@example.net")
        message = anna.send(handle)
        bert = enrol_second(portal)
        assert bert.call("GET", "/api/v1/devices/self").json == {"id": bert.device, "state": "pending", "office_secret": None}
        assert bert.call("GET", "/api/v1/office").status == 200
        calls = (("GET", "/api/v1/devices"), ("POST", f"/api/v1/devices/{bert.device}:approve"), ("POST", f"/api/v1/devices/{anna.device}:revoke"),
                 ("PUT", "/api/v1/roster"), ("POST", "/api/v1/directory:lookup"), ("PUT", f"/api/v1/customers/{handle}"), ("POST", "/api/v1/uploads"),
                 ("PATCH", "/api/v1/uploads/" + "0" * 32), ("HEAD", "/api/v1/uploads/" + "0" * 32), ("DELETE", "/api/v1/uploads/" + "0" * 32),
                 ("PUT", f"/api/v1/messages/{uuid7()}"), ("GET", f"/api/v1/messages/{message}"), ("POST", f"/api/v1/messages/{message}:publish"),
                 ("DELETE", f"/api/v1/messages/{message}"), ("GET", "/api/v1/events"), ("PUT", "/api/v1/ledger/a"), ("GET", "/api/v1/ledger"))
        for method, path in calls:
            answer = bert.call(method, path, {} if method not in ("GET", "HEAD") else None)
            assert answer.status == 503, (method, path, answer.status)
            assert method == "HEAD" or answer.code == "busy"
        assert anna.call("GET", f"/api/v1/messages/{message}").json["state"] == "published"
        assert states(anna) == {anna.device: "approved", bert.device: "pending"}


def test_a_stolen_enrolment_token_changes_nothing_that_others_see():
    with Portal(smtp=False) as portal:
        anna = Staff(portal)
        before = anna.call("GET", "/api/v1/office").json
        thief = enrol_second(portal, "anna@office.example", "Anna", staff_key=armored("of the thief", KEY))
        assert anna.call("GET", "/api/v1/office").json == before
        thief.enrolment = portal.admin("add-staff", "bert@office.example").stdout.strip()
        # A device cannot draw a list of its own where people decide about devices.
        for name in ("desk\tenrolled\nanna@office.example", "\x1b[2Jdesk", "desk\r", "desk\u2028x", "\u202eksed", "de\u200bsk", "desk\x7f", "desk\u0085", "", "x" * 201):
            assert thief.enrol(device_name=name).code == "bad-request", name
        assert thief.enrol(roster=roster(2)).code == "conflict"
        after = anna.call("GET", "/api/v1/office").json
        assert after["roster"] == before["roster"] and after["key"] == before["key"]


def test_an_approved_device_gets_the_offices_secret_and_the_roster_comes_with_it():
    with Portal(smtp=False) as portal:
        anna = Staff(portal)
        bert = enrol_second(portal)
        waits = [event for event in anna.events()["events"] if event["type"] == "device-pending"]
        assert [(event["customer"], event["address"], event["message"]) for event in waits] == [(None, "bert@office.example", None)]
        listed = {one["id"]: one for one in anna.call("GET", "/api/v1/devices").json["devices"]}
        assert listed[bert.device]["staff"] == "bert@office.example" and listed[bert.device]["staff_key"].startswith("-----BEGIN PGP PUBLIC KEY")
        secret, two = armored("office secret"), roster(2)
        for changes in ({"office_secret": None}, {"office_secret": "x"}, {"roster": None}, {"office_secret": armored("x" * 70_000)}):
            assert anna.approve(bert.device, **changes).code == "bad-request", changes
        assert anna.approve(bert.device, roster=roster(3)).code == "conflict"
        assert states(anna)[bert.device] == "pending", "refused as a whole"
        for _ in range(2):
            assert anna.approve(bert.device, office_secret=secret, roster=two).json == {"state": "approved"}
        assert anna.approve(bert.device).code == "conflict", "another secret for a device that has one"
        assert bert.call("GET", "/api/v1/devices/self").json == {"id": bert.device, "state": "approved", "office_secret": secret}
        office = bert.call("GET", "/api/v1/office").json
        assert office["roster"] == two and office["staff"][1]["key"] == listed[bert.device]["staff_key"]
        assert bert.call("GET", "/api/v1/events").status == 200
        assert anna.approve(secrets.token_hex(8)).code == "not-found"


def test_two_colleagues_approve_at_once_and_one_secret_counts():
    with Portal(smtp=False) as portal:
        anna, bert = Staff(portal), Staff(portal, "bert@office.example", "Bert")
        third = enrol_second(portal, "carl@office.example", "Carl")
        answers = []

        def approve(staff):
            sent = armored("secret of " + staff.address)
            answers.append((staff.approve(third.device, office_secret=sent, roster=roster(3)).status, sent))

        threads = [threading.Thread(target=approve, args=(staff,)) for staff in (anna, bert) * 3]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(status for status, _ in answers) == [200] + [409] * 5, answers
        won = [sent for status, sent in answers if status == 200]
        assert [third.call("GET", "/api/v1/devices/self").json["office_secret"]] == won


def test_a_revoked_device_is_out_at_once_with_its_uploads_and_its_long_poll():
    with Portal(smtp=False) as portal:
        anna, bert = Staff(portal), Staff(portal, "bert@office.example", "Bert")
        blob = bert.upload(b"x" * 200_000)["upload"]
        kept = anna.upload(b"x" * 100_000)["upload"]
        last = bert.events()["last"]
        got = []
        waiting = threading.Thread(target=lambda: got.append(bert.call("GET", f"/api/v1/events?after={last}&wait=25").status))
        begun = time.monotonic()
        waiting.start()
        time.sleep(0.3)  # for the long poll to be asleep
        assert anna.call("POST", f"/api/v1/devices/{bert.device}:revoke").json == {"state": "revoked"}
        assert bert.call("GET", "/api/v1/office").code == "device-revoked"
        assert bert.call("GET", "/api/v1/devices/self").code == "device-revoked"
        waiting.join()
        assert got == [401] and time.monotonic() - begun < 10
        assert wait_until(lambda: portal.blob_names() == {kept}), (blob, portal.blob_names())
        assert portal.sql("SELECT id FROM uploads") == [(kept,)]
        assert portal.sql("SELECT office_secret FROM devices WHERE id = ?", bert.device) == [(None,)]
        assert states(anna)[bert.device] == "revoked"
        assert anna.call("POST", f"/api/v1/devices/{bert.device}:revoke").status == 200, "again is the same"
        assert anna.approve(bert.device).code == "conflict", "revoked stays revoked"
        assert anna.call("POST", "/api/v1/devices/unknown:revoke").code == "not-found"


def test_a_waiting_device_can_be_turned_away():
    with Portal(smtp=False) as portal:
        anna, bert = Staff(portal), enrol_second(portal)
        assert anna.call("POST", f"/api/v1/devices/{bert.device}:revoke").status == 200
        assert bert.call("GET", "/api/v1/devices/self").code == "device-revoked"


def test_when_the_last_device_is_lost_the_administrator_lets_one_in():
    with Portal(smtp=False) as portal:
        anna = Staff(portal)
        portal.admin("revoke-device", anna.device)
        new = enrol_second(portal, "anna@office.example", "Anna")
        assert "waits for approval" in portal.admin("list-staff").stdout
        assert new.call("GET", "/api/v1/events").code == "busy"
        assert portal.admin("approve-device", anna.device, check=False).returncode == 1, "a revoked one stays out"
        portal.admin("approve-device", new.device)
        assert new.call("GET", "/api/v1/events").status == 200
        assert new.call("GET", "/api/v1/devices/self").json["office_secret"] is None
        assert portal.admin("approve-device", new.device, check=False).returncode == 1


def test_an_entry_of_the_ledger_is_stored_once_and_never_changed():
    with Portal(smtp=False) as portal:
        anna, bert = Staff(portal), Staff(portal, "bert@office.example", "Bert")
        first, second = armored("first"), armored("second")
        done = anna.call("PUT", "/api/v1/ledger/0190-a", {"entry": first})
        assert (done.status, done.json) == (201, {"n": 1})
        again = bert.call("PUT", "/api/v1/ledger/0190-a", {"entry": first})
        assert (again.status, again.json) == (200, {"n": 1})
        assert bert.call("PUT", "/api/v1/ledger/0190-a", {"entry": second}).code == "conflict"
        assert bert.call("PUT", "/api/v1/ledger/0190-b", {"entry": second}).status == 201
        assert anna.call("GET", "/api/v1/ledger").json == {"last": 2, "entries": [
            {"n": 1, "id": "0190-a", "device": anna.device, "entry": first}, {"n": 2, "id": "0190-b", "device": bert.device, "entry": second}]}
        assert bert.call("GET", "/api/v1/ledger?after=2").json == {"entries": [], "last": 2}
        assert anna.call("DELETE", "/api/v1/ledger/0190-a").status == 404
        for name, body in (("a", {}), ("a", {"entry": "words"}), ("a" * 200, {"entry": first}), ("a%20b", {"entry": first}), ("a", {"entry": 7})):
            assert anna.call("PUT", f"/api/v1/ledger/{name}", body).code == "bad-request", (name, body)
        large = "-----BEGIN PGP MESSAGE-----\n" + "x" * 70_000
        assert anna.call("PUT", "/api/v1/ledger/large", {"entry": large}).code == "too-large"
        assert anna.call("GET", "/api/v1/ledger?after=x").code == "bad-request"


def test_many_devices_write_the_ledger_at_once_and_a_reader_misses_nothing():
    with Portal(smtp=False) as portal:
        anna, bert = Staff(portal), Staff(portal, "bert@office.example", "Bert")
        statuses, seen, done = [], [], threading.Event()

        def write(staff, part):
            for i in range(20):
                statuses.append(staff.call("PUT", f"/api/v1/ledger/{part}-{i}", {"entry": armored("e")}).status)

        def read():
            last = 0
            while True:
                finished = done.is_set()
                page = anna.call("GET", f"/api/v1/ledger?after={last}").json
                seen.extend(one["n"] for one in page["entries"])
                last = page["last"]
                if finished and not page["entries"]:
                    return

        writers = [threading.Thread(target=write, args=(staff, part)) for part, staff in enumerate((anna, bert) * 3)]
        reader = threading.Thread(target=read)
        reader.start()
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        done.set()
        reader.join()
        assert statuses == [201] * 120, [status for status in statuses if status != 201]
        assert seen == list(range(1, 121)), "in order, without a gap"


def test_a_body_is_needed_to_approve():
    with Portal(smtp=False) as portal:
        anna, bert = Staff(portal), enrol_second(portal)
        for body in (None, json.dumps({}), json.dumps({"roster": []})):
            answer = anna.call("POST", f"/api/v1/devices/{bert.device}:approve", body, {"Content-Type": "application/json"})
            assert answer.code == "bad-request", body
