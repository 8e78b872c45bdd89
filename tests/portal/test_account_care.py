# SPDX-License-Identifier: GPL-3.0-or-later
"""What customers do with their accounts and staff with customers: sessions, keys, changes, deletion; renewal, reset, freezing."""

import hashlib
import secrets
import threading
import time

from harness import KEY, SIGNATURE, Browser, Portal, Staff, armored, b64u, customer, reply, uuid7, wait_until
from recovery import (ANSWER, DAY, change_credentials, mails_of, make_link, new_credentials, open_link, printed_code, try_answer, types)

FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:131.0) Gecko/131.0 Firefox/131.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/129.0.0.0 Safari/537.36 Edg/129.0.0.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1"


class Named(Browser):
    """A browser that says which one it is."""

    agent = FIREFOX

    def call(self, method, path, body=None, headers=None):
        return super().call(method, path, body, {"User-Agent": self.agent, **(headers or {})})


def another_browser(portal, owner, agent=FIREFOX):
    browser = Named(portal)
    browser.agent = agent
    assert browser.log_in(owner.address, owner.password).status == 200
    return browser


def own_key(text="key", kind="openpgp"):
    frame = KEY if kind == "openpgp" else "-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n"
    key = armored(text, frame)
    return hashlib.sha256(key.encode()).hexdigest(), {"kind": kind, "key": key, "signature": armored("sig", SIGNATURE)}


def follow_up(staff, handle, address, generation, mailbox_key=None, **more):
    """The body of a renewal or a reset, as the agent makes it."""
    auth, body = staff.invitation(address, generation)
    body["mailbox_key"] = mailbox_key or staff.lookup(address)[0]["mailbox_key"]
    return auth, {**body, **more}


def record():
    return {"identity_record": hashlib.sha256(secrets.token_bytes(8)).hexdigest()}


def test_a_session_is_named_in_words_of_our_own_and_can_be_ended():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        others = [another_browser(portal, owner, agent) for agent in (FIREFOX, EDGE, SAFARI, "<script>alert(1)</script>")]
        listed = owner.call("GET", "/p/v1/sessions").json["sessions"]
        assert sorted(one["client"] for one in listed) == ["", "", "Edge, Windows", "Firefox, Android", "Safari, iPhone"]
        assert [one["current"] for one in listed].count(True) == 1
        assert len({one["id"] for one in listed}) == 5
        firefox = [one["id"] for one in listed if one["client"].startswith("Firefox")][0]
        assert owner.call("DELETE", f"/p/v1/sessions/{firefox}").status == 204
        assert others[0].call("GET", "/p/v1/messages").code == "not-logged-in"
        assert others[1].call("GET", "/p/v1/messages").status == 200
        assert owner.call("DELETE", f"/p/v1/sessions/{firefox}").code == "not-found"
        assert owner.call("DELETE", "/p/v1/sessions").status == 204
        assert others[1].call("GET", "/p/v1/messages").code == "not-logged-in"
        listed = owner.call("GET", "/p/v1/sessions").json["sessions"]
        assert len(listed) == 1 and listed[0]["current"]
        assert owner.call("DELETE", f"/p/v1/sessions/{listed[0]['id']}").status == 204 and "siegelpost" not in owner.cookies


def test_nobody_ends_another_customers_sessions():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        victim, thief = customer(portal, staff, "a@example.net"), customer(portal, staff, "b@example.net")
        session = victim.call("GET", "/p/v1/sessions").json["sessions"][0]["id"]
        refused = thief.call("DELETE", f"/p/v1/sessions/{session}")
        assert (refused.status, refused.code) == (404, "not-found")
        assert thief.call("DELETE", "/p/v1/sessions").status == 204
        assert victim.call("GET", "/p/v1/messages").status == 200
        assert len(thief.call("GET", "/p/v1/sessions").json["sessions"]) == 1
        token = victim.cookies["siegelpost"]
        thief.cookies = {"siegelpost": session}
        assert thief.call("GET", "/p/v1/messages").code == "not-logged-in", "an id opens nothing"
        thief.cookies = {"siegelpost": b64u(hashlib.sha256(token.encode()).digest())}
        assert thief.call("GET", "/p/v1/messages").code == "not-logged-in", "nor does what the store has"


def test_a_customer_deposits_keys_and_staff_see_them():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        name, body = own_key()
        other, certificate = own_key("certificate", "smime")
        assert owner.call("PUT", f"/p/v1/keys/{name}", body).status == 201
        assert owner.call("PUT", f"/p/v1/keys/{name}", body).status == 200
        assert owner.call("PUT", f"/p/v1/keys/{other}", certificate).status == 201
        assert owner.call("PUT", f"/p/v1/keys/{name}", {**body, "signature": armored("x", SIGNATURE)}).code == "conflict"
        listed = owner.call("GET", "/p/v1/keys").json["keys"]
        assert {one["id"] for one in listed} == {name, other}
        seen = staff.lookup(owner.address)[0]["keys"]
        assert sorted((one["kind"], one["key"], one["signature"]) for one in seen) == sorted(
            (one["kind"], one["key"], one["signature"]) for one in (body, certificate))
        assert types(staff) == ["registered", "key-deposited", "key-deposited"]
        for _ in range(2):
            assert owner.call("DELETE", f"/p/v1/keys/{name}").status == 204
        assert types(staff)[3:] == ["key-removed"]
        assert [one["id"] for one in owner.call("GET", "/p/v1/keys").json["keys"]] == [other]


def test_only_five_public_signed_keys_of_the_right_name_are_taken():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        name, body = own_key()
        private = armored("x", KEY.replace("PUBLIC", "PRIVATE"))
        both = body["key"] + private + body["key"]
        bad = [{**body, "kind": "pgp"}, {**body, "signature": None}, {**body, "signature": "x"}, {**body, "key": 7}, {**body, "kind": "smime"},
               {**body, "key": private}, {**body, "key": both}, {**body, "key": "-----BEGIN PRIVATE KEY-----\nx\n-----END PRIVATE KEY-----\n"}]
        for one in bad:
            identity = hashlib.sha256(str(one["key"]).encode()).hexdigest()
            assert owner.call("PUT", f"/p/v1/keys/{identity}", one).code == "bad-request", one
        for identity in ("0" * 64, name.upper(), name[:-1], "x"):
            assert owner.call("PUT", f"/p/v1/keys/{identity}", body).code == "bad-request", identity
        large = KEY.format("A" * 70_000)
        assert owner.call("PUT", f"/p/v1/keys/{hashlib.sha256(large.encode()).hexdigest()}", {**body, "key": large}).code == "too-large"
        for i in range(5):
            name, body = own_key(f"key {i}")
            assert owner.call("PUT", f"/p/v1/keys/{name}", body).status == 201
        name, body = own_key("one more")
        assert owner.call("PUT", f"/p/v1/keys/{name}", body).code == "too-large"


def test_changes_of_keys_have_a_limit_a_day():
    """Each is an event that every agent of the office reads."""
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner, other = customer(portal, staff), customer(portal, staff, "b@example.net")
        for _ in range(39):
            portal.sql("INSERT INTO events (time, type, handle, address) VALUES (?, 'key-removed', ?, '')", int(time.time()), owner.handle)
        (name, body), (late, another) = own_key("one"), own_key("two")
        assert owner.call("PUT", f"/p/v1/keys/{name}", body).status == 201
        refused = owner.call("PUT", f"/p/v1/keys/{late}", another)
        assert refused.code == "too-many-tries" and 0 < int(refused.headers["Retry-After"]) <= DAY
        assert owner.call("PUT", f"/p/v1/keys/{name}", body).status == 200, "the same again is no change"
        assert owner.call("DELETE", f"/p/v1/keys/{name}").status == 204, "to take a key back is always possible"
        assert other.call("PUT", f"/p/v1/keys/{late}", another).status == 201
        portal.sql("UPDATE events SET time = time - ?", DAY)
        assert owner.call("PUT", f"/p/v1/keys/{late}", another).status == 201


def test_nobody_reaches_another_customers_keys():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        victim, thief = customer(portal, staff, "a@example.net"), customer(portal, staff, "b@example.net")
        name, body = own_key()
        assert victim.call("PUT", f"/p/v1/keys/{name}", body).status == 201
        assert thief.call("GET", "/p/v1/keys").json == {"keys": []}
        assert thief.call("DELETE", f"/p/v1/keys/{name}").status == 204, "of one's own there is none"
        assert len(victim.call("GET", "/p/v1/keys").json["keys"]) == 1
        assert staff.lookup("b@example.net")[0]["keys"] == []


def test_who_logged_in_just_now_changes_the_password_and_the_others_are_out():
    with Portal() as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        other = another_browser(portal, owner)
        done = change_credentials(owner, password="a brand new password")
        assert done.json == {"changed": ["password"]}
        assert owner.call("GET", "/p/v1/messages").status == 200, "who changed it stays"
        assert other.call("GET", "/p/v1/messages").code == "not-logged-in"
        assert Browser(portal).log_in(owner.address, owner.password).code == "wrong-password"
        assert Browser(portal).log_in(owner.address, "a brand new password").status == 200
        assert wait_until(lambda: mails_of(portal, "changed"), 15)
        assert types(staff) == ["registered"], "that was no recovery"


def test_of_many_who_change_the_password_at_once_one_does_and_the_others_are_out():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        browsers = [another_browser(portal, owner) for _ in range(4)]
        bodies = [new_credentials(browser, password=f"a brand new password {number}") for number, browser in enumerate(browsers)]
        answers = [None] * len(browsers)
        together = threading.Barrier(len(browsers))

        def change(number):
            together.wait()
            answers[number] = browsers[number].call("POST", "/p/v1/credentials/finish", bodies[number])

        threads = [threading.Thread(target=change, args=(number,)) for number in range(len(browsers))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answer.status for answer in answers) == [200, 401, 401, 401], [answer.body for answer in answers]
        winner = [answer.status for answer in answers].index(200)
        assert Browser(portal).log_in(owner.address, f"a brand new password {winner}").status == 200


def test_a_new_answer_and_a_printed_code_leave_the_password_alone():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        other = another_browser(portal, owner)
        assert change_credentials(owner, answer="green garden").json == {"changed": ["answer"]}
        printed_code(owner)
        assert other.call("GET", "/p/v1/messages").status == 200
        opened = open_link(portal, make_link(portal, owner.handle)).json
        assert opened["question"] == "first school" and opened["recovery_salt"]
        assert try_answer(portal, opened["recovery"]).code == "wrong-answer"
        assert try_answer(portal, opened["recovery"], "green garden").status == 200


def test_an_old_login_must_be_made_again_before_anything_is_changed():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        body = new_credentials(owner, password="a brand new password")
        portal.sql("UPDATE sessions SET created = created - 601")
        for path, sent in (("credentials/start", {"password_request": b64u(secrets.token_bytes(32))}), ("credentials/finish", body),
                           ("account/delete", {"handle": owner.handle})):
            refused = owner.call("POST", f"/p/v1/{path}", sent)
            assert (refused.status, refused.code) == (403, "login-again"), path
        for path, sent in (("credentials/start", {"password_request": "x"}), ("credentials/finish", body), ("account/delete", {"handle": owner.handle})):
            assert Browser(portal).call("POST", f"/p/v1/{path}", sent).code == "not-logged-in", path
        owner.log_in(owner.address, owner.password)
        assert owner.call("POST", "/p/v1/credentials/finish", body).status == 200


def test_half_a_change_is_no_change():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        whole = new_credentials(owner, password="a brand new password", answer="green garden")
        code = {"salt": b64u(bytes(16)), "auth_hash": b64u(bytes(32)), "wrap": b64u(bytes(60))}
        before = portal.sql("SELECT password_record, answer_record, question, password_wrap, answer_wrap, recovery_wrap FROM customers")
        bad = [{name: value for name, value in whole.items() if name != missing} for missing in whole] + [{}, {"recovery": {}}, {"recovery": "x"}]
        bad += [{"recovery": {name: value for name, value in code.items() if name != missing}} for missing in code]
        bad += [{**whole, "password_record": b64u(bytes(192))}, {**whole, "question": ""}, {**whole, "question": "x" * 1001}, {**whole, "answer_wrap": b64u(bytes(61))},
                {**whole, "recovery": {**code, "salt": b64u(bytes(15))}}]
        for body in bad:
            assert owner.call("POST", "/p/v1/credentials/finish", body).code == "bad-request", body
        assert owner.call("POST", "/p/v1/credentials/start", {}).code == "bad-request"
        assert portal.sql("SELECT password_record, answer_record, question, password_wrap, answer_wrap, recovery_wrap FROM customers") == before
        assert portal.sql("SELECT COUNT(*) FROM outbox") == [(0,)]


def test_a_session_is_no_oracle_for_the_password():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        for _ in range(5):
            assert isinstance(new_credentials(owner, password="guess"), dict)
        portal.restart()
        refused = new_credentials(owner, password="guess")
        assert (refused.status, refused.code) == (429, "too-many-tries") and 0 < int(refused.headers["Retry-After"]) <= 30
        assert owner.log_in(owner.address, owner.password).status == 200
        assert isinstance(new_credentials(owner, password="guess"), dict), "only who knows the password gets more"


def test_a_change_of_one_customer_is_no_leave_for_another():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        victim, thief = customer(portal, staff, "a@example.net"), customer(portal, staff, "b@example.net")
        opened = open_link(portal, make_link(portal, thief.handle)).json
        change = try_answer(portal, opened["recovery"]).json["change"]
        body = new_credentials(victim, password="the thief's password", change=change)
        assert victim.call("POST", "/p/v1/credentials/finish", body).status == 200
        assert Browser(portal).log_in(victim.address, victim.password).status == 200, "the leave says whose, not the session"
        assert Browser(portal).log_in(thief.address, "the thief's password").status == 200
        assert victim.call("POST", "/p/v1/account/delete", {"handle": thief.handle}).code == "bad-request"


def test_an_expired_invitation_is_renewed_with_the_same_mailbox():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, old, invitation = staff.invite("kunde@example.net")
        name = staff.send(handle)
        portal.sql("UPDATE customers SET invitation_expires = 1")
        assert staff.lookup("kunde@example.net")[0]["state"] == "expired"
        path = f"/api/v1/customers/{handle}:renew-invitation"
        auth, body = follow_up(staff, handle, "kunde@example.net", 2)
        assert staff.call("POST", path, {**body, "mailbox_key": armored("another", KEY)}).code == "conflict"
        assert staff.call("POST", path, {**body, "generation": 3}).code == "conflict"
        assert staff.call("POST", path, {**body, "generation": 1}).code == "conflict"
        renewed = staff.call("POST", path, body)
        assert renewed.status == 200 and renewed.json["state"] == "invited" and renewed.json["invitation"] != invitation
        assert staff.call("POST", path, body).json == renewed.json, "the same again is the same invitation"
        browser = Browser(portal)
        assert browser.call("POST", "/p/v1/register/open", {"invitation": invitation}).code == "invitation-expired"
        assert browser.registration(handle, old, "correct horse battery").code == "wrong-code"
        body = browser.registration(handle, auth, "correct horse battery", generation=2)
        assert browser.call("POST", "/p/v1/register/finish", body).status == 200
        assert browser.log_in("kunde@example.net", "correct horse battery").status == 200
        assert [one["id"] for one in browser.call("GET", "/p/v1/messages").json["messages"]] == [name]
        _, late = follow_up(staff, handle, "kunde@example.net", 3)
        assert staff.call("POST", path, late).code == "conflict", "who has registered is reset, not renewed"


def test_a_reset_ends_everything_and_loses_no_mail():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        name, sent = staff.send(owner.handle), reply(owner)[0]
        printed_code(owner)
        key, body = own_key()
        assert owner.call("PUT", f"/p/v1/keys/{key}", body).status == 201
        owner.call("PUT", f"/p/v1/drafts/{uuid7()}", {"wrap": b64u(b"draft")})
        token, link = make_link(portal, owner.handle), make_link(portal, owner.handle)
        opened = open_link(portal, token).json
        change = try_answer(portal, opened["recovery"]).json["change"]
        signature_key = staff.lookup(owner.address)[0]["signature_key"]
        auth, body = follow_up(staff, owner.handle, owner.address, 2, **record())
        done = staff.call("POST", f"/api/v1/customers/{owner.handle}:reset", body)
        assert done.status == 200 and done.json["state"] == "invited", done.body
        assert staff.call("POST", f"/api/v1/customers/{owner.handle}:reset", body).json == done.json, "the same again"
        row = portal.sql("SELECT password_record, answer_record, question, password_wrap, answer_wrap, mailbox_wrap, signature_key, signature_mac, "
                         "recovery_salt, recovery_hash, recovery_wrap, registered FROM customers")[0]
        assert set(row) == {None}
        for table in ("sessions", "recovery_links", "recovery_changes", "drafts", "guard_chores"):
            assert portal.sql(f"SELECT COUNT(*) FROM {table}") == [(0,)], table
        for table in ("known_devices", "episodes", "logins", "tries"):
            assert portal.guard_sql(f"SELECT COUNT(*) FROM {table}") == [(0,)], table
        assert owner.call("GET", "/p/v1/messages").code == "not-logged-in"
        assert owner.log_in(owner.address, owner.password).code == "wrong-password"
        assert open_link(portal, link).code == "link-expired" and try_answer(portal, opened["recovery"]).code == "link-expired"
        assert new_credentials(Browser(portal), password="x", change=change).code == "link-expired"
        browser = Browser(portal)
        body = browser.registration(owner.handle, auth, "after the reset", generation=2)
        assert browser.call("POST", "/p/v1/register/finish", body).status == 200
        answer = browser.log_in(owner.address, "after the reset")
        assert answer.json["former_signature_keys"] == [signature_key] and answer.json["generation"] == 2
        entry = staff.lookup(owner.address)[0]
        assert entry["former_signature_keys"] == [signature_key] and entry["signature_key"] != signature_key and len(entry["keys"]) == 1
        assert [one["id"] for one in browser.call("GET", "/p/v1/messages").json["messages"]] == [name]
        assert [one["id"] for one in browser.call("GET", "/p/v1/messages?folder=sent").json["messages"]] == [sent]


def test_a_key_of_before_a_reset_waits_until_it_is_confirmed():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        (name, body), (other, second) = own_key("kept"), own_key("given up")
        for one, sent in ((name, body), (other, second)):
            assert owner.call("PUT", f"/p/v1/keys/{one}", sent).status == 201
        assert [one["former"] for one in owner.call("GET", "/p/v1/keys").json["keys"]] == [False, False]
        auth, again = follow_up(staff, owner.handle, owner.address, 2, **record())
        assert staff.call("POST", f"/api/v1/customers/{owner.handle}:reset", again).status == 200
        browser = Browser(portal)
        assert browser.call("POST", "/p/v1/register/finish", browser.registration(owner.handle, auth, "after the reset", generation=2)).status == 200
        assert browser.log_in(owner.address, "after the reset").status == 200
        assert [one["former"] for one in browser.call("GET", "/p/v1/keys").json["keys"]] == [True, True]
        assert browser.call("PUT", f"/p/v1/keys/{name}", body).status == 200, "the signature of before confirms nothing"
        assert [one["former"] for one in browser.call("GET", "/p/v1/keys").json["keys"]] == [True, True]
        confirmed = {**body, "signature": armored("of the new key", SIGNATURE)}
        before = types(staff)
        for _ in range(2):
            assert browser.call("PUT", f"/p/v1/keys/{name}", confirmed).status == 200
        listed = {one["id"]: one for one in browser.call("GET", "/p/v1/keys").json["keys"]}
        assert not listed[name]["former"] and listed[name]["signature"] == confirmed["signature"] and listed[other]["former"]
        assert types(staff)[len(before):] == ["key-deposited"], "once"
        assert browser.call("PUT", f"/p/v1/keys/{name}", {**body, "signature": armored("third", SIGNATURE)}).code == "conflict"
        assert browser.call("DELETE", f"/p/v1/keys/{other}").status == 204
        assert [one["signature"] for one in staff.lookup(owner.address)[0]["keys"]] == [confirmed["signature"]]


def test_notices_come_in_the_language_that_was_asked_for():
    with Portal("--notice-interval", "0") as portal:
        staff = Staff(portal)
        owner, other = customer(portal, staff), customer(portal, staff, "andere@example.net")

        def notice():
            count = len(portal.sink.mails)
            staff.send(owner.handle)
            mails = portal.sink.wait(count + 1)
            assert wait_until(lambda: portal.sql("SELECT COUNT(*) FROM outbox WHERE state = 'queued'") == [(0,)], 20)
            return "en" if b"Content-Language: en" in mails[-1][1] else "de"

        assert owner.call("GET", "/p/v1/session").json["language"] == "de" and notice() == "de"
        for _ in range(2):
            assert owner.call("PUT", "/p/v1/account/language", {"language": "en"}).json == {"language": "en"}
        assert owner.call("GET", "/p/v1/session").json["language"] == "en" and staff.lookup(owner.address)[0]["language"] == "en"
        assert notice() == "en"
        assert staff.call("POST", f"/api/v1/customers/{owner.handle}:language", {"language": "de"}).json == {"language": "de"}
        assert notice() == "de"
        for body in ({}, {"language": None}, {"language": "fr"}, {"language": 7}):
            assert owner.call("PUT", "/p/v1/account/language", body).code == "bad-request", body
            assert staff.call("POST", f"/api/v1/customers/{owner.handle}:language", body).code == "bad-request", body
        assert staff.call("POST", f"/api/v1/customers/{'0' * 32}:language", {"language": "de"}).code == "not-found"
        handle, _, _ = staff.invite("neu@example.net")
        assert staff.call("POST", f"/api/v1/customers/{handle}:language", {"language": "en"}).status == 200, "before the registration too"
        assert staff.lookup(other.address)[0]["language"] == "de"
        assert staff.call("POST", f"/api/v1/customers/{other.handle}:erase", {}).status == 200
        assert staff.call("POST", f"/api/v1/customers/{other.handle}:language", {"language": "en"}).code == "not-found"


def test_a_reset_without_an_identity_record_is_refused():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        path = f"/api/v1/customers/{owner.handle}:reset"
        _, body = follow_up(staff, owner.handle, owner.address, 2)
        for given in ({}, {"identity_record": None}, {"identity_record": ""}, {"identity_record": "x" * 64}, {"identity_record": "A" * 64},
                      {"identity_record": "0" * 63}):
            refused = staff.call("POST", path, {**body, **given})
            assert (refused.status, refused.code) == (400, "bad-request"), given
        for wrong in ({"generation": 1}, {"generation": 3}, {"mailbox_key": armored("another", KEY)}):
            assert staff.call("POST", path, {**body, **record(), **wrong}).code == "conflict", wrong
        assert owner.call("GET", "/p/v1/messages").status == 200, "nothing has changed"
        handle, _, _ = staff.invite("invited@example.net")
        _, body = follow_up(staff, handle, "invited@example.net", 2, **record())
        assert staff.call("POST", f"/api/v1/customers/{handle}:reset", body).code == "conflict"
        assert staff.call("POST", f"/api/v1/customers/{'0' * 32}:reset", body).code == "bad-request"
        given = record()
        _, body = follow_up(staff, owner.handle, owner.address, 2, **given)
        assert staff.call("POST", path, body).status == 200
        assert portal.sql("SELECT identity_record FROM customers WHERE handle = ?", owner.handle) == [(given["identity_record"],)]


def test_a_frozen_customer_is_out_until_staff_say_otherwise():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        path = f"/api/v1/customers/{owner.handle}"
        token = make_link(portal, owner.handle)
        for _ in range(2):
            assert staff.call("POST", f"{path}:freeze", {}).json == {"state": "frozen"}
        assert owner.call("GET", "/p/v1/messages").code == "not-logged-in"
        assert owner.log_in(owner.address, owner.password).code == "wrong-password"
        assert open_link(portal, token).code == "link-expired"
        assert staff.lookup(owner.address)[0]["state"] == "frozen"
        _, body = follow_up(staff, owner.handle, owner.address, 2)
        assert staff.call("PUT", path, body).code == "conflict"
        assert staff.call("POST", f"{path}:renew-invitation", body).code == "conflict"
        for _ in range(2):
            assert staff.call("POST", f"{path}:unfreeze", {}).json == {"state": "registered"}
        assert owner.log_in(owner.address, owner.password).status == 200
        staff.call("POST", f"{path}:freeze", {})
        auth, body = follow_up(staff, owner.handle, owner.address, 2, **record())
        assert staff.call("POST", f"{path}:reset", body).status == 200, "a frozen one can be reset"
        handle, _, _ = staff.invite("invited@example.net")
        for name in ("freeze", "unfreeze"):
            assert staff.call("POST", f"/api/v1/customers/{handle}:{name}", {}).code == "conflict"
            assert staff.call("POST", f"/api/v1/customers/{'0' * 32}:{name}", {}).code == "conflict"
        assert types(staff) == ["registered"], "staff are not told what they did"


def test_a_deleted_account_is_gone_and_can_be_invited_again():
    with Portal() as portal:
        staff = Staff(portal)
        other = customer(portal, staff, "other@example.net")
        owner = customer(portal, staff)
        name, blob = staff.send(owner.handle, secrets.token_bytes(200_000)), staff.send(other.handle, secrets.token_bytes(200_000))
        sent, _ = reply(owner)
        owner.create(1000)
        printed_code(owner)
        key, body = own_key()
        owner.call("PUT", f"/p/v1/keys/{key}", body)
        owner.call("PUT", f"/p/v1/drafts/{uuid7()}", {"wrap": b64u(b"draft")})
        make_link(portal, owner.handle)
        assert owner.call("POST", "/p/v1/account/delete", {}).code == "bad-request"
        assert owner.call("POST", "/p/v1/account/delete", {"handle": owner.handle}).status == 204
        assert "siegelpost" not in owner.cookies and "siegelpost-device" not in owner.cookies
        for table in ("messages", "sessions", "drafts", "deposited_keys", "former_signature_keys", "outbox", "recovery_links", "recovery_changes"):
            assert portal.sql(f"SELECT COUNT(*) FROM {table} WHERE handle = ?", owner.handle) == [(0,)], table
        for table in ("tries", "logins", "known_devices", "episodes"):
            column = "bucket" if table == "tries" else "handle"
            assert portal.guard_sql(f"SELECT COUNT(*) FROM {table} WHERE {column} LIKE ?", f"%{owner.handle}%") == [(0,)], table
        assert portal.sql("SELECT COUNT(*) FROM uploads") == [(0,)] and len(portal.blob_names()) == 1
        event = staff.events()["events"][-1]
        assert (event["type"], event["customer"], event["address"]) == ("deleted", owner.handle, "")
        assert [one["address"] for one in staff.events()["events"] if one["customer"] == owner.handle] == [""] * len(
            [one for one in staff.events()["events"] if one["customer"] == owner.handle])
        entry = staff.lookup(owner.address)[0]
        assert entry["state"] == "none" and entry["generation"] == 1 and entry["mailbox_key"] is None and entry["keys"] == []
        assert staff.call("GET", f"/api/v1/messages/{name}").code == "not-found" and staff.call("GET", f"/api/v1/messages/{sent}").code == "not-found"
        assert other.call("GET", f"/p/v1/messages/{blob}/blobs/0").status == 200, "nobody else's mail is touched"
        assert owner.log_in(owner.address, owner.password).code == "wrong-password"
        auth, body = staff.invitation(owner.address, 1)
        assert staff.call("PUT", f"/api/v1/customers/{owner.handle}", body).code == "conflict", "the generation counts on"
        handle, auth, _ = staff.invite(owner.address, 2)
        browser = Browser(portal)
        body = browser.registration(handle, auth, "once more", generation=2)
        assert browser.call("POST", "/p/v1/register/finish", body).status == 200
        assert browser.log_in(owner.address, "once more").status == 200
        assert browser.call("GET", "/p/v1/messages").json["messages"] == []


def test_a_deletion_leaves_no_word_of_the_customer_in_the_store():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff, "canary-address@canary-domain.example")
        staff.send(owner.handle, b"canary-blob" * 100)
        change_credentials(owner, answer="green garden")
        assert b"canary-address" in portal.everything_stored() or not portal.needs_files()
        assert owner.call("POST", "/p/v1/account/delete", {"handle": owner.handle}).status == 204
        if portal.needs_files():
            portal.stop()  # the write-ahead log ends with its last connection
            stored = portal.everything_stored()
        else:
            stored = "\n".join(str(row) for (table,) in portal.sql("SELECT table_name FROM information_schema.tables WHERE table_schema LIKE 'siegelpost%%'")
                               for row in portal.sql(f"SELECT * FROM siegelpost.{table}" if table not in ("tries", "logins", "known_devices", "episodes", "guard",
                                                                                                           "schema_version") else "SELECT 1")).encode()
        for canary in (b"canary-address", b"canary-domain", b"canary-blob", b"first school"):
            assert canary not in stored, canary


def test_staff_erase_in_any_state():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        invited, _, _ = staff.invite("invited@example.net")
        staff.send(invited)
        frozen = customer(portal, staff)
        staff.call("POST", f"/api/v1/customers/{frozen.handle}:freeze", {})
        for handle in (invited, frozen.handle):
            for _ in range(2):
                assert staff.call("POST", f"/api/v1/customers/{handle}:erase", {}).json == {"state": "none"}
        assert types(staff)[1:] == ["deleted", "deleted"]
        assert staff.call("POST", f"/api/v1/customers/{'0' * 32}:erase", {}).code == "not-found"
        assert staff.call("GET", "/api/v1/customers").json == {"customers": []}
        assert staff.call("PUT", f"/api/v1/messages/{uuid7()}", staff.message(invited, b"x")).code == "not-found"


def test_what_the_guard_was_to_forget_is_forgotten_after_a_kill():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        assert portal.guard_sql("SELECT COUNT(*) FROM known_devices") == [(1,)]
        portal.kill()
        portal.sql("INSERT INTO guard_chores (handle, chore) VALUES (?, 'all')", owner.handle)
        portal.start()
        assert wait_until(lambda: portal.guard_sql("SELECT COUNT(*) FROM known_devices") == [(0,)])
        assert wait_until(lambda: portal.sql("SELECT COUNT(*) FROM guard_chores") == [(0,)])


def test_staff_see_all_customers_and_what_waits_for_them():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        first, second, third = (staff.send(owner.handle) for _ in range(3))
        owner.call("POST", f"/p/v1/messages/{second}/read", {})
        portal.sql("UPDATE messages SET received = received - 1000 WHERE id = ?", first)
        staff.call("DELETE", f"/api/v1/messages/{third}")
        invited, _, _ = staff.invite("invited@example.net")
        entries = {one["address"]: one for one in staff.call("GET", "/api/v1/customers").json["customers"]}
        mine, other = entries[owner.address], entries["invited@example.net"]
        assert mine["unread"] == 1 and mine["oldest_unread"] == portal.sql("SELECT received FROM messages WHERE id = ?", first)[0][0]
        assert abs(mine["seen"] - time.time()) < 60 and abs(mine["registered"] - time.time()) < 60 and mine["state"] == "registered"
        assert (other["unread"], other["oldest_unread"], other["seen"], other["registered"], other["state"]) == (0, None, None, None, "invited")
        for i in range(150):
            portal.sql("INSERT INTO customers (handle, address, state, generation, language, mailbox_key, escrow, salt, invited_digest, created) SELECT ?, ?, "
                       "'frozen', 1, 'de', '', '', salt, salt, 1 FROM customers WHERE handle = ?", f"{i:032x}", f"c{i}@example.net", invited)
        seen, after = [], ""
        while page := staff.call("GET", f"/api/v1/customers{after}").json["customers"]:
            assert len(page) <= 100
            seen += [one["handle"] for one in page]
            after = f"?after={seen[-1]}"
        assert len(seen) == 152 == len(set(seen)) and seen == sorted(seen)
        assert staff.call("GET", "/api/v1/customers?after=x").code == "bad-request"


def test_a_message_is_kept_longer():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        name = staff.send(owner.handle)
        before = staff.call("GET", f"/api/v1/messages/{name}").json["expires"]
        path = f"/api/v1/messages/{name}:extend"
        assert staff.call("POST", path, {"days": 30}).json == {"expires": before + 30 * DAY}
        assert owner.call("GET", f"/p/v1/messages/{name}").json["expires"] == before + 30 * DAY
        assert staff.call("POST", path, {"days": 3650}).json["expires"] <= time.time() + 3650 * DAY
        for days in (0, -1, 3651, "30", 1.5, None):
            assert staff.call("POST", path, {"days": days}).code == "bad-request", days
        assert staff.call("POST", f"/api/v1/messages/{uuid7()}:extend", {"days": 1}).code == "not-found"
        stored = uuid7()
        staff.call("PUT", f"/api/v1/messages/{stored}", staff.message(owner.handle, b"x"))
        assert staff.call("POST", f"/api/v1/messages/{stored}:extend", {"days": 1}).code == "conflict"
        portal.sql("UPDATE messages SET expires = 1 WHERE id = ?", name)
        assert staff.call("POST", path, {"days": 1}).code == "conflict"
        sent, _ = reply(owner)
        assert staff.call("POST", f"/api/v1/messages/{sent}:extend", {"days": 1}).code == "not-found"


def test_customers_cannot_call_what_is_for_staff_nor_staff_what_is_for_customers():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        for name in ("renew-invitation", "reset", "freeze", "unfreeze", "erase"):
            assert owner.call("POST", f"/api/v1/customers/{owner.handle}:{name}", {}).code == "device-revoked", name
        assert owner.call("GET", "/api/v1/customers").code == "device-revoked"
        assert owner.call("POST", f"/api/v1/messages/{uuid7()}:extend", {"days": 1}).code == "device-revoked"
        for method, path in (("GET", "/p/v1/sessions"), ("GET", "/p/v1/keys"), ("DELETE", "/p/v1/sessions"), ("POST", "/p/v1/account/delete")):
            assert staff.call(method, path, {} if method == "POST" else None).status in (401, 403), path
        assert owner.call("GET", "/p/v1/messages").status == 200


def test_a_foreign_site_cannot_touch_the_account():
    with Portal(smtp=False) as portal:
        owner = customer(portal, Staff(portal))
        evil = ({"X-Siegelpost": None}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": None, "Sec-Fetch-Site": None})
        for method, path in (("DELETE", "/p/v1/sessions"), ("DELETE", "/p/v1/sessions/x"), ("PUT", "/p/v1/keys/" + "0" * 64),
                             ("DELETE", "/p/v1/keys/" + "0" * 64), ("POST", "/p/v1/account/delete"), ("POST", "/p/v1/credentials/start"),
                             ("POST", "/p/v1/credentials/finish")):
            for headers in evil:
                answer = owner.call(method, path, {"handle": owner.handle}, headers)
                assert (answer.status, answer.code) == (403, "cross-site"), (method, path, headers)
        assert owner.call("GET", "/p/v1/sessions", None, {"Sec-Fetch-Site": "cross-site", "Origin": None}).code == "cross-site"


def test_each_request_of_staff_sent_many_times_at_once_happens_once():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        auth, body = follow_up(staff, owner.handle, owner.address, 2, **record())
        for name, sent, event in (("reset", body, None), ("erase", {}, "deleted")):
            answers = []
            path = f"/api/v1/customers/{owner.handle}:{name}"
            threads = [threading.Thread(target=lambda: answers.append(staff.call("POST", path, sent))) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}, [answer.body for answer in answers]
            assert event is None or types(staff).count(event) == 1, types(staff)
