# SPDX-License-Identifier: GPL-3.0-or-later
"""The windows on the screen as AT-SPI tells them, asked for over D-Bus.

Spoken directly by GDBus and not by libatspi: that library answers signals in the middle of a call
and then waits for itself (at-spi2-core 2.46). It may come back once Debian 12 is no longer served.
Every answer is asked anew and every question has a time limit: an object that went away meanwhile
is "not there", never a hang.
"""

import os

from gi.repository import Gio, GLib

from scratch import wait_for

BUTTONS = ("push button", "button", "toggle button")  # Debian 12 / Debian 13
LISTS = ("tree table", "table")
DOCUMENTS = ("document web", "document frame")
CALL_LIMIT_MS = 5000
STATES = {"ACTIVE": 1, "BUSY": 3, "CHECKED": 4, "EDITABLE": 7, "ENABLED": 8, "EXPANDED": 10,
          "FOCUSED": 12, "SELECTED": 23, "SENSITIVE": 24, "SHOWING": 25, "VISIBLE": 30}
WEB_ROLES = {49: "scroll pane", 82: "document frame", 95: "document web"}
SCREEN_COORDINATES = 0

ACCESSIBLE = "org.a11y.atspi.Accessible"
ACTION = "org.a11y.atspi.Action"
COMPONENT = "org.a11y.atspi.Component"
EDITABLE_TEXT = "org.a11y.atspi.EditableText"
TABLE = "org.a11y.atspi.Table"
TEXT = "org.a11y.atspi.Text"


class Gone(Exception):
    """The object does not exist any more, or its program does not answer."""


def _connect(address):
    return Gio.DBusConnection.new_for_address_sync(
        address, Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT |
        Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION, None, None)


class Screen:
    """The accessibility bus of one session, found by its session bus address."""

    def __init__(self, session_bus=None):
        session = _connect(session_bus or os.environ["DBUS_SESSION_BUS_ADDRESS"])
        answer = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress",
                                   None, None, Gio.DBusCallFlags.NONE, 20000, None)
        session.close_sync(None)
        self.bus = _connect(answer.unpack()[0])

    def call(self, reference, interface, method, arguments=None):
        """One call to one object; raises Gone if nobody answers."""
        name, path = reference
        try:
            answer = self.bus.call_sync(name, path, interface, method, arguments, None,
                                        Gio.DBusCallFlags.NO_AUTO_START, CALL_LIMIT_MS, None)
        except GLib.Error as error:
            raise Gone(f"{method}: {error.message}") from None
        return answer.unpack()

    def desktop(self):
        """The root: its children are the programs."""
        return Widget(self, ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root"))


class Widget:
    """One object on the screen."""

    def __init__(self, screen, reference):
        self.screen = screen
        self.reference = reference

    def __eq__(self, other):
        return isinstance(other, Widget) and self.reference == other.reference

    def __hash__(self):
        return hash(self.reference)

    def call(self, interface, method, arguments=None):
        """A call of this object; raises Gone."""
        return self.screen.call(self.reference, interface, method, arguments)

    def get(self, interface, name):
        """A property of this object; raises Gone."""
        return self.call("org.freedesktop.DBus.Properties", "Get",
                         GLib.Variant("(ss)", (interface, name)))[0]

    def _or(self, default, question):
        try:
            return question()
        except Gone:
            return default

    @property
    def name(self):
        return self._or("", lambda: self.get(ACCESSIBLE, "Name"))

    @property
    def description(self):
        return self._or("", lambda: self.get(ACCESSIBLE, "Description"))

    @property
    def role(self):
        name = self._or("", lambda: self.call(ACCESSIBLE, "GetRoleName")[0])
        if name:
            return name
        # WebKit gives its own objects a number only.
        return WEB_ROLES.get(self._or(0, lambda: self.call(ACCESSIBLE, "GetRole")[0]), "")

    def has_state(self, name):
        """Whether a state of STATES is set."""
        return bool(self._states() >> STATES[name] & 1)

    def _states(self):
        words = self._or([0, 0], lambda: self.call(ACCESSIBLE, "GetState")[0])
        return words[0] | words[1] << 32

    @property
    def showing(self):
        return self.has_state("SHOWING")

    @property
    def sensitive(self):
        return self.has_state("SENSITIVE")

    def children(self):
        """The objects directly below."""
        found = self._or([], lambda: self.call(ACCESSIBLE, "GetChildren")[0])
        if not found:  # a web page's socket names its page only by index
            found = [self._or(("", "/org/a11y/atspi/null"), lambda i=index: self.call(
                ACCESSIBLE, "GetChildAtIndex", GLib.Variant("(i)", (i,)))[0])
                     for index in range(self._or(0, lambda: self.get(ACCESSIBLE, "ChildCount")))]
        return [Widget(self.screen, tuple(one)) for one in found
                if one[1] != "/org/a11y/atspi/null"]

    def walk(self, showing=True, depth=60):
        """This object and all below; what is hidden, cells and web contents are left out."""
        states = self._states()
        # The socket of a web page has no states at all, and what is between it and the page
        # never says that it is showing.
        if showing and depth < 60 and states and not states >> STATES["SHOWING"] & 1:
            return
        role = self.role
        yield self, role
        if depth == 0 or role in LISTS or role in DOCUMENTS:
            return
        for child in self.children():
            yield from child.walk(showing and states != 0, depth - 1)

    def find_all(self, role=None, name=None, showing=True):
        """All objects below; role and name may be a string, a tuple of strings, or a predicate."""
        return [one for one, its_role in self.walk(showing)
                if fits(its_role, role) and (name is None or fits(one.name, name))]

    def find(self, role=None, name=None, seconds=20.0, showing=True):
        """Wait for the first that fits."""
        def first():
            for one, its_role in self.walk(showing):
                if fits(its_role, role) and (name is None or fits(one.name, name)):
                    return one
            return None
        return wait_for(f"{role} {name!r} in {self.name!r}", first, seconds, interval=0.15)

    def button(self, *names, seconds=20.0):
        """Wait for a button with one of these labels."""
        return self.find(BUTTONS, names, seconds)

    def press(self, action=0):
        """Do what a click does, without the mouse."""
        if not self.call(ACTION, "DoAction", GLib.Variant("(i)", (action,)))[0]:
            raise AssertionError(f"{self.role} {self.name!r} did not take the click")

    @property
    def text(self):
        """The text it holds (entry, label, text view), "" if none."""
        return self._or("", lambda: self.call(TEXT, "GetText", GLib.Variant("(ii)", (0, -1)))[0])

    def set_text(self, value):
        """Replace an entry's text."""
        if not self.call(EDITABLE_TEXT, "SetTextContents", GLib.Variant("(s)", (value,)))[0]:
            raise AssertionError(f"{self.role} {self.name!r} did not take the text")

    def focus(self):
        """Give it the keyboard."""
        return self.call(COMPONENT, "GrabFocus")[0]

    def extents(self):
        """(x, y, width, height) on the screen."""
        return self.call(COMPONENT, "GetExtents", GLib.Variant("(u)", (SCREEN_COORDINATES,)))[0]

    def middle(self):
        """Where to click."""
        x, y, width, height = self.extents()
        return x + width // 2, y + height // 2

    # -- lists -----------------------------------------------------------------------------------

    def table_size(self):
        """(rows, columns) of a list."""
        return self.get(TABLE, "NRows"), self.get(TABLE, "NColumns")

    def cell(self, row, column):
        """A cell of a list, or None."""
        reference = self._or(None, lambda: self.call(
            TABLE, "GetAccessibleAt", GLib.Variant("(ii)", (row, column)))[0])
        if reference is None or reference[1] == "/org/a11y/atspi/null":
            return None
        return Widget(self.screen, tuple(reference))

    def page_text(self, limit=600):
        """The words of a web page (a document of DOCUMENTS), as far as `limit` objects reach."""
        words, waiting = [], [self]
        while waiting and limit:
            limit -= 1
            one = waiting.pop(0)
            said = one.text or one.name
            if said:
                words.append(said)
            waiting += one.children()
        return "\n".join(words)

    def describe(self):
        """What is on the screen below this, as lines: for a test that says what it saw instead."""
        return [f"{role} {one.name!r}"[:200] for one, role in self.walk()
                if one.name and role not in ("panel", "filler", "menu item")]


def fits(value, wanted):
    """Whether a value is what was wanted: anything, one string, one of several, or a predicate."""
    if wanted is None:
        return True
    if callable(wanted):
        return wanted(value)
    return value == wanted if isinstance(wanted, str) else value in wanted
