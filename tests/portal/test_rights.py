# SPDX-License-Identifier: GPL-3.0-or-later
"""What the store itself refuses, however wrong a statement of the portal's is."""

import hashlib
import os
import secrets
import sqlite3
import subprocess

from harness import PROGRAM, SIGNATURE, Browser, Portal, Staff, armored, b64u, cluster, customer, reply, uuid7

SQL = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "portal", "sql")
# Where a customer's rows are, and in which column that stands.
OWN = ("customers", "sessions", "messages", "drafts", "outbox", "events", "recovery_requests", "recovery_links", "recovery_changes",
       "former_signature_keys", "deposited_keys", "guard_chores")


def one_store():
    """A file has no roles: what is here is said of PostgreSQL."""
    return os.environ.get("SGP_PORTAL_STORE", "sqlite") != "postgres"


class Service:
    """A statement of somebody who got hold of the service's connection."""

    def __init__(self, portal):
        self.portal = portal
        self.key = portal.sql("SELECT key FROM scope_key")[0][0]

    def seal(self, word):
        inner = hashlib.sha256(self.key + word.encode()).digest()
        return hashlib.sha256(self.key + inner).hexdigest() + ":" + word

    def run(self, sealed, statement, values=()):
        """Rows or the number of changed ones; "refused" for what the role has no right to; nothing is kept."""
        import psycopg2
        home = cluster()
        connection = psycopg2.connect(host="127.0.0.1", port=home.port, user=home.service, dbname=self.portal.database,
                                      options="-c search_path=siegelpost,siegelpost_guard")
        try:
            with connection.cursor() as cursor:
                if sealed is not None:
                    cursor.execute("SELECT set_config('siegelpost.scope', %s, false)", (sealed,))
                cursor.execute(statement, values or None)
                return cursor.fetchall() if cursor.description else cursor.rowcount
        except psycopg2.errors.InsufficientPrivilege:
            return "refused"
        finally:
            connection.close()


def deposit(browser):
    key = armored("key", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n{}\n-----END PGP PUBLIC KEY BLOCK-----\n")
    name = hashlib.sha256(key.encode()).hexdigest()
    done = browser.call("PUT", f"/p/v1/keys/{name}", {"kind": "openpgp", "key": key, "signature": armored("s", SIGNATURE)})
    assert done.status == 201, done.body


def fill(portal, staff, address):
    """A customer with something in every table."""
    browser = customer(portal, staff, address)
    browser.messages = [staff.send(browser.handle, secrets.token_bytes(100_000)), reply(browser)[0]]
    assert browser.call("PUT", f"/p/v1/drafts/{uuid7()}", {"wrap": b64u(secrets.token_bytes(100))}).status in (200, 201)
    deposit(browser)
    browser.location = browser.create(1000).headers["Location"]
    assert browser.patch(browser.location, 0, b"x" * 500).status == 204
    far = 4_000_000_000
    portal.sql("INSERT INTO recovery_requests (handle, kind, language, due) VALUES (?, 'help', 'de', ?)", browser.handle, far)
    portal.sql("INSERT INTO recovery_links (token_hash, handle, expires) VALUES (?, ?, ?)", secrets.token_bytes(32), browser.handle, far)
    portal.sql("INSERT INTO recovery_changes (change_hash, handle, expires) VALUES (?, ?, ?)", secrets.token_bytes(32), browser.handle, far)
    portal.sql("INSERT INTO former_signature_keys (handle, generation, signature_key) VALUES (?, 0, ?)", browser.handle, b"x")
    portal.sql("INSERT INTO guard_chores (handle, chore) VALUES (?, 'nothing')", browser.handle)
    return browser


def test_what_was_shared_and_signed_only_grows():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        assert staff.call("PUT", "/api/v1/ledger/entry-1", {"entry": armored("entry")}).status == 201
        for statement in ("UPDATE ledger SET entry = 'x'", "DELETE FROM ledger", "UPDATE rosters SET roster = 'x'", "DELETE FROM rosters"):
            try:
                portal.sql(statement)  # as whoever owns the store
            except Exception as refused:  # noqa: BLE001 - two drivers, two kinds
                assert "only grows" in str(refused), refused
            else:
                raise AssertionError(statement)
        assert len(staff.call("GET", "/api/v1/ledger").json["entries"]) == 1


def test_the_services_role_may_do_what_the_service_does_and_nothing_else():
    if one_store():
        return
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        fill(portal, staff, "kunde@example.net")
        service = Service(portal)
        office = service.seal("office")
        for statement in ("CREATE TABLE siegelpost.mine (x BIGINT)", "CREATE TABLE public.mine (x BIGINT)", "CREATE TEMPORARY TABLE mine (x BIGINT)",
                          "CREATE SCHEMA mine", "CREATE FUNCTION siegelpost.scope2() RETURNS BIGINT LANGUAGE sql AS 'SELECT 1'", "DROP TABLE ledger",
                          "ALTER TABLE messages DISABLE ROW LEVEL SECURITY", "ALTER TABLE ledger DISABLE TRIGGER ledger_only_grows",
                          "DROP POLICY own ON messages", "TRUNCATE messages", "UPDATE ledger SET entry = 'x'", "DELETE FROM ledger",
                          "UPDATE rosters SET roster = 'x'", "DELETE FROM rosters", "UPDATE events SET type = 'read'", "DELETE FROM customers",
                          "DELETE FROM devices", "DELETE FROM staff", "UPDATE office SET name = 'x'", "UPDATE devices SET token_hash = ''",
                          "UPDATE staff SET address = 'x'", "UPDATE sessions SET handle = 'x'", "UPDATE blobs SET sha256 = 'x'",
                          "UPDATE blob_parts SET data = ''", "UPDATE uploads SET owner = 'x'", "SELECT key FROM scope_key",
                          "UPDATE scope_key SET key = ''", "UPDATE schema_version SET version = 1", "SELECT siegelpost.grant_service('public')",
                          "SELECT siegelpost_guard.grant_service('public')", "DROP TABLE siegelpost_guard.tries", "SET ROLE siegelpost_owner",
                          "SELECT set_config('role', 'siegelpost_owner', false)", "UPDATE siegelpost_guard.guard SET mark = ''"):
            assert service.run(office, statement) == "refused", statement
        assert service.run(office, "SELECT COUNT(*) FROM messages")[0][0] == 2, "what it may do it does"


def test_a_customers_scope_holds_one_customers_rows():
    if one_store():
        return
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        one, other = (fill(portal, staff, f"kunde{i}@example.net") for i in (1, 2))
        service = Service(portal)
        mine = service.seal(f"customer/{one.handle}")
        for table in OWN:
            assert service.run(service.seal("office"), f"SELECT COUNT(*) FROM {table} WHERE handle = %s", (other.handle,))[0][0] >= 1, table
            assert {row[0] for row in service.run(mine, f"SELECT handle FROM {table}")} == {one.handle}, table
        assert service.run(mine, "SELECT owner FROM uploads") == [(f"customer/{one.handle}",)]
        assert {row[0] for row in service.run(mine, "SELECT message FROM blobs")} == set(one.messages)
        assert service.run(mine, "SELECT DISTINCT blob FROM blob_parts") == [(one.location.rsplit("/", 1)[1],)]
        for table in ("devices", "enrolments", "ledger", "ledger_last"):
            assert service.run(mine, f"SELECT 1 FROM {table}") == [], table
        for statement, column in (("UPDATE messages SET manifest = 'x'", "handle"), ("DELETE FROM messages", "handle"),
                                  ("UPDATE customers SET state = 'frozen'", "handle"), ("DELETE FROM drafts", "handle"), ("DELETE FROM sessions", "handle")):
            assert service.run(mine, f"{statement} WHERE {column} = %s", (other.handle,)) == 0, statement
        assert service.run(mine, "INSERT INTO drafts (handle, id, changed, wrap) VALUES (%s, 'x', 1, '')", (other.handle,)) == "refused"
        assert service.run(mine, "UPDATE messages SET handle = %s", (other.handle,)) == "refused", "nothing is given away either"
        assert service.run(mine, "UPDATE staff SET staff_key = 'x'") == 0
        assert service.run(service.seal("door"), "SELECT 1 FROM messages UNION ALL SELECT 1 FROM drafts UNION ALL SELECT 1 FROM outbox "
                                                 "UNION ALL SELECT 1 FROM deposited_keys UNION ALL SELECT 1 FROM blob_parts") == []


def test_nobody_without_the_key_can_say_another_scope():
    if one_store():
        return
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        one, other = (fill(portal, staff, f"kunde{i}@example.net") for i in (1, 2))
        service = Service(portal)
        seal = service.seal(f"customer/{one.handle}").split(":")[0]
        for said in (None, "", "office", f"{'0' * 64}:office", f"{seal}:office", f"{seal}:customer/{other.handle}", f"{seal}:customer/{one.handle}x",
                     f"{seal} customer/{other.handle}", f"{hashlib.sha256(b'office').hexdigest()}:office"):
            for table in OWN:
                assert service.run(said, f"SELECT 1 FROM {table}") == [], (said, table)
        # A statement that a stranger's words got into, on the connection of a customer's request.
        injected = ("SELECT manifest FROM messages WHERE id = '' OR set_config('siegelpost.scope', %s, false) IS NOT NULL "
                    "UNION ALL SELECT m.manifest FROM (SELECT set_config('siegelpost.scope', %s, false)) s, messages m")
        rows = service.run(service.seal(f"customer/{one.handle}"), injected, (f"{seal}:customer/{other.handle}", "office"))
        others = {row[0] for row in portal.sql("SELECT manifest FROM messages WHERE handle = ?", other.handle)}
        assert others and not others & {row[0] for row in rows}


def test_what_a_customers_request_reads_is_the_customers_whatever_it_asks_for():
    if one_store():
        return
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        one = fill(portal, staff, "kunde1@example.net")
        fill(portal, staff, "kunde2@example.net")
        # From here on the store shows messages, drafts and keys to requests that say which customer they are about, and to no other.
        for table in ("messages", "drafts", "deposited_keys"):
            portal.sql(f"CREATE POLICY proof ON {table} AS RESTRICTIVE USING ((SELECT scope()) LIKE 'customer/%%')", )
        assert len(one.call("GET", "/p/v1/messages").json["messages"]) == 1
        assert len(one.call("GET", "/p/v1/messages?folder=sent").json["messages"]) == 1
        assert len(one.call("GET", "/p/v1/drafts").json["drafts"]) == 1 and len(one.call("GET", "/p/v1/keys").json["keys"]) == 1
        assert one.call("POST", f"/p/v1/messages/{one.messages[0]}/read", {}).status == 204
        assert reply(one)[1].status == 201
        assert staff.call("GET", f"/api/v1/messages/{one.messages[0]}").status == 404, "the proof works: staff's requests say something else"
        # And whoever is not logged in says "door" until a handle is known: no login reads what is not its own.
        portal.sql("CREATE POLICY proof ON customers AS RESTRICTIVE FOR SELECT USING ((SELECT scope()) = 'customer/' || handle "
                   "OR (SELECT scope()) = 'door')")
        again = Browser(portal)
        assert again.log_in(one.address, one.password).status == 200
        assert again.call("POST", "/p/v1/account/delete", {"handle": one.handle}).status == 204
        for table in OWN:
            if table not in ("customers", "events"):
                assert portal.sql(f"SELECT 1 FROM {table} WHERE handle = ?", one.handle) == [], table


def test_another_customers_message_id_is_taken():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        one, other = (customer(portal, staff, f"kunde{i}@example.net") for i in (1, 2))
        name, done = reply(one)
        assert done.status == 201
        body = {"to": "office", "manifest": armored("sent"), "in_reply_to": None, "references": [],
                "blobs": [other.upload(b"-----BEGIN PGP MESSAGE-----\n\nAAAA\n-----END PGP MESSAGE-----\n")]}
        refused = other.call("PUT", f"/p/v1/messages/{name}", body)
        assert (refused.status, refused.code) == (409, "conflict")
        assert portal.sql("SELECT handle FROM messages WHERE id = ?", name) == [(one.handle,)]


def run_admin(data, role, database, *words):
    return subprocess.run([PROGRAM, "--data", data, "--database", cluster().url(database, role=role), "admin", *words], capture_output=True, text=True,
                          timeout=60, check=False)


def test_a_service_that_may_not_says_what_to_do():
    if one_store():
        return
    with Portal(smtp=False) as portal:
        home = cluster()
        bare = home.make_database()
        data = os.path.join(portal.directory, "bare")
        refused = run_admin(data, home.service, bare, "status")
        assert refused.returncode == 1 and "admin migrate ROLE" in refused.stderr, refused.stderr
        for role, word in (("nobody_at_all", "no such role"), ("postgres", "owns the store"), (home.owner, "owns the store")):
            refused = run_admin(data, home.owner, bare, "migrate", role)
            assert refused.returncode == 1 and word in refused.stderr, refused.stderr
        assert run_admin(data, home.owner, bare, "migrate").returncode == 0, "without a role it only makes the tables"
        refused = run_admin(data, home.service, bare, "status")
        assert refused.returncode == 1 and "admin migrate ROLE" in refused.stderr, refused.stderr
        assert run_admin(data, home.owner, bare, "migrate", home.service).returncode == 0
        assert run_admin(data, home.service, bare, "status").returncode == 0
        # A store that takes our seal for a forgery would look empty.
        home.run(bare, "UPDATE scope_key SET key = 'x'")
        refused = run_admin(data, home.service, bare, "status")
        assert refused.returncode == 1 and "guard.key" in refused.stderr, refused.stderr
        assert run_admin(data, home.owner, bare, "migrate", home.service).returncode == 0
        assert run_admin(data, home.service, bare, "status").returncode == 0


def old_sqlite(portal):
    """A store as the version before made it."""
    os.makedirs(portal.data, mode=0o700)
    with sqlite3.connect(os.path.join(portal.data, "portal.db")) as database:
        for step in ("001-first", "002-accounts", "003-office"):
            with open(os.path.join(SQL, "sqlite", step + ".sql"), encoding="utf-8") as file:
                database.executescript(file.read())
        database.execute("PRAGMA user_version = 3")


def old_postgres(portal):
    home = cluster()
    portal.database = home.make_database()
    portal.options[portal.options.index("--database") + 1] = home.url(portal.database, role=home.service)
    shown = []
    for schema, folder, steps in (("siegelpost", "postgres", ("001-first", "002-accounts", "003-office")),
                                  ("siegelpost_guard", "postgres-guard", ("001-counters", "002-recovery"))):
        shown.append(f"CREATE SCHEMA {schema}; SET search_path TO {schema}; CREATE TABLE schema_version (version BIGINT NOT NULL);")
        for number, step in enumerate(steps, 1):
            with open(os.path.join(SQL, folder, step + ".sql"), encoding="utf-8") as file:
                shown.append(file.read() + f"; INSERT INTO schema_version VALUES ({number});")
    home.run(portal.database, f"SET ROLE {home.owner}; " + "\n".join(shown))


def test_a_store_of_before_is_brought_up_to_date():
    with Portal(smtp=False, init=False) as portal:
        if portal.needs_files():
            old_sqlite(portal)
        else:
            old_postgres(portal)
        columns = ("INSERT INTO customers (handle, address, state, generation, language, mailbox_key, escrow, salt, invited_digest, registered, created) "
                   "VALUES (?, ?, 'registered', 2, 'de', 'k', 'e', ?, ?, 500, 1)")
        for handle in ("a" * 32, "b" * 32):
            portal.sql(columns, handle, f"{handle[0]}@example.net", b"s", b"d")
        for name, handle, when in (("before", "a" * 32, 400), ("since", "a" * 32, 600)):
            portal.sql("INSERT INTO deposited_keys (handle, id, kind, content, signature, deposited) VALUES (?, ?, 'openpgp', 'c', 's', ?)", handle, name, when)
        portal.sql("INSERT INTO ledger (n, id, device, entry, created) VALUES (1, 'x', 'd', 'e', 1)")
        if portal.database:
            home = cluster()
            assert run_admin(portal.data, home.owner, portal.database, "migrate", home.service).returncode == 0
        assert "customers registered\t2" in portal.admin("status").stdout
        assert dict(portal.sql("SELECT id, generation FROM deposited_keys")) == {"before": 0, "since": 2}
        assert portal.sql("SELECT entry FROM ledger") == [("e",)]
        assert portal.admin("status").returncode == 0, "twice is once"
