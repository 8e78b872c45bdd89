# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections outlive an answer: a handshake for each request would cost more than the request."""

import http.client
import json

from harness import Portal, Staff, customer


def ask(connection, method, path, body=None, headers=None):
    """One request on a connection that must not be opened anew."""
    connection.request(method, path, body, headers or {})
    connection.auto_open = 0
    response = connection.getresponse()
    response.read()
    assert not response.will_close, f"{method} {path}: {response.status} closes"
    return response


def test_a_connection_is_kept_for_the_next_request():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        bearer = {"Authorization": f"Bearer {staff.bearer}", "Tus-Resumable": "1.0.0"}
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
        connection = http.client.HTTPConnection("127.0.0.1", portal.port, timeout=60)
        try:
            for _ in range(3):
                created = ask(connection, "POST", "/api/v1/uploads", None, {**bearer, "Upload-Length": "5"})
                assert created.status == 201, "a body of no bytes"
                location = created.headers["Location"]
                more = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
                assert ask(connection, "PATCH", location, b"12345", {**bearer, **more}).status == 204
                assert ask(connection, "HEAD", location, None, bearer).headers["Upload-Offset"] == "5"
                assert ask(connection, "DELETE", location, None, bearer).status == 204, "no body at all"
                assert ask(connection, "DELETE", location, None, bearer).status == 404
                assert ask(connection, "GET", "/p/v1/messages?folder=inbox", None, cookie).status == 200
                assert ask(connection, "POST", "/p/v1/login/start", json.dumps({}), {"Content-Type": "text/plain"}).status >= 400
                assert ask(connection, "GET", "/healthz").status == 200
                assert ask(connection, "GET", "/p/v1/nothing").status == 404
        finally:
            connection.close()
