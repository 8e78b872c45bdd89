# SPDX-License-Identifier: GPL-3.0-or-later
"""A customer without keys: enrolment in the preferences, the portal as the way, the code, and a portal that is away."""

import stage
from office import OFFICE_DOMAIN
from scratch import wait_for


def play(checks):
    with stage.office(checks, "portal") as office:
        for number in range(2):
            office.customer_writes(office.erika, f"Frage {number}", "Guten Tag,\n\neine Frage.\n\nErika Eiche")
        stage.seed(office)
        evolution = stage.start(office)
        office.start_portal(enrol=False)
        office.agent.wait_for_history()
        preferences = own_domains(checks, office, evolution)
        enrolment(checks, office, preferences)
        portal_reply(checks, office, evolution)
        portal_away(checks, office, evolution)


def own_domains(checks, office, evolution):
    with checks.that("passing by the own domains before the agent has told them does not wipe them out"):
        with stage.agent_asleep(office):
            evolution.key("ctrl+shift+s")
            window = evolution.window("Evolution-Einstellungen")
            tab = window.find(lambda role: role in ("label", "list item", "icon", "table cell"), "Siegelpost", 15, showing=False)
            tab_press(evolution, window, tab)
            entry = window.find("text", "Eigene Domains")
            for one in (entry, window.find("text", "Adresse des Portals")):
                one.focus()
                wait_for("the keyboard", lambda it=one: it.has_state("FOCUSED"), 20, 0.1)
        wait_for("the domains", lambda: entry.text == OFFICE_DOMAIN, 30, 0.2)
        assert not any("Gespeichert" in one.name for one in window.find_all("label"))
        assert office.agent.call("GetSettings")[0]["own-domains"][0] == [OFFICE_DOMAIN]
        return window


def enrolment(checks, office, window):
    with checks.that("the preferences page enrols at the portal, with the token of the administrator"):
        token = office.portal.add_staff(office.sabine.address, office.sabine.name)
        window.find("text", "Adresse des Portals").set_text(office.portal.origin)
        window.find("text", "Ihre E-Mail-Adresse").set_text(office.sabine.address)
        window.find(("text", "password text"), "Anmeldecode").set_text(token)
        window.button("Anmelden").press()
        wait_for("the enrolment", lambda: any("Angemeldet" in one.name for one in window.find_all("label")), 90, 0.5)
        assert office.agent.portal_status()["state"] == "enrolled"
        office.desktop.screenshot(stage.build_dir() / "hosts" / "preferences.png")
        window.button("Schließen").press()


def tab_press(evolution, window, tab):
    """Choose a page of the preferences: its list takes keys, not clicks by name."""
    x, y = tab.middle()
    evolution.click(x, y)
    wait_for("the page", lambda: window.find_all("text", "Adresse des Portals"), 10, 0.2)


def portal_reply(checks, office, evolution):
    with checks.that("a reply to a customer without keys takes the portal, and the strip says so"):
        composer = evolution.reply("Frage 0")
        composer.write("Guten Tag Frau Eiche,\n\ndie Antwort.\n")
        composer.wait_until_says("WebMail-Portal, Ende-zu-Ende-verschlüsselt", seconds=40)
        composer.send()
        composer.wait_until_closed(60)
    with checks.that("afterwards the code for the new customer is shown in a window of its own"):
        window = evolution.window("Codes für neue Portalkunden", 20)
        code = office.agent.portal_customer("erika@kunde.example")["code"]
        shown = [label.name.replace(" ", "") for label in window.find_all("label")]
        assert code.replace(" ", "") in shown, shown
        office.desktop.screenshot(stage.build_dir() / "hosts" / "code.png")
        window.button("Schließen").press()
    with checks.that("the message is uploaded, the customer gets a notice without content, and no mail of ours"):
        office.agent.wait_until_spool_is_empty()
        notice = office.erika.wait_for_mails(1, seconds=60)[0]
        assert "die Antwort" not in notice.as_string() and "Frage 0" not in notice.as_string()
        assert all(office.sabine.address != one["from"] for one in office.mail.envelopes()
                   if "erika@kunde.example" in one["to"])
    with checks.that("the Sent folder keeps a copy that the sender can read"):
        office.sabine.wait_for_mails(1, "Sent")


def portal_away(checks, office, evolution):
    with checks.that("while the portal is away, nothing takes a weaker way, and the composer stays open and says why"):
        office.portal.stop()
        composer = evolution.reply("Frage 1")
        composer.write("Guten Tag Frau Eiche,\n\nnoch eine Antwort.\n")
        before = len(office.mail.envelopes())
        wait_for("a verdict", lambda: composer.says("erika@kunde.example"), 40, 0.3)
        composer.send()
        wait_for("an outcome", lambda: not composer.is_open or composer.says("Nicht gesendet")
                 or composer.says("Noch nicht gesendet"), 60, 0.3)
        assert len(office.mail.envelopes()) == before
        closed = not composer.is_open
    with checks.that("once it is back, the reply arrives there, once"):
        office.portal.start()
        if not closed:
            composer.wait_until_says("WebMail-Portal", seconds=90)
            composer.send()
            composer.wait_until_closed(60)
        office.agent.wait_until_spool_is_empty(120)
