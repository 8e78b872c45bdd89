# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator sees: metrics, health, the janitor's proof, the unit and the samples."""

import os
import re
import secrets
import shutil
import subprocess
import time
import urllib.error
import urllib.request

from harness import BUILD, HERE, Portal, Skip, Staff, customer, uuid7, wait_until

PACKAGING = os.path.join(HERE, "..", "..", "packaging")


def metrics(portal):
    """The numbers by name and labels; every line is checked."""
    address = wait_until(lambda: re.findall(r"metrics at=(\S+)", portal.log()))[-1]
    with urllib.request.urlopen(address, timeout=20) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
        text = answer.read().decode()
    numbers, typed = {}, {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name, kind = line.split(" ")[2:]
            assert name not in typed, line
            typed[name] = kind
        elif not line.startswith("# HELP "):
            found = re.fullmatch(r'([a-z_]+)(\{[a-z_]+="[^"\\]*"(?:,[a-z_]+="[^"\\]*")*\})? (-?[0-9.e+-]+)', line)
            assert found, line
            assert found[1] in typed or re.sub("_(bucket|count|sum)$", "", found[1]) in typed, line
            key = found[1].removeprefix("siegelpost_") + (found[2] or "")
            assert key not in numbers, line
            numbers[key] = float(found[3])
    return numbers, text


def test_metrics_count_requests_by_route_and_class_and_never_name_anybody():
    with Portal("--metrics-listen", "127.0.0.1:0") as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        name = staff.send(browser.handle)
        portal.sink.wait(1)
        for _ in range(3):
            assert staff.call("GET", f"/api/v1/messages/{name}").status == 200
        assert staff.call("GET", f"/api/v1/messages/{uuid7()}").status == 404
        portal.request("GET", "/nowhere/canary-path")
        portal.request("CANARY", "/nowhere")
        numbers, text = metrics(portal)
        route = 'method="GET",route="/api/v1/messages/{}"'
        assert numbers[f'requests_total{{{route},status="2xx"}}'] == 3 and numbers[f'requests_total{{{route},status="4xx"}}'] == 1
        assert numbers[f"request_seconds_count{{{route}}}"] == numbers[f'request_seconds_bucket{{{route},le="+Inf"}}'] == 4
        buckets = [numbers[f'request_seconds_bucket{{{route},le="{bound}"}}'] for bound in ("0.005", "0.025", "0.1", "0.5", "2.5", "10")]
        assert buckets == sorted(buckets) and 0 < numbers[f"request_seconds_sum{{{route}}}"] < 40
        assert numbers['request_seconds_count{method="-",route="-"}'] == 2, "one series for all that is not in the table"
        assert numbers["store_up"] == 1 and numbers['customers{state="registered"}'] == 1 and numbers["messages_unread"] == 1
        assert numbers['devices{state="approved"}'] == 1 and numbers["sessions"] == 1
        for canary in ("canary", "CANARY", "kunde", "example.net", "office.example", browser.handle, name, staff.bearer, staff.device):
            assert canary not in text, canary


def test_metrics_tell_of_mail_that_does_not_go_out_and_of_uploads_that_stay_open():
    with Portal("--metrics-listen", "127.0.0.1:0") as portal:
        portal.sink.refuse["rcpt"] = "451 later"
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        staff.send(handle)
        staff.create(1000)
        assert wait_until(lambda: portal.sql("SELECT tries FROM outbox") == [(1,)])
        portal.sql("UPDATE outbox SET queued = queued - 5000, due = due - 6000")
        portal.sql("UPDATE customers SET invitation_expires = 5")
        numbers, _ = metrics(portal)
        assert numbers['outbox_mails{state="queued"}'] == 1 and 5000 <= numbers["outbox_oldest_due_seconds"] < 5100
        assert numbers["uploads_open"] == 1 and numbers['customers{state="expired"}'] == 1
        portal.sink.refuse["rcpt"] = "550 never"
        portal.sql("UPDATE outbox SET due = 1")
        portal.restart()
        assert wait_until(lambda: metrics(portal)[0].get('outbox_mails{state="failed"}') == 1)


def test_metrics_are_not_on_the_portals_own_address_and_on_this_computer_only():
    with Portal("--metrics-listen", "127.0.0.1:0", smtp=False) as portal:
        assert b"siegelpost_" not in portal.request("GET", "/metrics").body
        address = re.search(r"metrics at=(http://[0-9.:]+)/metrics", portal.log())[1]
        for path in ("/", "/api/v1/office", "/metrics/x"):
            try:
                with urllib.request.urlopen(address + path, timeout=20) as answer:
                    raise AssertionError((path, answer.status))
            except urllib.error.HTTPError as refused:
                assert refused.code == 404, path
        done = subprocess.run([os.path.join(BUILD, "portal", "server", "siegelpost-portal"), "--data", portal.data + "2", "--listen", "127.0.0.1:0",
                               "--metrics-listen", "0.0.0.0:0"], capture_output=True, text=True, timeout=20)
        assert done.returncode == 1 and "this computer only" in done.stderr and not done.stdout


def test_health_and_readiness_tell_the_truth_when_the_store_is_away():
    with Portal("--metrics-listen", "127.0.0.1:0", smtp=False) as portal:
        if portal.needs_files():
            return  # SQLite is never away
        from postgres_cluster import Cluster
        own = Cluster().initialise().start()
        try:
            away = Portal("--metrics-listen", "127.0.0.1:0", smtp=False, init=False)
            away.database = own.make_database()
            away.options[1] = own.url(away.database)
            away.known_complaints += ["error mailer", "error janitor"]
            away.admin = lambda *words: subprocess.run([os.path.join(BUILD, "portal", "server", "siegelpost-portal"), "--data", away.data, "--database",
                                                        own.url(away.database), "admin", *words], check=True, capture_output=True, timeout=60)
            away.admin("init", "--office", "A", "--support-phone", "1", "--support-mail", "h@a.example", "--portal-mail", "p@a.example")
            with away:
                away.start()
                assert away.request("GET", "/readyz").status == 200
                own.stop("immediate")
                begun = time.monotonic()
                refused = away.request("GET", "/readyz")
                assert (refused.status, refused.code) == (503, "busy") and time.monotonic() - begun < 15
                assert away.request("GET", "/healthz").status == 200, "alive: a restart would not help"
                assert metrics(away)[0]["store_up"] == 0
                assert away.request("GET", "/p/v1/office").code == "busy"
                own.start()
                assert wait_until(lambda: away.request("GET", "/readyz").status == 200, 20)
                assert metrics(away)[0]["store_up"] == 1
        finally:
            own.remove()


def test_what_the_janitor_deletes_is_gone_from_the_disk_and_counted():
    with Portal("--metrics-listen", "127.0.0.1:0", smtp=False) as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        small, large, manifest = (b"canary-small-" + secrets.token_hex(20).encode(), b"canary-large-" + secrets.token_hex(100_000).encode(),
                                  "canary-manifest-" + secrets.token_hex(20))
        name = uuid7()
        body = staff.message(browser.handle, small, large, manifest=f"-----BEGIN PGP MESSAGE-----\n\n{manifest}\n-----END PGP MESSAGE-----\n")
        assert staff.call("PUT", f"/api/v1/messages/{name}", body).status == 201
        assert staff.call("POST", f"/api/v1/messages/{name}:publish", {}).status == 200
        kept = staff.send(browser.handle, b"kept-" + secrets.token_bytes(100_000))

        def stored():
            """What a dump, or the files as they lie on the disk, say."""
            if portal.database:
                return b"".join(bytes(cell) if not isinstance(cell, str) else cell.encode() for statement in (
                    "SELECT manifest FROM messages", "SELECT data FROM blobs WHERE data IS NOT NULL", "SELECT data FROM blob_parts ORDER BY blob, start")
                    for (cell,) in portal.sql(statement))
            return portal.everything_stored()

        canaries = (small, large[:60], large[100_000:100_060], manifest.encode())
        before = stored()
        assert all(canary in before for canary in canaries), "they were there"
        portal.sql("UPDATE messages SET expires = 1 WHERE id = ?", name)
        lines = portal.log().count("\njanitor ")
        portal.restart()
        assert wait_until(lambda: portal.log().count("\njanitor ") > lines)
        after = stored()
        assert not [canary for canary in canaries if canary in after]
        assert staff.call("GET", f"/api/v1/messages/{name}").json["state"] == "expired"
        assert staff.call("GET", f"/api/v1/messages/{kept}").json["state"] == "published"
        line = [line for line in portal.log().splitlines() if line.startswith("janitor ")][-1]
        assert line == f"janitor messages=1 blobs=2 bytes={len(small) + len(large)} uploads=0 orphans=0", line
        numbers, _ = metrics(portal)
        assert numbers['janitor_deleted_total{what="messages"}'] == 1 and numbers['janitor_deleted_total{what="bytes"}'] == len(small) + len(large)
        assert abs(numbers["janitor_last_seconds"] - time.time()) < 30
        assert "1 blobs in 1 messages, 0 damaged, 0 orphans" in portal.admin("verify").stdout


def test_verify_tells_of_orphans_and_the_janitor_takes_them():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        blob = staff.upload(b"x" * 100_000)["upload"]
        fresh = staff.upload(b"x" * 100_000)["upload"]
        assert wait_until(lambda: "janitor messages=" in portal.log(), 30), "the sweep of the start comes before what it is not to find"
        portal.sql("DELETE FROM uploads")
        portal.make_blob_old(blob)
        assert "0 damaged, 1 orphans" in portal.admin("verify").stdout, "the other may be on its way"
        portal.restart()
        assert wait_until(lambda: portal.blob_names() == {fresh})
        assert "0 damaged, 0 orphans" in portal.admin("verify").stdout


def test_a_configuration_file_is_enough():
    with Portal(smtp=False) as portal:
        with open(os.path.join(PACKAGING, "portal", "portal.conf"), encoding="utf-8") as file:
            sample = file.read()
        path = os.path.join(portal.directory, "portal.conf")
        # Every line of the sample, those that are off as well, except what excludes another one.
        lines = [re.sub("^#(?=[a-z-]+=)", "", line) for line in sample.splitlines()]
        names = {line.split("=")[0] for line in lines if re.match("[a-z-]+=", line)}
        shown = subprocess.run([os.path.join(BUILD, "portal", "server", "siegelpost-portal"), "--help"], capture_output=True, text=True, timeout=20).stdout
        assert names and all(re.search(f"--{name}[= ]", shown) for name in names), names
        with open(path, "w", encoding="utf-8") as file:
            file.write(sample.replace("listen=127.0.0.1:8480", "listen=127.0.0.1:0").replace("smtp=127.0.0.1:25", "smtp=127.0.0.1:1"))
        portal.stop()
        portal.options = portal.options[:2] if portal.database else []
        portal.port = None
        process = subprocess.Popen([os.path.join(BUILD, "portal", "server", "siegelpost-portal"), "--data", portal.data, *portal.options, "--config", path],
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        try:
            port = int(process.stdout.readline().rsplit(":", 1)[1])
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/p/v1/office", timeout=20) as answer:
                assert b'"origin":"https://portal.office.example"' in answer.read()
        finally:
            process.terminate()
            assert process.wait(70) == 0
            process.stdout.close()


def test_the_unit_is_hardened():
    tool = shutil.which("systemd-analyze")
    unit = os.path.join(BUILD, "portal", "server", "siegelpost-portal.service")
    if tool is None:
        raise Skip("systemd is missing")
    done = subprocess.run([tool, "security", "--offline=true", "--threshold=10", "--no-pager", unit], capture_output=True, text=True, timeout=60, check=False)
    if "unrecognized option" in done.stderr:
        raise Skip("this systemd cannot judge a file")
    assert done.returncode == 0, done.stdout[-600:] + done.stderr
    with open(unit, encoding="utf-8") as file:
        assert "@" not in re.sub("SystemCallFilter=.*|#.*", "", file.read()), "every place was filled in"


def test_the_sample_for_nginx_is_understood():
    nginx = shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")
    if nginx is None:
        raise Skip("nginx is missing")
    with Portal(init=False, smtp=False) as portal:
        with open(os.path.join(PACKAGING, "portal", "nginx.conf"), encoding="utf-8") as file:
            sample = file.read()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=portal.office.example",
                        "-keyout", os.path.join(portal.directory, "key.pem"), "-out", os.path.join(portal.directory, "cert.pem")],
                       check=True, capture_output=True, timeout=60)
        sample = sample.replace("/etc/letsencrypt/live/portal.office.example/fullchain.pem", os.path.join(portal.directory, "cert.pem"))
        sample = sample.replace("/etc/letsencrypt/live/portal.office.example/privkey.pem", os.path.join(portal.directory, "key.pem"))
        path = os.path.join(portal.directory, "nginx.conf")
        with open(path, "w", encoding="utf-8") as file:
            file.write(f"pid {portal.directory}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{sample}\n}}\n")
        done = subprocess.run([nginx, "-t", "-c", path, "-p", portal.directory], capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0 and "warn" not in done.stderr, done.stderr


def test_a_janitor_that_cannot_read_the_retention_erases_nothing():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        staff.send(handle)
        portal.sql("UPDATE messages SET state = 'stored'")
        portal.known_complaints.append("retention_days")
        portal.kill()
        portal.sql("ALTER TABLE office RENAME COLUMN retention_days TO away")
        before = len(portal.log())
        portal.start()
        assert wait_until(lambda: re.search(r"^(error )?janitor", portal.log()[before:], re.MULTILINE))
        assert portal.sql("SELECT state FROM messages") == [("stored",)]
