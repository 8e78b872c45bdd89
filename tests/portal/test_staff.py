# SPDX-License-Identifier: GPL-3.0-or-later
"""Set-up, enrolment, directory, messages and events: what agents see."""

import json
import os
import secrets
import shutil
import subprocess
import threading
import time

from harness import KEY, PROGRAM, Portal, Staff, armored, b64u, customer, roster, uuid7, wait_until


def test_without_tls_the_portal_listens_on_this_computer_only():
    with Portal(init=False, smtp=False) as portal:
        done = subprocess.run([PROGRAM, "--data", portal.data, "--listen", "0.0.0.0:0"], capture_output=True, text=True, timeout=20)
        assert done.returncode == 1 and "this computer only" in done.stderr and not done.stdout


def test_an_origin_with_a_path_is_refused():
    with Portal(init=False, smtp=False) as portal:
        done = subprocess.run([PROGRAM, "--data", portal.data, "--origin", "https://a.example/b"], capture_output=True, text=True, timeout=20)
        assert done.returncode == 2 and "--origin" in done.stderr


def test_set_up_asks_for_what_is_missing_and_happens_once():
    with Portal(init=False, smtp=False) as portal:
        assert portal.admin("init", "--office", "A", check=False).returncode == 1
        assert "init first" in portal.admin("add-staff", "a@b.example", check=False).stderr
        for expected in (0, 1):
            done = portal.admin("init", "--office", "A", "--support-phone", "1", "--support-mail", "h@a.example", "--portal-mail", "p@a.example",
                                check=False)
            assert done.returncode == expected, done.stderr
        assert portal.admin("no-such", check=False).returncode == 1


def test_a_mistyped_directory_does_not_become_a_portal():
    with Portal(init=False, smtp=False) as portal:
        if not portal.needs_files():
            return  # the address of a database cannot be mistyped into an empty one
        for command in (("status",), ("add-staff", "a@b.example"), ("verify",), ("backup", "x")):
            done = portal.admin(*command, check=False)
            assert done.returncode == 1 and "no portal in this directory" in done.stderr
        assert not os.path.exists(portal.data)


def test_a_portal_that_is_not_set_up_is_alive_but_not_ready():
    with Portal(init=False, smtp=False) as portal:
        portal.start()
        assert portal.request("GET", "/healthz").status == 200
        assert portal.request("GET", "/readyz").status == 503
        assert portal.request("GET", "/p/v1/office").code == "busy"


def test_the_data_directory_is_the_owners_alone():
    with Portal(smtp=False) as portal:
        Staff(portal).upload(b"x" * 100_000)
        for folder, _, files in os.walk(portal.data):
            for name in [folder] + [os.path.join(folder, file) for file in files]:
                assert os.stat(name).st_mode & 0o077 == 0, name


def test_a_guard_without_its_key_is_refused():
    with Portal(smtp=False) as portal:
        portal.stop()
        os.rename(os.path.join(portal.data, "guard.key"), os.path.join(portal.data, "elsewhere"))
        done = portal.admin("status", check=False)
        assert done.returncode == 1 and "guard.key is" in done.stderr
        os.rename(os.path.join(portal.data, "elsewhere"), os.path.join(portal.data, "guard.key"))
        os.chmod(os.path.join(portal.data, "guard.key"), 0o644)
        assert portal.admin("status", check=False).returncode == 1


def test_an_enrolment_token_is_checked_without_being_used_up():
    with Portal(smtp=False) as portal:
        token = portal.admin("add-staff", "Anna@Office.example", "--name", "Anna Amtmann").stdout.strip()
        for _ in range(2):
            answer = portal.request("POST", "/api/v1/devices:check", json.dumps({"token": token}), {"Content-Type": "application/json"})
            assert answer.json == {"staff": {"address": "anna@office.example", "name": "Anna Amtmann"},
                                   "office": {"name": "Büro Muster", "origin": portal.origin, "key": None}}


def test_a_wrong_old_or_used_token_is_refused():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        assert staff.enrol().code == "wrong-token", "used"
        staff.enrolment = "A" * 43
        refused = staff.enrol()
        assert (refused.status, refused.code) == (403, "wrong-token")
        staff.enrolment = portal.admin("add-staff", staff.address).stdout.strip()
        portal.sql("UPDATE enrolments SET expires = 1 WHERE used = 0")
        assert staff.enrol().code == "wrong-token"


def test_the_first_device_brings_office_key_and_roster():
    with Portal(smtp=False) as portal:
        staff = Staff.__new__(Staff)
        staff.portal, staff.address = portal, "anna@office.example"
        staff.enrolment = portal.admin("add-staff", staff.address).stdout.strip()
        assert staff.enrol(office_key=None).code == "bad-request"
        assert staff.enrol(roster=None).code == "bad-request"
        assert staff.enrol(staff_key="no key").code == "bad-request"
        assert staff.enrol(roster=roster(2)).code == "conflict"
        assert portal.sql("SELECT COUNT(*) FROM devices")[0][0] == 0, "a refused enrolment changes nothing"
        enrolled = staff.enrol()
        assert enrolled.status == 200
        staff.bearer, staff.device = enrolled.json["device_token"], enrolled.json["device"]
        staff.let_in()
        second = Staff(portal, "bert@office.example", "Bert")
        second.enrolment = portal.admin("add-staff", "carl@office.example").stdout.strip()
        assert second.enrol(office_key=armored("another", KEY)).code == "conflict"


def test_two_devices_with_one_token_at_once_and_one_wins():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        staff.enrolment = portal.admin("add-staff", "bert@office.example").stdout.strip()
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(staff.enrol().status)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200] + [403] * 7, answers


def test_a_revoked_or_unknown_device_gets_nothing():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        calls = (("GET", "/api/v1/office"), ("PUT", "/api/v1/roster"), ("POST", "/api/v1/directory:lookup"), ("PUT", "/api/v1/customers/" + "0" * 32),
                 ("POST", "/api/v1/uploads"), ("HEAD", "/api/v1/uploads/" + "0" * 32), ("PATCH", "/api/v1/uploads/" + "0" * 32),
                 ("DELETE", "/api/v1/uploads/" + "0" * 32), ("PUT", f"/api/v1/messages/{uuid7()}"), ("POST", f"/api/v1/messages/{uuid7()}:publish"),
                 ("GET", f"/api/v1/messages/{uuid7()}"), ("DELETE", f"/api/v1/messages/{uuid7()}"), ("GET", "/api/v1/events"))
        assert staff.call("GET", "/api/v1/office").status == 200
        portal.admin("revoke-device", staff.device)
        assert "revoked" in portal.admin("list-staff").stdout
        for bearer in (staff.bearer, "A" * 43, ""):
            staff.bearer = bearer
            for method, path in calls:
                answer = staff.call(method, path, {} if method not in ("GET", "HEAD") else None)
                assert answer.status == 401, (method, path, answer.status)
                assert method == "HEAD" or answer.code == "device-revoked"


def test_the_office_lists_staff_and_the_latest_roster():
    with Portal(smtp=False) as portal:
        anna = Staff(portal)
        Staff(portal, "bert@office.example", "Bert")
        office = anna.call("GET", "/api/v1/office").json
        assert office["portal_address"] == "portal@office.example" and office["retention_days"] == 180 and office["invitation_days"] == 21
        assert [one["address"] for one in office["staff"]] == ["anna@office.example", "bert@office.example"]
        assert office["key"].startswith("-----BEGIN PGP PUBLIC") and office["roster"]["version"] == 2, "the colleague's approval brought one"
        two = roster(3)
        assert anna.call("PUT", "/api/v1/roster", roster(4)).code == "conflict"
        assert anna.call("PUT", "/api/v1/roster", two).status == 200
        assert anna.call("PUT", "/api/v1/roster", two).status == 200, "again is the same"
        assert anna.call("PUT", "/api/v1/roster", roster(3)).code == "conflict"
        assert anna.call("GET", "/api/v1/office").json["roster"] == two


def test_an_invitation_is_stored_once():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        found = staff.lookup("Kunde@BÜCHER.example", "b@example.net")
        assert found[0]["address"] == "kunde@xn--bcher-kva.example" and found[0]["state"] == "none" and found[0]["generation"] == 0
        assert found[1]["address"] == "b@example.net" and found[1]["mailbox_key"] is None
        path = f"/api/v1/customers/{found[0]['handle']}"
        _, body = staff.invitation(found[0]["address"])
        first = staff.call("PUT", path, body)
        again = staff.call("PUT", path, body)
        assert first.status == 201 and again.status == 200 and first.json == again.json
        assert staff.call("PUT", path, staff.invitation(found[0]["address"])[1]).code == "conflict", "a colleague was faster"
        assert staff.call("PUT", path, staff.invitation(found[0]["address"], 3)[1]).code == "conflict"
        renewed = staff.call("PUT", path, staff.invitation(found[0]["address"], 2)[1])
        assert renewed.status == 201 and renewed.json["invitation"] != first.json["invitation"]
        assert staff.lookup(found[0]["address"])[0]["generation"] == 2


def test_an_invitation_for_another_address_or_with_holes_is_refused():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle = staff.lookup("kunde@example.net")[0]["handle"]
        assert staff.call("PUT", f"/api/v1/customers/{handle}", staff.invitation("other@example.net")[1]).code == "bad-request"
        for name, value in (("generation", "1"), ("language", "fr"), ("code_wrap", b64u(b"x" * 100)), ("salt", b64u(b"x" * 15)), ("auth_hash", "==="),
                            ("escrow", None), ("mailbox_key", 7), ("address", "no address")):
            _, body = staff.invitation("kunde@example.net")
            body[name] = value
            answer = staff.call("PUT", f"/api/v1/customers/{handle}", body)
            assert (answer.status, answer.code) == (400, "bad-request"), (name, answer.body)
        assert staff.lookup("kunde@example.net")[0]["state"] == "none"


def test_more_than_a_hundred_addresses_are_too_many():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        many = [f"a{i}@example.net" for i in range(101)]
        assert len(staff.lookup(*many[:100])) == 100
        assert staff.call("POST", "/api/v1/directory:lookup", {"addresses": many}).code == "too-large"
        assert staff.call("POST", "/api/v1/directory:lookup", {"addresses": ["a@b.example", 3]}).code == "bad-request"


def test_a_message_is_published_once_with_one_notice():
    with Portal() as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        name = uuid7()
        body = staff.message(handle, secrets.token_bytes(2000), secrets.token_bytes(300_000))
        path = f"/api/v1/messages/{name}"
        assert staff.call("GET", path).code == "not-found"
        assert staff.call("PUT", path, body).status == 201
        assert staff.call("PUT", path, body).status == 200, "again is the same"
        assert staff.call("GET", path).json["state"] == "stored"
        first = staff.call("POST", f"{path}:publish", {})
        again = staff.call("POST", f"{path}:publish", {})
        assert first.json == again.json and first.json["state"] == "published"
        assert abs(first.json["expires"] - time.time() - 180 * 86400) < 10
        portal.sql("UPDATE messages SET received = received - 1000, expires = expires - 1000")
        later = staff.call("POST", f"{path}:publish", {})
        assert later.json["expires"] == first.json["expires"] - 1000, "publishing again makes it no younger"
        assert len(portal.sink.wait(1)) == 1
        time.sleep(0.3)  # for what must not come, or cannot be seen from outside
        assert len(portal.sink.mails) == 1
        state = staff.call("GET", path).json
        assert state["state"] == "published" and state["customer"] == handle and state["notified_at"] and state["read_at"] is None
        assert staff.call("PUT", path, staff.message(handle, b"x")).code == "conflict", "same id, other message"


def test_the_same_message_twice_at_once_is_one_message():
    rounds = 8  # so many that one comes between the other's looks
    with Portal() as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")

        def send(name, body, answers):
            answers.append(staff.call("PUT", f"/api/v1/messages/{name}", body).status)
            answers.append(staff.call("POST", f"/api/v1/messages/{name}:publish", {}).status)

        for _ in range(rounds):
            answers = []
            arguments = (uuid7(), staff.message(handle, secrets.token_bytes(200_000)), answers)
            threads = [threading.Thread(target=send, args=arguments) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert answers.count(201) == 1 and set(answers) == {200, 201}, answers
        portal.sink.wait(1)
        time.sleep(0.3)  # for what must not come, or cannot be seen from outside
        assert len(portal.sink.mails) == 1, "one notice tells of all that is unread"
        assert portal.sql("SELECT COUNT(*) FROM blobs") == [(rounds,)]


def test_a_message_whose_blobs_are_not_all_there_is_refused():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        path = f"/api/v1/messages/{uuid7()}"
        body = staff.message(handle, b"complete")
        half = staff.create(1000).headers["Location"]
        staff.patch(half, 0, b"x" * 999)
        body["blobs"].append({"upload": half.rsplit("/", 1)[1], "size": 1000, "sha256": "0" * 64})
        answer = staff.call("PUT", path, body)
        assert (answer.status, answer.code) == (422, "upload-incomplete")
        staff.patch(half, 999, b"x")
        answer = staff.call("PUT", path, body)
        assert (answer.status, answer.code) == (422, "checksum-mismatch")
        body["blobs"][1] = body["blobs"][0]
        assert staff.call("PUT", path, body).code == "bad-request"
        body["blobs"] = [{"upload": "f" * 32, "size": 1, "sha256": "0" * 64}]
        assert staff.call("PUT", path, body).code == "upload-incomplete"
        body["blobs"] = []
        assert staff.call("PUT", path, body).code == "bad-request"
        body = staff.message("0" * 32, b"x")
        assert staff.call("PUT", path, body).code == "not-found"
        body = staff.message(handle, b"x", manifest=armored("x" * 70_000))
        assert staff.call("PUT", path, body).code == "too-large"
        body = staff.message(handle, b"x")
        assert staff.call("PUT", "/api/v1/messages/1234", body).code == "bad-request"
        assert staff.call("POST", f"{path}:publish", {}).code == "not-found"


def test_a_message_that_is_taken_back_is_gone_and_stays_gone():
    with Portal() as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        name, body = uuid7(), staff.message(handle, secrets.token_bytes(500_000))
        path = f"/api/v1/messages/{name}"
        staff.call("PUT", path, body)
        staff.call("POST", f"{path}:publish", {})
        for _ in range(2):
            assert staff.call("DELETE", path).json == {"state": "revoked"}
        assert staff.call("POST", f"{path}:publish", {}).code == "conflict"
        assert portal.sql("SELECT COUNT(*) FROM blobs") == [(0,)]
        assert not [file for _, _, files in os.walk(os.path.join(portal.data, "blobs")) for file in files]


def test_events_come_at_once_to_who_waits():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, auth, _ = staff.invite("kunde@example.net")
        begun = time.monotonic()
        assert staff.events(0, 1) == {"events": [], "last": 0}
        assert time.monotonic() - begun > 0.9
        got = []
        threads = [threading.Thread(target=lambda: got.append((staff.events(0, 20), time.monotonic()))) for _ in range(3)]
        for thread in threads:
            thread.start()
        time.sleep(0.3)  # for what must not come, or cannot be seen from outside
        from harness import Browser
        Browser(portal).register(handle, auth, "correct horse battery")
        for thread in threads:
            thread.join()
        assert len(got) == 3 and all(events["events"][0]["type"] == "registered" for events, _ in got), "an empty answer is one that came at the end"
        assert staff.events(got[0][0]["last"]) == {"events": [], "last": got[0][0]["last"]}
        assert staff.call("GET", "/api/v1/events?after=x").code == "bad-request"


def test_old_messages_and_uploads_are_swept_away():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        old, young = staff.send(handle, secrets.token_bytes(200_000)), staff.send(handle, secrets.token_bytes(200_000))
        cold, warm = staff.upload(b"x" * 1000)["upload"], staff.upload(b"x" * 1000)["upload"]
        portal.sql("UPDATE messages SET expires = 1 WHERE id = ?", old)
        forgotten, waiting = uuid7(), uuid7()
        for name in (forgotten, waiting):
            assert staff.call("PUT", f"/api/v1/messages/{name}", staff.message(handle, b"x")).status == 201
        portal.sql("UPDATE messages SET created = 1 WHERE id IN (?, ?)", forgotten, young)
        portal.sql("UPDATE uploads SET created = 1")
        portal.make_blob_old(cold)
        portal.restart()
        deadline = time.monotonic() + 10
        while staff.call("GET", f"/api/v1/messages/{old}").json["state"] != "expired" and time.monotonic() < deadline:
            time.sleep(0.05)
        assert staff.call("GET", f"/api/v1/messages/{old}").json["state"] == "expired"
        assert staff.call("GET", f"/api/v1/messages/{young}").json["state"] == "published"
        assert staff.call("GET", f"/api/v1/messages/{forgotten}").json["state"] == "expired", "stored and never published"
        assert staff.call("GET", f"/api/v1/messages/{waiting}").json["state"] == "stored"
        while staff.offset(f"/api/v1/uploads/{cold}") is not None and time.monotonic() < deadline:
            time.sleep(0.05)
        assert staff.offset(f"/api/v1/uploads/{cold}") is None
        assert staff.offset(f"/api/v1/uploads/{warm}") == 1000
        wait_until(lambda: len(portal.blob_names()) == 2)
        files = portal.blob_names()
        assert len(files) == 2 and warm in files and cold not in files


def test_a_backup_that_was_made_while_it_ran_is_restored():
    with Portal("--notice-interval", "0") as portal:
        if not portal.needs_files():
            return  # PostgreSQL has backups of its own
        staff = Staff(portal)
        owner = customer(portal, staff)
        blob = secrets.token_bytes(200_000)
        names = [staff.send(owner.handle, blob)]
        stop = threading.Event()

        def send_on():
            while not stop.is_set() and len(names) < 40:
                names.append(staff.send(owner.handle, blob))

        sender = threading.Thread(target=send_on)
        sender.start()
        assert wait_until(lambda: len(names) > 2, 60)
        kept = names[:2]
        backup = os.path.join(portal.directory, "backup.tar")
        portal.admin("backup", backup)
        stop.set()
        sender.join()
        portal.stop()
        shutil.move(portal.data, portal.data + "-lost")
        os.mkdir(portal.data, mode=0o700)
        subprocess.run(["tar", "-C", portal.data, "-xf", backup], check=True)
        shutil.copy(os.path.join(portal.data + "-lost", "guard.key"), portal.data)
        assert "0 damaged" in portal.admin("verify").stdout
        portal.start()
        assert owner.log_in(owner.address, owner.password).status == 200
        listed = {one["id"] for one in owner.call("GET", "/p/v1/messages").json["messages"]}
        assert set(kept) <= listed, "what was published before the backup began"
        for name in listed:
            assert owner.call("GET", f"/p/v1/messages/{name}/blobs/0").body == blob
        assert staff.send(owner.handle, b"after") and staff.lookup(owner.address)[0]["state"] == "registered"


def test_the_guards_key_may_come_from_the_service_manager():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        portal.stop()
        credentials = os.path.join(portal.directory, "credentials")
        os.mkdir(credentials)
        shutil.move(os.path.join(portal.data, "guard.key"), credentials)
        os.chmod(os.path.join(credentials, "guard.key"), 0o440)  # as an access list looks
        os.environ["CREDENTIALS_DIRECTORY"] = credentials
        try:
            portal.start()
            assert owner.log_in(owner.address, owner.password).status == 200
            assert not os.path.exists(os.path.join(portal.data, "guard.key"))
        finally:
            del os.environ["CREDENTIALS_DIRECTORY"]


def test_verify_finds_a_damaged_blob_and_a_backup_has_everything():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        blob = secrets.token_bytes(200_000)
        staff.send(handle, blob, b"small")
        assert "2 blobs in 1 messages, 0 damaged" in portal.admin("verify").stdout
        portal_name = portal.sql("SELECT file FROM blobs WHERE file IS NOT NULL")[0][0]
        backup = os.path.join(portal.directory, "backup.tar")
        if not portal.needs_files():
            assert "pg_dump" in portal.admin("backup", backup, check=False).stderr
            portal.damage_blob(portal_name)
            done = portal.admin("verify", check=False)
            assert done.returncode == 1 and "1 damaged" in done.stdout
            return
        portal.admin("backup", backup)
        assert portal.admin("backup", backup, check=False).returncode == 1, "never over an older one"
        copy = os.path.join(portal.directory, "copy")
        os.mkdir(copy)
        subprocess.run(["tar", "-C", copy, "-xf", backup], check=True)
        names = {file for _, _, files in os.walk(copy) for file in files}
        assert "portal.db" in names and not any("guard" in name for name in names), names
        stored = [os.path.join(folder, file) for folder, _, files in os.walk(os.path.join(copy, "blobs")) for file in files]
        assert [open(name, "rb").read() for name in stored] == [blob]
        assert os.stat(backup).st_mode & 0o077 == 0
        portal.damage_blob(portal_name)
        done = portal.admin("verify", check=False)
        assert done.returncode == 1 and "1 damaged" in done.stdout
