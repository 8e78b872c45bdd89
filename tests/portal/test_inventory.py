# SPDX-License-Identifier: GPL-3.0-or-later
"""What the lists in portal/README.md promise of everything of a kind: tokens, passwords, what is there at the beginning."""

import base64
import secrets

from harness import Browser, Portal, Staff, b64u, customer
from recovery import DAY, request_link


def decoded(token):
    return base64.urlsafe_b64decode(token + "=" * (-len(token) % 4))


def test_every_token_has_thirty_two_random_bytes():
    with Portal() as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        tokens = [staff.bearer, *(portal.admin("add-staff", f"{n}@office.example", "--name", "N").stdout.strip() for n in range(8))]
        for _ in range(8):
            one = Browser(portal)
            assert one.log_in(browser.address, browser.password).status == 200
            tokens.append(one.cookies[next(name for name in one.cookies if "device" not in name)])
            tokens.extend(value for name, value in one.cookies.items() if "device" in name)
        tokens.append(request_link(portal, browser.address))
        kinds = [decoded(token) for token in tokens]
        assert len(kinds) > 17 and all(len(token) >= 32 for token in kinds), [len(token) for token in kinds]
        assert len({token[:6] for token in kinds} | {token[-6:] for token in kinds}) == 2 * len(kinds), "none is like another"


def test_a_password_does_not_grow_old():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        years = 10 * 365 * DAY
        portal.sql("UPDATE customers SET created = created - ?, registered = registered - ?, seen = seen - ?", years, years, years)
        portal.sql("DELETE FROM sessions")
        portal.restart()
        answer = Browser(portal)
        done = answer.log_in(browser.address, browser.password)
        assert done.status == 200 and "expire" not in done.body.decode() and "change" not in done.json, done.body
        assert answer.call("GET", "/p/v1/messages?folder=inbox").status == 200


def test_a_fresh_portal_has_nobody_in_it_and_lets_nobody_in():
    with Portal(smtp=False) as portal:
        for table in ("staff", "devices", "enrolments", "customers", "sessions", "messages", "events", "rosters"):
            assert portal.sql(f"SELECT COUNT(*) FROM {table}") == [(0,)], table
        stranger = Browser(portal)
        for address in ("admin", "root", "admin@office.example", "support@office.example", "portal@office.example"):
            for password in ("", "admin", "password", "siegelpost", "changeme"):
                assert stranger.log_in(f"{address}@x.example" if "@" not in address else address, password).status in (401, 403, 429), (address, password)
        for token in ("", "admin", "0" * 43, b64u(bytes(32)), b64u(secrets.token_bytes(32))):
            staff = Staff(portal, token=token or "x")
            assert staff.call("GET", "/api/v1/office").status == 401, token
            staff.enrolment = token
            assert staff.enrol().status in (400, 401, 403), token
