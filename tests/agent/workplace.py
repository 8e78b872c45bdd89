# SPDX-License-Identifier: GPL-3.0-or-later
"""The office without a screen: bus, unlocked keyring, agent, portal. What a host module does is done here by hand."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lib"))

from gi.repository import GLib  # noqa: E402

from agent import Agent, AgentError  # noqa: E402, F401
from desktop import KEYRING_PASSWORD  # noqa: E402
from mail_system import plain_mail  # noqa: E402
from office import Office  # noqa: E402
from scratch import build_dir, wait_for  # noqa: E402

PREPARE = "(ha{sv})"


class Workplace(Office):
    """Sabine's session, with no window in it."""

    def __init__(self, name="agent", language="en"):
        super().__init__(language=language, name=name)
        self.keyring = None
        self.agent_process = None

    def start_session(self):
        if not self._session:
            self.settings(own_domains="['agentur.example']")
            self.desktop.add_product()
            self.desktop._start_bus()
            os.environ["DBUS_SESSION_BUS_ADDRESS"] = self.desktop.env["DBUS_SESSION_BUS_ADDRESS"]
            self.start_keyring()
            self._session = True
        return self.desktop

    def start_keyring(self):
        """gnome-keyring, unlocked."""
        self.keyring = self.desktop._keep(
            ["gnome-keyring-daemon", "--unlock", "--foreground", "--components=secrets"],
            stdin=subprocess.PIPE)
        self.keyring.stdin.write(KEYRING_PASSWORD)
        self.keyring.stdin.close()
        self.desktop.run(["gdbus", "wait", "--session", "--timeout", "20", "org.freedesktop.secrets"])

    def lock_keyring(self):
        """Every collection is locked, as after a screen lock with a strict keyring."""
        self.desktop.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.secrets",
                          "--object-path", "/org/freedesktop/secrets", "--method",
                          "org.freedesktop.Secret.Service.Lock",
                          "['/org/freedesktop/secrets/collection/login']"])

    def secret(self, kind, scope):
        """What the keyring holds for Siegelpost, asked as any program of the user can."""
        from gi.repository import Gio
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
                 Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        bus = Gio.DBusConnection.new_for_address_sync(
            self.desktop.env["DBUS_SESSION_BUS_ADDRESS"], flags, None, None)

        def call(path, interface, method, arguments):
            return bus.call_sync("org.freedesktop.secrets", path, interface, method, arguments, None,
                                 Gio.DBusCallFlags.NONE, 10000, None).unpack()

        service = "/org/freedesktop/secrets"
        session = call(service, "org.freedesktop.Secret.Service", "OpenSession",
                       GLib.Variant("(sv)", ("plain", GLib.Variant("s", ""))))[1]
        found = call(service, "org.freedesktop.Secret.Service", "SearchItems",
                     GLib.Variant("(a{ss})", ({"kind": kind, "scope": str(scope)},)))[0]
        value = call(found[0], "org.freedesktop.Secret.Item", "GetSecret", GLib.Variant("(o)", (session,)))
        bus.close_sync(None)
        return bytes(value[0][2]).decode()

    # The agent as a process that can be killed

    def start_agent(self, *options):
        """An agent of our own, in the place of the one that the bus would start."""
        self.start_session()
        program = build_dir() / "plugin" / "agent" / "siegelpost-agent"
        self.agent_process = self.desktop.spawn([program, *options], log="agent")
        wait_for("the agent", lambda: self.desktop.has_bus_name("org.siegelpost.Agent1"), 15)
        return self.agent_process

    def kill_agent(self):
        """SIGKILL, as a crash would."""
        self.agent_process.kill()
        self.agent_process.wait(10)
        wait_for("the name to be free",
                 lambda: not self.desktop.has_bus_name("org.siegelpost.Agent1"), 10)

    def restart_agent(self, *options):
        """End whichever agent has the name, and start ours."""
        if self.desktop.has_bus_name("org.siegelpost.Agent1"):
            answer = self.desktop.run(["gdbus", "call", "--session", "--dest", "org.freedesktop.DBus",
                                       "--object-path", "/org/freedesktop/DBus", "--method",
                                       "org.freedesktop.DBus.GetConnectionUnixProcessID",
                                       "org.siegelpost.Agent1"])
            os.kill(int(answer.stdout.split()[1].strip(",)")), signal.SIGTERM)
            wait_for("the end of the agent",
                     lambda: not self.desktop.has_bus_name("org.siegelpost.Agent1"), 20)
            if self.agent_process is not None:
                self.scratch.stop(self.agent_process)
        return self.start_agent(*options)

    @property
    def state(self):
        """The agent's state directory."""
        return self.desktop.data / "siegelpost"

    # What a host module does

    def compose(self, *recipients, subject="Ihre Anfrage", text="Guten Tag.\n", reply_to=None, attachment=None):
        """A composed mail of Sabine's (bytes)."""
        headers = {"In_Reply_To": reply_to, "References": reply_to} if reply_to else {}
        message = plain_mail(self.sabine, recipients[0], subject, text, **headers)
        if len(recipients) > 1:
            message.replace_header("To", ", ".join(str(one) for one in recipients))
        if attachment:
            name, content = attachment
            message.add_attachment(content, maintype="application", subtype="pdf", filename=name)
        return message.as_bytes()

    def start_prepare(self, mail, draft_id, **options):
        """Prepare; returns the job's path."""
        memory = os.memfd_create("mail")
        os.write(memory, mail) if len(mail) < 1 << 20 else write_all(memory, mail)
        values = {"draft-id": GLib.Variant("s", draft_id)}
        for name, value in options.items():
            kind = "as" if isinstance(value, list) else "a{ss}" if isinstance(value, dict) else "s"
            values[name.replace("_", "-")] = GLib.Variant(kind, value)
        try:
            return self.agent.call("Prepare", GLib.Variant(PREPARE, (0, values)), files=[memory])[0]
        finally:
            os.close(memory)

    def prepare(self, mail, draft_id, **options):
        """Prepare to its end; returns the result."""
        return self.agent.result(self.start_prepare(mail, draft_id, **options))

    def pending(self):
        """[(copy id, is sent copy, from, recipients, bytes)]"""
        return pending(self.agent)

    def take_over(self, copy):
        self.agent.call("TakenOver", GLib.Variant("(s)", (copy,)))

    def may_leave(self, copy, digest, recipients):
        return self.agent.call("MayLeave", GLib.Variant("(ssas)", (copy, digest, recipients)))

    def customer_inquires(self, customer, subject="Frage", text="Guten Tag, ich habe eine Frage.\n"):
        """A customer's mail, known to the history; returns its Message-ID."""
        message = plain_mail(customer, self.sabine, subject, text)
        path = self.scratch.path / f"inquiry-{len(list(self.scratch.path.glob('inquiry-*')))}.eml"
        path.write_bytes(message.as_bytes())
        self.cli("history", "add", path)
        return message["Message-ID"]


def write_all(fd, data):
    view = memoryview(data)
    while view:
        view = view[os.write(fd, view):]


def pending(agent):
    """Agent1.Pending with the bytes read."""
    from gi.repository import Gio
    answer, files = agent.bus.call_with_unix_fd_list_sync(
        "org.siegelpost.Agent1", "/org/siegelpost/Agent1", "org.siegelpost.Agent1", "Pending", None,
        None, Gio.DBusCallFlags.NONE, 60000, None, None)
    copies = []
    for copy, is_sent, sender, recipients, handle in answer.unpack()[0]:
        with os.fdopen(files.get(handle), "rb") as stream:
            stream.seek(0)
            copies.append((copy, is_sent, sender, recipients, stream.read()))
    return copies


def find_in_files(directory, needles):
    """Files below a directory that hold one of these byte strings, raw or in UTF-16, base64 or hex."""
    import base64
    forms = {}
    for needle in needles:
        raw = needle.encode()
        forms[needle] = [raw, needle.encode("utf-16-le"), raw.hex().encode(), base64.b64encode(raw)[:-4]]
    found = []
    for path in Path(directory).rglob("*"):
        if not path.is_file():
            continue
        content = path.read_bytes()
        found += [f"{path}: {needle}" for needle, wanted in forms.items()
                  if any(form in content for form in wanted)]
    return found


__all__ = ["build_dir", "plain_mail", "AgentError", "Workplace", "find_in_files", "json", "pending", "wait_for"]
