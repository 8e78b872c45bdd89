# SPDX-License-Identifier: GPL-3.0-or-later
"""A customer's mailbox, the mail that leaves the portal, and who may see what."""

import email
import email.policy
import secrets
import socket
import threading
import time

from harness import Browser, Portal, Staff, armored, armored_mail, b64u, customer, opaque, reply, unb64u, uuid7, wait_until


def read_mail(data):
    return email.message_from_bytes(data, policy=email.policy.default)


def test_a_customer_reads_a_message_and_the_agent_learns_it_once():
    with Portal() as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        small, large = secrets.token_bytes(900), secrets.token_bytes(3_000_000)
        name = staff.send(browser.handle, small, large)
        listed = browser.call("GET", "/p/v1/messages?folder=inbox").json
        assert [one["id"] for one in listed["messages"]] == [name] and listed["more"] is False
        assert listed["messages"][0]["read"] is False and listed["messages"][0]["manifest"].startswith("-----BEGIN PGP MESSAGE-----")
        message = browser.call("GET", f"/p/v1/messages/{name}").json
        assert [(blob["n"], blob["size"]) for blob in message["blobs"]] == [(0, 900), (1, 3_000_000)]
        for n, expected in ((0, small), (1, large)):
            blob = browser.call("GET", f"/p/v1/messages/{name}/blobs/{n}")
            assert blob.body == expected and blob.headers["Content-Type"] == "application/octet-stream"
            assert blob.headers["Content-Disposition"] == "attachment" and blob.headers["X-Content-Type-Options"] == "nosniff"
        assert staff.call("GET", f"/api/v1/messages/{name}").json["read_at"] is None, "a download is no reading"
        for _ in range(2):
            assert browser.call("POST", f"/p/v1/messages/{name}/read", {}).status == 204
        assert [event["type"] for event in staff.events()["events"]] == ["registered", "read"]
        assert staff.events()["events"][1]["message"] == name
        assert staff.call("GET", f"/api/v1/messages/{name}").json["read_at"]
        assert browser.call("GET", "/p/v1/messages").json["messages"][0]["read"] is True
        assert browser.call("GET", f"/p/v1/messages/{name}/blobs/2").code == "not-found"
        assert browser.call("GET", f"/p/v1/messages/{name}/blobs/x").code == "not-found"


def test_a_message_that_is_not_published_does_not_exist_yet():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        name = uuid7()
        staff.call("PUT", f"/api/v1/messages/{name}", staff.message(browser.handle, b"x"))
        assert browser.call("GET", "/p/v1/messages").json["messages"] == []
        assert browser.call("GET", f"/p/v1/messages/{name}").code == "not-found"
        assert browser.call("GET", f"/p/v1/messages/{name}/blobs/0").code == "not-found"


def test_a_message_that_was_taken_back_or_has_expired_is_gone():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        revoked, expired = staff.send(browser.handle), staff.send(browser.handle)
        assert len(browser.call("GET", "/p/v1/messages").json["messages"]) == 2
        portal.sql("UPDATE messages SET in_reply_to = '<a@b>', mail_references = '<a@b>'")
        staff.call("DELETE", f"/api/v1/messages/{revoked}")
        assert portal.sql("SELECT manifest, in_reply_to, mail_references FROM messages WHERE id = ?", revoked) == [("", None, None)]
        portal.sql("UPDATE messages SET expires = ? WHERE id = ?", int(time.time()) - 1, expired)
        assert browser.call("GET", "/p/v1/messages").json["messages"] == []
        for name in (revoked, expired):
            assert browser.call("GET", f"/p/v1/messages/{name}").code == "not-found"
            assert browser.call("GET", f"/p/v1/messages/{name}/blobs/0").code == "not-found"
            assert browser.call("POST", f"/p/v1/messages/{name}/read", {}).code == "not-found"


def test_a_notice_for_two_messages_goes_out_if_one_is_taken_back():
    with Portal() as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        staff.send(handle)
        portal.sink.wait(1)
        assert wait_until(lambda: portal.sql("SELECT state FROM outbox") == [("sent",)])
        second, third, fourth = staff.send(handle), staff.send(handle), staff.send(handle)
        staff.call("DELETE", f"/api/v1/messages/{second}")
        assert portal.sql("SELECT state FROM outbox WHERE state <> 'sent'") == [("queued",)]
        staff.call("DELETE", f"/api/v1/messages/{third}")
        staff.call("DELETE", f"/api/v1/messages/{fourth}")
        assert portal.sql("SELECT state FROM outbox WHERE state <> 'sent'") == [("cancelled",)], "and not if nothing is left"


def test_pages_of_fifty_newest_first():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        names = [staff.send(browser.handle) for _ in range(3)]
        row = portal.sql("SELECT handle, staff, digest, manifest FROM messages LIMIT 1")[0]
        for i in range(120):
            portal.sql("INSERT INTO messages (id, handle, folder, staff, state, digest, manifest, size, created, received, expires) "
                       "VALUES (?, ?, 'inbox', ?, 'published', ?, ?, 1, 1, ?, 9999999999)", f"01890000-0000-7000-8000-{i:012d}", *row, 1000 + i // 3)
        seen, before = [], ""
        while True:
            page = browser.call("GET", f"/p/v1/messages?folder=inbox{before}").json
            seen += [one["id"] for one in page["messages"]]
            if not page["more"]:
                break
            assert len(page["messages"]) == 50
            before = f"&before={seen[-1]}"
        assert len(seen) == 123 == len(set(seen)) and seen[:3] == names[::-1] and seen[-1].endswith("000000")
        assert browser.call("GET", "/p/v1/messages?folder=trash").code == "bad-request"
        assert browser.call("GET", "/p/v1/messages?before=x").code == "bad-request"


def test_nobody_reaches_another_customers_mail():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        victim, thief = customer(portal, staff, "a@example.net"), customer(portal, staff, "b@example.net")
        name = staff.send(victim.handle, secrets.token_bytes(100_000))
        sent, _ = reply(victim)
        draft = uuid7()
        assert victim.call("PUT", f"/p/v1/drafts/{draft}", {"wrap": b64u(b"draft")}).status == 200
        for method, path in (("GET", f"/p/v1/messages/{name}"), ("GET", f"/p/v1/messages/{name}/blobs/0"), ("POST", f"/p/v1/messages/{name}/read"),
                             ("GET", f"/p/v1/messages/{sent}"), ("GET", f"/p/v1/messages/{sent}/blobs/0"), ("GET", f"/p/v1/drafts/{draft}")):
            answer = thief.call(method, path, {} if method == "POST" else None)
            assert (answer.status, answer.code) == (404, "not-found"), (method, path)
        assert thief.call("DELETE", f"/p/v1/drafts/{draft}").status == 204
        assert victim.call("GET", f"/p/v1/drafts/{draft}").status == 200, "deleting one's own draft of that id deletes nothing of others"
        assert thief.call("GET", f"/p/v1/messages?before={name}").json["messages"] == []
        body = {"to": "office", "manifest": armored("x"), "in_reply_to": None, "references": [], "blobs": [thief.upload(armored_mail())]}
        assert thief.call("PUT", f"/p/v1/messages/{name}", body).code == "conflict"
        stranger = Browser(portal)
        for path in ("/p/v1/messages", f"/p/v1/messages/{name}", f"/p/v1/messages/{name}/blobs/0", "/p/v1/drafts", "/p/v1/session"):
            assert stranger.call("GET", path).code == "not-logged-in"


def test_a_reply_reaches_the_staff_member_as_pgp_mime_in_the_thread():
    with Portal() as portal:
        Staff(portal)
        bert = Staff(portal, "bert@office.example", "Bert Bär")
        browser = customer(portal, bert)
        mail = armored_mail(200_000)
        name, answer = reply(browser, "bert@office.example", mail)
        assert answer.status == 201, answer.body
        recipient, data = portal.sink.wait(1)[0]
        assert recipient == "bert@office.example"
        message = read_mail(data)
        assert message["From"] == '"kunde@example.net (WebMail-Portal)" <portal@office.example>'
        assert message["Reply-To"] == "kunde@example.net" and message["Subject"] == "[...]"
        assert message["To"].addresses[0].display_name == "Bert Bär"
        assert message["Message-ID"] == f"<{name}@127.0.0.1>" and message["X-Siegelpost-Portal"] == name
        assert message["In-Reply-To"] == "<abc@office.example>" and message["References"].split() == ["<1@a.example>", "<abc@office.example>"]
        assert message["Auto-Submitted"] is None
        assert message.get_content_type() == "multipart/encrypted" and message.get_param("protocol") == "application/pgp-encrypted"
        version, body = message.iter_parts()
        assert version.get_content_type() == "application/pgp-encrypted" and version.get_payload().strip() == "Version: 1"
        assert body.get_content_type() == "application/octet-stream"
        assert body.get_payload(decode=True).replace(b"\r\n", b"\n").strip() == mail.strip()
        sent = browser.call("GET", "/p/v1/messages?folder=sent").json["messages"]
        assert [one["id"] for one in sent] == [name] and sent[0]["read"] is True
        assert browser.call("GET", f"/p/v1/messages/{name}/blobs/0").body == mail
        assert [event["type"] for event in bert.events()["events"]] == ["device-pending", "registered", "replied"]


def test_the_same_reply_again_is_one_mail():
    with Portal() as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        name = uuid7()
        mail = armored_mail()
        body = {"to": "office", "manifest": armored("x"), "in_reply_to": None, "references": [], "blobs": [browser.upload(mail)]}
        assert browser.call("PUT", f"/p/v1/messages/{name}", body).status == 201
        assert browser.call("PUT", f"/p/v1/messages/{name}", body).status == 200
        body["blobs"] = [browser.upload(mail)]
        assert browser.call("PUT", f"/p/v1/messages/{name}", body).status == 200, "uploaded anew after a crash"
        body["manifest"] = armored("other")
        assert browser.call("PUT", f"/p/v1/messages/{name}", body).code == "conflict"
        portal.sink.wait(1)
        time.sleep(0.3)  # for what must not come, or cannot be seen from outside
        assert len(portal.sink.mails) == 1


def test_a_message_to_the_office_goes_to_who_wrote_last():
    with Portal("--notice-interval", "0") as portal:
        anna, bert = Staff(portal), Staff(portal, "bert@office.example", "Bert")
        browser = customer(portal, anna)
        assert reply(browser)[1].status == 201
        assert portal.sink.wait(1)[0][0] == "anna@office.example"
        bert.send(browser.handle)
        portal.sink.wait(2)
        assert reply(browser)[1].status == 201
        assert portal.sink.wait(3)[2][0] == "bert@office.example"


def test_the_portal_is_no_relay():
    with Portal() as portal:
        browser = customer(portal, Staff(portal))
        portal.admin("add-staff", "later@office.example")
        for to in ("victim@elsewhere.example", "later@office.example", "anna@office.example\r\nBcc: x@y.example", "", None, 7):
            assert reply(browser, to)[1].code == "bad-request", to
        bad = ["<a@b.example>\r\nBcc: x@y.example", "a@b.example", "<a b@c.example>", "<ab>", "<a@b>\n", "<ä@b.example>", "<" + "a" * 600 + "@b.example>"]
        for value in bad:
            assert reply(browser, in_reply_to=value)[1].code == "bad-request", value
            assert reply(browser, references=[value])[1].code == "bad-request", value
        good = armored_mail()
        for mail in (b"no armor", b"-----BEGIN PGP MESSAGE-----\n\n" + b"A" * 1200 + b"\n-----END PGP MESSAGE-----\n", good + b"\r\n--x\r\nContent-Type: text/html",
                     good.replace(b"\n", b"\n\0", 1), "-----BEGIN PGP MESSAGE-----\nä\n-----END PGP MESSAGE-----\n".encode()):
            assert reply(browser, mail=mail)[1].code == "bad-request", mail[:50]
        time.sleep(0.2)  # for what must not come, or cannot be seen from outside
        assert portal.sink.mails == []


def test_a_customer_cannot_put_parts_of_their_own_into_the_mail():
    with Portal() as portal:
        browser = customer(portal, Staff(portal))
        name = uuid7()
        evil = ("-----BEGIN PGP MESSAGE-----\r\n\r\nAAAA\r\n"
                f"--siegelpost-{name}\r\nContent-Type: text/html\r\n\r\n<h1>log in here</h1>\r\n"
                f"--siegelpost-{name}\r\nContent-Type: application/x-msdownload; name=a.exe\r\n\r\nMZ\r\n"
                "-----END PGP MESSAGE-----\r\n").encode()
        body = {"to": "office", "manifest": armored("x"), "in_reply_to": None, "references": [], "blobs": [browser.upload(evil)]}
        refused = browser.call("PUT", f"/p/v1/messages/{name}", body)
        assert (refused.status, refused.code) == (400, "bad-request")
        names = [reply(browser)[0] for _ in range(2)]
        mails = [read_mail(data) for _, data in portal.sink.wait(2)]
        assert len(mails) == 2 and sorted(mail["X-Siegelpost-Portal"] for mail in mails) == sorted(names)
        boundaries = {mail.get_boundary() for mail in mails}
        assert len(boundaries) == 2 and not [one for one in boundaries for known in names if known in one], "nobody knows it before"
        assert [[part.get_content_type() for part in mail.walk()][1:] for mail in mails] == [["application/pgp-encrypted", "application/octet-stream"]] * 2


def test_dots_at_the_beginning_of_lines_survive_smtp():
    with Portal(init=False) as portal:
        portal.admin("init", "--office", ". Muster", "--support-phone", "1", "--support-mail", "a@office.example", "--portal-mail", "portal@office.example")
        portal.start()
        staff = Staff(portal)
        staff.send(staff.invite("kunde@example.net")[0])
        data = portal.sink.wait(1)[0][1]
        assert b"\r\n. Muster hat Ihnen geschrieben." in data
        assert data.endswith(b"\r\n") and b"\r\n.. " not in data


def test_the_notice_gives_nothing_away():
    with Portal() as portal:
        staff = Staff(portal)
        handle, auth, invitation = staff.invite("kunde@example.net")
        name = staff.send(handle)
        recipient, data = portal.sink.wait(1)[0]
        message = read_mail(data)
        assert recipient == "kunde@example.net" and message["Auto-Submitted"] == "auto-generated"
        assert message["From"].addresses[0].display_name == "Büro Muster" and message["From"].addresses[0].addr_spec == "portal@office.example"
        assert message["Message-ID"] == f"<notice.{name}@127.0.0.1>"
        text = message.get_content()
        assert f"{portal.origin}/register#i={invitation}" in text and "21 Ziffern" in text and "0711 1234 (9–17 Uhr)" in text
        assert message.get_content_type() == "text/plain" and max(len(line) for line in data.split(b"\r\n")) <= 78
        forbidden = [b"Anna", b"anna@", b"manifest", b"BEGIN PGP", b"<img", b"http-equiv", b"@gmx", handle.encode(), b64u(auth).encode()]
        assert not [word for word in forbidden if word in data]


def test_who_is_registered_gets_an_address_to_type_and_no_link():
    with Portal("--origin", "https://portal.office.example") as portal:
        portal.origin = "https://portal.office.example"
        staff = Staff(portal)
        browser = customer(portal, staff)
        staff.send(browser.handle)
        text = read_mail(portal.sink.wait(1)[0][1]).get_content().replace("\r\n", "\n")
        assert "    portal.office.example\n" in text and "http" not in text and "#" not in text and "nie per E-Mail" in text


def test_the_notice_speaks_the_customers_language():
    with Portal() as portal:
        staff = Staff(portal)
        handle = staff.lookup("kunde@example.net")[0]["handle"]
        body = staff.invitation("kunde@example.net")[1]
        staff.call("PUT", f"/api/v1/customers/{handle}", {**body, "language": "en"})
        staff.send(handle)
        message = read_mail(portal.sink.wait(1)[0][1])
        assert message["Subject"] == "A message is waiting in the WebMail portal" and "registration code of 21 digits" in message.get_content()


def test_at_most_one_notice_in_fifteen_minutes():
    with Portal() as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        first = staff.send(handle)
        portal.sink.wait(1)
        wait_until(lambda: staff.call("GET", f"/api/v1/messages/{first}").json["notified_at"])
        second, third = staff.send(handle), staff.send(handle)
        time.sleep(0.4)  # for what must not come, or cannot be seen from outside
        assert len(portal.sink.mails) == 1
        portal.sql("UPDATE outbox SET due = 1 WHERE state = 'queued'")
        portal.restart()
        portal.sink.wait(2)
        assert wait_until(lambda: all(staff.call("GET", f"/api/v1/messages/{name}").json["notified_at"] for name in (second, third)))
        assert len(portal.sink.mails) == 2


def test_mail_that_the_server_refuses_for_good_is_a_bounce():
    with Portal() as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        portal.sink.refuse["rcpt"] = "550 no such mailbox"
        name = staff.send(handle)
        events = staff.events(0, 20)["events"]
        assert [(event["type"], event["message"]) for event in events] == [("bounced", name)]
        assert portal.sql("SELECT state FROM outbox") == [("failed",)]


def test_mail_that_the_server_defers_is_tried_again_even_after_a_restart():
    with Portal() as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        portal.sink.refuse["data"] = "451 later"
        staff.send(handle)
        portal.sink.wait(1)
        assert wait_until(lambda: portal.sql("SELECT tries FROM outbox") == [(1,)])
        assert portal.sql("SELECT due - queued >= 5 FROM outbox") == [(1,)]
        portal.sink.refuse.clear()
        portal.sql("UPDATE outbox SET due = 1")
        portal.restart()
        mails = portal.sink.wait(2)
        assert read_mail(mails[0][1])["Message-ID"] == read_mail(mails[1][1])["Message-ID"]
        assert wait_until(lambda: portal.sql("SELECT state FROM outbox") == [("sent",)])


def test_drafts_are_kept_listed_and_deleted():
    with Portal(smtp=False) as portal:
        browser = customer(portal, Staff(portal))
        name = uuid7()
        for content in (b"one", b"two"):
            assert browser.call("PUT", f"/p/v1/drafts/{name}", {"wrap": b64u(content)}).status == 200
        assert unb64u(browser.call("GET", f"/p/v1/drafts/{name}").json["wrap"]) == b"two"
        drafts = browser.call("GET", "/p/v1/drafts").json["drafts"]
        assert [draft["id"] for draft in drafts] == [name] and drafts[0]["changed"] > 1_700_000_000
        big = b64u(b"x" * (1024 * 1024))
        assert browser.call("PUT", f"/p/v1/drafts/{name}", {"wrap": big}).status == 200
        answer = browser.call("PUT", f"/p/v1/drafts/{name}", {"wrap": b64u(b"x" * (1024 * 1024 + 1))})
        assert (answer.status, answer.code) == (413, "too-large")
        for _ in range(2):
            assert browser.call("DELETE", f"/p/v1/drafts/{name}").status == 204
        assert browser.call("GET", f"/p/v1/drafts/{name}").code == "not-found"
        assert browser.call("PUT", "/p/v1/drafts/x", {"wrap": b64u(b"x")}).code == "bad-request"


def test_drafts_of_one_customer_have_a_limit():
    """Their list is one answer: a hundred of the largest would be 140 MB of it, for each who asks."""
    with Portal(smtp=False) as portal:
        browser = customer(portal, Staff(portal))
        big = b64u(b"x" * (1024 * 1024))
        names = [uuid7() for _ in range(8)]
        for name in names:
            assert browser.call("PUT", f"/p/v1/drafts/{name}", {"wrap": big}).status == 200
        assert browser.call("PUT", f"/p/v1/drafts/{uuid7()}", {"wrap": b64u(b"x")}).code == "too-large"
        assert browser.call("PUT", f"/p/v1/drafts/{names[0]}", {"wrap": big}).status == 200, "what is there can be written anew"
        assert browser.call("DELETE", f"/p/v1/drafts/{names[0]}").status == 204
        name = uuid7()
        assert browser.call("PUT", f"/p/v1/drafts/{name}", {"wrap": b64u(b"x")}).status == 200
        listed = browser.call("GET", "/p/v1/drafts").json["drafts"]
        assert sorted(one["id"] for one in listed) == sorted(names[1:] + [name]) and {one["wrap"] for one in listed} == {big, b64u(b"x")}


def test_a_customers_mails_have_a_limit_a_day():
    with Portal("--message-limit", "1", smtp=False) as portal:
        staff = Staff(portal)
        busy, quiet = customer(portal, staff, "a@example.net"), customer(portal, staff, "b@example.net")
        name, answer = reply(busy)
        assert answer.status == 201
        for _ in range(98):
            portal.sql("INSERT INTO messages (id, handle, folder, staff, state, digest, manifest, size, created, received, expires) SELECT ?, handle, folder, "
                       "staff, state, digest, manifest, size, created, received, expires FROM messages WHERE id = ?", uuid7(), name)
        mail = armored_mail()
        blobs = [[busy.upload(mail)] for _ in range(6)]
        answers = []

        def send(blob):
            body = {"to": "office", "manifest": armored("sent"), "in_reply_to": None, "references": [], "blobs": blob}
            answers.append(busy.call("PUT", f"/p/v1/messages/{uuid7()}", body))

        threads = [threading.Thread(target=send, args=(blob,)) for blob in blobs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(one.status for one in answers) == [201] + [429] * 5, "of many at once none goes over the limit"
        refused = next(one for one in answers if one.status == 429)
        assert refused.code == "too-many-tries" and 0 < int(refused.headers["Retry-After"]) <= 86400
        assert reply(quiet)[1].status == 201 and portal.sql("SELECT COUNT(*) FROM outbox WHERE kind = 'reply'") == [(3,)]
        portal.sql("UPDATE messages SET received = received - 86400 WHERE folder = 'sent'")
        assert reply(busy)[1].status == 201, "a day later it is another day"
        portal.sql("UPDATE messages SET size = ? WHERE id = (SELECT MIN(id) FROM messages WHERE handle = ? AND received > ?)", 10 * 1024 * 1024, busy.handle,
                   int(time.time()) - 80000)
        assert reply(busy)[1].code == "too-many-tries", "large ones count by their size"


def test_a_mail_server_whose_line_never_ends_fills_no_memory():
    """Before STARTTLS anybody on the way can answer in the mail server's place."""
    with socket.create_server(("127.0.0.1", 0)) as server, Portal("--smtp", f"127.0.0.1:{server.getsockname()[1]}", smtp=False) as portal:
        staff = Staff(portal)
        staff.send(staff.invite("kunde@example.net")[0])
        server.settimeout(60)
        connection, _ = server.accept()
        server.close()  # the next try finds nobody, and need not be waited for
        with connection:
            connection.settimeout(60)
            sent = 0
            try:
                connection.sendall(b"220 ")
                while sent < 100_000_000:
                    connection.sendall(b"x" * 65536)
                    sent += 65536
            except OSError:
                pass
        assert sent < 30_000_000, sent
        assert wait_until(lambda: portal.sql("SELECT state, tries >= 1 FROM outbox") in ([("queued", 1)], [("queued", True)]))


def test_the_log_and_the_store_have_no_secrets():
    with Portal() as portal:
        staff = Staff(portal)
        browser = customer(portal, staff, "canary-customer@example.net", "canary-password-9137")
        name = staff.send(browser.handle)
        reply(browser)
        browser.call("GET", f"/p/v1/messages/{name}?canary=query")
        half = opaque("startLogin", password="x")
        browser.call("POST", "/p/v1/login/start", {"address": "canary-stranger@example.net", "request": half["startLoginRequest"]})
        portal.sink.wait(2)
        log = portal.log()
        assert "route=/p/v1/messages/{}" in log and "status=200" in log
        for canary in ("canary", "kunde", "example.net", "office.example", browser.handle, staff.bearer, browser.cookies["siegelpost"], staff.enrolment):
            assert canary not in log, canary
        portal.stop()
        stored = portal.everything_stored()
        for secret in (b"canary-password", staff.bearer.encode(), browser.cookies["siegelpost"].encode(), staff.enrolment.encode(), b"canary-stranger",
                       unb64u(browser.cookies["siegelpost"])):
            assert secret not in stored, secret
