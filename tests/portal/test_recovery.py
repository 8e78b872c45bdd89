# SPDX-License-Identifier: GPL-3.0-or-later
"""A forgotten password: link, answer, printed code; what a guesser can do, and what a stranger learns."""

import math
import secrets
import threading
import time

from harness import Browser, Portal, Staff, b64u, customer, opaque, wait_until
from recovery import (ANSWER, DAY, change_credentials, finish_body, mails_of, make_link, new_credentials, open_link, printed_code, request_link, start_answer,
                      try_answer, types)


def test_a_forgotten_password_becomes_a_new_one_and_everybody_who_was_in_is_out():
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        old_session = dict(owner.cookies)
        token = request_link(portal, "Kunde@Example.net")
        opened = open_link(portal, token)
        assert opened.status == 200, opened.body
        assert opened.json["handle"] == owner.handle and opened.json["question"] == "street"
        assert opened.json["generation"] == 1 and opened.json["recovery_salt"] is None
        answered = try_answer(portal, opened.json["recovery"])
        assert answered.status == 200, answered.body
        wraps = portal.sql("SELECT answer_wrap, mailbox_wrap FROM customers")[0]
        assert [answered.json["root_wrap"], answered.json["mailbox_wrap"]] == [b64u(bytes(wrap)) for wrap in wraps]
        assert answered.json["address"] == "kunde@example.net" and answered.json["language"] == "de" and answered.json["roster"]["version"] == 1
        browser = Browser(portal)
        done = change_credentials(browser, password="a brand new password", change=answered.json["change"])
        assert done.status == 200 and done.json == {"changed": ["password"]}, done.body
        owner.cookies = old_session
        assert owner.call("GET", "/p/v1/messages").code == "not-logged-in", "all sessions have ended"
        assert Browser(portal).log_in(owner.address, owner.password).code == "wrong-password"
        assert Browser(portal).log_in(owner.address, "a brand new password").status == 200
        assert types(staff) == ["registered", "recovered"]
        assert wait_until(lambda: mails_of(portal, "changed"), 15)


def test_the_mails_of_a_recovery_say_no_more_than_they_must():
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        opened = open_link(portal, request_link(portal, owner.address)).json
        answered = try_answer(portal, opened["recovery"]).json
        assert change_credentials(Browser(portal), password="a brand new password", change=answered["change"]).status == 200
        request_link(portal, owner.address, language="en")
        assert wait_until(lambda: mails_of(portal, "changed"), 15)
        german, english = mails_of(portal, "link")
        changed = mails_of(portal, "changed")[0]
        assert "10 Minuten" in german.get_content() and "10 minutes" in english.get_content()
        assert "http" not in changed.get_content(), "nothing to click on"
        for mail in (german, english, changed):
            text = mail.as_string()
            assert mail["Auto-Submitted"] == "auto-generated" and mail["To"] == owner.address and mail.get_content_type() == "text/plain"
            assert "0711 1234" in mail.get_content() and mail["From"].addresses[0].addr_spec == "portal@office.example"
            for word in ("street", ANSWER, owner.handle, "Anna", "anna@", "BEGIN PGP", owner.password):
                assert word not in text, word
        assert len({mail["Message-ID"] for mail in (german, english, changed)}) == 3


def test_a_link_works_once_and_for_ten_minutes_and_only_by_post():
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        token = request_link(portal, owner.address)
        expires = portal.sql("SELECT expires FROM recovery_links")[0][0]
        assert 500 < expires - time.time() <= 600
        for path in (f"/recover?t={token}", f"/p/v1/recover/open?token={token}", "/p/v1/recover/request", "/p/v1/recover/start"):
            Browser(portal).call("GET", path)
            Browser(portal).call("HEAD", path)
        assert portal.sql("SELECT COUNT(*) FROM recovery_links") == [(1,)], "a GET uses nothing up"
        assert open_link(portal, token[:-1] + ("A" if token[-1] != "A" else "B")).code == "link-expired"
        results = []
        threads = [threading.Thread(target=lambda: results.append(open_link(portal, token).status)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(results) == [200] + [410] * 7, results
        late = request_link(portal, owner.address)
        portal.sql("UPDATE recovery_links SET expires = ?", int(time.time()) - 1)
        refused = open_link(portal, late)
        assert (refused.status, refused.code) == (410, "link-expired")
        for body in ({}, {"token": 7}, {"token": ""}, {"token": "x" * 5000}):
            assert Browser(portal).call("POST", "/p/v1/recover/open", body).status in (400, 410)


def test_the_store_has_no_token_of_a_recovery():
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        token = request_link(portal, owner.address)
        recovery = open_link(portal, token).json["recovery"]
        second = request_link(portal, owner.address)
        change = try_answer(portal, recovery).json["change"]
        half, started = start_answer(portal, recovery, ANSWER)
        assert started.status == 200
        stored = portal.everything_stored()
        log = portal.log()
        for secret in (token, second, recovery, change):
            assert secret.encode() not in stored and secret not in log, secret


def test_three_links_a_day_and_the_rest_in_silence():
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        for _ in range(3):
            request_link(portal, owner.address)
        for _ in range(3):
            assert Browser(portal).call("POST", "/p/v1/recover/request", {"address": owner.address, "language": "de"}).status == 202
            assert wait_until(lambda: portal.sql("SELECT COUNT(*) FROM recovery_requests") == [(0,)])
        assert len(mails_of(portal, "link")) == 3 and portal.sql("SELECT COUNT(*) FROM outbox WHERE kind = 'recovery'") == [(3,)]
        portal.sql("UPDATE outbox SET queued = queued - ?", DAY)
        request_link(portal, owner.address)


def test_unknown_invited_frozen_and_registered_addresses_get_the_same_answers():
    with Portal() as portal:
        staff = Staff(portal)
        staff.invite("invited@example.net")
        customer(portal, staff, "registered@example.net")
        frozen = customer(portal, staff, "frozen@example.net")
        gone = customer(portal, staff, "deleted@example.net")
        assert staff.call("POST", f"/api/v1/customers/{frozen.handle}:freeze", {}).json == {"state": "frozen"}
        assert staff.call("POST", f"/api/v1/customers/{gone.handle}:erase", {}).json == {"state": "none"}
        shapes = {}
        for address in ("invited", "registered", "frozen", "deleted", "unknown"):
            for path, body in (("request", {"language": "de"}), ("help", {})):
                answer = Browser(portal).call("POST", f"/p/v1/recover/{path}", {"address": f"{address}@example.net", **body})
                headers = tuple((name, value) for name, value in answer.headers.items() if name != "Date")
                shapes.setdefault(path, set()).add((answer.status, answer.body, headers))
            browser = Browser(portal)
            half = opaque("startLogin", password="correct horse battery")
            started = browser.call("POST", "/p/v1/login/start", {"address": f"{address}@example.net", "request": half["startLoginRequest"]})
            shapes.setdefault("login", set()).add((started.status, len(started.body), tuple(sorted(started.headers.keys()))))
            if address != "registered":
                assert browser.log_in(f"{address}@example.net", "correct horse battery").code == "wrong-password", address
        assert {path: len(found) for path, found in shapes.items()} == {"request": 1, "help": 1, "login": 1}, shapes
        assert wait_until(lambda: portal.sql("SELECT COUNT(*) FROM recovery_requests") == [(0,)])
        assert wait_until(lambda: mails_of(portal, "link"), 15)
        assert [mail["To"] for mail in mails_of(portal, "link")] == ["registered@example.net"]
        for body in ({"address": "no address", "language": "de"}, {"address": "a@b.example"}, {"address": "a@b.example", "language": "fr"}, {"language": "de"}):
            assert Browser(portal).call("POST", "/p/v1/recover/request", body).code == "bad-request", body
        assert Browser(portal).call("POST", "/p/v1/recover/help", {"address": "x"}).code == "bad-request"


def test_what_strangers_ask_for_leaves_nothing_behind():
    with Portal() as portal:
        Staff(portal)
        stranger = Browser(portal)
        for i in range(30):
            assert stranger.call("POST", "/p/v1/recover/request", {"address": f"nobody{i}@example.net", "language": "de"}).status == 202
        assert wait_until(lambda: portal.sql("SELECT COUNT(*) FROM recovery_requests") == [(0,)])
        assert portal.sql("SELECT COUNT(*) FROM outbox") == [(0,)] and portal.sql("SELECT COUNT(*) FROM events") == [(0,)]
        assert portal.guard_sql("SELECT COUNT(*) FROM tries") == [(0,)]


def test_who_does_not_know_the_answer_reaches_staff_once_a_day():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        staff.invite("invited@example.net")
        owner = customer(portal, staff)
        for address in (owner.address, owner.address, "invited@example.net", "unknown@example.net"):
            assert Browser(portal).call("POST", "/p/v1/recover/help", {"address": address}).json == {}
            assert wait_until(lambda: portal.sql("SELECT COUNT(*) FROM recovery_requests") == [(0,)])
        assert types(staff) == ["registered", "reset-asked"] and staff.events()["events"][1]["customer"] == owner.handle
        portal.sql("UPDATE customers SET reset_asked = reset_asked - ?", DAY)
        staff.call("POST", f"/api/v1/customers/{owner.handle}:freeze", {})
        Browser(portal).call("POST", "/p/v1/recover/help", {"address": owner.address})
        assert wait_until(lambda: types(staff) == ["registered", "reset-asked", "reset-asked"]), "a frozen one can only be helped by staff"


def test_five_tries_in_an_episode_and_the_right_answer_comes_too_late():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
        for i in range(5):
            refused = try_answer(portal, recovery, f"guess {i}")
            assert (refused.status, refused.code) == (403, "wrong-answer")
        portal.restart()
        for answer in (ANSWER, "guess"):
            refused = try_answer(portal, recovery, answer)
            assert (refused.status, refused.code) == (429, "too-many-tries")
        assert Browser(portal).call("POST", "/p/v1/recover/code", {"recovery": recovery, "auth": b64u(secrets.token_bytes(32))}).code == "too-many-tries"
        assert owner.log_in(owner.address, owner.password).status == 200, "the password is another door"


def test_a_try_that_is_never_finished_counts_and_a_malformed_one_too():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
        browser = Browser(portal)
        for request in (b"\0" * 96, b"\xff" * 96, b"short"):
            answer = browser.call("POST", "/p/v1/recover/start", {"recovery": recovery, "request": b64u(request)})
            assert (answer.status, answer.code) == (400, "bad-request")
        for _ in range(2):
            assert start_answer(portal, recovery, "guess")[1].status == 200
        assert start_answer(portal, recovery, ANSWER)[1].code == "too-many-tries"
        assert portal.guard_sql("SELECT tries FROM episodes") == [(5,)] and portal.guard_sql("SELECT count FROM tries WHERE bucket LIKE 'rec/%'") == [(5,)]


def test_many_tries_at_once_are_no_more_than_five():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
        half = opaque("startLogin", password="guess")
        statuses = []
        body = {"recovery": recovery, "request": half["startLoginRequest"]}
        threads = [threading.Thread(target=lambda: statuses.append(Browser(portal).call("POST", "/p/v1/recover/start", body).status)) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200] * 5 + [429] * 11, statuses


def test_an_episode_ends_after_fifteen_minutes():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
        assert try_answer(portal, recovery, "guess").code == "wrong-answer"
        assert 800 < portal.guard_sql("SELECT expires FROM episodes")[0][0] - time.time() <= 900
        portal.guard_sql("UPDATE episodes SET expires = ?", int(time.time()) - 1)
        assert try_answer(portal, recovery).code == "link-expired"
        assert try_answer(portal, b64u(secrets.token_bytes(32))).code == "link-expired"
        for body in ({}, {"recovery": "x", "request": "y"}, {"recovery": recovery}, {"recovery": b64u(b"x" * 31), "request": b64u(b"x" * 96)}):
            assert Browser(portal).call("POST", "/p/v1/recover/start", body).code == "bad-request", body


def test_three_episodes_a_day():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        for _ in range(3):
            assert open_link(portal, make_link(portal, owner.handle)).status == 200
        refused = open_link(portal, make_link(portal, owner.handle))
        assert (refused.status, refused.code) == (429, "too-many-tries")
        assert 86000 < int(refused.headers["Retry-After"]) <= DAY
        portal.guard_sql("UPDATE episodes SET began = began - ?", DAY)
        assert open_link(portal, make_link(portal, owner.handle)).status == 200


def test_whoever_guesses_for_weeks_has_ten_tries_and_then_the_account_is_frozen():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        session = dict(owner.cookies)
        guesses = 0
        for _ in range(30):
            opened = open_link(portal, make_link(portal, owner.handle))
            while opened.status == 200 and try_answer(portal, opened.json["recovery"], f"guess {guesses}").code == "wrong-answer":
                guesses += 1
            portal.guard_sql("UPDATE episodes SET began = began - ?, expires = expires - ?", DAY, DAY)
            portal.guard_sql("UPDATE tries SET last = last - ?", DAY)
            portal.sql("DELETE FROM recovery_links")
        assert guesses == 10
        assert types(staff) == ["registered", "frozen"] and staff.lookup(owner.address)[0]["state"] == "frozen"
        assert portal.sql("SELECT COUNT(*) FROM sessions") == [(0,)]
        owner.cookies = session
        assert owner.call("GET", "/p/v1/messages").code == "not-logged-in"
        owner.cookies = {}
        assert owner.log_in(owner.address, owner.password).code == "wrong-password", "looks like a wrong password"
        assert open_link(portal, make_link(portal, owner.handle)).code == "link-expired"
        assert staff.call("POST", f"/api/v1/customers/{owner.handle}:unfreeze", {}).json == {"state": "registered"}
        assert owner.log_in(owner.address, owner.password).status == 200
        opened = open_link(portal, make_link(portal, owner.handle)).json
        assert try_answer(portal, opened["recovery"]).status == 200, "with all tries again"


def test_a_kill_between_the_last_try_and_the_freezing_gives_no_more_tries():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        recoveries = [open_link(portal, make_link(portal, owner.handle)).json["recovery"] for _ in range(3)]
        for recovery in recoveries[:2]:
            for _ in range(5):
                assert start_answer(portal, recovery, "guess")[1].status == 200
        portal.restart()
        assert staff.lookup(owner.address)[0]["state"] == "registered", "the last try may still be right"
        assert start_answer(portal, recoveries[2], ANSWER)[1].code == "too-many-tries"
        assert staff.lookup(owner.address)[0]["state"] == "frozen" and types(staff) == ["registered", "frozen"]


def test_tries_that_nobody_finished_freeze_the_account_in_the_end():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        for _ in range(2):
            recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
            for _ in range(5):
                assert start_answer(portal, recovery, "guess")[1].status == 200
        portal.guard_sql("UPDATE tries SET last = last - 400")
        portal.restart()
        assert wait_until(lambda: staff.lookup(owner.address)[0]["state"] == "frozen")


def test_tries_that_the_guard_is_to_forget_freeze_nobody():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        for _ in range(2):
            recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
            for _ in range(5):
                assert start_answer(portal, recovery, "guess")[1].status == 200
        portal.guard_sql("UPDATE tries SET last = last - 400")
        portal.kill()
        portal.sql("INSERT INTO guard_chores (handle, chore) VALUES (?, 'tries')", owner.handle)
        portal.start()
        assert wait_until(lambda: portal.sql("SELECT COUNT(*) FROM guard_chores") == [(0,)])
        time.sleep(1)  # for what must not come
        assert staff.lookup(owner.address)[0]["state"] == "registered"


def test_the_tenth_try_may_be_the_right_one():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        for right in (False, True):
            recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
            for _ in range(4 if right else 5):
                assert try_answer(portal, recovery, "guess").code == "wrong-answer"
            if right:
                assert try_answer(portal, recovery).status == 200
        assert portal.guard_sql("SELECT COUNT(*) FROM tries WHERE bucket LIKE 'rec/%'") == [(0,)]


def test_a_login_resets_the_tries_of_the_answer():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        for _ in range(3):
            recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
            for _ in range(5):
                assert try_answer(portal, recovery, "guess").code == "wrong-answer"
            assert owner.log_in(owner.address, owner.password).status == 200


def test_what_one_door_opens_does_not_open_the_other():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
        half, started = start_answer(portal, recovery, ANSWER)
        body = finish_body(half, started.json, ANSWER)
        browser = Browser(portal)
        refused = browser.call("POST", "/p/v1/login/finish", body)
        assert (refused.status, refused.code) == (403, "wrong-password") and not browser.cookies, "an answer is no login"
        half = opaque("startLogin", password=owner.password)
        started = browser.call("POST", "/p/v1/login/start", {"address": owner.address, "request": half["startLoginRequest"]}).json
        body = finish_body(half, started, owner.password)
        assert browser.call("POST", "/p/v1/recover/finish", body).code == "wrong-answer", "and a password no recovery"
        assert browser.call("POST", "/p/v1/login/finish", body).code == "wrong-password", "it is used up"


def test_an_answer_cannot_be_replayed():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
        half, started = start_answer(portal, recovery, ANSWER)
        body = finish_body(half, started.json, ANSWER)
        assert Browser(portal).call("POST", "/p/v1/recover/finish", body).status == 200
        assert Browser(portal).call("POST", "/p/v1/recover/finish", body).code == "wrong-answer"
        half, started = start_answer(portal, recovery, ANSWER)
        right = finish_body(half, started.json, ANSWER)
        wrong = {**right, "finish": b64u(secrets.token_bytes(64))}
        for body in (wrong, right):
            assert Browser(portal).call("POST", "/p/v1/recover/finish", body).code == "wrong-answer"


def test_the_printed_code_opens_its_own_wrap_and_counts_like_a_try():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
        refused = Browser(portal).call("POST", "/p/v1/recover/code", {"recovery": recovery, "auth": b64u(secrets.token_bytes(32))})
        assert (refused.status, refused.code) == (403, "wrong-code"), "who has none has a wrong one"
        auth, code = printed_code(owner)
        opened = open_link(portal, make_link(portal, owner.handle)).json
        assert opened["recovery_salt"] == code["salt"]
        for _ in range(4):
            assert Browser(portal).call("POST", "/p/v1/recover/code", {"recovery": opened["recovery"], "auth": b64u(secrets.token_bytes(32))}).code == "wrong-code"
        right = Browser(portal).call("POST", "/p/v1/recover/code", {"recovery": opened["recovery"], "auth": b64u(auth)})
        assert right.status == 200 and right.json["root_wrap"] == code["wrap"], right.body
        assert portal.guard_sql("SELECT COUNT(*) FROM tries WHERE bucket LIKE 'rec/%'") == [(0,)]
        assert Browser(portal).call("POST", "/p/v1/recover/code", {"recovery": opened["recovery"], "auth": b64u(auth)}).code == "too-many-tries"
        assert change_credentials(Browser(portal), password="a brand new password", change=right.json["change"]).status == 200
        assert Browser(portal).log_in(owner.address, "a brand new password").status == 200
        for body in ({"recovery": recovery}, {"auth": b64u(auth)}, {"recovery": recovery, "auth": b64u(b"short")}):
            assert Browser(portal).call("POST", "/p/v1/recover/code", body).code == "bad-request"


def test_wrong_codes_freeze_the_account_too():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        printed_code(owner)
        for _ in range(2):
            recovery = open_link(portal, make_link(portal, owner.handle)).json["recovery"]
            for _ in range(5):
                Browser(portal).call("POST", "/p/v1/recover/code", {"recovery": recovery, "auth": b64u(secrets.token_bytes(32))})
        assert staff.lookup(owner.address)[0]["state"] == "frozen"


def test_the_leave_of_a_recovery_is_good_for_one_change_within_fifteen_minutes():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        opened = open_link(portal, make_link(portal, owner.handle)).json
        change = try_answer(portal, opened["recovery"]).json["change"]
        late = try_answer(portal, opened["recovery"]).json["change"]
        browser = Browser(portal)
        first = new_credentials(browser, password="the first password", change=change)
        second = new_credentials(browser, password="the second password", change=change)
        results = []

        def finish(body):
            results.append((Browser(portal).call("POST", "/p/v1/credentials/finish", body), body))
        threads = [threading.Thread(target=finish, args=(body,)) for body in (first, second)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.status for answer, _ in results) == [200, 410], [answer.body for answer, _ in results]
        won = [body for answer, body in results if answer.status == 200][0]
        again = browser.call("POST", "/p/v1/credentials/finish", won)
        assert again.status == 200 and again.json == {"changed": ["password"]}, "the same again is answered again"
        password = "the first password" if won is first else "the second password"
        assert Browser(portal).log_in(owner.address, password).status == 200
        assert types(staff) == ["registered", "recovered"], "once"
        assert new_credentials(browser, password="x", change=change).code == "link-expired"
        assert new_credentials(browser, password="x", change=late).code == "link-expired", "a new password ends the other leaves"
        assert try_answer(portal, opened["recovery"]).code == "link-expired", "and the episode"
        opened = open_link(portal, make_link(portal, owner.handle)).json
        change = try_answer(portal, opened["recovery"]).json["change"]
        portal.sql("UPDATE recovery_changes SET expires = ?", int(time.time()) - 1)
        assert new_credentials(browser, password="x", change=change).code == "link-expired"
        assert new_credentials(browser, password="x", change=b64u(secrets.token_bytes(32))).code == "link-expired"


def test_a_recovery_without_a_new_password_changes_nothing():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        opened = open_link(portal, make_link(portal, owner.handle)).json
        change = try_answer(portal, opened["recovery"]).json["change"]
        browser = Browser(portal)
        body = new_credentials(browser, answer="another answer", change=change)
        assert browser.call("POST", "/p/v1/credentials/finish", body).code == "bad-request"
        assert browser.call("POST", "/p/v1/credentials/finish", {"change": change}).code == "bad-request"
        both = new_credentials(browser, password="a brand new password", answer="another answer", change=change)
        assert browser.call("POST", "/p/v1/credentials/finish", both).json == {"changed": ["password", "answer"]}
        opened = open_link(portal, make_link(portal, owner.handle)).json
        assert opened["question"] == "first school"
        assert try_answer(portal, opened["recovery"]).code == "wrong-answer" and try_answer(portal, opened["recovery"], "another answer").status == 200


def test_a_new_password_ends_links_that_are_under_way():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        token = make_link(portal, owner.handle)
        opened = open_link(portal, make_link(portal, owner.handle)).json
        half, started = start_answer(portal, opened["recovery"], ANSWER)
        assert change_credentials(owner, password="a brand new password").status == 200
        assert open_link(portal, token).code == "link-expired"
        assert Browser(portal).call("POST", "/p/v1/recover/finish", finish_body(half, started.json, ANSWER)).code == "wrong-answer"


def test_strangers_who_guess_passwords_do_not_hold_up_who_has_recovered():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        stranger = Browser(portal)
        while stranger.log_in(owner.address, "guess").status != 429:
            pass
        while isinstance(new_credentials(owner, password="guess"), dict):
            pass  # with a session that was left open
        opened = open_link(portal, make_link(portal, owner.handle)).json
        change = try_answer(portal, opened["recovery"]).json["change"]
        fresh = Browser(portal)
        assert change_credentials(fresh, password="a brand new password", change=change).status == 200
        assert fresh.log_in(owner.address, "a brand new password").status == 200


def test_a_foreign_site_can_do_nothing_of_a_recovery():
    with Portal(smtp=False) as portal:
        Staff(portal)
        evil = ({"X-Siegelpost": None}, {"Origin": "https://evil.example"}, {"Origin": None, "Sec-Fetch-Site": None}, {"Sec-Fetch-Site": "cross-site"})
        for name in ("recover/request", "recover/help", "recover/open", "recover/start", "recover/finish", "recover/code", "credentials/start",
                     "credentials/finish"):
            for headers in evil:
                answer = Browser(portal).call("POST", f"/p/v1/{name}", {"address": "a@b.example", "language": "de"}, headers)
                assert (answer.status, answer.code) == (403, "cross-site"), (name, headers)


def test_a_mail_that_waited_too_long_is_not_sent():
    with Portal() as portal:
        owner = customer(portal, Staff(portal))
        portal.sink.refuse["rcpt"] = "451 later"
        assert Browser(portal).call("POST", "/p/v1/recover/request", {"address": owner.address, "language": "de"}).status == 202
        assert wait_until(lambda: portal.sql("SELECT tries FROM outbox") == [(1,)], 15)
        portal.sink.refuse.clear()
        portal.sql("UPDATE outbox SET queued = queued - 7200, due = 1")
        portal.restart()
        assert wait_until(lambda: portal.sql("SELECT state FROM outbox") == [("failed",)], 15)
        assert mails_of(portal, "link") == []


def test_a_frozen_customer_is_still_told_that_something_was_changed():
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        portal.sink.refuse["rcpt"] = "451 later"
        assert change_credentials(owner, password="a brand new password").status == 200
        assert wait_until(lambda: portal.sql("SELECT tries FROM outbox") == [(1,)], 15)
        assert staff.call("POST", f"/api/v1/customers/{owner.handle}:freeze", {}).json == {"state": "frozen"}
        portal.sink.refuse.clear()
        portal.sql("UPDATE outbox SET due = 1")
        portal.restart()
        assert wait_until(lambda: mails_of(portal, "changed"), 15)


def kolmogorov_smirnov(one, two):
    """The probability that two samples of one distribution differ as much (asymptotic)."""
    points = sorted(one + two)
    one, two = sorted(one), sorted(two)
    distance = i = j = 0
    for point in points:
        while i < len(one) and one[i] <= point:
            i += 1
        while j < len(two) and two[j] <= point:
            j += 1
        distance = max(distance, abs(i / len(one) - j / len(two)))
    size = math.sqrt(len(one) * len(two) / (len(one) + len(two)))
    x = (size + 0.12 + 0.11 / size) * distance
    return min(1.0, 2 * sum((-1) ** (k - 1) * math.exp(-2 * k * k * x * x) for k in range(1, 100))) if x > 0.2 else 1.0


def measure(portal, path, known, unknown, body):
    """Known and unknown by turns, in a random order, so that whatever else the machine does hits both."""
    times = {True: [], False: []}
    order = [(True, address) for address in known] + [(False, address) for address in unknown]
    secrets.SystemRandom().shuffle(order)
    browser = Browser(portal)
    for is_known, address in order:
        begun = time.perf_counter()
        answer = browser.call("POST", path, {"address": address, **body})
        times[is_known].append(time.perf_counter() - begun)
        assert answer.status in (200, 202), answer.body
    return times[True], times[False]


def test_known_and_unknown_addresses_take_the_same_time():
    assert kolmogorov_smirnov([1.0] * 50 + [2.0] * 50, [1.1] * 100) < 0.001, "the measure itself can tell two apart"
    with Portal() as portal:
        staff = Staff(portal)
        customer(portal, staff, "kunde0@example.net")
        known, unknown = [f"kunde{i}@example.net" for i in range(200)], [f"nobody{i}@example.net" for i in range(200)]
        columns = ("state, generation, language, mailbox_key, escrow, salt, invited_digest, password_record, answer_record, question, password_wrap, "
                   "answer_wrap, mailbox_wrap, signature_key, signature_mac, registered, registered_digest, created")
        for address, entry in zip(known[1:], [one for part in (known[1:101], known[101:]) for one in staff.lookup(*part)]):
            portal.sql(f"INSERT INTO customers (handle, address, {columns}) SELECT ?, ?, {columns} FROM customers WHERE address = ?", entry["handle"],
                       address, known[0])
        half = opaque("startLogin", password="guess")
        for path, body in (("recover/request", {"language": "de"}), ("recover/help", {}), ("login/start", {"request": half["startLoginRequest"]})):
            # One in a hundred fails by chance at p = 0.01: three measurements, and one that cannot tell them apart is enough to say that
            # nobody can count on a difference. A difference that is really there fails each time.
            found = []
            for _ in range(3):
                found.append(kolmogorov_smirnov(*measure(portal, f"/p/v1/{path}", known, unknown, body)))
                portal.guard_sql("DELETE FROM tries")
                if found[-1] > 0.01:
                    break
            assert found[-1] > 0.01, (path, found)
