# SPDX-License-Identifier: GPL-3.0-or-later
"""The stage: builds the product, and sets up the office with its people, portal and mail program."""

import gettext
import os
import subprocess
from pathlib import Path

from customer import Browser, Customer, install_web_packages
from office import Office
from scratch import SOURCE_DIR
from smime import Issuer

LETTER = """\
Versicherungsagentur Siegel

Angebot zu Ihrer Hausratversicherung
Jahresbeitrag 148,00 Euro, Selbstbeteiligung 150 Euro.
"""

INQUIRIES = {
    "olaf": ("Frage zu meiner Kfz-Versicherung", "Guten Tag Frau Siegel,\n\nwas würde es kosten, "
             "meine Frau als zweite Fahrerin\neinzutragen?\n\nMit freundlichen Grüßen\nOlaf Ohm\n"),
    "sofia": ("Wasserschaden in der Küche", "Guten Tag,\n\nist ein Schaden durch die Spülmaschine "
              "versichert?\n\nViele Grüße\nSofia Sommer\n"),
    "erika": ("Angebot Hausratversicherung", "Guten Tag Frau Siegel,\n\nkönnen Sie mir "
              "bitte ein Angebot für 60 m² schicken?\n\nFreundliche Grüße\nErika Eiche\n"),
    "otto": ("Adresse geändert", "Guten Tag,\n\nwir sind umgezogen, die neue Anschrift ist "
             "Lindenweg 4.\nBitte antworten Sie mir nicht per E-Mail, sondern per Post.\n\n"
             "Otto Obermann\n"),
}


def build(directory):
    """Configure and build into a directory."""
    subprocess.run(["cmake", "-S", str(SOURCE_DIR), "-B", str(directory), "-G", "Ninja",
                    f"-DCMAKE_INSTALL_LOCALEDIR={directory}/locale"], check=True)
    subprocess.run(["cmake", "--build", str(directory), "-j", str(os.cpu_count() or 2)], check=True)


class Stage:
    """Everything that the story is played with; end it by close()."""

    def __init__(self, directory, show):
        self.directory = Path(directory)
        self.show = show
        os.environ["SGP_BUILD_DIR"] = str(directory)
        self.packages = install_web_packages(self.directory)
        self.office = Office(language="de", show=show, name="demo")
        self.browser = None
        self.issuer = None
        words = gettext.translation("siegelpost", str(self.directory / "locale"), ["de"],
                                    fallback=True)
        self.say = words.gettext

    def set_up(self):
        """People, keys, inquiries, portal, enrolment, mail program."""
        office = self.office
        self.staff_key, self.olaf_key = office.exchange_openpgp()
        self.issue_certificates()
        self.inquiries = {
            nick: office.customer_writes(getattr(office, nick), subject, text)
            for nick, (subject, text) in INQUIRIES.items()}
        self.letter = office.scratch.path / "Angebot-Hausrat.txt"
        self.letter.write_text(LETTER)
        office.settings(own_domains="['agentur.example']", staff_address="'sabine@agentur.example'")
        self.portal = office.start_portal()
        self.evolution = office.start_evolution()
        return self

    def issue_certificates(self):
        """Sofia and Sabine have certificates of an issuer that the office trusts."""
        office, home = self.office, self.office.desktop.gnupg
        self.issuer = Issuer(office.scratch.path / "issuer")
        self.issuer.make("sofia", office.sofia.name, office.sofia.address)
        self.issuer.make("sabine", office.sabine.name, office.sabine.address)
        self.issuer.trust(home)
        self.issuer.give(home, "sofia")
        self.issuer.give(home, "sabine", secret=True)

    def open_browser(self):
        """The customer's browser, opened when it is first needed."""
        if self.browser is None:
            self.browser = Browser(self.office.scratch, self.packages, self.show,
                                   self.office.desktop.env if self.show else None)
        return Customer(self.browser, self.portal.origin)

    def subject(self, nick):
        """The subject of a customer's inquiry."""
        return INQUIRIES[nick][0]

    def close(self):
        """End everything."""
        try:
            if self.browser is not None:
                self.browser.close()
            if self.issuer is not None:
                self.issuer.close()
        finally:
            self.office.close()
