# SPDX-License-Identifier: GPL-3.0-or-later
"""SIGKILL at every step: what was acknowledged is there after the restart, once."""

import hashlib
import http.client
import os
import random
import secrets
import threading
import time

from harness import Portal, Staff, armored, armored_mail, customer, uuid7, wait_until


def patient(call, *arguments):
    """An agent that tries again until the portal is back."""
    for _ in range(200):
        try:
            return call(*arguments)
        except (OSError, http.client.HTTPException):
            time.sleep(0.03)
    raise AssertionError("the portal did not come back")


def upload_patiently(client, data):
    location = patient(client.create, len(data)).headers["Location"]
    offset = 0
    while offset < len(data):
        try:
            answer = client.patch(location, offset, data[offset:offset + 200_000])
            if answer.status == 204:
                acknowledged = int(answer.headers["Upload-Offset"])
                assert acknowledged == offset + len(data[offset:offset + 200_000])
                offset = acknowledged
                continue
        except (OSError, http.client.HTTPException):
            pass
        found = patient(client.offset, location)
        assert found >= offset, f"{offset} bytes were acknowledged, {found} are there"
        offset = found
    return {"upload": location.rsplit("/", 1)[1], "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


class Killer:
    """Kills and restarts the portal at random times until it is told to stop."""

    def __init__(self, portal, seed):
        self.portal = portal
        self.random = random.Random(seed)
        self.done = threading.Event()
        self.kills = 0
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        # A start on PostgreSQL takes longer: two connections, and looking at the schema.
        longest = 0.12 if self.portal.needs_files() else 0.5
        while not self.done.wait(self.random.uniform(0.005, longest)):
            self.portal.restart()
            self.kills += 1
            # On a busy machine no life may be long enough for one request: each may be longer than the one before.
            longest = min(longest * 1.25, 3)

    def stop(self):
        self.done.set()
        self.thread.join()


def test_killed_at_random_while_an_agent_sends_and_there_is_one_message_and_one_notice_each():
    with Portal("--notice-interval", "0") as portal:
        staff = Staff(portal)
        customers = [staff.invite(f"kunde{i}@example.net")[0] for i in range(60)]
        killer = Killer(portal, 1)
        sent = {}
        try:
            for handle in customers:
                if killer.kills >= 6 and len(sent) >= 6:
                    break
                name = uuid7()
                content = [secrets.token_bytes(900), secrets.token_bytes(1_500_000)]
                blobs = [upload_patiently(staff, data) for data in content]
                body = {"customer": handle, "manifest": armored("m"), "blobs": blobs}
                stored = patient(staff.call, "PUT", f"/api/v1/messages/{name}", body)
                assert stored.status in (200, 201), stored.body
                published = patient(staff.call, "POST", f"/api/v1/messages/{name}:publish", {})
                assert published.status == 200, published.body
                sent[name] = content
        finally:
            killer.stop()
        assert killer.kills >= 6, killer.kills
        assert wait_until(lambda: portal.sql("SELECT COUNT(*) FROM outbox WHERE state = 'sent'") == [(len(sent),)], 60), portal.sql("SELECT * FROM outbox")
        assert portal.sql("SELECT COUNT(*) FROM messages WHERE state = 'published'") == [(len(sent),)]
        assert "0 damaged" in portal.admin("verify").stdout
        # A mail that went out just before a kill may go out again; its Message-ID is the same, so it is one notice.
        notices = [line for _, data in portal.sink.mails for line in data.split(b"\r\n") if line.startswith(b"Message-ID:")]
        assert sorted(set(notices)) == sorted(b"Message-ID: <notice.%s@127.0.0.1>" % name.encode() for name in sent)


def test_killed_at_random_while_a_customer_replies_and_there_is_one_mail():
    with Portal() as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        killer = Killer(portal, 2)
        names = []
        try:
            while len(names) < 50 and (killer.kills < 5 or len(names) < 5):  # 50: a page of the list below
                name, mail = uuid7(), armored_mail(600_000)
                body = {"to": "office", "manifest": armored("m"), "in_reply_to": None, "references": [], "blobs": [upload_patiently(browser, mail)]}
                answer = patient(browser.call, "PUT", f"/p/v1/messages/{name}", body)
                assert answer.status in (200, 201), answer.body
                names.append(name)
        finally:
            killer.stop()
        assert wait_until(lambda: portal.sql("SELECT COUNT(*) FROM outbox WHERE state = 'sent'") == [(len(names),)], 60)
        listed = [one["id"] for one in browser.call("GET", "/p/v1/messages?folder=sent").json["messages"]]
        assert sorted(listed) == sorted(names)
        ids = {line for _, data in portal.sink.mails for line in data.split(b"\r\n") if line.startswith(b"Message-ID:")}
        assert ids == {b"Message-ID: <%s@127.0.0.1>" % name.encode() for name in names}
        assert len([event for event in staff.events()["events"] if event["type"] == "replied"]) == len(names)


def test_killed_between_publish_and_notice_and_the_notice_still_goes_out():
    with Portal() as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        port, portal.options[-1] = portal.options[-1], "127.0.0.1:1"
        portal.restart()
        name = staff.send(handle)
        portal.kill()
        portal.options[-1] = port
        portal.sql("UPDATE outbox SET due = 1")
        portal.start()
        assert len(portal.sink.wait(1)) == 1
        assert wait_until(lambda: staff.call("GET", f"/api/v1/messages/{name}").json["notified_at"])


def test_killed_while_the_mail_server_takes_the_notice_and_the_second_has_the_same_id():
    with Portal() as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        portal.sink.gate = threading.Event()
        staff.send(handle)
        assert portal.sink.reached_gate.wait(10)
        portal.kill()
        portal.sink.gate.set()
        portal.start()
        mails = portal.sink.wait(2)
        ids = {line for _, data in mails for line in data.split(b"\r\n") if line.startswith(b"Message-ID:")}
        assert len(mails) == 2 and len(ids) == 1, ids


def test_killed_in_the_middle_of_one_patch_and_no_acknowledged_byte_is_lost():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        data = secrets.token_bytes(8_000_000)
        location = staff.create(len(data)).headers["Location"]
        assert staff.patch(location, 0, data[:1_000_000]).status == 204
        connection = portal.connect()
        connection.putrequest("PATCH", location)
        for name, value in (("Authorization", f"Bearer {staff.bearer}"), ("Tus-Resumable", "1.0.0"), ("Upload-Offset", "1000000"),
                            ("Content-Type", "application/offset+octet-stream"), ("Content-Length", str(len(data) - 1_000_000))):
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(data[1_000_000:5_000_000])
        name = location.rsplit("/", 1)[1]
        assert wait_until(lambda: len(portal.blob(name)) > 2_000_000)
        portal.restart()
        offset = staff.offset(location)
        assert 1_000_000 <= offset <= 5_000_000
        assert staff.patch(location, offset, data[offset:]).status == 204
        assert portal.blob(name) == data


def test_a_registration_survives_a_kill_right_after_its_answer():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        for i in range(3):
            browser = customer(portal, staff, f"kunde{i}@example.net")
            portal.restart()
            assert browser.call("GET", "/p/v1/session").status == 200
            assert browser.log_in(browser.address, browser.password).status == 200


def test_tries_survive_a_kill():
    with Portal(smtp=False) as portal:
        Staff(portal)
        from harness import Browser
        guesser = Browser(portal)
        codes = []
        for _ in range(6):
            codes.append(guesser.log_in("kunde@example.net", "guess").code)
            portal.restart()
        assert codes == ["wrong-password"] * 5 + ["too-many-tries"]
