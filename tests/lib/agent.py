# SPDX-License-Identifier: GPL-3.0-or-later
"""The agent of a session, spoken to over its bus as a host module does (org.siegelpost.Agent1)."""

import json

from gi.repository import Gio, GLib

from scratch import wait_for

NAME = "org.siegelpost.Agent1"
PATH = "/org/siegelpost/Agent1"
JOB = "org.siegelpost.Job1"


class AgentError(AssertionError):
    """The agent refused; `nick` is the last part of the D-Bus error's name."""

    def __init__(self, error):
        remote = Gio.DBusError.get_remote_error(error) or "?"
        super().__init__(f"{remote}: {error.message}")
        self.nick = remote.rpartition(".")[2]


class Agent:
    """One caller of the agent; a job lives as long as its caller."""

    def __init__(self, bus_address):
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
                 Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        self.bus = Gio.DBusConnection.new_for_address_sync(bus_address, flags, None, None)

    def call(self, method, arguments=None, path=PATH, interface=NAME, seconds=60, files=()):
        """One call; files are descriptors that the arguments name by index."""
        descriptors = Gio.UnixFDList()
        for one in files:
            descriptors.append(one)
        try:
            answer, _unused = self.bus.call_with_unix_fd_list_sync(
                NAME, path, interface, method, arguments, None, Gio.DBusCallFlags.NONE,
                int(seconds * 1000), descriptors, None)
        except GLib.Error as error:
            raise AgentError(error) from None
        return answer.unpack()

    def get(self, name, path=PATH, interface=NAME):
        """A property."""
        return self.call("Get", GLib.Variant("(ss)", (interface, name)), path,
                         "org.freedesktop.DBus.Properties")[0]

    def result(self, job, seconds=120):
        """Wait for a job's end; returns its Result (JSON decoded, "" as None)."""
        said = self.call("Result", None, job, JOB, seconds)[0]
        self.call("Close", None, job, JOB)
        return json.loads(said) if said else None

    def enrol(self, url, token, address, seconds=180):
        """Enrol this session at a portal."""
        job = self.call("EnrolPortal", GLib.Variant("(sss)", (url, token, address)))[0]
        return self.result(job, seconds)

    def portal_status(self):
        """What the agent knows of the portal."""
        return json.loads(self.call("PortalStatus")[0])

    def portal_customer(self, address):
        """{"address", "state", "code", "valid_until"}."""
        return json.loads(self.call("PortalCustomer", GLib.Variant("(s)", (address,)))[0])

    def spool(self):
        """What waits in the spool."""
        return json.loads(self.call("SpoolList")[0])

    def retry_spool(self):
        """Try everything that waits now, and not when the clock says so."""
        self.call("SpoolRetry", GLib.Variant("(s)", ("",)))

    def wait_until_spool_is_empty(self, seconds=60):
        """Wait until no copy waits for the portal any more."""
        wait_for("an empty spool", lambda: self.get("SpoolWaiting") == 0, seconds, 0.3)

    def wait_for_history(self, seconds=60):
        """Wait until the host has fed the whole history."""
        wait_for("a complete history", lambda: self.get("HistoryState") == "complete", seconds, 0.3)

    def set(self, key, value):
        """Change a setting: set("portal-url", GLib.Variant("s", "..."))."""
        self.call("SetSetting", GLib.Variant("(sv)", (key, value)))

    def add_matter(self, reference, title):
        """A matter."""
        self.call("AddMatter", GLib.Variant("(ss)", (reference, title)))

    def close(self):
        """Leave the bus; jobs of this caller end."""
        self.bus.close_sync(None)
