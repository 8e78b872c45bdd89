# SPDX-License-Identifier: GPL-3.0-or-later
"""P12: the logged-in inbox of 50 messages, and what becomes of it with 100,000 customers (P16)."""

import os
import secrets
import sqlite3
import time

import load

INBOX = "/p/v1/messages?folder=inbox"
MESSAGES = 50
GROWTH = (10, 1000, 100_000)
MANIFEST = 1690  # base64 in an armored manifest with one attachment, as the agent makes them


def text(harness, kind, size):
    """Armor of about this size, as random as ciphertext is."""
    return kind.format(harness.base64.encodebytes(secrets.token_bytes(size * 3 // 4)).decode().rstrip())


def fill_mailbox(harness, staff, browser, manifest=MANIFEST):
    """50 published messages, by the front door."""
    for _ in range(MESSAGES):
        name = harness.uuid7()
        body = staff.message(browser.handle, secrets.token_bytes(3000), manifest=text(harness, harness.ARMOR, manifest))
        assert staff.call("PUT", f"/api/v1/messages/{name}", body).status == 201
        assert staff.call("POST", f"/api/v1/messages/{name}:publish", {}).status == 200


def sessions_header(browser):
    return ("Cookie", "; ".join(f"{name}={value}" for name, value in browser.cookies.items()))


def compare_inbox(portal, browser, nginx):
    """Medians of requests a second: ours, and nginx's of the same bytes from a file."""
    header = sessions_header(browser)
    answer = browser.call("GET", INBOX)
    assert answer.status == 200 and len(answer.json["messages"]) == MESSAGES
    (nginx.web / "inbox.json").write_bytes(answer.body)
    return load.compare((f"{portal.origin}{INBOX}", (header,)), (f"http://127.0.0.1:{nginx.port}/inbox.json", ())), len(answer.body)


def add_customers(portal, harness, count):
    """So many more registered customers with two messages each: rows as the portal writes them, straight into its file."""
    now = int(time.time())
    key, escrow, manifest = text(harness, harness.KEY, 900), text(harness, harness.ARMOR, 1500), text(harness, harness.ARMOR, MANIFEST)
    with sqlite3.connect(os.path.join(portal.data, "portal.db"), timeout=60) as database:
        for i in range(count):
            handle = secrets.token_hex(16)
            database.execute(
                "INSERT INTO customers (handle, address, state, generation, language, mailbox_key, escrow, salt, invited_digest, password_record, "
                "answer_record, password_wrap, answer_wrap, mailbox_wrap, signature_key, signature_mac, registered, created) "
                "VALUES (?, ?, 'registered', 1, 'de', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (handle, f"k{handle}@kunde.example", key, escrow, b"s" * 16, b"d" * 32, b"r" * 192, b"r" * 192, b"w" * 60, b"w" * 60,
                 b"w" * 4124, b"k" * 250, b"m" * 32, now, now))
            for _ in range(2):
                database.execute(
                    "INSERT INTO messages (id, handle, folder, staff, state, digest, manifest, size, created, received, expires) "
                    "VALUES (?, ?, 'inbox', 'anna@office.example', 'published', ?, ?, 3000, ?, ?, ?)",
                    (harness.uuid7(), handle, b"d" * 32, manifest, now, now, now + 180 * 86400))


def growth(table, harness, portal, browser, nginx, quick):
    """P16: time for one request, the first size against the last."""
    steps = GROWTH[:2] if quick else GROWTH
    there, found = 1, []
    for step in steps:
        add_customers(portal, harness, step - there)
        there = step
        (ours, theirs), _ = compare_inbox(portal, browser, nginx)
        table.add(f"P12 inbox of {MESSAGES}, {step:,} customers", ours, "/s", theirs, ">= 0.3", "nginx, the same bytes from a file")
        found.append(theirs / ours)  # against the reference of the same moments: the machine may have changed meanwhile
    table.add(f"P16 P12, {steps[0]:,} to {steps[-1]:,} customers", found[-1], "x", found[0], "<= 2", "times of nginx at the first")


def compare_roundcube(table, portal, browser, roundcube):
    """Both inboxes logged in, 50 messages, kept connections."""
    ours, theirs = load.compare((f"{portal.origin}{INBOX}", (sessions_header(browser),)), roundcube.inbox())
    table.add(f"P12 inbox of {MESSAGES}", ours, "/s", theirs, ">= 30", "Roundcube's inbox (php-fpm, Dovecot)")
