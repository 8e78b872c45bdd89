# SPDX-License-Identifier: GPL-3.0-or-later
"""Attacks on every request that openapi.yaml knows: what is added there is attacked here without a further word.

What belongs to one flow alone is tested beside it; portal/README.md says where."""

import glob
import json
import os
import re
import resource
import secrets
import socket
import threading
import time

from contract import CONTRACT
from harness import Browser, Portal, Skip, Staff, armored, armored_mail, b64u, customer, opaque, reply, send_raw, uuid7, wait_until
from recovery import ANSWER, DAY, change_credentials, mails_of, request_link, open_link, try_answer, types
from test_account_care import another_browser, follow_up, own_key, record

HOUR = 3600
# What a customer's page asks for before anybody is logged in. Everything else under /p/ needs a session.
OPEN = {("GET", "/p/v1/office"), *(("POST", f"/p/v1/{name}") for name in (
    "register/open", "register/start", "register/finish", "login/start", "login/finish", "recover/request", "recover/help", "recover/open",
    "recover/start", "recover/finish", "recover/code", "credentials/start", "credentials/finish"))}
# An agent shows its one-time token in the body.
BY_TOKEN = {("POST", "/api/v1/devices:check"), ("POST", "/api/v1/devices:enrol")}
TUS = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0", "Upload-Length": "10"}
STREAM = {**TUS, "Content-Type": "application/offset+octet-stream"}
ONE_EACH = ("Content-Security-Policy", "X-Frame-Options", "X-Content-Type-Options", "Cache-Control", "Referrer-Policy")


def operations(prefix="/", changing=None):
    """(method, path with {} parts) of everything documented."""
    if CONTRACT is None:
        raise Skip("python3-yaml is missing")
    found = [(method.upper(), path) for _, path, methods in CONTRACT.paths for method in methods if path.startswith(prefix)]
    assert len(found) > 15, found
    return [one for one in found if changing is None or (one[0] not in ("GET", "HEAD")) == changing]


def fill(path, name="01890000-0000-7000-8000-000000000000"):
    return re.sub(r"\{[a-z]+\}", name, path.replace("{n}", "0"))


def send(caller, method, path, body=None, headers=None):
    """A request of the right outer form, so that only what is tested can be the reason of a refusal."""
    if "/uploads" in path:
        return caller.call(method, path, b"x" if method == "PATCH" else None, {**(STREAM if method == "PATCH" else TUS), **(headers or {})})
    return caller.call(method, path, None if method in ("GET", "HEAD") else {} if body is None else body, headers)


def kept(owner):
    """All that a customer has, as the customer sees it."""
    lists = [owner.call("GET", path).json for path in ("/p/v1/messages?folder=inbox", "/p/v1/messages?folder=sent", "/p/v1/drafts", "/p/v1/keys")]
    return lists + [sorted(one["id"] for one in owner.call("GET", "/p/v1/sessions").json["sessions"])]


class Neighbours:
    """Two customers; one has something of everything that has an id."""

    def __init__(self, portal):
        self.staff = Staff(portal)
        self.victim, self.thief = customer(portal, self.staff, "a@example.net"), customer(portal, self.staff, "b@example.net")
        another_browser(portal, self.victim)
        draft, (key, deposit) = uuid7(), own_key()
        assert self.victim.call("PUT", f"/p/v1/drafts/{draft}", {"wrap": b64u(b"draft")}).status == 200
        assert self.victim.call("PUT", f"/p/v1/keys/{key}", deposit).status == 201
        upload = self.victim.create(10).headers["Location"].rsplit("/", 1)[1]
        other_upload = self.staff.create(10).headers["Location"].rsplit("/", 1)[1]
        sessions = [one["id"] for one in self.victim.call("GET", "/p/v1/sessions").json["sessions"]]
        entry = secrets.token_hex(32)
        assert self.staff.call("PUT", f"/api/v1/ledger/{entry}", {"entry": armored("entry")}).status == 201
        self.ids = [self.staff.send(self.victim.handle), reply(self.victim)[0], draft, key, upload, other_upload, *sessions, self.victim.handle,
                    self.staff.device, entry]


def like(name):
    """An id of the same form that nobody has."""
    return name[:-8] + "".join(secrets.choice("0123456789abcdef") if one in "0123456789abcdef" else one for one in name[-8:])


def test_no_id_of_another_customer_opens_or_changes_anything():
    with Portal() as portal:
        world = Neighbours(portal)
        before, offset = kept(world.victim), world.victim.offset("/p/v1/uploads/" + world.ids[4])
        for method, path in operations("/p/v1"):
            for name in world.ids if "{" in path else ():
                answer, nothing = send(world.thief, method, fill(path, name)), send(world.thief, method, fill(path, like(name)))
                assert (answer.status, answer.body) == (nothing.status, nothing.body), (method, path, name, "tells that it exists")
                # Deleting a draft or key of one's own that is not there is no error.
                idempotent = method == "DELETE" and path.split("/")[3] in ("drafts", "keys")
                assert answer.status in ((204,) if idempotent else (400, 404)), (method, path, name, answer.status)
                assert answer.status != 400 or method in ("PUT", "PATCH") or "blobs" not in path, (method, path)
        assert kept(world.victim) == before and world.victim.offset("/p/v1/uploads/" + world.ids[4]) == offset == 0
        assert world.staff.offset("/api/v1/uploads/" + world.ids[5]) == 0
        assert world.staff.call("GET", "/api/v1/messages/" + world.ids[0]).json["read_at"] is None


def test_every_request_asks_who_is_calling():
    with Portal() as portal:
        world = Neighbours(portal)
        stranger = Browser(portal)
        gone = Staff(portal, "bert@office.example", "Bert")
        assert world.staff.call("POST", f"/api/v1/devices/{gone.device}:revoke", {}).status == 200
        before = kept(world.victim)
        mixed = {"Origin": portal.origin, "Sec-Fetch-Site": "same-origin", "X-Siegelpost": "1"}
        for method, path in operations():
            for name in world.ids if "{" in path else ("",):
                if (method, path) in OPEN | BY_TOKEN:
                    continue
                if path.startswith("/api/"):
                    answers = [send(who, method, fill(path, name)) for who in (world.victim, stranger, gone)]
                    answers.append(send(gone, method, fill(path, name), None, {"Authorization": "Bearer " + world.victim.cookies["siegelpost"]}))
                else:
                    answers = [send(stranger, method, fill(path, name)), send(world.staff, method, fill(path, name), None, mixed),
                               send(stranger, method, fill(path, name), None, {"Cookie": "siegelpost=" + world.staff.bearer}),
                               send(world.staff, method, fill(path, name))]
                assert all(answer.status in (401, 403) for answer in answers), (method, path, [answer.status for answer in answers])
        assert kept(world.victim) == before


def test_what_is_open_to_strangers_is_a_short_list():
    assert {one for one in OPEN | BY_TOKEN} <= set(operations()), "a name in the list that is none"
    with Portal(smtp=False) as portal:
        Staff(portal)
        stranger = Browser(portal)
        for method, path in OPEN | BY_TOKEN:
            answer = send(stranger, method, path)
            assert answer.status in ((200,) if path == "/p/v1/office" else (400, 401, 403)), (path, answer.status)
            assert answer.status != 401 or path.startswith("/p/v1/credentials/"), path


def test_nothing_changes_by_reading():
    with Portal() as portal:
        world = Neighbours(portal)
        before, events = kept(world.victim), world.staff.events()
        reading = {path for method, path in operations(changing=False)}
        for path in {path for _, path in operations(changing=True)}:
            for name in world.ids if "{" in path else ("",):
                for caller in (world.victim, world.staff):
                    for method in ("GET", "HEAD", "OPTIONS", "TRACE"):
                        trick = {"X-HTTP-Method-Override": "DELETE", "X-HTTP-Method": "DELETE", "X-Method-Override": "POST"}
                        answer = caller.call(method, fill(path, name) + "?_method=DELETE", None, {**trick, **TUS})
                        readable = method in ("GET", "HEAD") and path in reading
                        assert readable or answer.status == 404, (method, path, answer.status)
                        assert not any(field.lower().startswith("access-control") for field in answer.headers), (method, path)
        assert kept(world.victim) == before and world.staff.events() == events


def test_every_change_refuses_other_sites():
    evil = ({"X-Siegelpost": None}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Origin": None, "Sec-Fetch-Site": None},
            {"Origin": None, "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Sec-Fetch-Site": "none"}, {"X-Siegelpost": "0"})
    with Portal() as portal:
        world = Neighbours(portal)
        before = kept(world.victim)
        for method, path in operations("/p/v1", changing=True):
            for name in world.ids if "{" in path else ("",):
                for headers in evil:
                    answer = send(world.victim, method, fill(path, name), None, headers)
                    assert (answer.status, answer.code) == (403, "cross-site"), (method, path, headers, answer.status)
        for method, path in operations("/p/v1", changing=False):
            if (method, path) not in OPEN:
                answer = send(world.victim, method, fill(path), None, {"Sec-Fetch-Site": "cross-site", "Origin": None})
                assert answer.status == 403, (method, path)
        assert kept(world.victim) == before


def test_no_answer_can_be_framed_sniffed_shared_or_kept():
    with Portal() as portal:
        world = Neighbours(portal)
        for method, path in operations():
            for caller in (world.victim, world.staff, Browser(portal)):
                answer = send(caller, method, fill(path))
                where = (method, path, answer.status)
                assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"], where
                assert answer.headers["X-Frame-Options"] == "DENY" and answer.headers["X-Content-Type-Options"] == "nosniff", where
                assert answer.headers["Cache-Control"] == "no-store" and answer.headers["Referrer-Policy"] == "no-referrer", where
                assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin", where
                assert all(len(answer.headers.get_all(one)) == 1 for one in ONE_EACH), where
                assert "Access-Control-Allow-Origin" not in answer.headers, where
                if answer.body and method != "HEAD":
                    assert answer.headers["Content-Type"].split(";")[0] in ("application/json", "application/problem+json"), where


def raw_head(method, path, *fields):
    return "\r\n".join((f"{method} {path} HTTP/1.1", "Host: x", "Connection: close", "Content-Type: application/json", *fields, "", "")).encode()


def statuses(data):
    return [int(one) for one in re.findall(rb"HTTP/1\.1 (\d{3})", data)]


def test_no_request_takes_a_body_that_is_too_large():
    with Portal(smtp=False) as portal:
        Staff(portal)
        large = b"x" * 3_000_000
        chunks = b"".join(b"40000\r\n" + b"x" * 0x40000 + b"\r\n" for _ in range(12)) + b"0\r\n\r\n"
        for method, path in operations(changing=True):
            if method == "PATCH":
                continue  # streams to disk up to what was announced: test_uploads.py
            for data in (raw_head(method, fill(path), f"Content-Length: {len(large)}") + large,
                         raw_head(method, fill(path), "Transfer-Encoding: chunked") + chunks):
                answer = send_raw(portal, data)
                assert statuses(answer) == [413] and b'"too-large"' in answer, (method, path, answer[:200])
        with open(f"/proc/{portal.process.pid}/status", encoding="ascii") as file:
            assert int([line for line in file if line.startswith("VmHWM")][0].split()[1]) < (600 if portal.is_sanitized() else 100) * 1024


def test_the_end_of_a_body_is_not_a_matter_of_opinion():
    """A proxy and the portal must not see two different requests in the same bytes."""
    smuggled = b"GET /p/v1/office HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    # On a connection that would be kept: else it is the client that says nothing follows.
    head = b"POST /p/v1/login/start HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    chunked, end = b"Transfer-Encoding: chunked", b"0\r\n\r\n"
    with Portal(smtp=False) as portal:
        Staff(portal)
        portal.known_complaints.append("out of range for property 'content-length'")
        for fields, body in ((b"Content-Length: 4\r\n" + chunked, end), (b"Content-Length: 5\r\n" + chunked, end), (chunked + b"\r\nContent-Length: 500", end),
                             (b"Content-Length: 2\r\nContent-Length: %d" % (2 + len(smuggled)), b"{}"), (b"Content-Length: 2\r\nContent-Length: 2", b"{}"),
                             (chunked + b"\r\nTransfer-Encoding: identity", end), (chunked + b"\r\n" + chunked, end), (b"Transfer-Encoding: xchunked", end),
                             (b"Transfer-Encoding: gzip, chunked", end), (b"Transfer-Encoding: identity\r\nContent-Length: 0", b""), (b"Transfer-Encoding:\x0bchunked", end),
                             (b"Transfer-Encoding:\r\n chunked", end),
                             (chunked, b"FFFFFFFFFFFFFFFFF\r\n{}\r\n" + end), (chunked, b"-1\r\n{}\r\n" + end), (chunked, b"0x0\r\n\r\n"), (chunked, b"+0\r\n\r\n"),
                             (chunked, b" 2 \r\n{}\r\n" + end), (chunked, b"2\n{}\n0\n\n"), (chunked, b"2;a\nb\r\n{}\r\n" + end), (chunked, b"0\r\nX-Siegelpost: 1\r\n\r\n"),
                             (chunked, b"2;x=" + b"y" * 100_000 + b"\r\n{}\r\n" + end), (b"Content-Length: +2", b"{}"), (b"Content-Length: 2, 2", b"{}"),
                             (b"Content-Length: 0x2", b"{}"), (b"Content-Length:", b"")):
            answer = send_raw(portal, head + fields + b"\r\n\r\n" + body + smuggled, 10)
            assert b"hilfe@office.example" not in answer, (fields, answer)
            assert len(statuses(answer)) <= 1, (fields, answer)
        answer = send_raw(portal, head + b"Content-Length: 2\r\n\r\n{}" + smuggled, 10)
        assert statuses(answer) == [403, 200] and b"hilfe@office.example" in answer, "where the end is clear the connection is kept"
        assert portal.request("GET", "/healthz").status == 200


def test_headers_and_bodies_that_trickle_stop_nobody_else():
    with Portal(smtp=False) as portal:
        Staff(portal)
        slow = []
        try:
            for i in range(300):
                slow.append(socket.create_connection(("127.0.0.1", portal.port)))
                slow[-1].sendall((b"GET /p/v1/office HTTP/1.1\r\nHost: x\r\nX-Slow: ", b"", raw_head("POST", "/p/v1/login/start", "Content-Length: 5000") + b"{")[i % 3])
            for _ in range(10):
                for one in slow:
                    try:
                        one.sendall(b"a")
                    except OSError:
                        pass
                begun = time.monotonic()
                assert portal.request("GET", "/p/v1/office").status == 200
                # Who had to wait for one of them would wait until its time is over: 20 s.
                assert time.monotonic() - begun < 15
        finally:
            for one in slow:
                one.close()


def test_the_portal_comes_back_when_it_ran_out_of_connections():
    with Portal(smtp=False) as portal:
        soft, hard = resource.prlimit(portal.process.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(portal.process.pid, resource.RLIMIT_NOFILE, (100, hard))
        Staff(portal)
        slow = [socket.create_connection(("127.0.0.1", portal.port)) for _ in range(200)]
        for one in slow:
            one.sendall(b"GET /healthz HTTP/1.1\r\nX-Slow: ")
        time.sleep(0.5)  # until it has failed to accept
        for one in slow:
            one.close()
        with socket.create_connection(("127.0.0.1", portal.port), timeout=10) as late:
            late.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert late.recv(1000).startswith(b"HTTP/1.1 200")
        resource.prlimit(portal.process.pid, resource.RLIMIT_NOFILE, (soft, hard))


def test_no_address_leaves_its_place():
    paths = ["/p/v1/messages/" + part for part in (
        "..%2f..%2f..%2fguard.key", "%2e%2e%2f%2e%2e%2fportal.db", "%2e%2e/%2e%2e/api/v1/office", "..%5c..%5cportal.db", "%00", "a%00b", "%c0%ae%c0%ae%c0%afportal.db",
        "%e0%80%ae", "%ff%fe", "%0d%0aSet-Cookie:%20siegelpost=evil", "%0aX-Evil:%201", "%e2%80%ae", "'%20OR%201=1--", "%25%32%65", "x" * 8000, ";a=b", "%7b%7d")]
    paths += ["/%2e%2e/guard.key", "/assets/%2e%2e/%2e%2e/guard.key", "/assets/..%2f..%2fguard.key", "//evil.example/%2e%2e", "/\\evil.example", "/p/v1/%6dessages",
              "http://evil.example/api/v1/customers", "/api%2fv1%2fcustomers", "/p/v1/../../api/v1/customers", "/P/V1/messages", "/p/v1/messages/", "/p/v1/messages/./"]
    paths += ["/p/v1/messages?before=" + part for part in ("%ff", "%00", "%c0%ae", "%ed%a0%80", "'")]
    with Portal(smtp=False) as portal:
        world = Neighbours(portal)
        for path in paths:
            for cookie in ("", f"Cookie: siegelpost={world.thief.cookies['siegelpost']}"):
                answer = send_raw(portal, raw_head("GET", path, *filter(None, (cookie,))), 10)
                head, _, body = answer.partition(b"\r\n\r\n")
                assert statuses(answer)[0] in (200, 400, 401, 403, 404), (path, answer[:300])
                assert b"evil" not in head.lower() and b"\r\nlocation:" not in head.lower(), (path, head)
                assert b"siegelpost guard" not in answer and b"SQLite format" not in answer and world.victim.address.encode() not in answer, path
                assert statuses(answer)[0] != 200 or b'"messages":[' in body or body.startswith(b"<!doctype html>"), (path, body[:200])


def test_no_header_is_believed_that_anybody_can_send():
    with Portal() as portal:
        owner = customer(portal, Staff(portal))
        lies = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "127.0.0.1", "X-Forwarded-Proto": "https", "Forwarded":
                "host=evil.example", "X-Original-URL": "/api/v1/customers", "X-Rewrite-URL": "/api/v1/customers", "X-Real-IP": "10.0.0.1"}
        created = owner.call("POST", "/p/v1/uploads", None, {**TUS, **lies})
        assert created.status == 201 and "evil" not in str(created.headers)
        asked = Browser(portal).call("POST", "/p/v1/recover/request", {"address": owner.address, "language": "de"}, lies)
        assert asked.status == 202
        token_mail = portal.sink.wait(1) and [mail for mail in mails_of(portal, "link")]
        assert token_mail and all(portal.origin in mail.get_content() and "evil" not in mail.as_string() for mail in token_mail)
        guesser = Browser(portal)
        for _ in range(5):
            assert guesser.log_in(owner.address, "guess").code == "wrong-password"
        half = opaque("startLogin", password="guess")
        for i in range(5):
            refused = Browser(portal).call("POST", "/p/v1/login/start", {"address": owner.address, "request": half["startLoginRequest"]},
                                           {**lies, "X-Forwarded-For": f"192.0.2.{i}"})
            assert refused.code == "too-many-tries", "a made-up network address is no new counter"


def test_nothing_of_a_request_reaches_the_log():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        word = "canary" + secrets.token_hex(6)
        for method, path in operations():
            for caller in (owner, staff):
                caller.call(method, fill(path, word) + f"?{word}={word}&after={word}&before={word}", None if method in ("GET", "HEAD") else {word: word, "address": word},
                            {"User-Agent": word, "Referer": word, "X-Request-Id": word, "Accept-Language": word, "Upload-Metadata": word})
        for request in (f"{word} / HTTP/1.1", f"GET /{word} HTTP/1.1", f"\x1b[2J{word} / HTTP/1.1", "A status=200 / HTTP/1.1", "GE\tT / HTTP/1.1", "\xe2\x80\xae / HTTP/1.1",
                        "X" * 5000 + " / HTTP/1.1", f"GET /\x1b]0;{word}\x07 HTTP/1.1", "request%0aerror / HTTP/1.1"):
            send_raw(portal, request.encode("latin-1") + b"\r\nHost: x\r\nConnection: close\r\n\r\n", 5)
        lines = [line for line in portal.log().splitlines() if line.startswith("request ")]
        assert len(lines) > 100 and word not in portal.log(), [line for line in portal.log().splitlines() if word in line][:5]
        shape = re.compile(r"request method=[A-Z]{1,10} route=[!-~]{1,80} status=\d{3} received=\d+ sent=\d+ ms=\d+")
        assert all(shape.fullmatch(line) for line in lines), [line[:200] for line in lines if not shape.fullmatch(line)][:5]


def properties(schema):
    """The named values of a request's body, whichever of its forms it takes."""
    while "$ref" in schema:
        target = CONTRACT.document
        for part in schema["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        schema = target
    found = dict(schema.get("properties", {}))
    for one in schema.get("oneOf", []):
        found.update(properties(one))
    return found


VALUES = (None, True, 0, -1, 2 ** 63, 1e300, "", "\0", "\ud800", "x" * 5000, "=", "-" * 43, [], [[]], [None], {}, {"": None}, {"version": "1", "roster": 2}, [{"upload": 1}])


def test_no_value_of_a_wrong_kind_is_more_than_a_refusal():
    with Portal(smtp=False) as portal:
        world = Neighbours(portal)
        bodies = ["{", "[]", "7", "null", '"x"', "[" * 5000, '{"a":' * 5000 + "1" + "}" * 5000, '{"a":1}{"a":2}', "\ufeff{}", '{"a":1e999999}', "{'a':1}", '{"a":NaN}', "\0"]
        tried = 0
        for method, path in operations(changing=True):
            body = CONTRACT.document["paths"][path][method.lower()].get("requestBody", {}).get("content", {}).get("application/json")
            caller = world.thief if path.startswith("/p/") else world.staff
            target = fill(path, world.staff.device if "/devices/" in path else world.thief.handle if "/customers/" in path else uuid7())
            for text in bodies if body else ():
                answer = caller.call(method, target, text.encode(), {"Content-Type": "application/json"})
                assert 400 <= answer.status < 500, (method, path, text[:20], answer.status)
            names = properties(body["schema"]) if body else {}
            for name in names:
                for value in VALUES:
                    sent = {**{other: b64u(secrets.token_bytes(32)) for other in names}, name: value}
                    answer = caller.call(method, target, sent)
                    tried += 1
                    assert answer.status < 500 and answer.status != 201, (method, path, name, value, answer.status)
        assert tried > 500, tried
        assert kept(world.victim) and world.staff.call("GET", "/api/v1/office").status == 200


class Echo(Portal):
    """Sends whatever changes something twice at the same time and once more afterwards, as a hostile or nervous network would."""

    # For these a second answer would be a second use of what is good for one.
    ONCE = ("/p/v1/login/finish", "/p/v1/recover/open", "/p/v1/recover/finish", "/api/v1/devices:enrol")

    def __init__(self, *options, **more):
        self.echo = False
        self.doubled = set()
        super().__init__(*options, **more)

    def request(self, method, path, body=None, headers=None):
        if not self.echo or method in ("GET", "HEAD"):
            return super().request(method, path, body, headers)
        ask = super().request
        if method == "PATCH":
            # The second of two at once takes the upload over, and both ask where it stands: test_uploads.py.
            answer, again = ask(method, path, body, headers), ask(method, path, body, headers)
            assert (answer.status, again.status) == (204, 409), (path, answer.status, again.status)
            return answer
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(ask(method, path, body, headers))) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        answers.append(ask(method, path, body, headers))
        assert len(answers) == 3 and all(answer.status < 500 or answer.code == "busy" for answer in answers), (method, path, [answer.status for answer in answers])
        good = [answer for answer in answers if answer.status < 300]
        assert path not in self.ONCE or len(good) == 1, (path, [answer.status for answer in answers])
        self.doubled.add(CONTRACT.find(method, path)[1] and (method, CONTRACT.find(method, path)[0]))
        return max(good, key=lambda answer: answer.status) if good else answers[0]


def test_everything_sent_three_times_happens_once():
    operations()
    with Echo() as portal:
        portal.echo = True
        staff = Staff(portal)
        owner = customer(portal, staff)
        name = staff.send(owner.handle)
        assert owner.call("POST", f"/p/v1/messages/{name}/read", {}).status == 204
        sent, answer = reply(owner)
        assert answer.status in (200, 201), answer.body
        draft, (key, deposit) = uuid7(), own_key()
        assert owner.call("PUT", f"/p/v1/drafts/{draft}", {"wrap": b64u(b"draft")}).status == 200
        assert owner.call("PUT", f"/p/v1/keys/{key}", deposit).status in (200, 201)
        assert owner.call("DELETE", f"/p/v1/drafts/{draft}").status == 204
        assert owner.call("DELETE", f"/p/v1/keys/{key}").status == 204
        assert change_credentials(owner, password="another horse battery").status == 200
        portal.echo = False  # three requests would be three links, which is allowed
        token = request_link(portal, owner.address)
        portal.echo = True
        opened = open_link(portal, token)
        recovered = try_answer(portal, opened.json["recovery"], ANSWER)
        assert recovered.status == 200, recovered.body
        changed = change_credentials(Browser(portal), change=recovered.json["change"], password="third horse battery")
        assert changed.status == 200, changed.body
        for verb in ("freeze", "unfreeze"):
            assert staff.call("POST", f"/api/v1/customers/{owner.handle}:{verb}", {}).status == 200
        _, body = follow_up(staff, owner.handle, owner.address, 2, **record())
        assert staff.call("POST", f"/api/v1/customers/{owner.handle}:reset", body).status == 200
        assert staff.call("DELETE", f"/api/v1/messages/{name}").status == 200
        assert staff.call("POST", f"/api/v1/customers/{owner.handle}:erase", {}).status == 200
        counted = {one: types(staff).count(one) for one in set(types(staff))}
        assert counted == {"registered": 1, "read": 1, "replied": 1, "key-deposited": 1, "key-removed": 1, "recovered": 1, "deleted": 1}, counted
        wait_until(lambda: len(mails_of(portal, "changed")) == 2)
        ids = [re.search(rb"(?im)^message-id: *(\S+)", data).group(1) for _, data in portal.sink.mails]
        assert len(ids) == len(set(ids)), ids
        to_staff = [data for to, data in portal.sink.mails if to == staff.address and b"encrypted" in data]
        assert (len(to_staff), len(mails_of(portal, "changed")), len(mails_of(portal, "link"))) == (1, 2, 1), portal.sink.mails
        assert len(portal.doubled) > 20, portal.doubled


def test_a_week_of_guessing_at_every_door_and_the_owner_gets_in_every_day():
    """The clock is simulated: everything that the guard remembers is made an hour older."""
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        half = opaque("startLogin", password="guess")["startLoginRequest"]
        guesses = []
        for day in range(7):
            guesses.append(0)
            for _ in range(24):
                for _ in range(8):
                    answer = Browser(portal).call("POST", "/p/v1/login/start", {"address": owner.address, "request": half})
                    guesses[-1] += answer.status == 200
                    assert answer.status in (200, 429), answer.body
                    if answer.status == 429:
                        break
                portal.guard_sql("UPDATE tries SET last = last - ?", HOUR)
            assert owner.log_in(owner.address, owner.password).status == 200, (day, "the owner's device has a counter of its own")
        assert guesses[0] <= 36 and max(guesses[1:]) <= 25 and min(guesses) >= 20, guesses
        fresh = Browser(portal)
        portal.guard_sql("UPDATE tries SET last = last - ?", HOUR)
        assert fresh.log_in(owner.address, owner.password).status == 200, "a new device waits for an hour and no longer"


def test_a_code_cannot_be_guessed_faster_for_knowing_its_owner():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, auth, _ = staff.invite("neu@example.net")
        wrong = {"generation": 1, "password_request": b64u(secrets.token_bytes(32)), "answer_request": b64u(secrets.token_bytes(32))}
        answers = {Browser(portal).call("POST", "/p/v1/register/start", {**wrong, "handle": handle, "auth": b64u(secrets.token_bytes(32))}).body for _ in range(100)}
        assert len(answers) == 1
        # 24 digits behind Argon2id: the proof has 256 bits, so that no counter is needed that a stranger could run down.
        assert all(Browser(portal).call("POST", "/p/v1/register/start", {**wrong, "handle": handle, "auth": b64u(auth)[:cut]}).status in (400, 403)
                   for cut in (0, 1, 10, 42))
        assert Browser(portal).register(handle, auth, "correct horse battery").status == 200


def test_every_test_that_the_readme_names_exists():
    root = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")

    def text(*parts):
        return "".join(open(file, encoding="utf-8").read() for file in sorted(glob.glob(os.path.join(root, "tests", *parts), recursive=True)))

    with open(os.path.join(root, "portal", "README.md"), encoding="utf-8") as file:
        named = re.findall(r"`([^`]+)`", file.read())
    pages, units = text("web", "*", "*.test.mjs"), text("unit", "**", "*.c")
    missing, found = [], 0
    for name in named:
        if match := re.fullmatch(r"(test_\w+\.py): ([^…]+)", name):
            good = f"def test_{match[2].replace(' ', '_')}(" in text("portal", match[1])
        elif match := re.fullmatch(r"([\w-]+\.test\.mjs): ([^…]+)", name):
            good = f"test('{match[2]}'" in text("web", "*", match[1]) and match[2] in pages
        elif re.fullmatch(r"/[a-z-]+/[a-z-]+", name) and name != "/suite/name":
            suite, last = name[1:].split("/")
            # Some files add "/suite/" by a macro.
            good = f'"{name}"' in units or f'"/{suite}/" name' in units and f'ADD("{last}"' in units
        elif match := re.fullmatch(r"(lint|release): ([^…]+)", name):
            good = f'"{match[2]}"' in text(match[1], "*.py") + text(match[1], "run")
        elif name.startswith("tests/"):
            good = os.path.exists(os.path.join(root, name))
        else:
            continue
        found += 1
        if not good:
            missing.append(name)
    assert found > 150 and not missing, (found, missing)


def test_every_row_of_the_readme_names_a_test_or_says_whose_matter_it_is():
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "portal", "README.md"), encoding="utf-8") as file:
        tables = file.read().split("## OWASP ASVS", 1)[1]
    rows = [line for line in tables.splitlines() if re.match(r"\| \d", line)]
    bare = [row for row in rows if not re.search(r"`[^`]+`|operator|above|not applicable", row.rstrip(" |").rsplit("|", 1)[-1])]
    assert len(rows) > 150 and not bare and "not shown" not in tables, (len(rows), bare)
