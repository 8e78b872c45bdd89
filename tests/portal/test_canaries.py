# SPDX-License-Identifier: GPL-3.0-or-later
"""Zero access: what a thief of database, blobs, logs and backups finds of what was written in the portal (threats 1 and 35)."""

import base64
import gzip
import hashlib
import json
import os
import secrets
import zlib

from harness import Browser, Portal, Staff, b64u, opaque, unb64u, uuid7, wait_until
from recovery import finish_body, open_link, request_link, start_answer, text_of


def forms_of(canary):
    """How the canary could stand somewhere: as it is, and in the encodings that a careless program uses."""
    forms = {canary, canary.hex().encode(), canary.hex().upper().encode()}
    try:
        text = canary.decode()
        forms |= {text.encode("utf-16-le"), text.encode("utf-16-be"), json.dumps(text)[1:-1].encode()}
    except UnicodeDecodeError:
        pass
    for shift in range(3):  # base64 looks different at each offset; the characters that depend on the neighbours are cut off
        encoded = base64.b64encode(bytes(shift) + canary)
        inner = encoded[-(-shift * 8 // 6) if shift else 0:len(encoded) // 4 * 4 - 4]
        forms |= {inner[2:], inner[2:].replace(b"+", b"-").replace(b"/", b"_")}
    return {form for form in forms if len(form) >= 8}


def expand(data):
    """The bytes, and whatever is compressed in them."""
    found = [data]
    for magic, bits in ((b"\x1f\x8b\x08", 31), (b"\x78\x01", 15), (b"\x78\x5e", 15), (b"\x78\x9c", 15), (b"\x78\xda", 15)):
        at = data.find(magic)
        while at >= 0:
            try:
                found.append(zlib.decompressobj(bits).decompress(data[at:at + 200_000], 1_000_000))
            except zlib.error:
                pass
            at = data.find(magic, at + 1)
    return b"\n".join(found)


def find_canaries(canaries, data):
    haystack = expand(data)
    return sorted(name for name, canary in canaries.items() if any(form in haystack for form in forms_of(canary)))


def test_the_search_finds_what_is_hidden_badly():
    canary = b"canary-subject-0815"
    for hidden in (canary, canary.hex().encode(), canary.decode().encode("utf-16-le"), gzip.compress(b"x" * 100 + canary), zlib.compress(canary * 3, 9),
                   *(base64.b64encode(bytes(shift) + canary + b"tail") for shift in range(3)), b64u(b"12" + canary).encode()):
        assert find_canaries({"it": canary}, secrets.token_bytes(5000) + hidden + secrets.token_bytes(5000)) == ["it"], hidden
    assert find_canaries({"it": canary}, secrets.token_bytes(200_000)) == []


class Writer:
    """Makes canaries and notes them."""

    def __init__(self):
        self.canaries = {}

    def __call__(self, name):
        value = f"kanari-{name}-{secrets.token_hex(6)}"
        self.canaries[name] = value.encode()
        return value

    def note(self, name, value):
        self.canaries[name] = value if isinstance(value, bytes) else value.encode()
        return value


def digits():
    return "".join(str(secrets.randbelow(10)) for _ in range(21))


def sealed(plain, to, author, form="armored"):
    answer = opaque("seal", plain=b64u(plain if isinstance(plain, bytes) else json.dumps(plain).encode()), publicKey=to["publicKey"],
                    privateKey=author["privateKey"], format=form)
    return unb64u(answer) if form == "binary" else answer


def wrapped(key, kind, handle, plain):
    return opaque("wrap", key=key, kind=kind, handle=handle, generation=1, plain=b64u(plain))


def invite(staff, write, address, keys):
    """What the agent does at the first mail, in the real formats."""
    handle = staff.lookup(address)[0]["handle"]
    code, salt = write.note("registration code", digits()), b64u(secrets.token_bytes(16))
    kek, _, auth = opaque("stretch", digits=code, salt=salt, labels=["sgp1 code kek", "sgp1 code mac", "sgp1 code auth"])
    inside = {"v": 1, "address": address, "mailbox_key": keys["mailbox"]["privateKey"], "note": write("inside the code wrap")}
    escrow = {"code": code, "mailbox_key": keys["mailbox"]["privateKey"], "note": write("inside the escrow")}
    body = {"address": address, "generation": 1, "language": "de", "mailbox_key": keys["mailbox"]["publicKey"], "salt": salt,
            "code_wrap": wrapped(kek, "code", handle, json.dumps(inside).encode().ljust(4096)), "auth_hash": b64u(hashlib.sha256(unb64u(auth)).digest()),
            "escrow": sealed(escrow, keys["office"], keys["staff"])}
    answer = staff.call("PUT", f"/api/v1/customers/{handle}", body)
    assert answer.status == 201, answer.body
    write.note("code proof", unb64u(auth))
    return handle, unb64u(auth)


def register(browser, write, handle, auth, keys, words):
    root = write.note("root key", secrets.token_bytes(32))
    halves = {name: opaque("startRegistration", password=words[name]) for name in ("password", "answer")}
    proof = {"handle": handle, "generation": 1, "auth": b64u(auth)}
    started = browser.call("POST", "/p/v1/register/start", {**proof, **{f"{name}_request": half["registrationRequest"] for name, half in halves.items()}})
    assert started.status == 200, started.body
    body = {**proof, "question": "street", "signature_key": b64u(keys["customer"]["publicKey"].encode()[:3000]), "signature_mac": b64u(bytes(32)), "language": "de"}
    for name, half in halves.items():
        done = opaque("finishRegistration", password=words[name], response=started.json[f"{name}_response"], state=half["clientRegistrationState"])
        body[f"{name}_record"] = done["registrationRecord"]
        body[f"{name}_wrap"] = wrapped(opaque("kek", exportKey=done["exportKey"]), name, handle, root)
    inside = {"signature_key": keys["customer"]["privateKey"], "mailbox_key": keys["mailbox"]["privateKey"], "note": write("inside the mailbox wrap")}
    body["mailbox_wrap"] = wrapped(b64u(root), "mailbox", handle, json.dumps(inside).encode().ljust(8192))
    assert browser.call("POST", "/p/v1/register/finish", body).status == 200
    return root


def send(staff, write, handle, keys, number):
    """A message with two attachments, one small enough for the database and one that is a blob of its own."""
    names = [write(f"file name {number}{letter}") for letter in "ab"]
    body = sealed({"text": write(f"text {number}") * 3, "html": f"<p>{write(f'html {number}')}</p>"}, keys["mailbox"], keys["staff"], "binary")
    files = [sealed((write(f"file {number}{letter}") + "\n").encode() * size, keys["mailbox"], keys["staff"], "binary") for letter, size in
             (("a", 20), ("b", 8000))]
    manifest = {"v": 1, "subject": write(f"subject {number}"), "from": {"name": write(f"sender {number}"), "address": "anna@office.example"},
                "to": [{"name": write(f"recipient {number}")}], "attachments": [{"name": name} for name in names]}
    message = uuid7()
    sent = staff.message(handle, body, *files, manifest=sealed(manifest, keys["mailbox"], keys["staff"]))
    assert staff.call("PUT", f"/api/v1/messages/{message}", sent).status == 201
    assert staff.call("POST", f"/api/v1/messages/{message}:publish", {}).status == 200


def answer_back(browser, write, keys, root):
    mail = f"Subject: {write('reply subject')}\n\n{write('reply text')}\n--x\nContent-Disposition: attachment; filename={write('reply file name')}\n\n{write('reply file')}\n"
    body = {"to": "office", "in_reply_to": None, "references": [], "manifest": sealed({"subject": write("sent subject"), "to": [{"name": write("sent recipient")}]},
                                                                                    keys["mailbox"], keys["customer"]),
            "blobs": [browser.upload(sealed(mail.encode(), keys["staff"], keys["customer"]).encode())]}
    assert browser.call("PUT", f"/p/v1/messages/{uuid7()}", body).status == 201
    draft = json.dumps({"subject": write("draft subject"), "text": write("draft text"), "files": [write("draft file name")]}).encode()
    assert browser.call("PUT", f"/p/v1/drafts/{uuid7()}", {"wrap": wrapped(b64u(root), "draft", browser.handle, draft)}).status == 200


def print_code(browser, write, root):
    code, salt = write.note("printed code", digits()), b64u(secrets.token_bytes(16))
    kek, auth = opaque("stretch", digits=code, salt=salt, labels=["sgp1 recovery kek", "sgp1 recovery auth"])
    recovery = {"salt": salt, "auth_hash": b64u(hashlib.sha256(unb64u(auth)).digest()), "wrap": wrapped(kek, "recovery", browser.handle, root)}
    assert browser.call("POST", "/p/v1/credentials/finish", {"recovery": recovery}).status == 200
    write.note("printed proof", unb64u(auth))
    return auth


def recover(portal, browser, write, answer, auth):
    """Right and wrong, by answer and by code, and a new password at the end."""
    token = write.note("link", request_link(portal, browser.address))
    recovery = write.note("episode", open_link(portal, token).json["recovery"])
    half, started = start_answer(portal, recovery, write("wrong answer"))
    assert start_answer(portal, recovery, answer)[1].status == 200
    half, started = start_answer(portal, recovery, answer)
    done = Browser(portal).call("POST", "/p/v1/recover/finish", finish_body(half, started.json, answer))
    write.note("leave", done.json["change"])
    assert Browser(portal).call("POST", "/p/v1/recover/code", {"recovery": recovery, "auth": auth}).status == 200


def populate(portal, write):
    staff = Staff(portal)
    keys = {name: opaque("makeKey", address=f"{name}@office.example") for name in ("office", "staff", "mailbox", "customer")}
    handle, auth = invite(staff, write, "kunde@example.net", keys)
    browser = Browser(portal)
    browser.handle, browser.address = handle, "kunde@example.net"
    words = {"password": write("password"), "answer": write("answer")}
    root = register(browser, write, handle, auth, keys, words)
    assert browser.log_in(browser.address, words["password"]).status == 200
    assert browser.log_in(browser.address, write("wrong password")).status == 403
    for number in range(3):
        send(staff, write, handle, keys, number)
    answer_back(browser, write, keys, root)
    recover(portal, browser, write, words["answer"], print_code(browser, write, root))
    write.note("session", browser.cookies["siegelpost"])
    write.note("device", browser.cookies["siegelpost-device"])
    write.note("bearer", staff.bearer)
    write.note("enrolment", staff.enrolment)
    for name in ("mailbox", "customer"):
        write.note(f"{name} private key", keys[name]["privateKey"].split("\n")[4])
    return words


def test_whoever_steals_everything_finds_none_of_forty_canaries():
    with Portal("--notice-interval", "0") as portal:
        write = Writer()
        populate(portal, write)
        assert wait_until(lambda: portal.sql("SELECT COUNT(*) FROM outbox WHERE state = 'queued'") == [(0,)], 20)
        assert len(write.canaries) >= 40, len(write.canaries)
        stored, log = portal.everything_stored(), portal.log().encode()
        assert b"kunde@example.net" in stored, "the search looks where the data is"
        assert find_canaries(write.canaries, stored) == []
        assert find_canaries(write.canaries, log) == []
        if portal.needs_files():
            backup = os.path.join(portal.directory, "backup.tar")
            portal.admin("backup", backup)
            with open(backup, "rb") as file:
                assert find_canaries(write.canaries, file.read()) == []
            portal.stop()
            assert find_canaries(write.canaries, portal.everything_stored()) == [], "after the log of the database was written back too"
        plain = [text_of(data).get_content() for _, data in portal.sink.mails if text_of(data).get_content_type() == "text/plain"]
        mails = b"\n".join([data for _, data in portal.sink.mails] + [text.encode() for text in plain])
        assert set(find_canaries(write.canaries, mails)) == {"link"}, "the link is in the customer's mail and nowhere else"
