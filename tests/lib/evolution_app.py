# SPDX-License-Identifier: GPL-3.0-or-later
"""Evolution, driven as a person would: through its accessible windows, mouse and keyboard.

Labels are looked up in Evolution's own translations, so the same test drives it in German and in
English.
"""

import gettext
import os
import signal
import subprocess
import time
from urllib.parse import quote

from accessibility import BUTTONS, DOCUMENTS, LISTS, Screen, fits
from scratch import NotInTime, wait_for

# Cells of the message list report their place without the height of the list's header.
HEADER_HEIGHT = 24
APPLICATIONS = ("evolution", "org.gnome.Evolution")


class Evolution:
    """One Evolution in one desktop session."""

    def __init__(self, desktop):
        self.desktop = desktop
        self.process = None
        self._screen = None
        self._main = None
        translation = gettext.translation(
            "evolution", "/usr/share/locale", [desktop.language], fallback=True)
        self._ = lambda text: translation.gettext(text).replace("_", "")

    # -- the program ---------------------------------------------------------------------------

    def start(self, component="mail", seconds=60):
        """Start it and wait for its main window."""
        self.process = self.desktop.spawn(["evolution", f"--component={component}"], log="evolution")
        self.main_window(seconds)
        return self

    def open(self, uri):
        """Hand a mailto: or mid: address to the running Evolution."""
        self.desktop.spawn(["evolution", uri], log="evolution-open")

    def quit(self, seconds=8):
        """Quit as a person does, then wait."""
        if self.process is None:
            return
        self.desktop.run(["timeout", "-k", "1", "4", "evolution", "--quit"], check=False)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.desktop.scratch.stop(self.process)
        self.process = None

    def kill(self):
        """SIGKILL, as a crash would."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait(10)
        self.process = None

    def log(self):
        """What it wrote to standard error so far."""
        return (self.desktop.scratch.logs / "evolution.log").read_text(errors="replace")

    # -- windows -------------------------------------------------------------------------------

    def application(self):
        """The program as an accessible object, or None."""
        if self._screen is None:
            self._screen = Screen(self.desktop.env["DBUS_SESSION_BUS_ADDRESS"])
        return next((one for one in self._screen.desktop().children()
                     if one.name in APPLICATIONS), None)

    def windows(self):
        """The windows that are on the screen."""
        application = self.application()
        if application is None:
            return []
        return [one for one in application.children()
                if one.role in ("frame", "dialog", "alert", "window", "file chooser") and one.showing]

    def window(self, title, seconds=20.0):
        """Wait for a window by its title (string, or predicate)."""
        return wait_for(f"a window {title!r}", lambda: next(
            (one for one in self.windows() if fits(one.name, title)), None), seconds, interval=0.1)

    def main_window(self, seconds=20.0):
        """The window with the folder tree."""
        if self._main is None or not self._main.showing:
            self._main = wait_for("Evolution's main window", lambda: next(
                (one for one in self.windows()
                 if one.find_all(LISTS, self._("Mail Folder Tree"))), None), seconds, interval=0.2)
        return self._main

    def wait_until_window_says(self, *words, seconds=30.0):
        """Wait for a label of the main window (a bar above the mail list, say) that holds all of these words."""
        def labels():
            return [one.name or one.text for one in self.main_window().find_all(("label", "static"))]
        return wait_for(f"the words {words} in the main window", lambda: next(
            (label for label in labels() if all(w in label for w in words)), None), seconds, 0.3)

    def click(self, x, y, count=1):
        """A click of the mouse."""
        self.desktop.run(["xdotool", "mousemove", str(x), str(y), "click", "--repeat",
                          str(count), "1"])

    def key(self, *names):
        """Keys as xdotool names them: key("ctrl+n")."""
        self.desktop.run(["xdotool", "key", "--clearmodifiers", *names])

    def type(self, text):
        """Type text; line ends are pressed as Return (xdotool swallows a \\n at the end)."""
        for number, line in enumerate(text.split("\n")):
            if number:
                self.key("Return")
            if line:
                self.desktop.run(["xdotool", "type", "--delay", "8", "--", line])

    # -- the message list ----------------------------------------------------------------------

    def message_list(self):
        """The list of mails of the folder that is shown."""
        return self.main_window().find(LISTS, self._("Messages"))

    def _subject_column(self, table, rows, columns):
        # The columns are where the user left them; the header cell is no part of the table.
        for column in range(columns):
            cell = table.cell(0, column) if rows else None
            if cell is not None and cell.description == self._("Subject"):
                return column
        return 4

    def subjects(self):
        """{subject: row} of the message list, the first 200 rows."""
        table = self.message_list()
        rows, columns = table.table_size()
        column = self._subject_column(table, rows, columns)
        found = {}
        for row in range(min(rows, 200)):
            cell = table.cell(row, column)
            if cell is not None:
                found.setdefault(cell.name, row)
        return found

    def select_mail(self, *subjects, seconds=30.0):
        """Click the first mail in the list that has one of these subjects, whole; returns it.

        An encrypted mail is listed by its outer subject until it was shown, then by the inner one.
        """
        def row_of():
            rows = self.subjects()
            found = [(rows[subject], subject) for subject in subjects if subject in rows]
            return min(found) if found else None
        row, subject = wait_for(f"a mail {subjects!r} in the list", row_of, seconds, interval=0.3)
        table = self.message_list()
        cell = table.cell(row, self._subject_column(table, *table.table_size()))
        if not cell.has_state("SELECTED"):  # a second click soon after would open a window
            x, y = cell.middle()
            self.click(x, y + HEADER_HEIGHT)
        return subject

    def select_folder(self, name):
        """Choose a folder of the tree by the name that is shown."""
        tree = self.main_window().find(LISTS, self._("Mail Folder Tree"))
        rows, _columns = tree.table_size()
        for row in range(rows):
            cell = tree.cell(row, 0)
            if cell is not None and cell.name.split(" (")[0] == name:
                self.click(*cell.middle())
                return
        raise AssertionError(f"no folder {name!r}")

    def shown_mail(self):
        """The words of the mail that is shown beside the list, decrypted if Evolution could."""
        return "\n".join(page.page_text() for page in self.main_window().find_all(DOCUMENTS))

    def show_mail(self, *subjects, words, seconds=120.0):
        """Select a mail (see select_mail) and wait until it is shown with these words.

        Evolution 3.46 shows a decrypted mail empty every other time, with or without Siegelpost
        (QubesOS/qubes-issues #7501), so this does what people do: another mail, and back. That may
        go when Debian 12's Evolution is no longer served.
        """
        limit = time.monotonic() + seconds
        while True:
            self.select_mail(*subjects)
            try:
                return wait_for(f"{words!r} in the mail that is shown",
                                lambda: words in self.shown_mail(), 4, 0.3)
            except NotInTime:
                if time.monotonic() > limit:
                    raise
                before = self.shown_mail()
                self.select_mail(*[one for one in self.subjects() if one not in subjects])
                wait_for("another mail to be shown", lambda: self.shown_mail() != before, 15, 0.3)

    # -- composers -----------------------------------------------------------------------------

    def composers(self):
        """The composer windows: the frames that have a Send button."""
        main = self.main_window()
        return [Composer(self, one) for one in self.windows()
                if one.role == "frame" and one != main
                and one.find_all(BUTTONS, self._("Send"))]

    def close_composers(self):
        """Close every composer without sending; for what a failed test left open."""
        for composer in self.composers():
            composer.close()

    def _new_composer(self, before, seconds):
        known = {composer.window for composer in before}
        composer = wait_for("a composer window", lambda: next(
            (one for one in self.composers() if one.window not in known), None), seconds, 0.1)
        composer.body(seconds)
        return composer

    def reply(self, *subjects, seconds=20.0):
        """Choose a mail (see select_mail) and reply to its sender."""
        before = self.composers()
        self.select_mail(*subjects)
        button = self.main_window().button(self._("Reply"), self._("_Reply to Sender"))
        wait_for("Reply to become possible", lambda: button.sensitive, 15)
        button.press()
        return self._new_composer(before, seconds)

    def compose(self, to, subject, body="", attach=None, seconds=20.0):
        """A new mail by way of a mailto: address."""
        before = self.composers()
        uri = f"mailto:{quote(to)}?subject={quote(subject)}&body={quote(body)}"
        if attach:
            uri += f"&attach={quote(str(attach))}"
        self.open(uri)
        return self._new_composer(before, seconds)


class Composer:
    """One composer window."""

    def __init__(self, evolution, window):
        self.evolution = evolution
        self.window = window

    @property
    def title(self):
        return self.window.name

    @property
    def is_open(self):
        return self.window.showing

    def body(self, seconds=20.0):
        """The editor's document."""
        return self.window.find(DOCUMENTS, None, seconds)

    def write(self, text):
        """Click into the body and type at the top."""
        x, y = self.body().middle()
        self.evolution.click(x, y)
        self.evolution.key("ctrl+Home")
        self.evolution.type(text)

    def attach(self, path):
        """Attach a file by way of the file chooser."""
        evolution = self.evolution
        known = set(evolution.windows())
        label = evolution._("Add Attachment")
        # With the mouse: the chooser's nested main loop would keep an accessible click waiting.
        evolution.click(*self.window.find(BUTTONS, lambda name: name.startswith(label)).middle())
        chooser = wait_for("the file chooser", lambda: next(
            (one for one in evolution.windows() if one not in known), None), 15, 0.2)
        evolution.key("slash")  # opens the chooser's location entry
        entry = chooser.find("text", None, 15)
        entry.set_text(str(path))
        wait_for("the path in the chooser", lambda: entry.text == str(path), 5)
        evolution.key("Return")
        wait_for("the file chooser to close", lambda: not chooser.showing, 15, 0.2)

    def entry(self, label):
        """An entry of the header: entry("To:")."""
        return self.window.find(("text", "entry"), self.evolution._(label))

    def labels(self):
        """The words of all labels that are on the screen, the alert bar's among them."""
        return [one.name or one.text for one in self.window.find_all(("label", "static"))]

    def buttons(self):
        """The labels of all buttons that are on the screen."""
        return [one.name for one in self.window.find_all(BUTTONS) if one.name]

    def says(self, *words):
        """Whether one label holds all of these words."""
        return any(all(word in label for word in words) for label in self.labels())

    def wait_until_says(self, *words, seconds=20.0):
        """Wait for a label that holds all of these words, and return it."""
        try:
            return wait_for(f"the words {words}", lambda: next(
                (label for label in self.labels() if all(w in label for w in words)), None),
                seconds, 0.2)
        except NotInTime as late:
            raise NotInTime(f"{late}; the composer says {self.labels()}") from None

    def press(self, *names, seconds=20.0):
        """Press one of the composer's buttons, by label."""
        button = self.window.button(*names, seconds=seconds)
        wait_for(f"{names} to become possible", lambda: button.sensitive, seconds)
        button.press()

    def send(self):
        """Press Send; it says nothing about what happens then."""
        self.press(self.evolution._("Send"))

    def wait_until_closed(self, seconds=30.0):
        """Wait until the window is gone: the mail has left, as far as the composer knows."""
        try:
            wait_for("the composer to close", lambda: not self.is_open, seconds, 0.1)
        except NotInTime as late:
            raise NotInTime(f"{late}; it says {self.labels()}") from None

    def close(self):
        """Close without sending: discard the changes if asked."""
        evolution = self.evolution
        self.window.button(evolution._("Close"), evolution._("_Close")).press()
        discard = (evolution._("_Discard changes"), evolution._("_Discard Changes"))

        def gone():
            for one in evolution.windows():
                for button in one.find_all(BUTTONS, discard):
                    button.press()
            return not self.is_open
        wait_for("the composer to close", gone, 20, 0.2)
