# SPDX-License-Identifier: GPL-3.0-or-later
"""What holds for every answer, and for requests that are none."""

import gzip
import http.client
import os
import secrets
import select
import socket
import ssl
import subprocess
import threading
import time

from harness import Browser, Portal, Staff, customer, send_raw, uuid7, wait_until

HEADERS = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "Cross-Origin-Opener-Policy": "same-origin",
           "Cross-Origin-Resource-Policy": "same-origin", "X-Frame-Options": "DENY", "Cache-Control": "no-store"}


def make_pages(folder):
    os.makedirs(os.path.join(folder, "assets"))
    with open(os.path.join(folder, "index.html"), "w", encoding="utf-8") as file:
        file.write("<!doctype html><title>Pages</title>" + "x" * 1000)
    with open(os.path.join(folder, "assets", "app-0123456789abcdef.js"), "w", encoding="utf-8") as file:
        file.write("1;" * 1000)
    with open(os.path.join(folder, ".hidden.html"), "w", encoding="utf-8") as file:
        file.write("hidden")


def pages(portal):
    folder = os.path.join(portal.directory, "pages")
    make_pages(folder)
    portal.options += ["--web", folder]
    portal.restart()


def test_every_answer_has_the_security_headers():
    with Portal(smtp=False) as portal:
        pages(portal)
        staff = Staff(portal)
        browser = customer(portal, staff)
        name = staff.send(browser.handle)
        answers = [portal.request("GET", path) for path in ("/", "/inbox", "/healthz", "/readyz", "/nothing.js", "/p/v1/office", "/p/v1/messages",
                                                             "/api/v1/office", "/p/v1/nothing")]
        answers += [browser.call("GET", f"/p/v1/messages/{name}/blobs/0"), staff.create(10), staff.create(10 ** 9),
                    browser.call("DELETE", f"/p/v1/drafts/{uuid7()}"), portal.request("POST", "/"), portal.request("TRACE", "/p/v1/office"),
                    browser.call("POST", "/p/v1/login/start", {"address": "x" * 100_000})]
        for answer in answers:
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'") and "unsafe-inline" not in policy
            assert "frame-ancestors 'none'" in policy and "require-trusted-types-for 'script'" in policy and "'unsafe-eval'" not in policy
            for name_, value in HEADERS.items():
                assert answer.headers[name_] == value, (answer.status, name_)
            assert "Strict-Transport-Security" not in answer.headers, "not over plain HTTP"
            assert "Server" not in answer.headers and "Access-Control-Allow-Origin" not in answer.headers


def test_refusals_are_problems_with_a_known_code():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        for method, path, status, code in (("GET", "/p/v1/nothing", 404, "not-found"), ("GET", "/p/v1/login/start", 404, "not-found"),
                                           ("DELETE", "/api/v1/office", 404, "not-found"), ("GET", "/api/v1/messages/", 404, "not-found"),
                                           ("GET", "/p//v1/office", 404, "not-found"), ("POST", "/inbox", 404, "not-found")):
            answer = staff.call(method, path)
            assert answer.headers["Content-Type"] == "application/problem+json"
            assert (answer.status, answer.code) == (status, code), (method, path)
            assert set(answer.json) == {"type", "title", "status", "code", "detail"} and answer.json["status"] == status


def test_bodies_that_are_no_json_objects_are_refused():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        for body in ("{", "[]", "7", "null", '"x"', '{"addresses":["a@b.example"]}\0{}', b'{"addresses":["\xff@b.example"]}', "{}", '{"addresses":{}}',
                     "[" * 10_000, '{"a":' * 10_000):
            answer = staff.call("POST", "/api/v1/directory:lookup", body, {"Content-Type": "application/json"})
            assert (answer.status, answer.code) == (400, "bad-request"), body[:40]
        assert staff.lookup("a@b.example")


def test_a_body_that_is_too_large_is_refused_and_costs_no_memory():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        answer = staff.call("POST", "/api/v1/directory:lookup", b"x" * 1_000_000, {"Content-Type": "application/json"})
        assert (answer.status, answer.code) == (413, "too-large")
        head = b"POST /p/v1/login/start HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        assert b"too-large" in send_raw(portal, head + (b"10000\r\n" + b"x" * 0x10000 + b"\r\n") * 10 + b"0\r\n\r\n")


def test_a_body_without_end_is_cut_off():
    with Portal(smtp=False) as portal:
        Staff(portal)
        head = b"POST /p/v1/login/start HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        sent = 0
        with socket.create_connection(("127.0.0.1", portal.port), timeout=20) as connection:
            connection.sendall(head)
            try:
                while sent < 200_000_000:
                    connection.sendall(b"10000\r\n" + b"x" * 0x10000 + b"\r\n")
                    sent += 0x10000
            except OSError:
                pass
        assert sent < 50_000_000, sent
        with open(f"/proc/{portal.process.pid}/status", encoding="ascii") as file:
            assert int([line for line in file if line.startswith("VmHWM")][0].split()[1]) < (600 if portal.is_sanitized() else 100) * 1024


def test_what_is_no_request_has_the_security_headers_too():
    with Portal(smtp=False) as portal:
        Staff(portal)
        for data in (b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"GET / HTTP/1.1\r\nno header\r\n\r\n", b"GET / HTTP/1.1\r\n\r\n",
                     b"OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"GET /%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"):
            answer = send_raw(portal, data, 20).decode()
            assert answer.split(" ")[1] in ("400", "404", "505"), answer
            for name, value in HEADERS.items():
                assert f"\r\n{name}: {value}\r\n" in answer, (data, name, answer)
            assert answer.count("Content-Security-Policy: default-src 'none'") == 1, answer


def test_ranges_are_not_answered():
    """libsoup 3.2 answers a list of ranges with as many copies of the content, overlapping or not, out of memory."""
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        owner = customer(portal, staff)
        content = secrets.token_bytes(1_000_000)
        name = staff.send(owner.handle, content)
        for ranges in ("0-", "0-99", "-1", "999999-", "5000000-", "0-0," * 50 + "1-1", ",".join(["0-"] * 1500), "0-99999999999999999999", "-0", "9-1"):
            answer = owner.call("GET", f"/p/v1/messages/{name}/blobs/0", None, {"Range": f"bytes={ranges}"})
            assert answer.status == 200 and answer.body == content and "Content-Range" not in answer.headers, ranges[:50]
        with open(f"/proc/{portal.process.pid}/status", encoding="ascii") as file:
            assert int([line for line in file if line.startswith("VmHWM")][0].split()[1]) < (600 if portal.is_sanitized() else 100) * 1024


def test_garbage_does_not_hurt():
    with Portal(smtp=False) as portal:
        # libsoup 3.2 itself says this to a negative Content-Length.
        portal.known_complaints.append("out of range for property 'content-length'")
        Staff(portal)
        for data in (b"\r\n\r\n", b"GET\r\n\r\n", b"\0" * 1000, b"GET / HTTP/9.9\r\n\r\n", b"GET /p/v1/office HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
                     b"GET /%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"GET /%zz/%ff HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                     b"GET /p/v1/office?a=%ff&&=& HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b"X" * 200_000):
            send_raw(portal, data, 5)
        assert portal.request("GET", "/healthz").status == 200


def test_slow_clients_do_not_stop_the_others():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        waiters = []
        for _ in range(100):
            waiters.append(socket.create_connection(("127.0.0.1", portal.port)))
            waiters[-1].sendall(b"POST /p/v1/login/start HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n{")
        polls = [threading.Thread(target=staff.events, args=(0, 2)) for _ in range(30)]
        for poll in polls:
            poll.start()
        begun = time.monotonic()
        for _ in range(20):
            assert portal.request("GET", "/p/v1/office").status == 200
        # Who had to wait for one of them would wait until its time is over: 20 s.
        assert time.monotonic() - begun < 15
        for poll in polls:
            poll.join()
        for waiter in waiters:
            waiter.close()


def test_pages_are_served_with_their_routes_and_nothing_else():
    with Portal(smtp=False) as portal:
        pages(portal)
        for path in ("/", "/register", "/inbox", "/sent", f"/message/{uuid7()}", "/compose/sent", "/help/password", "/index.html"):
            answer = portal.request("GET", path)
            assert answer.status == 200 and b"<title>Pages" in answer.body and answer.headers["Cache-Control"] == "no-store", path
            assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
        asset = portal.request("GET", "/assets/app-0123456789abcdef.js", None, {"Accept-Encoding": "gzip, br"})
        assert asset.headers["Cache-Control"] == "public, max-age=31536000, immutable" and asset.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(asset.body) == b"1;" * 1000 and asset.headers["Content-Type"].startswith("text/javascript")
        again = portal.request("GET", "/assets/app-0123456789abcdef.js", None, {"If-None-Match": asset.headers["ETag"]})
        assert again.status == 304 and not again.body
        head = portal.request("HEAD", "/")
        assert head.status == 200 and not head.body
        for path in ("/.hidden.html", "/assets/app.js", "/../data/portal.db", "/%2e%2e/data/guard.key", "/assets/../../data/guard.key", "/favicon.ico"):
            answer = portal.request("GET", path)
            assert answer.status == 404 or b"<title>Pages" in answer.body, path
            assert b"siegelpost guard" not in answer.body


def test_who_to_call_stands_in_the_page_itself():
    with Portal(smtp=False) as portal:
        folder = os.path.join(portal.directory, "pages")
        make_pages(folder)
        with open(os.path.join(folder, "index.html"), "w", encoding="utf-8") as file:
            file.write("<!doctype html><title>Pages</title><noscript><p><!--contact de--><!--/contact--></p><p><!--contact en--><!--/contact--></p></noscript>")
        portal.options += ["--web", folder]
        portal.restart()
        first = portal.request("GET", "/inbox")
        page = first.body.decode()
        assert "Büro Muster: Telefon <a href=\"tel:07111234\">0711 1234</a>, 9–17 Uhr, E-Mail <a href=\"mailto:hilfe@office.example\">" in page, page
        assert "Büro Muster: phone <a href=\"tel:07111234\">0711 1234</a>, 9–17 Uhr, e-mail <a href=\"mailto:hilfe@office.example\">" in page, page
        packed = portal.request("GET", "/", None, {"Accept-Encoding": "gzip"})
        assert gzip.decompress(packed.body) == first.body and packed.headers["ETag"] == first.headers["ETag"]
        # It is an administrator's text, and text it stays.
        values = ["--support-name", "A & B</noscript><script>alert(1)</script>", "--support-phone", "+49 (0)711 12\"34<img>", "--support-hours", "<9>"]
        portal.change(*values)
        changed = wait_until(lambda: (page := portal.request("GET", "/").body.decode()) != first.body.decode() and page, 90)
        assert "A &amp; B&lt;/noscript&gt;&lt;script&gt;" in changed and "tel:+497111234\"" in changed and "<script" not in changed and "<img" not in changed
        assert portal.request("GET", "/").headers["ETag"] != first.headers["ETag"]
        assert portal.request("GET", "/p/v1/office").json["support"]["hours"] == "<9>"


def test_what_is_not_given_to_a_change_stays():
    with Portal(smtp=False) as portal:
        before = portal.request("GET", "/p/v1/office").json
        portal.change("--support-phone", "0711 99", "--retention-days", "90")
        after = portal.request("GET", "/p/v1/office").json
        assert after == {**before, "support": {**before["support"], "phone": "0711 99"}, "retention_days": 90}
        refused = portal.change("--support-mail", "no address", check=False)
        assert refused.returncode == 1 and "no mail address" in refused.stderr
        assert portal.request("GET", "/p/v1/office").json == after


def trickle(connection, pieces):
    """One piece five times a second, for a minute at most; whether the other side hung up. The pace is the attack's."""
    for piece in pieces:
        try:
            connection.sendall(piece)
            readable, _, _ = select.select([connection], [], [], 0.2)
            if readable and not connection.recv(65536):
                return True
        except (ConnectionError, ssl.SSLError):
            return True
    return False


def read_answer(connection):
    """All of one answer: head and body come in several pieces."""
    response = http.client.HTTPResponse(connection)
    response.begin()
    response.read()
    return response


def test_a_head_that_trickles_is_cut_off():
    with Portal("--head-timeout", "2", smtp=False) as portal:
        Staff(portal)
        request = b"GET /p/v1/office HTTP/1.1\r\nHost: x\r\n\r\n"
        with socket.create_connection(("127.0.0.1", portal.port)) as connection:
            assert trickle(connection, [b"GET /p/v1/office HTTP/1.1\r\nX-Slow: "] + [b"a"] * 300)
        with socket.create_connection(("127.0.0.1", portal.port), timeout=20) as connection:
            connection.sendall(request)
            assert read_answer(connection).status == 200
            # The second request's head has a deadline too, but only from its first byte on.
            assert not select.select([connection], [], [], 3)[0]
            connection.sendall(request)
            assert read_answer(connection).status == 200
            assert trickle(connection, [b"GET /p/v1/office HTTP/1.1\r\nX-Slow: "] + [b"a"] * 300)
        assert portal.request("GET", "/healthz").status == 200


def test_a_handshake_that_trickles_is_cut_off():
    with Portal("--head-timeout", "2", smtp=False) as portal:
        serve_https(portal)
        # The beginning of a ClientHello that announces 16,000 bytes.
        with socket.create_connection(("127.0.0.1", portal.port)) as connection:
            assert trickle(connection, [b"\x16\x03\x01\x3e\x80\x01\x00\x3e\x7c\x03\x03"] + [b"a"] * 300)


def test_a_body_that_trickles_is_cut_off():
    with Portal("--body-timeout", "2", smtp=False) as portal:
        staff = Staff(portal)
        location = staff.create(1_000_000).headers["Location"]
        heads = [b"POST /p/v1/login/start HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9000\r\n\r\n{",
                 (f"PATCH {location} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {staff.bearer}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\n"
                  "Content-Type: application/offset+octet-stream\r\nContent-Length: 1000000\r\n\r\n").encode()]
        for head in heads:
            with socket.create_connection(("127.0.0.1", portal.port)) as connection:
                assert trickle(connection, [head] + [b" "] * 300), head[:30]
        assert wait_until(lambda: staff.offset(location) is not None, 30), "what came of it is kept, and others may go on"


def test_an_answer_that_nobody_takes_is_cut_off():
    with Portal("--body-timeout", "2", smtp=False) as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        size = 12_000_000
        name = staff.send(browser.handle, secrets.token_bytes(size))
        cookie = "; ".join(f"{key}={value}" for key, value in browser.cookies.items())
        with socket.socket() as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            connection.settimeout(30)
            connection.connect(("127.0.0.1", portal.port))
            connection.sendall(f"GET /p/v1/messages/{name}/blobs/0 HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
            assert wait_until(lambda: "route=/p/v1/messages/{}/blobs/{} " in portal.log(), 180), "the portal still waits"
            received = 0
            try:
                while part := connection.recv(1 << 20):
                    received += len(part)
            except ConnectionError:
                pass
            assert received < size
        assert len(browser.call("GET", f"/p/v1/messages/{name}/blobs/0").body) == size


def serve_https(portal, *options):
    certificate, key = (os.path.join(portal.directory, name) for name in ("cert.pem", "key.pem"))
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=localhost",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate], check=True, capture_output=True)
    portal.stop()
    portal.options += ["--tls-cert", certificate, "--tls-key", key, *options]
    portal.start()
    assert portal.address.startswith("https://")
    return certificate


def ask_https(portal, certificate):
    context = ssl.create_default_context(cafile=certificate)
    with socket.create_connection(("127.0.0.1", portal.port)) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as secure:
        secure.sendall(b"GET /p/v1/office HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = b""
        while part := secure.recv(65536):
            answer += part
    return answer


def test_https_with_a_certificate_of_its_own():
    with Portal(smtp=False) as portal:
        certificate = serve_https(portal)
        answer = ask_https(portal, certificate)
        assert b"200 OK" in answer and b"Strict-Transport-Security: max-age=63072000; includeSubDomains\r\n" in answer
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.set_ciphers("ALL:@SECLEVEL=0")
        try:
            with socket.create_connection(("127.0.0.1", portal.port)) as plain, old.wrap_socket(plain) as secure:
                secure.sendall(b"GET /p/v1/office HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                answer = secure.recv(65536)
        except (ssl.SSLError, ConnectionError):
            answer = b""
        assert not answer, "TLS 1.1 was served"


def test_subdomains_without_tls_are_the_operators_to_allow():
    with Portal(smtp=False) as portal:
        certificate = serve_https(portal, "--hsts-without-subdomains")
        assert b"Strict-Transport-Security: max-age=63072000\r\n" in ask_https(portal, certificate)


def test_a_configuration_file_takes_the_same_names():
    with Portal(smtp=False) as portal:
        path = os.path.join(portal.directory, "portal.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write("[portal]\norigin=https://portal.office.example\nattachment-limit=7\n")
        portal.options += ["--config", path]
        portal.restart()
        answer = portal.request("GET", "/p/v1/office").json
        assert answer["origin"] == "https://portal.office.example" and answer["limits"]["attachment"] == 7 * 1024 * 1024
        with open(path, "w", encoding="utf-8") as file:
            file.write("[portal]\nattachment-limit=seven\n")
        done = portal.admin("status", "--config", path, check=False)
        assert done.returncode != 0 and "attachment-limit" in done.stderr, done


def test_a_configuration_file_takes_no_other_names():
    """What nobody reads would leave a limit or a proxy as it is without a word."""
    with Portal(smtp=False) as portal:
        path = os.path.join(portal.directory, "portal.conf")
        for content, word in (("[portal]\nforwardet=true\n", "forwardet"), ("[portal]\nattachment_limit=7\n", "attachment_limit"), ("[Portal]\nforwarded=true\n", "portal"),
                              ("[portal]\nattachment-limit=0\n", "attachment-limit"), ("[portal]\nmessage-limit=-1\n", "message-limit"),
                              ("[portal]\nnotice-interval=-5\n", "notice-interval"), ("[portal]\nhead-timeout=0\n", "head-timeout"),
                              ("[portal]\norigin=http://portal.office.example\n", "origin"), ("[portal]\norigin=https://anna@portal.office.example\n", "origin")):
            with open(path, "w", encoding="utf-8") as file:
                file.write(content)
            done = portal.admin("status", "--config", path, check=False)
            assert done.returncode != 0 and word in done.stderr, (content, done)
        for option in ("--message-limit=0", "--retention-days=0", "--invitation-days=-3", "--message-limit=99999999999"):
            assert portal.admin("status", option, check=False).returncode != 0, option


def test_it_stops_when_asked_to():
    with Portal() as portal:
        staff = Staff(portal)
        polls = [threading.Thread(target=lambda: send_raw(portal, b"GET /api/v1/events?wait=20 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                                                          + staff.bearer.encode() + b"\r\n\r\n")) for _ in range(3)]
        for poll in polls:
            poll.start()
        time.sleep(0.2)  # for what must not come, or cannot be seen from outside
        begun = time.monotonic()
        portal.process.terminate()
        assert portal.process.wait(10) == 0
        assert time.monotonic() - begun < 3
        portal.process.stdout.close()
        for poll in polls:
            poll.join()


def test_an_origin_is_compared_as_browsers_write_it():
    with Portal("--origin", "https://Portal.Büro.Example:443", smtp=False) as portal:
        portal.origin = "https://portal.xn--bro-hoa.example"
        assert portal.request("GET", "/p/v1/office").json["origin"] == portal.origin
        customer(portal, Staff(portal))


def test_browsers_do_not_need_a_trailing_slash_in_their_origin():
    with Portal("--origin", "https://portal.office.example/", smtp=False) as portal:
        Staff(portal)
        portal.origin = "https://portal.office.example"
        assert Browser(portal).call("POST", "/p/v1/register/open", {"address": "a@b.example"}).status == 200
