# SPDX-License-Identifier: GPL-3.0-or-later
"""Claws Mail on a mailbox of its own, driven as a person would."""

import shutil
from pathlib import Path

from gi.repository import GLib

from accessibility import TABLE, Screen
from scratch import wait_for

PLUGINS = ("pgpcore", "pgpmime", "smime")
CONFIGURATION = """\
[Common]
config_version=4
check_on_startup=0
use_networkmanager=0
enable_aspell=0
warn_queued_on_exit=0
goto_last_folder_on_startup=1
last_opened_folder=#mh/Mail/inbox
always_show_message_when_selected=1
auto_check_signatures=0

[Plugins_GTK3]
{plugins}
"""
ACCOUNT = """\
[Account: 1]
config_version=4
account_name=reader
is_default=1
name=Reader
address={address}
protocol=4
smtp_server=127.0.0.1
set_smtpport=1
smtp_port=9
use_smtp_auth=0
"""
FOLDERS = """\
<?xml version="1.0" encoding="UTF-8"?>
<folderlist>
  <folder type="mh" name="Mail" path="{mail}" collapsed="0" sort="0">
    <folderitem type="inbox" name="inbox" path="inbox"/><folderitem type="outbox" name="sent" path="sent"/>
    <folderitem type="draft" name="draft" path="draft"/><folderitem type="queue" name="queue" path="queue"/>
    <folderitem type="trash" name="trash" path="trash"/>
  </folder>
</folderlist>
"""
# What a user can set up under Configuration/Actions: %p is the chosen part, decoded. Renamed when it
# is whole.
ACTIONS = "keep this part: {keep} %p\n"
KEEP = """\
#!/bin/sh
new={saved}/${{1##*/}}
cp -- "$1" "$new" && mv -- "$new" "$new.done"
"""
NAME_COLUMN = 2


def plugin_paths():
    """Where its plugins for encrypted mail are; those that are missing are left out."""
    found = [sorted(Path("/usr/lib").glob(f"*/claws-mail/plugins/{name}.so")) for name in PLUGINS]
    return [paths[0] for paths in found if paths]


def what_is_missing():
    """The first thing without which Claws Mail cannot read encrypted mail, or None."""
    if shutil.which("claws-mail") is None:
        return "claws-mail"
    return None if len(plugin_paths()) == len(PLUGINS) else "claws-mail-pgpmime and claws-mail-smime-plugin"


class Claws:
    """One Claws Mail in one desktop session."""

    def __init__(self, desktop, address, mails):
        self.desktop = desktop
        self.directory = desktop.scratch.directory("claws")
        self.numbers = {name: number for number, name in enumerate(mails, 1)}
        self.saved = desktop.scratch.directory("saved")
        keep = self.directory / "keep"
        keep.write_text(KEEP.format(saved=self.saved))
        keep.chmod(0o755)
        mail = desktop.scratch.directory("claws", "Mail")
        inbox = desktop.scratch.directory(mail, "inbox")
        for folder in ("sent", "draft", "queue", "trash"):
            desktop.scratch.directory(mail, folder)
        for name, path in mails.items():
            shutil.copy(path, inbox / str(self.numbers[name]))
        plugins = "\n".join(str(path) for path in plugin_paths())
        for name, text in (("clawsrc", CONFIGURATION.format(plugins=plugins)), ("accountrc", ACCOUNT.format(address=address)),
                           ("folderlist.xml", FOLDERS.format(mail=mail)), ("actionsrc", ACTIONS.format(keep=keep))):
            (self.directory / name).write_text(text)
        self._screen = None
        self.process = desktop.spawn(self._argv(), log="claws-mail")
        self.main_window()

    def _argv(self, *words):
        return ["claws-mail", "--alternate-config-dir", self.directory, *words]

    def application(self):
        """The program as an accessible object, or None."""
        if self._screen is None:
            self._screen = Screen(self.desktop.env["DBUS_SESSION_BUS_ADDRESS"])
        return next((one for one in self._screen.desktop().children() if one.name == "claws-mail"), None)

    def windows(self):
        """The windows that are on the screen."""
        application = self.application()
        return [one for one in application.children() if one.showing] if application else []

    def main_window(self, seconds=60):
        return wait_for("Claws Mail's main window", lambda: next(
            (one for one in self.windows() if "Claws Mail" in one.name), None), seconds, 0.2)

    def show(self, name, words, seconds=60):
        """Select a mail and wait until its text holds these words; returns the text."""
        def shown():
            # Asked again each time: it does not listen while it is busy.
            self.desktop.run(self._argv("--select", f"#mh/Mail/inbox/{self.numbers[name]}"))
            texts = [one.text for one, role in self.main_window().walk() if role == "text"]
            return next((text for text in texts if words in text), None)
        return wait_for(f"{words!r} in Claws Mail", shown, seconds, 1)

    def parts(self):
        """{name: bytes} of the parts of the mail that is shown which have a name, decoded by Claws Mail."""
        window = self.main_window()
        tree = window.find("tree table", showing=False)
        keep = window.find("menu item", "keep this part", showing=False)
        rows = {tree.cell(row, NAME_COLUMN).name: row for row in range(tree.table_size()[0])}
        return {name: wait_for(f"the part {name!r}", lambda row=row, name=name: self._part(tree, keep, row, name), 60, 0.2)[0]
                for name, row in rows.items() if name}

    def _part(self, tree, keep, row, name):
        """(bytes,) of the part in this row; None if it was another that was kept.

        Claws Mail chooses the whole mail again when it has checked a signature, and after each action. The file has
        the name of the part, with "_" for blanks.
        """
        before = set(self.saved.iterdir())
        tree.call(TABLE, "AddRowSelection", GLib.Variant("(i)", (row,)))
        keep.press()
        done = wait_for("a part in a file", lambda: [one for one in self.saved.glob("*.done") if one not in before], 30, 0.1)[0]
        return (done.read_bytes(),) if done.name.endswith(f".{name.replace(' ', '_')}.done") else None

    def close(self):
        """End it."""
        self.desktop.scratch.stop(self.process, 3)
