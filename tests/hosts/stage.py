# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage on which the tests of this folder play: an office, Evolution on it, and pictures of what went wrong."""

import os
import re
import shutil
import signal
from contextlib import contextmanager

from gi.repository import GLib

import evolution_profile
from evolution_app import Evolution
from mail_system import imap_server_present
from office import OFFICE_DOMAIN, Office
from scratch import build_dir, wait_for

SPOOL_PATTERN = "siegelpost"


def what_is_missing(build):
    """The first thing without which nothing can be played here, or None."""
    for path in ("plugin/evolution/module-siegelpost.so", "plugin/agent/siegelpost-agent"):
        if not (build / path).exists():
            return path
    for program in ("evolution", "Xvfb", "openbox", "xdotool", "gnome-keyring-daemon", "gpg"):
        if shutil.which(program) is None:
            return program
    return None if imap_server_present() else "dovecot-imapd"


@contextmanager
def office(checks, name):
    """An office whose failed checks leave a picture and Evolution's own words."""
    with Office(language="de", name=name) as one:
        def picture(sentence, _error):
            directory = build_dir() / "hosts"
            directory.mkdir(exist_ok=True)
            stem = re.sub(r"\W+", "-", sentence)[:60]
            try:
                one.desktop.screenshot(directory / f"{stem}.png")
            except Exception as error:  # there may be no screen yet
                print(f"#   no picture: {error}")
            log = one.scratch.logs / "evolution.log"
            if log.exists():
                print("\n".join(f"#   evolution: {line}" for line in log.read_text(errors="replace").splitlines()[-5:]))
        checks.on_failure = picture
        try:
            yield one
        finally:
            checks.on_failure = None


def seed(one, **account):
    """Write the profile; account replaces settings of the account's source: FilterInbox="true"."""
    uid = evolution_profile.seed(one.desktop, one.mail, one.sabine.address)
    path = one.desktop.config / "evolution" / "sources" / f"{uid}.source"
    text = path.read_text()
    for key, value in account.items():
        text = re.sub(rf"^{key}=.*$", f"{key}={value}", text, flags=re.MULTILINE)
    path.write_text(text)
    one.settings(own_domains=f"['{OFFICE_DOMAIN}']")


def start(one):
    """Start Evolution on the profile as it is now (after a crash, or with the module put back)."""
    one.start_session()
    one.evolution = Evolution(one.desktop).start()
    return one.evolution


def outbox(one):
    """The files of Evolution's own outbox that are not marked as deleted."""
    folder = one.desktop.data / "evolution" / "mail" / "local" / ".Outbox"
    return [path for part in ("cur", "new") for path in sorted((folder / part).glob("*"))
            if "T" not in path.name.rpartition(",")[2]]


def wait_for_outbox(one, count, seconds=30):
    """Wait until so many mails lie in the outbox."""
    return wait_for(f"{count} mail(s) in the outbox", lambda: len(outbox(one)) == count and (outbox(one), True)[0:1],
                    seconds, 0.2)


def stop_agent(one):
    """End the agent, and make it impossible to start another."""
    service = one.desktop.data / "dbus-1" / "services" / "org.siegelpost.Agent1.service"
    saved = service.read_text()
    service.write_text("[D-BUS Service]\nName=org.siegelpost.Agent1\nExec=/bin/false\n")
    one.desktop.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path",
                     "/org/freedesktop/DBus", "--method", "org.freedesktop.DBus.ReloadConfig"])
    pid = agent_pid(one)
    if pid:
        os.kill(pid, 9)
        wait_for("the agent's end", lambda: agent_pid(one) is None, 10, 0.05)

    def back():
        service.write_text(saved)
        one.desktop.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path",
                         "/org/freedesktop/DBus", "--method", "org.freedesktop.DBus.ReloadConfig"])
    return back


@contextmanager
def agent_asleep(one):
    """The agent is there and does not answer; afterwards it answers all that it was asked."""
    pid = agent_pid(one)
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def prepare(one, mail, draft_id):
    """Let the agent seal a mail as another window would; returns the job."""
    descriptor = os.memfd_create("mail")
    os.write(descriptor, mail.as_bytes())
    options = {"draft-id": GLib.Variant("s", draft_id)}
    try:
        return one.agent.call("Prepare", GLib.Variant("(ha{sv})", (0, options)), files=[descriptor])[0]
    finally:
        os.close(descriptor)


def agent_pid(one):
    """The agent's process, or None."""
    answer = one.desktop.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus", "--object-path",
                              "/org/freedesktop/DBus", "--method",
                              "org.freedesktop.DBus.GetConnectionUnixProcessID", "org.siegelpost.Agent1"], check=False)
    found = re.search(r"uint32 (\d+)", answer.stdout)
    return int(found.group(1)) if found else None
