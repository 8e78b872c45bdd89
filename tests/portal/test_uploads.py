# SPDX-License-Identifier: GPL-3.0-or-later
"""tus: what is acknowledged is there, and nothing else."""

import base64
import hashlib
import random
import secrets
import socket
import threading
import time

from harness import Portal, Staff, armored, customer, send_raw, uuid7, wait_until


def test_an_upload_goes_on_where_it_stood():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        data = secrets.token_bytes(700_000)
        created = staff.create(len(data))
        assert created.status == 201 and created.headers["Tus-Resumable"] == "1.0.0" and "GMT" in created.headers["Upload-Expires"]
        location = created.headers["Location"]
        assert staff.offset(location) == 0
        first = staff.patch(location, 0, data[:300_000])
        assert first.status == 204 and first.headers["Upload-Offset"] == "300000"
        for offset in (0, 299_999, 300_001):
            refused = staff.patch(location, offset, b"x")
            assert (refused.status, refused.code) == (409, "offset-mismatch")
        assert staff.offset(location) == 300_000
        assert staff.patch(location, 300_000, data[300_000:]).status == 204
        assert portal.blob(location.rsplit("/", 1)[1]) == data
        head = staff.call("HEAD", location, None, {"Tus-Resumable": "1.0.0"})
        assert head.headers["Upload-Length"] == "700000" and head.headers["Cache-Control"] == "no-store"


def test_a_checksum_that_differs_takes_the_chunk_back():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        location = staff.create(2000).headers["Location"]
        good = base64.b64encode(hashlib.sha256(b"a" * 1000).digest()).decode()
        assert staff.patch(location, 0, b"a" * 1000, **{"Upload-Checksum": f"sha256 {good}"}).status == 204
        refused = staff.patch(location, 1000, b"b" * 1000, **{"Upload-Checksum": f"sha256 {good}"})
        assert (refused.status, refused.code) == (460, "checksum-mismatch")
        assert staff.offset(location) == 1000
        assert staff.patch(location, 1000, b"b", **{"Upload-Checksum": "md5 AAAA"}).code == "unsupported"


def begin_patch(portal, staff, location, data):
    """A PATCH with all its bytes, a checksum that is wrong, and no end yet."""
    connection = socket.create_connection(("127.0.0.1", portal.port), timeout=30)
    head = (f"PATCH {location} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {staff.bearer}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
            f"Upload-Checksum: sha256 {base64.b64encode(bytes(32)).decode()}\r\n"
            "Content-Type: application/offset+octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n").encode()
    connection.sendall(head + b"%x\r\n" % len(data) + data + b"\r\n")
    return connection


def test_a_checksum_that_differs_does_not_take_a_blob_from_a_message():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        if not portal.needs_files():
            return  # rows become visible with the end of a PATCH; the next test has both at once
        data = secrets.token_bytes(256 * 1024)  # what is written at once
        location = staff.create(len(data)).headers["Location"]
        name, message = location.rsplit("/", 1)[1], uuid7()
        with begin_patch(portal, staff, location, data) as connection:
            assert wait_until(lambda: len(portal.blob(name)) == len(data))
            body = {"customer": browser.handle, "manifest": armored("m"),
                    "blobs": [{"upload": name, "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}]}
            assert staff.call("PUT", f"/api/v1/messages/{message}", body).status == 201
            connection.sendall(b"0\r\n\r\n")
            answer = b""
            while part := connection.recv(65536):
                answer += part
        assert b" 503 " in answer.split(b"\r\n")[0] and b'"busy"' in answer, answer
        assert portal.blob(name) == data
        assert staff.call("POST", f"/api/v1/messages/{message}:publish", {}).status == 200
        assert browser.call("GET", f"/p/v1/messages/{message}/blobs/0").body == data
        assert "0 damaged" in portal.admin("verify").stdout


def test_patches_and_messages_at_the_same_time_damage_nothing():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        data = secrets.token_bytes(2 * 1024 * 1024)
        wrong = {"Upload-Checksum": f"sha256 {base64.b64encode(bytes(32)).decode()}"}
        taken, statuses = 0, set()
        for _ in range(15):
            location = staff.create(len(data)).headers["Location"]
            body = {"customer": handle, "manifest": armored("m"),
                    "blobs": [{"upload": location.rsplit("/", 1)[1], "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}]}
            done = threading.Event()

            def write():
                while not done.is_set() and (offset := staff.offset(location)) is not None:
                    statuses.add(staff.patch(location, offset, data[offset:], **wrong).status)

            thread = threading.Thread(target=write)
            thread.start()
            try:
                for _ in range(40):
                    if staff.call("PUT", f"/api/v1/messages/{uuid7()}", body).status == 201:
                        taken += 1
                        break
                    time.sleep(random.uniform(0, 0.01))
            finally:
                done.set()
                thread.join()
        assert 460 in statuses and taken > 0, (statuses, taken)
        assert "0 damaged" in portal.admin("verify").stdout
        assert portal.sql("SELECT COUNT(*) FROM blobs") == [(taken,)]


def test_while_a_message_takes_an_upload_nobody_writes_to_it():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        body = staff.message(handle, b"first", secrets.token_bytes(50 * 1024 * 1024))
        location = "/api/v1/uploads/" + body["blobs"][0]["upload"]
        answers = []
        thread = threading.Thread(target=lambda: answers.append(staff.call("PUT", f"/api/v1/messages/{uuid7()}", body).status))
        thread.start()
        codes = set()
        while thread.is_alive():
            answer = staff.patch(location, 5, b"")
            codes.add(answer.code or answer.status)
        assert answers == [201] and "busy" in codes and codes <= {204, "busy", "not-found"}, (answers, codes)
        assert staff.patch(location, 5, b"").code == "not-found"
        assert staff.upload(b"and the next is free")


def test_sixty_megabytes_are_over_the_limit():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        refused = staff.create(60 * 1024 * 1024)
        assert (refused.status, refused.code) == (413, "too-large")
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert staff.create(50 * 1024 * 1024 + 100_000).status == 201, "50 MiB and what OpenPGP adds"
        browser = customer(portal, staff)
        assert browser.create(100 * 1024 * 1024 + 100_000).status == 201
        assert browser.create(110 * 1024 * 1024).code == "too-large"
        assert staff.create(0).code == "bad-request"


def test_the_limit_can_be_set():
    with Portal("--attachment-limit", "1", smtp=False) as portal:
        staff = Staff(portal)
        assert staff.call("GET", "/api/v1/office").json["limits"]["attachment"] == 1024 * 1024
        assert staff.create(2 * 1024 * 1024).code == "too-large"


def test_a_message_of_more_than_a_hundred_megabytes_is_refused():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        body = staff.message(handle, b"x", b"y", b"z")
        for blob in body["blobs"]:
            blob["size"] = 50 * 1024 * 1024
        answer = staff.call("PUT", "/api/v1/messages/01890000-0000-7000-8000-000000000000", body)
        assert (answer.status, answer.code) == (413, "too-large")


def test_more_bytes_than_announced_are_refused():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        location = staff.create(1000).headers["Location"]
        assert staff.patch(location, 0, b"x" * 1001).code == "too-large"
        assert staff.offset(location) == 0
        head = (f"PATCH {location} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {staff.bearer}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                "Content-Type: application/offset+octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n").encode()
        chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
        assert b"too-large" in send_raw(portal, head + chunk * 20 + b"0\r\n\r\n"), "chunked has no announced length"
        assert staff.offset(location) <= 1000


def test_what_came_before_a_connection_broke_is_kept():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        data = secrets.token_bytes(2_000_000)
        location = staff.create(len(data)).headers["Location"]
        head = (f"PATCH {location} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer {staff.bearer}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(data)}\r\n\r\n").encode()
        send_raw(portal, head + data[:1_500_000])
        offset = wait_until(lambda: staff.offset(location))
        assert 0 < offset <= 1_500_000
        assert staff.patch(location, offset, data[offset:]).status == 204
        assert portal.blob(location.rsplit("/", 1)[1]) == data


def test_a_hanging_request_does_not_hold_the_upload():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        location = staff.create(1000).headers["Location"]
        connection = portal.connect()
        connection.putrequest("PATCH", location)
        for name, value in (("Authorization", f"Bearer {staff.bearer}"), ("Tus-Resumable", "1.0.0"), ("Upload-Offset", "0"),
                            ("Content-Type", "application/offset+octet-stream"), ("Content-Length", "1000")):
            connection.putheader(name, value)
        connection.endheaders()
        connection.send(b"x" * 10)
        time.sleep(0.2)  # for what must not come, or cannot be seen from outside
        offset = staff.offset(location)
        assert staff.patch(location, offset, b"y" * (1000 - offset)).status == 204
        connection.send(b"x" * 990)
        assert connection.getresponse().status == 503
        connection.close()
        assert staff.offset(location) == 1000


def test_asked_to_stop_in_the_middle_of_uploads_it_stops_in_order():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        connections = []
        for _ in range(10):
            location = staff.create(30_000_000).headers["Location"]
            connection = portal.connect()
            connection.putrequest("PATCH", location)
            for name, value in (("Authorization", f"Bearer {staff.bearer}"), ("Tus-Resumable", "1.0.0"), ("Upload-Offset", "0"),
                                ("Content-Type", "application/offset+octet-stream"), ("Content-Length", "30000000")):
                connection.putheader(name, value)
            connection.endheaders()
            connection.send(b"x" * 3_000_000)
            connections.append((location, connection))
        portal.stop()
        for _, connection in connections:
            connection.close()
        portal.start()
        assert all(0 < staff.offset(location) <= 3_000_000 for location, _ in connections)


def test_nobody_touches_anothers_upload():
    with Portal(smtp=False) as portal:
        anna, bert = Staff(portal), Staff(portal, "bert@office.example", "Bert")
        browser, other = customer(portal, anna, "a@example.net"), customer(portal, anna, "b@example.net")
        mine = browser.create(1000).headers["Location"]
        staffs = anna.create(1000).headers["Location"]
        for who, location in ((other, mine), (bert, staffs), (anna, mine.replace("/p/", "/api/")), (browser, staffs.replace("/api/", "/p/"))):
            assert who.offset(location) is None
            assert who.patch(location, 0, b"x").code == "not-found"
            assert who.call("DELETE", location, None, {"Tus-Resumable": "1.0.0"}).code == "not-found"
        for path in ("../guard.key", "%2e%2e%2fguard.key", "0" * 31, "Z" * 32):
            assert anna.offset(f"/api/v1/uploads/{path}") is None


def test_uploads_that_are_never_used_have_a_limit():
    with Portal("--message-limit", "1", smtp=False) as portal:
        browser = customer(portal, Staff(portal))
        locations = [browser.create(1024 * 1024) for _ in range(28)]
        assert {answer.status for answer in locations} == {201, 413}
        assert locations[-1].code == "too-large"
        browser.call("DELETE", locations[0].headers["Location"], None, {"Tus-Resumable": "1.0.0"})
        assert browser.create(1024 * 1024).status == 201


def test_uploads_begun_at_the_same_time_have_the_same_limit():
    with Portal("--message-limit", "1", smtp=False) as portal:
        browser = customer(portal, Staff(portal))
        barrier, statuses = threading.Barrier(40), []

        def create():
            barrier.wait()
            statuses.append(browser.create(1024 * 1024).status)

        threads = [threading.Thread(target=create) for _ in range(40)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(set(statuses)) == [201, 413] and statuses.count(201) == 27, statuses
        assert portal.sql("SELECT SUM(length) FROM uploads") == [(27 * 1024 * 1024,)]
        assert len(portal.blob_names()) == (27 if portal.needs_files() else 0), "what was refused left nothing behind"


def test_an_upload_can_be_given_up():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        location = staff.create(1000).headers["Location"]
        assert staff.call("DELETE", location, None, {"Tus-Resumable": "1.0.0"}).status == 204
        assert staff.offset(location) is None


def test_only_tus_one_is_spoken():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        answer = staff.call("POST", "/api/v1/uploads", None, {"Upload-Length": "10"})
        assert (answer.status, answer.code) == (412, "unsupported") and answer.headers["Tus-Version"] == "1.0.0", "as tus wants it"
        location = staff.create(10).headers["Location"]
        assert staff.patch(location, 0, b"x", **{"Content-Type": "application/json"}).status == 415
        assert staff.patch(location, "x", b"x").code == "bad-request"


def test_twenty_uploads_at_once_do_not_fill_the_memory():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        size = 20 * 1024 * 1024
        part = secrets.token_bytes(1024 * 1024)
        digest = hashlib.sha256(part * 20).hexdigest()
        results = []

        def upload():
            location = staff.create(size).headers["Location"]
            results.append((staff.patch(location, 0, part * 20).status, location))

        threads = [threading.Thread(target=upload) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert [status for status, _ in results] == [204] * 20
        assert hashlib.sha256(portal.blob(results[7][1].rsplit("/", 1)[1])).hexdigest() == digest
        with open(f"/proc/{portal.process.pid}/status", encoding="ascii") as file:
            peak = int([line for line in file if line.startswith("VmHWM")][0].split()[1])
        assert peak < (600 if portal.is_sanitized() else 150) * 1024, f"{peak} KiB"
