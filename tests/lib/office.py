# SPDX-License-Identifier: GPL-3.0-or-later
"""The insurance agency that every test of the whole thing plays in.

How to use it (with /usr/bin/python3, which has the `gi` module):

    sys.path.insert(0, ".../tests/lib")
    from office import Office
    with Office(language="de") as office:       # scratch directory, SMTP receiver, mailboxes
        office.olaf_writes("Frage", "Guten Tag, ...")      # an inquiry in Sabine's inbox
        evolution = office.start_evolution()    # session, profile, agent, module from SGP_BUILD_DIR
        composer = evolution.reply("Frage")
        composer.write("Guten Tag Herr Ohm,\\n\\n...\\n")
        composer.wait_until_says("OpenPGP")     # any label of the composer, the strip's included
        composer.send()
        composer.wait_until_closed()
        mail = office.olaf.wait_for_mails(1)[0] # email.message.EmailMessage
        inner, signers = office.olaf_keys.decrypt_mail(mail)

The people: staff Sabine Siegel and Bernd Brief at agentur.example; customers Olaf (OpenPGP), Sofia
(S/MIME), Erika (portal), Otto (wants no e-mail) at kunde.example.

The modules, each of use alone:
  scratch           a directory, its processes, waiting with a limit
  mail_system       SMTP receiver (smtp_receiver.py, may be told to refuse, delay, hang up), Maildirs,
                    IMAP by shell command
  desktop           Xvfb, D-Bus, keyring, window manager; the product's agent, schema and module
  evolution_profile a profile that starts without a question
  evolution_app     drives Evolution: message list, reply, compose, what the composer says
  accessibility     the windows as AT-SPI tells them
  openpgp           gpg as the customer has it
  portal_service    siegelpost-portal on a scratch directory
  agent             the agent over D-Bus: enrol, portal_customer, spool, history
  checks            checks that read as sentences, and the line that is counted

SGP_BUILD_DIR names the build; SGP_KEEP=1 keeps the scratch directory and its logs.
"""

import json

import evolution_profile
from agent import Agent
from desktop import Desktop
from evolution_app import Evolution
from mail_system import MailSystem
from openpgp import Keyring
from portal_service import PortalService
from scratch import Scratch, build_dir

OFFICE_DOMAIN = "agentur.example"
PORTAL_ADDRESS = "portal@agentur.example"
STAFF = {"sabine": "Sabine Siegel", "bernd": "Bernd Brief"}
CUSTOMERS = {"olaf": "Olaf Ohm", "sofia": "Sofia Sommer", "erika": "Erika Eiche",
             "otto": "Otto Obermann"}


class Office:
    """The scratch office. Everything it starts ends with it."""

    def __init__(self, language="de", show=False, name="office"):
        self.scratch = Scratch(name)
        try:
            self.mail = MailSystem(self.scratch)
            for nick, person in STAFF.items():
                setattr(self, nick, self.mail.add(f"{nick}@{OFFICE_DOMAIN}", person))
            for nick, person in CUSTOMERS.items():
                setattr(self, nick, self.mail.add(f"{nick}@kunde.example", person))
            self.mail.add(PORTAL_ADDRESS, "WebMail-Portal")
            self.mail.start()
            self.desktop = Desktop(self.scratch, "sabine", language, show)
            self.keys = Keyring(self.desktop.gnupg)
            self.olaf_keys = Keyring(self.scratch.path / "olaf" / "gnupg")
        except BaseException:
            self.scratch.close()
            raise
        self.evolution = None
        self.portal = None
        self._agent = None
        self._session = False
        self._closed = False

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.close()

    def exchange_openpgp(self):
        """Sabine and Olaf have keys and have verified each other's; returns (hers, his)."""
        hers = self.keys.make_key(self.sabine.name, self.sabine.address)
        his = self.olaf_keys.make_key(self.olaf.name, self.olaf.address)
        self.keys.import_key(self.olaf_keys.export(his))
        self.keys.certify(his)
        self.olaf_keys.import_key(self.keys.export(hers))
        self.olaf_keys.certify(hers)
        return hers, his

    def settings(self, **values):
        """Settings of Siegelpost as GVariant text: settings(own_domains="['agentur.example']")."""
        self.desktop.keyfile({"org/siegelpost": {
            name.replace("_", "-"): value for name, value in values.items()}})

    def customer_writes(self, customer, subject, text, **headers):
        """A customer writes to Sabine; returns the Message-ID."""
        return self.mail.write(customer, self.sabine, subject, text, **headers)

    def olaf_writes(self, subject, text, **headers):
        """Olaf writes to Sabine."""
        return self.customer_writes(self.olaf, subject, text, **headers)

    def start_session(self):
        """The desktop session with agent and schema; once."""
        if not self._session:
            self.desktop.add_product()
            self.desktop.start()
            self._session = True
        return self.desktop

    def start_evolution(self, module=True):
        """Evolution on Sabine's mailbox; module=False starts it without Siegelpost."""
        evolution_profile.seed(self.desktop, self.mail, self.sabine.address)
        self.settings(own_domains=f"['{OFFICE_DOMAIN}']")
        self.start_session()
        if not module:
            self.desktop.remove_module()
        self.evolution = Evolution(self.desktop).start()
        return self.evolution

    @property
    def agent(self):
        """The session's agent, started by the first call."""
        if self._agent is None:
            self._agent = Agent(self.start_session().env["DBUS_SESSION_BUS_ADDRESS"])
        return self._agent

    def start_portal(self, enrol=True):
        """The office's portal; enrol=True makes Sabine's agent its first device."""
        self.portal = PortalService(self.scratch, self.mail.port, PORTAL_ADDRESS)
        self.portal.set_up()
        self.portal.start()
        if enrol:
            token = self.portal.add_staff(self.sabine.address, self.sabine.name)
            self.agent.enrol(self.portal.origin, token, self.sabine.address)
        return self.portal

    def cli(self, *arguments, check=True, timeout=60):
        """Run `siegelpost` in the session; returns the CompletedProcess."""
        program = build_dir() / "plugin" / "cli" / "siegelpost"
        return self.desktop.run([program, *arguments], check=check, timeout=timeout)

    def cli_json(self, *arguments):
        """Run `siegelpost --json ...` and return what it said; its exit status is not judged."""
        result = self.cli("--json", *arguments, check=False)
        try:
            return json.loads(result.stdout)
        except json.JSONDecodeError:
            raise AssertionError(f"siegelpost {arguments}: status {result.returncode}, said "
                                 f"{result.stdout!r} and {result.stderr!r}") from None

    def close(self):
        """End everything and remove the scratch directory; once."""
        if self._closed:
            return
        self._closed = True
        try:
            if self.evolution is not None:
                self.evolution.quit()
            if self._agent is not None:
                self._agent.close()
            if self._session:
                self.desktop.stop()
            for keyring in (self.keys, self.olaf_keys):
                keyring.close()
        finally:
            self.scratch.close()
