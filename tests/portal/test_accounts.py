# SPDX-License-Identifier: GPL-3.0-or-later
"""Registration, login, sessions: what customers' browsers and guessers can do."""

import secrets
import threading
import time

from harness import Browser, Portal, Staff, b64u, customer, opaque, unb64u


def test_a_customer_registers_and_logs_in_with_the_real_key_stretching():
    with Portal() as portal:
        staff = Staff(portal)
        handle, auth, invitation = staff.invite("Kunde@Example.net")
        browser = Browser(portal)
        opened = browser.call("POST", "/p/v1/register/open", {"invitation": invitation}).json
        assert opened["handle"] == handle and opened["generation"] == 1
        assert len(unb64u(opened["code_wrap"])) == 4124 and opened["office_key"] and opened["roster"]["version"] == 1
        assert browser.register(handle, auth, "correct horse battery", real=True).json == {"registered": True}
        answer = browser.log_in("kunde@example.net", "correct horse battery", real=True)
        assert answer.status == 200, answer.body
        assert browser.login_export_key == browser.export_key
        assert answer.json["handle"] == handle and answer.json["address"] == "kunde@example.net"
        assert answer.json["office_key"] and answer.json["roster"] and answer.json["language"] == "de"
        assert [event["type"] for event in staff.events()["events"]] == ["registered"]
        entry = staff.lookup("kunde@example.net")[0]
        assert entry["state"] == "registered" and entry["signature_key"] and entry["signature_mac"]
        assert portal.sql("SELECT code_wrap, auth_hash, invitation FROM customers") == [(None, None, None)]


def test_the_same_registration_again_is_the_same_answer_and_one_event():
    with Portal() as portal:
        staff = Staff(portal)
        handle, auth, _ = staff.invite("kunde@example.net")
        browser = Browser(portal)
        body = browser.registration(handle, auth, "correct horse battery")
        for _ in range(2):
            assert browser.call("POST", "/p/v1/register/finish", body).json == {"registered": True}
        body["question"] = "pet"
        refused = browser.call("POST", "/p/v1/register/finish", body)
        assert (refused.status, refused.code) == (403, "wrong-code")
        assert len(staff.events()["events"]) == 1


def test_a_stranger_without_the_code_cannot_stop_a_registration():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, auth, _ = staff.invite("kunde@example.net")
        stranger = Browser(portal)
        opened = stranger.call("POST", "/p/v1/register/open", {"address": "kunde@example.net"}).json
        unknown = stranger.call("POST", "/p/v1/register/open", {"address": "unknown@example.net"}).json
        assert opened["handle"] == handle, "that much a stranger may learn"
        answers = set()
        for known in (opened, unknown):
            for _ in range(25):
                body = {"handle": known["handle"], "generation": known["generation"], "auth": b64u(secrets.token_bytes(32)),
                        "password_request": b64u(secrets.token_bytes(32)), "answer_request": b64u(secrets.token_bytes(32))}
                refused = stranger.call("POST", "/p/v1/register/start", body)
                answers.add((refused.status, refused.code, refused.body))
        assert len(answers) == 1 and answers.pop()[:2] == (403, "wrong-code"), "invited and unknown alike"
        assert portal.guard_sql("SELECT bucket FROM tries") == [], "nothing grows with what a stranger thinks of"
        assert Browser(portal).register(handle, auth, "correct horse battery").status == 200


def test_beginning_again_and_again_with_the_right_code_is_slowed_down():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, auth, _ = staff.invite("kunde@example.net")
        browser = Browser(portal)
        for _ in range(5):
            body = browser.registration(handle, auth, "correct horse battery")
        portal.restart()
        refused = browser.registration(handle, auth, "correct horse battery")
        assert (refused.status, refused.code) == (429, "too-many-tries")
        assert 0 < int(refused.headers["Retry-After"]) <= 30
        assert browser.registration(handle, secrets.token_bytes(32), "x").code == "wrong-code"
        assert browser.call("POST", "/p/v1/register/finish", body).json == {"registered": True}, "what was begun can be finished"


def test_an_expired_invitation_is_told_only_to_who_has_the_code():
    with Portal() as portal:
        staff = Staff(portal)
        handle, auth, invitation = staff.invite("kunde@example.net")
        portal.sql("UPDATE customers SET invitation_expires = 1")
        browser = Browser(portal)
        assert browser.call("POST", "/p/v1/register/open", {"invitation": invitation}).code == "invitation-expired"
        assert browser.call("POST", "/p/v1/register/open", {"invitation": b64u(b"x" * 16)}).code == "invitation-expired"
        assert browser.call("POST", "/p/v1/register/open", {"address": "kunde@example.net"}).status == 200
        assert browser.registration(handle, secrets.token_bytes(32), "x").code == "wrong-code"
        refused = browser.registration(handle, auth, "x")
        assert (refused.status, refused.code) == (410, "invitation-expired")
        assert staff.lookup("kunde@example.net")[0]["state"] == "expired"


def test_known_and_unknown_addresses_answer_alike():
    with Portal() as portal:
        staff = Staff(portal)
        staff.invite("invited@example.net")
        customer(portal, staff, "registered@example.net")
        stranger = Browser(portal)
        shapes = set()
        for address in ("invited@example.net", "registered@example.net", "unknown@example.net", "another@example.net"):
            answer = stranger.call("POST", "/p/v1/register/open", {"address": address})
            again = stranger.call("POST", "/p/v1/register/open", {"address": address})
            assert answer.body == again.body, "always the same answer"
            shapes.add((answer.status, tuple(answer.json), len(answer.body)))
        assert len(shapes) == 1, shapes
        shapes = set()
        for address in ("invited@example.net", "registered@example.net", "unknown@example.net"):
            half = opaque("startLogin", password="guess")
            answer = stranger.call("POST", "/p/v1/login/start", {"address": address, "request": half["startLoginRequest"]})
            shapes.add((answer.status, tuple(answer.json), len(answer.body)))
            done = stranger.call("POST", "/p/v1/login/finish", {"login": answer.json["login"], "finish": b64u(secrets.token_bytes(64))})
            shapes.add((done.status, done.code, len(done.body)))
        assert len(shapes) == 2, shapes


def test_known_and_unknown_addresses_take_about_the_same_time():
    with Portal() as portal:
        staff = Staff(portal)
        customer(portal, staff, "registered@example.net")
        stranger = Browser(portal)
        half = opaque("startLogin", password="guess")
        times = {"registered@example.net": [], "unknown@example.net": []}
        for turn in range(80):
            for address in sorted(times, reverse=turn % 2 == 1):
                portal.guard_sql("DELETE FROM tries")
                begun = time.perf_counter()
                answer = stranger.call("POST", "/p/v1/login/start", {"address": address, "request": half["startLoginRequest"]})
                times[address].append(time.perf_counter() - begun)
                assert answer.status == 200
        # The fastest of many: what the server itself takes, whatever else the machine does. (tests/unit/portal/test-guard.c measures closely.)
        known, unknown = (min(list_) for list_ in times.values())
        assert abs(known - unknown) < 0.25 * known, (known, unknown)


def test_guessing_is_slowed_down_and_the_owner_still_gets_in():
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        guesser = Browser(portal)
        for _ in range(5):
            assert guesser.log_in(owner.address, "guess").code == "wrong-password"
        refused = guesser.log_in(owner.address, "guess")
        assert (refused.status, refused.code) == (429, "too-many-tries")
        assert 0 < int(refused.headers["Retry-After"]) <= 30
        portal.restart()
        assert guesser.log_in(owner.address, owner.password).code == "too-many-tries", "counters survive a crash"
        assert owner.log_in(owner.address, owner.password).status == 200, "a device that logged in before has a counter of its own"


def test_an_unknown_account_is_slowed_down_alike():
    with Portal() as portal:
        Staff(portal)
        guesser = Browser(portal)
        codes = [guesser.log_in("unknown@example.net", "guess").code for _ in range(6)]
        assert codes == ["wrong-password"] * 5 + ["too-many-tries"]


def test_a_finished_login_resets_the_counter():
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        other = Browser(portal)
        for _ in range(2):
            for _ in range(4):
                assert other.log_in(owner.address, "guess").status == 403
            other.cookies.clear()
            assert other.log_in(owner.address, owner.password).status == 200
            other.cookies.clear()


def test_a_login_cannot_be_replayed():
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        replayed = Browser(portal).call("POST", "/p/v1/login/finish", owner.last_finish)
        assert (replayed.status, replayed.code) == (403, "wrong-password")


def begun_login(portal, owner):
    """What finishes a login with the right password."""
    half = opaque("startLogin", password=owner.password)
    started = Browser(portal).call("POST", "/p/v1/login/start", {"address": owner.address, "request": half["startLoginRequest"]})
    done = opaque("finishLogin", password=owner.password, response=started.json["response"], state=half["clientLoginState"], real=False)
    return {"login": started.json["login"], "finish": done["finishLoginRequest"]}


def finish_at_once(portal, bodies):
    answers = []
    together = threading.Barrier(len(bodies))

    def finish(body):
        together.wait()
        answers.append(Browser(portal).call("POST", "/p/v1/login/finish", body))

    threads = [threading.Thread(target=finish, args=(body,)) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_many_logins_of_one_customer_at_once_all_succeed():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        for _ in range(3):
            answers = finish_at_once(portal, [begun_login(portal, owner) for _ in range(4)])
            assert [answer.status for answer in answers] == [200] * 4, [answer.body[:200] for answer in answers]


def test_a_wrong_finish_uses_the_login_up():
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        half = opaque("startLogin", password=owner.password)
        started = owner.call("POST", "/p/v1/login/start", {"address": owner.address, "request": half["startLoginRequest"]}).json
        done = opaque("finishLogin", password=owner.password, response=started["response"], state=half["clientLoginState"])
        for finish in (b64u(secrets.token_bytes(64)), done["finishLoginRequest"]):
            assert owner.call("POST", "/p/v1/login/finish", {"login": started["login"], "finish": finish}).code == "wrong-password"


def test_a_malformed_login_request_is_refused_and_counted():
    with Portal() as portal:
        Staff(portal)
        browser = Browser(portal)
        for request in (b"\0" * 96, b"\xff" * 96, b"short"):
            answer = browser.call("POST", "/p/v1/login/start", {"address": "a@example.net", "request": b64u(request)})
            assert (answer.status, answer.code) == (400, "bad-request")
        assert portal.guard_sql("SELECT count FROM tries WHERE bucket LIKE 'pw/%'") == [(3,)]


def test_logout_ends_the_session_for_good():
    with Portal() as portal:
        browser = customer(portal, Staff(portal))
        stolen = dict(browser.cookies)
        assert browser.call("GET", "/p/v1/session").json["address"] == browser.address
        assert browser.call("POST", "/p/v1/logout", {}).status == 204
        browser.cookies = stolen
        answer = browser.call("GET", "/p/v1/messages")
        assert (answer.status, answer.code) == (401, "not-logged-in")


def test_a_session_ends_after_fifteen_idle_minutes_and_after_eight_hours():
    with Portal() as portal:
        browser = customer(portal, Staff(portal))
        assert 800 < browser.call("GET", "/p/v1/session").json["idle_seconds_left"] <= 900
        now = int(time.time())
        portal.sql("UPDATE sessions SET seen = ?", now - 14 * 60)
        left = browser.call("GET", "/p/v1/session").json["idle_seconds_left"]
        assert left <= 60, "asking for the session is no activity"
        assert browser.call("GET", "/p/v1/messages").status == 200
        assert browser.call("GET", "/p/v1/session").json["idle_seconds_left"] > 890, "but reading is"
        portal.sql("UPDATE sessions SET seen = ?", now + 1_000_000)
        assert browser.call("GET", "/p/v1/messages").status == 200
        assert browser.call("GET", "/p/v1/session").json["idle_seconds_left"] <= 900, "a clock that was wrong makes no session longer"
        portal.sql("UPDATE sessions SET seen = ?", now - 901)
        assert browser.call("GET", "/p/v1/session").status == 401
        browser.log_in(browser.address, browser.password)
        portal.sql("UPDATE sessions SET created = ?", now - 8 * 3600 - 1)
        assert browser.call("GET", "/p/v1/messages").status == 401


def test_the_session_cookie_is_strict_and_bound_to_the_host():
    for options, prefix, secure in (((), "siegelpost=", False), (("--origin", "https://portal.office.example"), "__Host-siegelpost=", True)):
        with Portal(*options) as portal:
            if options:
                portal.origin = options[1]
            staff = Staff(portal)
            handle, auth, _ = staff.invite("kunde@example.net")
            browser = Browser(portal)
            browser.register(handle, auth, "correct horse battery")
            answer = browser.log_in("kunde@example.net", "correct horse battery")
            cookie = [line for line in answer.headers.get_all("Set-Cookie") if line.startswith(prefix)][0]
            assert "HttpOnly" in cookie and "SameSite=Strict" in cookie and "Path=/" in cookie and "Domain" not in cookie
            assert ("Secure" in cookie) == secure
            assert ("Strict-Transport-Security" in answer.headers) == secure


def test_a_session_cannot_be_fixated():
    with Portal() as portal:
        staff = Staff(portal)
        handle, auth, _ = staff.invite("kunde@example.net")
        browser = Browser(portal)
        browser.cookies["siegelpost"] = "A" * 43
        browser.register(handle, auth, "correct horse battery")
        assert browser.log_in("kunde@example.net", "correct horse battery").status == 200
        assert browser.cookies["siegelpost"] != "A" * 43


def test_one_network_cannot_knock_for_ever():
    with Portal("--forwarded", smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)

        def knock(network, i, path="login/start"):
            return Browser(portal).call("POST", f"/p/v1/{path}", {"address": f"kunde{i}@example.net"}, {"X-Forwarded-For": network})

        def spray(networks):
            for i in range(1000):
                answer = knock(networks[i % len(networks)], i)
                if answer.status == 429:
                    return i, answer
            return None, None

        tries, refused = spray(["203.0.113.7"])
        assert tries >= 120 and refused.code == "too-many-tries" and 1 <= int(refused.headers["Retry-After"]) <= 5
        for path in ("register/open", "register/start", "recover/request", "recover/help", "recover/open", "recover/start", "recover/code"):
            # A try may have come back meanwhile; then it is a next one that is refused.
            assert 429 in (knock("203.0.113.7", 0, path).status for _ in range(200)), path
        assert knock("203.0.113.8", 1).status == 400, "another network is another"
        assert knock("203.0.113.7, 203.0.113.8", 1).status == 400, "the last one is the proxy's own"
        assert 429 in (knock(f"198.51.100.{i}, 203.0.113.7", i).status for i in range(200)), "what stands before it anybody may have written"
        _, refused = spray([f"2001:db8:1:2::{i:x}" for i in range(1, 99)])
        assert refused is not None, "one customer has many addresses in IPv6"
        assert knock("2001:db8:1:3::1", 1).status == 400
        assert owner.call("GET", "/p/v1/messages").status == 200 and staff.lookup(owner.address), "who is in is not stopped"
        assert "203.0.113" not in portal.log() and "2001:db8" not in portal.log()


def test_a_login_ends_the_browsers_session_of_before():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        one, other = customer(portal, staff, "kunde1@example.net"), customer(portal, staff, "kunde2@example.net")
        elsewhere = Browser(portal)
        assert elsewhere.log_in(one.address, one.password).status == 200
        copied = Browser(portal)
        for address, password in ((one.address, one.password), (other.address, other.password)):
            copied.cookies = dict(one.cookies)
            wrong = one.log_in(address, "not the password")
            assert wrong.code == "wrong-password" and copied.call("GET", "/p/v1/session").status == 200, "only a login that succeeds ends anything"
            assert one.log_in(address, password).status == 200
            assert copied.call("GET", "/p/v1/session").code == "not-logged-in", "whoever copied or planted the old cookie is out"
            assert one.call("GET", "/p/v1/session").json["address"] == address
        assert elsewhere.call("GET", "/p/v1/session").status == 200 and other.call("GET", "/p/v1/session").status == 200, "other browsers stay"
        assert portal.sql("SELECT COUNT(*) FROM sessions") == [(3,)]


def test_a_foreign_site_cannot_change_anything():
    with Portal() as portal:
        browser = customer(portal, Staff(portal))
        evil = ({"X-Siegelpost": None}, {"Origin": "https://evil.example"}, {"Origin": None, "Sec-Fetch-Site": None}, {"Origin": "null"},
                {"Origin": None, "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"X-Siegelpost": "0"})
        calls = [("POST", path) for path in ("/p/v1/register/open", "/p/v1/register/start", "/p/v1/register/finish", "/p/v1/login/start",
                                             "/p/v1/login/finish", "/p/v1/logout", "/p/v1/uploads",
                                             "/p/v1/messages/01890000-0000-7000-8000-000000000000/read")]
        calls += [("PUT", "/p/v1/messages/01890000-0000-7000-8000-000000000000"), ("PUT", "/p/v1/drafts/01890000-0000-7000-8000-000000000000"),
                  ("DELETE", "/p/v1/drafts/01890000-0000-7000-8000-000000000000"), ("DELETE", "/p/v1/uploads/" + "0" * 32),
                  ("PATCH", "/p/v1/uploads/" + "0" * 32)]
        for headers in evil:
            for method, path in calls:
                answer = browser.call(method, path, {}, headers)
                assert (answer.status, answer.code) == (403, "cross-site"), (method, path, headers, answer.body)
        assert browser.call("GET", "/p/v1/messages", None, {"Sec-Fetch-Site": "cross-site", "Origin": None}).code == "cross-site"
        assert browser.call("GET", "/p/v1/messages").status == 200


def test_a_form_post_is_not_json():
    with Portal() as portal:
        Staff(portal)
        browser = Browser(portal)
        for kind in ("text/plain", "application/x-www-form-urlencoded", "application/jsonx"):
            answer = browser.call("POST", "/p/v1/login/start", '{"address":"a@b.example"}', {"Content-Type": kind})
            assert answer.code == "unsupported", answer.body
