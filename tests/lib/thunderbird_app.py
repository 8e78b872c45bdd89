# SPDX-License-Identifier: GPL-3.0-or-later
"""Thunderbird on a profile of its own, asked by its own remote control (Marionette): what it shows of a mail.

The scripts run inside the program with its own rights and give back what its windows and its MIME
parser hold; nothing is read from the screen.
"""

import base64
import json
import socket

from scratch import free_port, wait_for

PREFERENCES = {
    "app.donation.eoy.version.viewed": 999,
    "app.normandy.enabled": False,
    "app.update.auto": False,
    "browser.shell.checkDefaultClient": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "extensions.update.enabled": False,
    "mail.accounthub.enabled": False,
    "mail.inappnotifications.enabled": False,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mail.shell.checkDefaultClient": False,
    "mail.spotlight.firstRunDone": True,
    "mail.winsearch.firstRunDone": True,
    "mailnews.start_page.enabled": False,
    "mailnews.start_page_override.mstone": "ignore",
    "messenger.startup.action": 0,
    "network.connectivity-service.enabled": False,
    "network.captive-portal-service.enabled": False,
    "security.OCSP.enabled": 0,
    "toolkit.telemetry.server": "",
    "mail.openpgp.fetch_pubkeys_from_gnupg": True,
    "mail.openpgp.allow_external_gnupg": True,
}


class Thunderbird:
    """One Thunderbird in one desktop session."""

    def __init__(self, desktop):
        self.desktop = desktop
        self.profile = desktop.scratch.directory("thunderbird")
        self.port = free_port()
        self.process = None
        self._socket = None
        self._number = 0
        self._buffer = b""

    # -- the program -----------------------------------------------------------------------------

    def start(self, seconds=120):
        """Start it and begin a session of its remote control."""
        values = {**PREFERENCES, "marionette.port": self.port}
        lines = [f'user_pref("{name}", {json.dumps(value)});' for name, value in values.items()]
        (self.profile / "user.js").write_text("\n".join(lines) + "\n")
        self.process = self.desktop.spawn(
            ["thunderbird", "--profile", self.profile, "--no-remote", "--marionette",
             "--remote-allow-system-access"], log="thunderbird")
        self._socket = wait_for("Thunderbird's remote control", self._connect, seconds, 0.5)
        self.command("WebDriver:NewSession", {"capabilities": {"alwaysMatch": {}}})
        self.command("Marionette:SetContext", {"value": "chrome"})
        self.command("WebDriver:SetTimeouts", {"script": 120000})
        return self

    def close(self):
        """End it."""
        if self._socket is not None:
            self._socket.close()
        if self.process is not None:
            self.desktop.scratch.stop(self.process)

    def _connect(self):
        if self.process.poll() is not None:
            raise AssertionError(f"Thunderbird ended with {self.process.returncode}")
        connection = socket.socket()
        connection.settimeout(150)
        try:
            connection.connect(("127.0.0.1", self.port))
            self._socket = connection
            self._receive()  # it says hello
        except OSError:
            connection.close()
            return None
        return connection

    # -- its remote control ----------------------------------------------------------------------

    def _receive(self):
        """One message: its length, a colon, JSON."""
        while b":" not in self._buffer:
            self._more()
        length, _colon, rest = self._buffer.partition(b":")
        self._buffer = rest
        while len(self._buffer) < int(length):
            self._more()
        text, self._buffer = self._buffer[:int(length)], self._buffer[int(length):]
        return json.loads(text)

    def _more(self):
        data = self._socket.recv(1 << 20)
        if not data:
            raise ConnectionError("Thunderbird hung up")
        self._buffer += data

    def command(self, name, parameters):
        """One command; returns its value."""
        self._number += 1
        text = json.dumps([0, self._number, name, parameters])
        self._socket.sendall(f"{len(text.encode())}:{text}".encode())
        _kind, _number, error, answer = self._receive()
        if error:
            raise AssertionError(f"{name}: {error.get('error')}: {error.get('message')}\n{error.get('stacktrace', '')}")
        return answer.get("value")

    def script(self, text, *arguments):
        """Run the body of an async function with `args`; returns what it returns."""
        body = ("const done = arguments[arguments.length - 1]; const args = [...arguments].slice(0, -1);"
                "(async () => {" + text + "})().then(value => done({value: value === undefined ? null : value}),"
                " error => done({error: String(error) + '\\n' + (error.stack || '')}));")
        answer = self.command("WebDriver:ExecuteAsyncScript",
                              {"script": body, "args": list(arguments), "newSandbox": True, "sandbox": "system"})
        if answer.get("error"):
            raise AssertionError(answer["error"])
        return answer["value"]

    # -- mail ------------------------------------------------------------------------------------

    def add_account(self, address):
        """An account that has only local folders, for somebody with this address."""
        self.script("""
            const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
            MailServices.accounts.createLocalMailAccount();
            const account = MailServices.accounts.accounts[0];
            const identity = MailServices.accounts.createIdentity();
            identity.email = args[0];
            account.addIdentity(identity);
            account.incomingServer.rootFolder.QueryInterface(Ci.nsIMsgLocalMailFolder).createLocalSubfolder("Reading");
        """, address)

    def give_openpgp(self, secret, public):
        """A secret key of one's own and a correspondent's key that was verified, both armored."""
        failed = self.script("""
            const {RNP} = ChromeUtils.importESModule("chrome://openpgp/content/modules/RNP.sys.mjs");
            const window = Services.wm.getMostRecentWindow("mail:3pane");
            const own = await RNP.importSecKeyBlockImpl(window, null, true, args[0], false, []);
            const other = await RNP.importPubkeyBlockAutoAcceptImpl(window, args[1], "verified", false, false, []);
            return own.exitCode || other.exitCode;
        """, secret.decode(), public.decode())
        assert not failed, "Thunderbird did not take the keys"

    def give_smime(self, root, pkcs12, password):
        """An issuer that is trusted for mail (DER in base64), and a certificate with its key."""
        failed = self.script("""
            const store = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
            store.addCertFromBase64(args[0], "C,C,C");
            const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
            file.initWithPath(args[1]);
            return store.importPKCS12File(file, args[2]);
        """, root, str(pkcs12), password)
        assert not failed, "Thunderbird did not take the certificate"

    def open(self, path, attachments, seconds=60):
        """Show a mail from a file; returns what is shown once it has so many attachments.

        {"subject", "text", "encryption", "signature": the icons' names, "notices": [words]}
        """
        self.script("""
            const {MailServices} = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
            const {MailUtils} = ChromeUtils.importESModule("resource:///modules/MailUtils.sys.mjs");
            const folder = MailServices.accounts.accounts[0].incomingServer.rootFolder.getChildNamed("Reading");
            const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
            file.initWithPath(args[0]);
            await new Promise((resolve, reject) => MailServices.copy.copyFileMessage(file, folder, null, false, 0, "", {
                QueryInterface: ChromeUtils.generateQI(["nsIMsgCopyServiceListener"]),
                onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() { return null; },
                onStopCopy(status) { Components.isSuccessCode(status) ? resolve() : reject(new Error(status)); },
            }, null));
            // What is shown is asked of the last tab: that of an earlier mail must not answer.
            const tabs = Services.wm.getMostRecentWindow("mail:3pane").document.getElementById("tabmail");
            tabs.closeOtherTabs(tabs.tabInfo[0]);
            MailUtils.displayMessage([...folder.messages].at(-1));
        """, str(path))
        return wait_for(f"{attachments} attachments in Thunderbird", lambda: self._shown(attachments), seconds, 0.5)

    def attachments(self):
        """{name: bytes} of the mail that is shown, but for empty ones: it never hands those out."""
        return {name: base64.b64decode(data) for name, data in self.script(self.SHOWN + """
            const found = {};
            for (const one of page.currentAttachments.filter(one => one.size)) {
                let text = "";
                for (const byte of new Uint8Array(await one.fetchAttachment())) text += String.fromCharCode(byte);
                found[one.name] = btoa(text);
            }
            return found;
        """).items()}

    SHOWN = """
        const window = Services.wm.getMostRecentWindow("mail:3pane");
        const page = window.document.getElementById("tabmail").tabInfo.at(-1).chromeBrowser?.contentWindow;
        const icon = id => page?.document.getElementById(id)?.getAttribute("data-l10n-id");
    """

    def _shown(self, attachments):
        """What the newest tab shows, or None as long as it is not complete."""
        shown = self.script(self.SHOWN + """
            const body = page?.document.getElementById("messagepane")?.contentDocument?.querySelector(".moz-text-plain");
            return {
                subject: page?.document.getElementById("expandedsubjectBox")?.textContent.replace(/^Subject:/, "").trim(),
                text: body?.textContent, encryption: icon("encryptedHdrIcon"), signature: icon("signedHdrIcon"),
                notices: [...(page?.document.querySelectorAll("notification-message") ?? [])].map(one => one.textContent.trim()),
                count: page?.currentAttachments?.length ?? 0,
            };
        """)
        complete = shown["text"] and shown["encryption"] and shown["signature"] and shown.pop("count") == attachments
        return shown if complete else None
