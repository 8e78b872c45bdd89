# SPDX-License-Identifier: GPL-3.0-or-later
"""A real portal in a scratch directory, a mail server that only listens, and two kinds of clients."""

import atexit
import base64
import hashlib
import http.client
import json
import os
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time

from contract import CONTRACT
from smtp_sink import SmtpSink
from waiting import wait_until  # noqa: F401 (the tests import it from here)

BUILD = os.path.abspath(os.environ.get("SGP_BUILD_DIR", "build"))
os.environ["LC_ALL"] = "C.UTF-8"
PROGRAM = os.path.join(BUILD, "portal", "server", "siegelpost-portal")
NODE_MODULES = os.environ.get("SGP_NODE_MODULES", os.path.join(BUILD, "portal", "web"))
HERE = os.path.dirname(os.path.abspath(__file__))

ARMOR = "-----BEGIN PGP MESSAGE-----\n\n{}\n-----END PGP MESSAGE-----\n"
KEY = "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{}\n-----END PGP PUBLIC KEY BLOCK-----\n"
SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n\n{}\n-----END PGP SIGNATURE-----\n"


class Skip(Exception):
    """A tool is missing."""


def b64u(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64u(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def uuid7():
    value = (int(time.time() * 1000) << 80) | (7 << 76) | (secrets.randbits(12) << 64) | (2 << 62) | secrets.randbits(62)
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def armored(text="", kind=ARMOR):
    return kind.format(base64.b64encode((text + secrets.token_hex(12)).encode()).decode())


_cluster = None


def cluster():
    """The PostgreSQL that all tests of one run share, each with a database of its own."""
    global _cluster
    if _cluster is None:
        try:
            from postgres_cluster import Cluster
        except ImportError as reason:
            raise Skip(f"{reason} (Debian: python3-psycopg2)") from reason
        try:
            _cluster = Cluster()
            atexit.register(close_cluster)
            _cluster.initialise().start()
        except FileNotFoundError as reason:
            raise Skip(str(reason)) from reason
    return _cluster


def close_cluster():
    global _cluster
    if _cluster is not None:
        _cluster.remove()
        _cluster = None


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def code(self):
        return self.json.get("code") if self.body else None


def migrate(home, database, data):
    """What an operator does before the service starts: the owner makes the tables, the service's role gets its rights."""
    done = subprocess.run([PROGRAM, "--data", data, "--database", home.url(database, role=home.owner), "admin", "migrate", home.service],
                          capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


class Portal:
    """The server program on a data directory of its own."""

    def __init__(self, *options, smtp=True, web=None, init=True):
        self.directory = tempfile.mkdtemp(prefix="siegelpost-portal-test-")
        self.data = os.path.join(self.directory, "data")
        self.sink = SmtpSink() if smtp else None
        self.options = list(options)
        if web:
            self.options += ["--web", web]
        if self.sink:
            self.options += ["--smtp", f"127.0.0.1:{self.sink.port}"]
        store = os.environ.get("SGP_PORTAL_STORE", "sqlite")
        self.database = cluster().make_database() if store == "postgres" else None
        if self.database:
            self.options[:0] = ["--database", cluster().url(self.database, role=cluster().service)]
        self.log_path = os.path.join(self.directory, "log")
        self.known_complaints = ["LeakSanitizer has encountered a fatal error", "LeakSanitizer does not work under ptrace"]
        self.process = None
        self.port = None
        if self.database:
            migrate(cluster(), self.database, self.data)
        if init:
            self.admin("init", "--office", "Büro Muster", "--support-phone", "0711 1234", "--support-mail", "hilfe@office.example",
                       "--portal-mail", "portal@office.example", "--support-hours", "9–17 Uhr")
            self.start()

    def admin(self, *arguments, check=True, stdin=None):
        store = ["--database", cluster().url(self.database, role=cluster().service)] if self.database else []
        done = subprocess.run([PROGRAM, "--data", self.data, *store, "admin", *arguments], capture_output=True, text=True, timeout=60, input=stdin)
        if check and done.returncode != 0:
            raise AssertionError(f"admin {arguments[0]}: {done.stderr}")
        return done

    def change(self, *options, check=True):
        """admin change, in PostgreSQL by the role that owns the store."""
        store = ["--database", cluster().url(self.database, role=cluster().owner)] if self.database else []
        done = subprocess.run([PROGRAM, "--data", self.data, *store, "admin", "change", *options], capture_output=True, text=True, timeout=60, check=False)
        assert not check or done.returncode == 0, done.stderr
        return done

    def start(self):
        listen = f"127.0.0.1:{self.port or 0}"
        log = open(self.log_path, "ab")
        self.process = subprocess.Popen([PROGRAM, "--data", self.data, "--listen", listen, *self.options], stdout=subprocess.PIPE, stderr=log)
        log.close()
        line = self.process.stdout.readline().decode()
        if not line.startswith("listening on "):
            raise AssertionError("the portal did not start: " + open(self.log_path).read())
        self.address = line.removeprefix("listening on ").strip()
        self.origin = self.address
        self.port = int(self.address.rsplit(":", 1)[1])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def restart(self):
        self.kill()
        self.start()

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            code = self.process.wait(70)
            self.process.stdout.close()
            # LeakSanitizer itself dies now and then while a thread of GIO ends; that is no leak.
            gave_up = "LeakSanitizer has encountered a fatal error" in self.log()
            assert code == 0 or gave_up, f"the portal ended with {code}: {self.log()[-3000:]}"

    def check_log(self):
        """Nothing that a library or a sanitizer complains of, nothing that the portal calls its own failure."""
        log = "\n".join(line for line in self.log().splitlines() if not any(known in line for known in self.known_complaints))
        for word in ("CRITICAL", "WARNING **", "AddressSanitizer", "LeakSanitizer", "ThreadSanitizer", "runtime error", "error internal", "error mailer",
                     "error janitor"):
            assert word not in log, log[-6000:]

    def close(self):
        try:
            self.stop()
            self.check_log()
        finally:
            if self.sink:
                self.sink.close()
            shutil.rmtree(self.directory)

    def log(self):
        if not os.path.exists(self.log_path):
            return ""
        with open(self.log_path, encoding="utf-8", errors="replace") as file:
            return file.read()

    def sql(self, statement, *values):
        """For what only a clock could do: making things older. And for looking."""
        if self.database:
            return cluster().run(self.database, statement.replace("?", "%s"), values)
        with sqlite3.connect(os.path.join(self.data, "portal.db"), timeout=20) as database:
            return database.execute(statement, values).fetchall()

    def guard_sql(self, statement, *values):
        if self.database:
            return self.sql(statement, *values)
        with sqlite3.connect(os.path.join(self.data, "guard.db"), timeout=20) as database:
            return database.execute(statement, values).fetchall()

    def needs_files(self):
        """For what is said of files and not of a portal."""
        return self.database is None

    def blob_path(self, name):
        return os.path.join(self.data, "blobs", name[:2], name)

    def blob(self, name):
        """What is stored of a large blob or an upload so far."""
        if self.database:
            return b"".join(data for (data,) in self.sql("SELECT data FROM blob_parts WHERE blob = ? ORDER BY start", name))
        with open(self.blob_path(name), "rb") as file:
            return file.read()

    def blob_names(self):
        if self.database:
            return {name for (name,) in self.sql("SELECT DISTINCT blob FROM blob_parts")}
        return {file for _, _, files in os.walk(os.path.join(self.data, "blobs")) for file in files}

    def make_blob_old(self, name):
        if self.database:
            self.sql("UPDATE blob_parts SET written = 1 WHERE blob = ?", name)
        else:
            os.utime(self.blob_path(name), (1, 1))

    def damage_blob(self, name):
        if self.database:
            self.sql("UPDATE blob_parts SET data = set_byte(data, 1000, get_byte(data, 1000) # 255) WHERE blob = ? AND start = 0", name)
            return
        with open(self.blob_path(name), "r+b") as file:
            file.seek(1000)
            byte = file.read(1)
            file.seek(1000)
            file.write(bytes([byte[0] ^ 255]))

    def everything_stored(self):
        """Every byte that somebody who steals the store has; the guard's key is elsewhere."""
        if self.database:
            dump = subprocess.run([os.path.join(cluster().programs, "pg_dump"), "-h", "127.0.0.1", "-p", str(cluster().port), "-U", "postgres",
                                   self.database], capture_output=True, check=True, timeout=60).stdout
            cluster().run("postgres", "CHECKPOINT")
            oid = cluster().run(self.database, "SELECT oid FROM pg_database WHERE datname = %s", (self.database,))[0][0]
            folder = os.path.join(cluster().data, "base", str(oid))
            return dump + b"".join(open(os.path.join(folder, name), "rb").read() for name in os.listdir(folder))
        found = []
        for folder, _, files in os.walk(self.data):
            found += [open(os.path.join(folder, name), "rb").read() for name in files if name != "guard.key"]
        return b"".join(found)

    def connect(self):
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def request(self, method, path, body=None, headers=None):
        connection = self.connect()
        try:
            connection.request(method, path, body=body, headers=headers or {})
            response = connection.getresponse()
            answer = Answer(response, response.read())
            if CONTRACT is not None:
                CONTRACT.check(method, path, answer)
            return answer
        finally:
            connection.close()

    def __enter__(self):
        return self

    def is_sanitized(self):
        with open(f"/proc/{self.process.pid}/maps", encoding="utf-8") as file:
            # gcc's are libraries; clang's are in the program, but tests/sanitize/run says what it set.
            return "ASAN_OPTIONS" in os.environ or "libasan" in (maps := file.read()) or "libtsan" in maps

    def __exit__(self, *_):
        self.close()


class Uploads:
    """tus, for either side: a subclass has call(method, path, body, headers) and base."""

    def create(self, length):
        return self.call("POST", f"{self.base}/uploads", None, {"Tus-Resumable": "1.0.0", "Upload-Length": str(length)})

    def patch(self, location, offset, data, **more):
        headers = {"Tus-Resumable": "1.0.0", "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        headers.update(more)
        return self.call("PATCH", location, data, headers)

    def offset(self, location):
        answer = self.call("HEAD", location, None, {"Tus-Resumable": "1.0.0"})
        return int(answer.headers["Upload-Offset"]) if answer.status == 200 else None

    def upload(self, data):
        created = self.create(len(data))
        assert created.status == 201, created.body
        location = created.headers["Location"]
        done = self.patch(location, 0, data)
        assert done.status == 204, done.body
        return {"upload": location.rsplit("/", 1)[1], "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}


class Staff(Uploads):
    """An agent."""

    base = "/api/v1"

    def __init__(self, portal, address="anna@office.example", name="Anna Amtmann", token=None):
        self.portal = portal
        self.address = address
        self.bearer = token
        if token is None:
            self.enrolment = portal.admin("add-staff", address, "--name", name).stdout.strip()
            answer = self.enrol()
            assert answer.status == 200, answer.body
            self.bearer = answer.json["device_token"]
            self.device = answer.json["device"]
            self.let_in()

    def let_in(self):
        """The first device of an office is in; every other one is approved by the first, as a colleague would."""
        if self.call("GET", "/api/v1/devices/self").json["state"] == "approved":
            self.portal.first_device = self
        else:
            done = self.portal.first_device.approve(self.device)
            assert done.status == 200, done.body

    def approve(self, device, **changes):
        version = self.portal.sql("SELECT MAX(version) FROM rosters")[0][0]
        return self.call("POST", f"/api/v1/devices/{device}:approve", {"office_secret": armored("office secret"), "roster": roster(version + 1), **changes})

    def enrol(self, **changes):
        first = self.portal.sql("SELECT office_key FROM office")[0][0] is None
        body = {"token": self.enrolment, "device_name": "desk", "staff_key": armored(self.address, KEY),
                "office_key": armored("office", KEY) if first else None,
                "roster": roster(1) if first else None}
        body.update(changes)
        return self.portal.request("POST", "/api/v1/devices:enrol", json.dumps(body), {"Content-Type": "application/json"})

    def call(self, method, path, body=None, headers=None):
        sent = {"Authorization": f"Bearer {self.bearer}"}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        return self.portal.request(method, path, body, sent)

    def lookup(self, *addresses):
        answer = self.call("POST", "/api/v1/directory:lookup", {"addresses": list(addresses)})
        assert answer.status == 200, answer.body
        return answer.json["customers"]

    def invitation(self, address, generation=1):
        """What the agent makes; the code's part is random bytes here, as they are to the server."""
        auth = secrets.token_bytes(32)
        return auth, {"address": address, "generation": generation, "language": "de", "mailbox_key": armored("MK", KEY),
                      "code_wrap": b64u(secrets.token_bytes(4096 + 28)), "salt": b64u(secrets.token_bytes(16)),
                      "auth_hash": b64u(hashlib.sha256(auth).digest()), "escrow": armored("escrow")}

    def invite(self, address, generation=1):
        handle = self.lookup(address)[0]["handle"]
        auth, body = self.invitation(address, generation)
        answer = self.call("PUT", f"/api/v1/customers/{handle}", body)
        assert answer.status == 201, answer.body
        return handle, auth, answer.json["invitation"]

    def message(self, handle, *blobs, manifest=None):
        return {"customer": handle, "manifest": manifest or armored("manifest"), "blobs": [self.upload(blob) for blob in blobs]}

    def send(self, handle, *blobs):
        name = uuid7()
        body = self.message(handle, *(blobs or (secrets.token_bytes(2000),)))
        stored = self.call("PUT", f"/api/v1/messages/{name}", body)
        assert stored.status == 201, stored.body
        published = self.call("POST", f"/api/v1/messages/{name}:publish", {})
        assert published.status == 200, published.body
        return name

    def events(self, after=0, wait=0):
        answer = self.call("GET", f"/api/v1/events?after={after}&wait={wait}")
        assert answer.status == 200, answer.body
        return answer.json


def roster(version):
    return {"version": version, "roster": b64u(json.dumps({"v": 1, "version": version, "r": secrets.token_hex(8)}).encode()),
            "signature": armored("roster", SIGNATURE)}


class OpaqueClient:
    """The npm package that the pages use, in a node process of its own."""

    def __init__(self):
        package = os.path.join(NODE_MODULES, "node_modules", "@serenity-kit", "opaque")
        node = shutil.which("node") or shutil.which("nodejs")
        if node is None or not os.path.isdir(package):
            raise Skip("node or @serenity-kit/opaque is missing; build the pages first")
        self.process = subprocess.Popen([node, os.path.join(HERE, "opaque_client.mjs"), os.path.abspath(NODE_MODULES)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, op, **values):
        self.process.stdin.write(json.dumps({"op": op, **values}) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


_opaque = None


def opaque(op, **values):
    global _opaque
    if _opaque is None:
        _opaque = OpaqueClient()
    return _opaque(op, **values)


def close_opaque():
    if _opaque is not None:
        _opaque.close()


class Browser(Uploads):
    """A customer's browser: cookies, Origin, the header that only our pages send."""

    base = "/p/v1"

    def __init__(self, portal):
        self.portal = portal
        self.cookies = {}

    def call(self, method, path, body=None, headers=None):
        sent = {"Origin": self.portal.origin, "Sec-Fetch-Site": "same-origin", "X-Siegelpost": "1"}
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            sent["Content-Type"] = "application/json"
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        for name, value in (headers or {}).items():
            if value is None:
                sent.pop(name, None)
            else:
                sent[name] = value
        answer = self.portal.request(method, path, body, sent)
        for line in answer.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            if "Max-Age=0" in line:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def registration(self, handle, auth, password, generation=1, real=False):
        """Both halves up to the last request; returns its body or the refusal of the first."""
        one = opaque("startRegistration", password=password)
        two = opaque("startRegistration", password="blue bicycle")
        proof = {"handle": handle, "generation": generation, "auth": b64u(auth)}
        started = self.call("POST", "/p/v1/register/start",
                            {**proof, "password_request": one["registrationRequest"], "answer_request": two["registrationRequest"]})
        if started.status != 200:
            return started
        records = [opaque("finishRegistration", password=word, response=started.json[name], state=half["clientRegistrationState"], real=real)
                   for word, name, half in ((password, "password_response", one), ("blue bicycle", "answer_response", two))]
        self.export_key = records[0]["exportKey"]
        return {**proof, "password_record": records[0]["registrationRecord"], "answer_record": records[1]["registrationRecord"],
                "question": "street", "password_wrap": b64u(secrets.token_bytes(60)), "answer_wrap": b64u(secrets.token_bytes(60)),
                "mailbox_wrap": b64u(secrets.token_bytes(4096 + 28)), "signature_key": b64u(secrets.token_bytes(200)),
                "signature_mac": b64u(secrets.token_bytes(32)), "language": "de"}

    def register(self, handle, auth, password, real=False):
        body = self.registration(handle, auth, password, real=real)
        assert isinstance(body, dict), body.body
        return self.call("POST", "/p/v1/register/finish", body)

    def log_in(self, address, password, real=False):
        half = opaque("startLogin", password=password)
        started = self.call("POST", "/p/v1/login/start", {"address": address, "request": half["startLoginRequest"]})
        if started.status != 200:
            return started
        done = opaque("finishLogin", password=password, response=started.json["response"], state=half["clientLoginState"], real=real)
        finish = b64u(secrets.token_bytes(64)) if done is None else done["finishLoginRequest"]
        self.last_finish = {"login": started.json["login"], "finish": finish}
        self.login_export_key = done and done["exportKey"]
        return self.call("POST", "/p/v1/login/finish", self.last_finish)


def customer(portal, staff, address="kunde@example.net", password="correct horse battery"):
    """A registered customer, logged in."""
    handle, auth, _ = staff.invite(address)
    browser = Browser(portal)
    done = browser.register(handle, auth, password)
    assert done.status == 200, done.body
    logged_in = browser.log_in(address, password)
    assert logged_in.status == 200, logged_in.body
    browser.handle = handle
    browser.address = address
    browser.password = password
    return browser


def armored_mail(size=3000):
    lines = base64.encodebytes(secrets.token_bytes(size)).decode()
    return f"-----BEGIN PGP MESSAGE-----\n\n{lines}-----END PGP MESSAGE-----\n".encode()


def reply(browser, to="office", mail=None, **changes):
    name = uuid7()
    body = {"to": to, "manifest": armored("sent"), "in_reply_to": "<abc@office.example>", "references": ["<1@a.example>", "<abc@office.example>"],
            "blobs": [browser.upload(mail if mail is not None else armored_mail())]}
    body.update(changes)
    return name, browser.call("PUT", f"/p/v1/messages/{name}", body)


def send_raw(portal, data, seconds=30):
    """Bytes as they are; returns what comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", portal.port), timeout=seconds) as connection:
        try:
            connection.sendall(data)
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass
        received = b""
        try:
            while part := connection.recv(65536):
                received += part
        except OSError:
            pass
        return received
