# SPDX-License-Identifier: GPL-3.0-or-later
"""Several nodes on one PostgreSQL, and the primary killed under load with a standby taking over."""

import hashlib
import http.client
import os
import secrets
import shutil
import subprocess
import tempfile
import threading
import time

from harness import (PROGRAM, Browser, Portal, SmtpSink, Staff, armored, b64u, cluster, customer, migrate, opaque, uuid7, wait_until)

ORIGIN = "https://portal.office.example"


def one_store():
    """A file is one node's: what is here is said of PostgreSQL, once a run."""
    return os.environ.get("SGP_PORTAL_STORE", "sqlite") != "postgres"


class Node(Portal):
    """One server process of several: a data directory of its own with the first one's guard.key."""

    def __init__(self, home, database, url, sink, first=None):
        self.home = home
        self.database = database
        self.url = url
        self.sink = None  # whoever made it closes it
        self.directory = tempfile.mkdtemp(prefix="siegelpost-portal-test-")
        self.data = os.path.join(self.directory, "data")
        self.options = ["--database", url, "--origin", ORIGIN, "--smtp", f"127.0.0.1:{sink.port}", "--notice-interval", "0"]
        self.log_path = os.path.join(self.directory, "log")
        self.known_complaints = ["LeakSanitizer has encountered a fatal error", "LeakSanitizer does not work under ptrace"]
        self.process = None
        self.port = None
        if first is None:
            migrate(home, database, self.data)
            self.admin("init", "--office", "Büro Muster", "--support-phone", "0711 1234", "--support-mail", "hilfe@office.example",
                       "--portal-mail", "portal@office.example")
        else:
            os.makedirs(self.data, mode=0o700)
            shutil.copy(os.path.join(first.data, "guard.key"), self.data)

    def start(self):
        super().start()
        self.origin = ORIGIN
        return self

    def admin(self, *arguments, check=True, stdin=None):
        done = subprocess.run([PROGRAM, "--data", self.data, "--database", self.url, "admin", *arguments], capture_output=True, text=True, timeout=60,
                              input=stdin)
        assert not check or done.returncode == 0, done.stderr
        return done

    def sql(self, statement, *values):
        return self.home.run(self.database, statement.replace("?", "%s"), values)


class Nodes:
    """Two running nodes and a mail server."""

    def __init__(self):
        home = cluster()
        database = home.make_database()
        self.sink = SmtpSink()
        self.one = Node(home, database, home.url(database, role=home.service), self.sink).start()
        self.two = Node(home, database, home.url(database, role=home.service), self.sink, self.one).start()

    def __enter__(self):
        return self.one, self.two, self.sink

    def __exit__(self, *_):
        try:
            self.one.close()
        finally:
            try:
                self.two.close()
            finally:
                self.sink.close()


def message_ids(sink):
    return [line for _, data in sink.mails for line in data.split(b"\r\n") if line.startswith(b"Message-ID:")]


def test_a_login_begun_on_one_node_is_finished_on_the_other():
    if one_store():
        return
    with Nodes() as (one, two, _):
        staff = Staff(one)
        browser = customer(one, staff)
        browser.portal = two
        assert browser.call("GET", "/p/v1/session").status == 200, "the session of one is the other's"
        half = opaque("startLogin", password=browser.password)
        stranger = Browser(one)
        started = stranger.call("POST", "/p/v1/login/start", {"address": browser.address, "request": half["startLoginRequest"]}).json
        done = opaque("finishLogin", password=browser.password, response=started["response"], state=half["clientLoginState"], real=False)
        stranger.portal = two
        body = {"login": started["login"], "finish": done["finishLoginRequest"]}
        assert stranger.call("POST", "/p/v1/login/finish", body).status == 200
        stranger.portal = one
        assert stranger.call("GET", "/p/v1/session").status == 200
        assert stranger.call("POST", "/p/v1/login/finish", body).code == "wrong-password", "used up on both"
        assert stranger.call("POST", "/p/v1/logout", {}).status == 204
        stranger.portal = two
        assert stranger.call("GET", "/p/v1/session").status == 401, "logged out on both"


def test_an_upload_begun_on_one_node_is_continued_and_published_on_the_other():
    if one_store():
        return
    with Nodes() as (one, two, sink):
        staff = Staff(one)
        browser = customer(one, staff)
        data = secrets.token_bytes(3_000_000)
        location = staff.create(len(data)).headers["Location"]
        assert staff.patch(location, 0, data[:1_200_000]).status == 204
        staff.portal = two
        assert staff.offset(location) == 1_200_000
        assert staff.patch(location, 1_200_000, data[1_200_000:2_000_000]).status == 204
        staff.portal = one
        assert staff.patch(location, 2_000_000, data[2_000_000:]).status == 204
        blob = {"upload": location.rsplit("/", 1)[1], "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        name = uuid7()
        body = {"customer": browser.handle, "manifest": armored("m"), "blobs": [blob]}
        assert staff.call("PUT", f"/api/v1/messages/{name}", body).status == 201
        staff.portal = two
        assert staff.call("PUT", f"/api/v1/messages/{name}", body).status == 200, "the same message to the other node"
        assert staff.call("POST", f"/api/v1/messages/{name}:publish", {}).status == 200
        browser.portal = two
        assert browser.call("GET", f"/p/v1/messages/{name}/blobs/0").body == data
        assert len(sink.wait(1)) == 1


def test_tries_count_together():
    if one_store():
        return
    with Nodes() as (one, two, _):
        browser = customer(one, Staff(one))
        guesser = Browser(one)
        codes = []
        for i in range(7):
            guesser.portal = (one, two)[i % 2]
            codes.append(guesser.log_in(browser.address, f"guess {i}").code)
        assert codes == ["wrong-password"] * 5 + ["too-many-tries"] * 2, codes


def test_tries_at_both_nodes_at_once_are_not_more():
    if one_store():
        return
    with Nodes() as (one, two, _):
        browser = customer(one, Staff(one))
        request = opaque("startLogin", password="guess")["startLoginRequest"]
        answers = []

        def guess(node):
            answers.append(Browser(node).call("POST", "/p/v1/login/start", {"address": browser.address, "request": request}).status)

        threads = [threading.Thread(target=guess, args=(node,)) for node in (one, two) * 12]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200] * 5 + [429] * 19, answers


def test_one_notice_though_both_nodes_have_a_mailer():
    if one_store():
        return
    with Nodes() as (one, two, sink):
        staff, other = Staff(one), Staff(one, "bert@office.example", "Bert")
        other.portal = two
        names = []

        def send(who, part):
            for i in range(6):
                handle, _, _ = who.invite(f"kunde-{part}-{i}@example.net")
                names.append(who.send(handle))

        threads = [threading.Thread(target=send, args=(who, part)) for part, who in enumerate((staff, other))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert wait_until(lambda: one.sql("SELECT COUNT(*) FROM outbox WHERE state = 'sent'") == [(12,)], 30), one.sql("SELECT id, state FROM outbox")
        time.sleep(2.5)  # for what must not come: the other node looks every two seconds
        assert sorted(message_ids(sink)) == sorted(b"Message-ID: <notice.%s@portal.office.example>" % name.encode() for name in names)


def test_a_long_poll_on_one_node_sees_the_event_of_the_other():
    if one_store():
        return
    with Nodes() as (one, two, _):
        staff = Staff(one)
        handle, auth, _ = staff.invite("kunde@example.net")
        staff.portal = two
        got = []
        waiting = threading.Thread(target=lambda: got.append((staff.events(0, 25), time.monotonic())))
        waiting.start()
        time.sleep(0.3)  # for the long poll to be asleep
        assert Browser(one).register(handle, auth, "correct horse battery").status == 200
        done = time.monotonic()
        waiting.join()
        events, when = got[0]
        assert [event["type"] for event in events["events"]] == ["registered"] and when - done < 4, when - done


def test_a_device_revoked_on_one_node_is_out_on_the_other():
    if one_store():
        return
    with Nodes() as (one, two, _):
        anna, bert = Staff(one), Staff(one, "bert@office.example", "Bert")
        bert.portal = two
        assert bert.call("GET", "/api/v1/office").status == 200
        assert anna.call("POST", f"/api/v1/devices/{bert.device}:revoke").status == 200
        assert bert.call("GET", "/api/v1/office").code == "device-revoked"


def test_a_node_with_another_guard_key_is_refused():
    if one_store():
        return
    with Nodes() as (one, _, sink):
        stranger = Node(one.home, one.database, one.url, sink, one)
        try:
            os.unlink(os.path.join(stranger.data, "guard.key"))
            done = subprocess.run([PROGRAM, "--data", stranger.data, "--listen", "127.0.0.1:0", *stranger.options], capture_output=True, text=True,
                                  timeout=30)
            assert done.returncode == 1 and "not the one of the other nodes" in done.stderr and not done.stdout
        finally:
            shutil.rmtree(stranger.directory)


def leaders(node):
    return node.sql("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND mode = 'ExclusiveLock' "
                    "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())")[0][0]


def test_a_node_killed_while_it_leads_and_the_other_sends():
    if one_store():
        return
    home = cluster()
    database = home.make_database()
    sink = SmtpSink()
    one = Node(home, database, home.url(database, role=home.service), sink).start()
    try:
        assert wait_until(lambda: leaders(one) == 1)
        two = Node(home, database, home.url(database, role=home.service), sink, one).start()
        try:
            staff = Staff(one)
            handle, _, _ = staff.invite("kunde@example.net")
            sink.gate = threading.Event()
            name = staff.send(handle)
            assert sink.reached_gate.wait(10)
            one.kill()
            sink.gate.set()
            assert wait_until(lambda: two.sql("SELECT COUNT(*) FROM outbox WHERE state = 'sent'") == [(1,)], 20)
            assert set(message_ids(sink)) == {b"Message-ID: <notice.%s@portal.office.example>" % name.encode()}
            staff.portal = two
            assert staff.call("GET", f"/api/v1/messages/{name}").json["notified_at"]
            assert leaders(two) == 1
        finally:
            two.close()
    finally:
        one.close()
        sink.close()


def patient(call, *arguments, good=(200, 201, 204), seconds=60):
    """A client that tries again while the store is away; a refusal for a reason is an answer."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer = call(*arguments)
            if answer.status in good or answer.status < 500:
                return answer
        except (OSError, http.client.HTTPException):
            pass
        assert time.monotonic() < end, "the portal did not come back"
        time.sleep(0.1)


class Load:
    """Agents that upload and publish through both nodes until told to stop. It keeps what was acknowledged."""

    def __init__(self, nodes, staff, handles):
        self.nodes, self.staff, self.handles = nodes, staff, handles
        self.published, self.problems = {}, []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self.run, args=(part,)) for part in range(4)]
        for thread in self.threads:
            thread.start()

    def run(self, part):
        client = Staff(self.nodes[part % 2], self.staff.address, token=self.staff.bearer)
        turn = 0
        try:
            while not self.stopped.is_set():
                client.portal = self.nodes[(part + turn) % 2]
                self.send_one(client, self.handles[(part + 4 * turn) % len(self.handles)])
                turn += 1
        except Exception as problem:
            self.problems.append(repr(problem))

    def send_one(self, client, handle):
        data = secrets.token_bytes(600_000)
        location = patient(client.create, len(data)).headers["Location"]
        offset = 0
        while offset < len(data):
            try:
                answer = client.patch(location, offset, data[offset:offset + 200_000])
                if answer.status == 204:
                    offset = int(answer.headers["Upload-Offset"])
                    continue
            except (OSError, http.client.HTTPException):
                pass
            found = int(patient(client.call, "HEAD", location, None, {"Tus-Resumable": "1.0.0"}).headers["Upload-Offset"])
            assert found >= offset, f"{offset} bytes were acknowledged, {found} are there"
            offset = found
        name = uuid7()
        blob = {"upload": location.rsplit("/", 1)[1], "size": len(data), "sha256": hashlib.sha256(data).hexdigest()}
        stored = patient(client.call, "PUT", f"/api/v1/messages/{name}", {"customer": handle, "manifest": armored("m"), "blobs": [blob]})
        assert stored.status in (200, 201), stored.body
        published = patient(client.call, "POST", f"/api/v1/messages/{name}:publish", {})
        assert published.status == 200, published.body
        self.published[name] = blob["sha256"]

    def stop(self):
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def make_pair():
    """A primary that commits nothing which its standby has not got, and that standby."""
    from postgres_cluster import Cluster
    primary = Cluster().initialise().start()
    standby = Cluster()
    try:
        standby.follow(primary)
        primary.run("postgres", "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        primary.run("postgres", "SELECT pg_reload_conf()")
        assert wait_until(lambda: primary.run("postgres", "SELECT sync_state FROM pg_stat_replication") == [("sync",)], 20)
    except BaseException:
        standby.remove()
        primary.remove()
        raise
    return primary, standby


def guess(node, address):
    """One try at a password: "answered" is a guess that somebody has got."""
    request = opaque("startLogin", password="guess")["startLoginRequest"]
    try:
        answer = Browser(node).call("POST", "/p/v1/login/start", {"address": address, "request": request})
    except (OSError, http.client.HTTPException):
        return "lost"
    return {200: "answered", 429: "refused"}.get(answer.status, "lost")


def test_the_primary_is_killed_under_load_and_nothing_acknowledged_is_lost_doubled_or_gained():
    if one_store():
        return
    primary, standby = make_pair()
    sink = SmtpSink()
    nodes, load = [], None
    try:
        database = primary.make_database()
        url = primary.url(database, standby, role=primary.service)
        nodes.append(Node(primary, database, url, sink).start())
        nodes.append(Node(primary, database, url, sink, nodes[0]).start())
        for node in nodes:
            node.known_complaints += ["error internal", "error mailer", "error janitor", "error store", "error ready"]
        staff = Staff(nodes[0])
        victim = customer(nodes[0], staff, "opfer@example.net")
        handles = [staff.invite(f"kunde{i}@example.net")[0] for i in range(12)]
        load = Load(nodes, staff, handles)
        assert wait_until(lambda: len(load.published) >= 8, 60), load.problems
        first_try = time.monotonic()
        tries = [guess(nodes[i % 2], victim.address) for i in range(4)]
        assert tries == ["answered"] * 4, tries
        before = dict(load.published)
        primary.kill()
        killed = time.monotonic()
        ready = [node.request("GET", "/readyz").status for node in nodes]
        assert ready == [503, 503] and nodes[0].request("GET", "/healthz").status == 200, "alive, and not ready, and says so"
        standby.promote()
        for node in nodes:
            node.home = standby
        assert wait_until(lambda: all(node.request("GET", "/readyz").status == 200 for node in nodes), 40)
        print(f"     ready {time.monotonic() - killed:.1f} s after the kill, {len(before)} messages before it")
        while tries[-1] != "refused":
            tries.append(guess(nodes[len(tries) % 2], victim.address))
        allowed = 5 + int((time.monotonic() - first_try) // 30)
        assert tries.count("answered") <= allowed, tries
        assert wait_until(lambda: len(load.published) >= len(before) + 8, 60), load.problems
        load.stop()
        assert not load.problems, load.problems
        check_nothing_is_lost(nodes[0], sink, load.published)
    finally:
        if load is not None:
            load.stop()
        for node in nodes:
            node.close()
        sink.close()
        primary.remove()
        standby.remove()


def check_nothing_is_lost(node, sink, published):
    stored = dict(node.sql("SELECT m.id, b.sha256 FROM messages m JOIN blobs b ON b.message = m.id WHERE m.state = 'published'"))
    assert stored == published, f"{len(stored)} are there, {len(published)} were acknowledged"
    assert f"{len(published)} blobs in {len(published)} messages, 0 damaged" in node.admin("verify").stdout
    assert wait_until(lambda: node.sql("SELECT COUNT(*) FROM outbox WHERE state = 'queued'") == [(0,)], 60)
    # A mail whose success could not be noted in time goes out again, as the same mail.
    expected = {f"Message-ID: <notice.{row[0]}@portal.office.example>".encode()
                for row in node.sql("SELECT message FROM outbox WHERE kind = 'notice' AND state = 'sent'")}
    sent = message_ids(sink)
    assert set(sent) == expected, set(sent) ^ expected
    covered = {row[0] for row in node.sql("SELECT m.id FROM messages m JOIN outbox o ON o.id = m.notice AND o.state = 'sent'")}
    assert covered == set(published), "each message has been announced"
    print(f"     {len(published)} messages, {len(sent)} mails with {len(expected)} ids")
