# SPDX-License-Identifier: GPL-3.0-or-later
"""P10 to P15, and P12's part of P16: the portal against nginx, libsodium, OpenPGP.js and Roundcube, each in the same run."""

import os
import secrets
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "portal"), str(HERE.parents[1] / "lib")]

import inbox  # noqa: E402
import load  # noqa: E402
import login  # noqa: E402
import pages  # noqa: E402
import reference_roundcube  # noqa: E402
import transfer  # noqa: E402
from reference_nginx import Nginx, make_certificate  # noqa: E402
from scratch import Scratch  # noqa: E402


def load_harness(build):
    """The portal tests' own means; they take the build folder from the environment."""
    os.environ["SGP_BUILD_DIR"] = str(build)
    os.environ["TMPDIR"] = "/var/tmp"  # not where files are in memory: the disk is part of what is measured
    tempfile.tempdir = None
    os.environ.pop("SGP_PORTAL_STORE", None)
    import harness  # noqa: PLC0415
    return harness


def large_uploads(table, harness, nginx):
    with harness.Portal(smtp=False) as portal:
        staff = harness.Staff(portal)
        browser = harness.customer(portal, staff)
        transfer.uploads(table, portal, staff, nginx)
        transfer.small_writes(table, "drafts of 14 KB saved", nginx, lambda: transfer.OurDraft(harness, portal, browser))
        transfer.small_writes(table, "uploads of 14 KB, begun, done and removed", nginx, lambda: transfer.OurSmallUpload(portal, staff))


def large_downloads(table, harness, scratch, nginx):
    """The same file over nothing, and over the same TLS."""
    secure = ("--tls-cert", str(scratch.path / "tls.crt"), "--tls-key", str(scratch.path / "tls.key"))
    blob = secrets.token_bytes(transfer.SIZE)
    (nginx.web / "blob").write_bytes(blob)
    with harness.Portal(smtp=False) as portal:
        staff = harness.Staff(portal)
        browser = harness.customer(portal, staff)
        path = f"/p/v1/messages/{staff.send(browser.handle, blob)}/blobs/0"
        headers = (inbox.sessions_header(browser),)
        for what, certificate in (("plain", None), ("the same TLS", scratch.path / "tls.crt")):
            if certificate:
                portal.stop()
                portal.options += [*secure, "--origin", portal.origin]  # the session was begun without TLS
                portal.port = None
                portal.start()
            ours = transfer.Connection(portal.port, certificate)
            theirs = transfer.Connection(nginx.tls_port if certificate else nginx.port, certificate)
            transfer.downloads(table, what, ours, path, headers, theirs)
            ours.close()
            theirs.close()


def logins(table, harness, build):
    with harness.Portal(smtp=False) as portal:
        login.logins(table, harness, portal, harness.Staff(portal), build / "tests" / "bench")


def requests(table, harness, nginx, roundcube, quick):
    if not load.find_wrk():
        table.skipped.append("P12 and its part of P16: wrk is not installed (packaging/install-deps --bench)")
        return
    with harness.Portal(smtp=False) as portal:
        staff = harness.Staff(portal)
        browser = harness.customer(portal, staff)
        inbox.fill_mailbox(harness, staff, browser)
        if roundcube:
            inbox.compare_roundcube(table, portal, browser, roundcube)
        inbox.growth(table, harness, portal, browser, nginx, quick)


def begin_roundcube(table, scratch):
    """Roundcube with an inbox of 50, or None and the reason in the table."""
    missing = reference_roundcube.find_missing()
    if missing:
        table.skipped.append(f"P12 and P15 against Roundcube: {missing} (packaging/install-deps --bench)")
        return None
    return reference_roundcube.Roundcube(scratch, inbox.MESSAGES)


def portal(table, build, quick):
    """All of it. What has no reference here is told and not measured."""
    harness = load_harness(build)
    if not Nginx.find():
        table.skipped.append("P10 to P15: nginx is not installed (packaging/install-deps)")
        return
    with Scratch("bench-portal") as scratch:
        make_certificate(scratch)
        roundcube = begin_roundcube(table, scratch)
        nginx = Nginx(scratch, roundcube.nginx_server if roundcube else "")
        if roundcube:
            roundcube.log_in()
        large_uploads(table, harness, nginx)
        large_downloads(table, harness, scratch, nginx)
        requests(table, harness, nginx, roundcube, quick)
        logins(table, harness, build)
        pages.measure(table, build, f"http://127.0.0.1:{roundcube.port}/" if roundcube else None)
        harness.close_opaque()
    table.notes.append("PrivateBin is no package of Debian's; P12's and P14's goals against it were not measured")

