# SPDX-License-Identifier: GPL-3.0-or-later
"""An Evolution profile that starts without a question: one account, one identity, one transport.

Each setting that is not the default keeps a window or a question away that would stand in front of
what a test drives.
"""

import os

ACCOUNT = """\
[Data Source]
DisplayName={name}
Enabled=true
Parent=

[Mail Account]
BackendName=imapx
IdentityUid={uid}-identity
ArchiveFolder=
NeedsInitialSetup=false

[Authentication]
Host=127.0.0.1
Method=
Port=143
ProxyUid=system-proxy
RememberPassword=true
User={address}
CredentialName=
IsExternal=false

[Security]
Method=none

[Refresh]
Enabled=true
IntervalMinutes=1

[Offline]
StaySynchronized=false

[Imapx Backend]
UseShellCommand=true
ShellCommand={imap_command}
UseSubscriptions=false
CheckAll=true
UseIdle=true
FilterInbox=false
FullUpdateOnMeteredNetwork=true
"""

IDENTITY = """\
[Data Source]
DisplayName={name}
Enabled=true
Parent={uid}

[Mail Identity]
Address={address}
Name={name}
Organization=
SignatureUid=none

[Mail Composition]
Bcc=
Cc=
DraftsFolder=folder://local/Drafts
SignImip=false
TemplatesFolder=folder://local/Templates
StartBottom=inconsistent
TopSignature=inconsistent

[Pretty Good Privacy (OpenPGP)]
SendPublicKey=false
AskSendPublicKey=false
SendPreferEncrypt=false

[Mail Submission]
SentFolder=folder://{uid}/Sent
TransportUid={uid}-transport
RepliesToOriginFolder=false
UseSentFolder=true
"""

TRANSPORT = """\
[Data Source]
DisplayName={name}
Enabled=true
Parent={uid}

[Mail Transport]
BackendName=smtp

[Authentication]
Host=127.0.0.1
Method=
Port={smtp_port}
ProxyUid=system-proxy
RememberPassword=true
User=
IsExternal=false

[Security]
Method=none
"""

SETTINGS = {
    "org/gnome/evolution": {"version": "'3.46.4'"},
    "org/gnome/evolution/mail": {
        "prompt-check-if-default-mailer": "false",
        "show-to-do-bar": "false",
        "show-to-do-bar-sub": "false",
        "layout": "1",
        "paned-size": "400000",
        "composer-mode": "'plain-text'",
        "composer-show-to-cc-bcc": "true",
        "composer-inline-spelling": "false",
        "mark-seen": "false",
        "send-recv-on-start": "true",
        "prompt-on-empty-subject": "false",
        "trash-empty-on-exit": "false",
        "junk-empty-on-exit": "false",
        "browser-close-on-reply-policy": "'never'",
        "image-loading-policy": "'never'",
    },
    "org/gnome/evolution/shell": {
        "start-offline": "false",
        "default-component-id": "'mail'",
        "skip-warning-dialog": "true",
    },
    "org/gnome/evolution/shell/window": {
        "maximized": "false", "width": "1270", "height": "960", "x": "0", "y": "0",
    },
    "org/gnome/evolution/mail/composer-window": {
        "maximized": "false", "width": "980", "height": "760",
    },
    "org/gnome/evolution-data-server": {
        "network-monitor-gio-name": "'base'",
        "oauth2-services-hint": "['']",
    },
    "org/gnome/desktop/interface": {"toolkit-accessibility": "true"},
}

STATE = """\
[Folder Tree]
Selected=folder://{uid}/INBOX

[Store {uid}]
Expanded=true

[Store rss]
Expanded=false
"""


def seed(desktop, mail_system, address, uid="office"):
    """Write the profile of a mailbox's owner into a desktop's home; to be done before it starts."""
    mailbox = mail_system.mailboxes[address]
    values = {"uid": uid, "address": address, "name": mailbox.name,
              "imap_command": mail_system.imap_command(address), "smtp_port": mail_system.port}
    sources = desktop.scratch.directory(desktop.config, "evolution", "sources")
    for suffix, text in (("", ACCOUNT), ("-identity", IDENTITY), ("-transport", TRANSPORT)):
        (sources / f"{uid}{suffix}.source").write_text(text.format(**values))
    desktop.keyfile(SETTINGS)
    mail = desktop.scratch.directory(desktop.config, "evolution", "mail")
    (mail / "state.ini").write_text(STATE.format(**values))
    # Missing, they cost two "disallowed path to sandbox" criticals; local mail is Evolution's own.
    for name in ("webkit-editor-plugins", "preview-plugins", "modules"):
        os.makedirs(desktop.data / "evolution" / name, exist_ok=True)
    return uid
