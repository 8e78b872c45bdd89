# SPDX-License-Identifier: GPL-3.0-or-later
"""A customer who forgot the password: the steps of a recovery, as the pages take them."""

import email
import email.policy
import re
import secrets

from harness import Browser, b64u, opaque, wait_until

ANSWER = "blue bicycle"
DAY = 24 * 3600


def text_of(data):
    return email.message_from_bytes(data, policy=email.policy.default)


def mails_of(portal, kind):
    """Subjects tell: "Neues Passwort", "geändert"."""
    word = {"link": ("Neues Passwort", "New password"), "changed": ("geändert", "changed")}[kind]
    return [text_of(data) for _, data in list(portal.sink.mails) if any(one in text_of(data)["Subject"] for one in word)]


def request_link(portal, address, browser=None, language="de"):
    """Asks for a link and takes it from the mail."""
    before = len(mails_of(portal, "link"))
    asked = (browser or Browser(portal)).call("POST", "/p/v1/recover/request", {"address": address, "language": language})
    assert asked.status == 202 and asked.json == {}, asked.body
    assert wait_until(lambda: len(mails_of(portal, "link")) > before, 15), "no mail came"
    return token_of(mails_of(portal, "link")[-1])


def token_of(mail):
    return re.search(r"/recover#t=([A-Za-z0-9_-]+)", mail.get_content()).group(1)


def make_link(portal, handle, seconds=600):
    """A link as the mailer makes it, where a test needs more than three a day."""
    import hashlib
    import time
    token = b64u(secrets.token_bytes(32))
    portal.sql("INSERT INTO recovery_links (token_hash, handle, expires) VALUES (?, ?, ?)", hashlib.sha256(token.encode()).digest(), handle,
               int(time.time()) + seconds)
    return token


def open_link(portal, token, browser=None):
    return (browser or Browser(portal)).call("POST", "/p/v1/recover/open", {"token": token})


def start_answer(portal, recovery, answer):
    half = opaque("startLogin", password=answer)
    return half, Browser(portal).call("POST", "/p/v1/recover/start", {"recovery": recovery, "request": half["startLoginRequest"]})


def finish_body(half, started, answer):
    done = opaque("finishLogin", password=answer, response=started["response"], state=half["clientLoginState"])
    return {"login": started["login"], "finish": b64u(secrets.token_bytes(64)) if done is None else done["finishLoginRequest"]}


def try_answer(portal, recovery, answer=ANSWER):
    half, started = start_answer(portal, recovery, answer)
    if started.status != 200:
        return started
    return Browser(portal).call("POST", "/p/v1/recover/finish", finish_body(half, started.json, answer))


def new_credentials(browser, password=None, answer=None, **more):
    """Both halves of a change up to the last request; returns its body or the refusal of the first."""
    halves = {name: opaque("startRegistration", password=word) for name, word in (("password", password), ("answer", answer)) if word}
    first = {f"{name}_request": half["registrationRequest"] for name, half in halves.items()}
    if "change" in more:
        first["change"] = more["change"]
    started = browser.call("POST", "/p/v1/credentials/start", first)
    if started.status != 200:
        return started
    body = dict(more)
    for name, word in (("password", password), ("answer", answer)):
        if word:
            done = opaque("finishRegistration", password=word, response=started.json[f"{name}_response"], state=halves[name]["clientRegistrationState"])
            body[f"{name}_record"] = done["registrationRecord"]
            body[f"{name}_wrap"] = b64u(secrets.token_bytes(60))
    if answer:
        body["question"] = "first school"
    return body


def change_credentials(browser, **what):
    body = new_credentials(browser, **what)
    assert isinstance(body, dict), body.body
    return browser.call("POST", "/p/v1/credentials/finish", body)


def printed_code(browser):
    """Deposits a printed code; returns its proof and its wrap."""
    import hashlib
    auth, wrap = secrets.token_bytes(32), secrets.token_bytes(60)
    code = {"salt": b64u(secrets.token_bytes(16)), "auth_hash": b64u(hashlib.sha256(auth).digest()), "wrap": b64u(wrap)}
    done = browser.call("POST", "/p/v1/credentials/finish", {"recovery": code})
    assert done.status == 200 and done.json == {"changed": ["recovery"]}, done.body
    return auth, code


def types(staff):
    return [event["type"] for event in staff.events()["events"]]
