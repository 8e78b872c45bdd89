# SPDX-License-Identifier: GPL-3.0-or-later
"""Reminders, what is not collected, the staff's digest, and mails that come back."""

import email
import email.policy
import re
import threading
import time

from harness import Portal, Staff, customer, reply, wait_until

DAY = 86400

REPORT = """From: MAILER-DAEMON@relay.example
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
 boundary="7A3F.b/=1"

This is a MIME-encapsulated message.

--7A3F.b/=1
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

Action: failed, says this text, which nobody may believe.

--7A3F.b/=1
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; relay.example
{envelope}Arrival-Date: Tue, 24 Nov 2026 12:00:00 +0000

Final-Recipient: rfc822; kunde@example.net
Action: {action}
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such
    mailbox

--7A3F.b/=1
Content-Type: text/rfc822-headers

Message-ID: <x@y.example>

--7A3F.b/=1--
"""


def report(tag=None, to="portal@office.example", action="failed"):
    return REPORT.format(envelope=f"Original-Envelope-Id: {tag}\n" if tag else "", to=to, action=action)


def kinds(staff):
    return [event["type"] for event in staff.events()["events"]]


def subjects(portal):
    return [email.message_from_bytes(data, policy=email.policy.default)["Subject"] for _, data in portal.sink.mails]


def age(portal, days, *names):
    """As if the messages had been published, and reminded of, so many days earlier."""
    for name in names:
        portal.sql("UPDATE messages SET received = received - ?, reminded_at = reminded_at - ? WHERE id = ?", days * DAY, days * DAY, name)


def look(portal):
    """The mailer looks for what is due when it starts."""
    portal.restart()


def settled(portal):
    """Nothing is queued any more that is due, and the mailer has looked at least once since the start."""
    assert wait_until(lambda: portal.sql("SELECT COUNT(*) FROM outbox WHERE state = 'queued'") == [(0,)], 20)
    time.sleep(0.5)  # for what must not come


def test_reminders_on_day_7_and_14_one_for_all_messages_and_then_the_staff_are_told():
    with Portal("--notice-interval", "0") as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        first, second = staff.send(browser.handle), staff.send(browser.handle)
        settled(portal)
        notices = len(portal.sink.mails)
        look(portal)
        settled(portal)
        assert len(portal.sink.mails) == notices, "nothing on the first day"
        age(portal, 7, first, second)
        look(portal)
        assert len(portal.sink.wait(notices + 1)) == notices + 1
        settled(portal)  # a mail that is not noted yet would go out again after the kill
        look(portal)
        settled(portal)
        assert len(portal.sink.mails) == notices + 1, "one for both, and once"
        mail = portal.sink.mails[-1]
        assert mail[0] == "kunde@example.net" and subjects(portal)[-1].startswith("Erinnerung:")
        assert b"Auto-Submitted: auto-generated" in mail[1] and f"Message-ID: <reminder-1-{first}@127.0.0.1>".encode() in mail[1]
        age(portal, 7, first, second)
        look(portal)
        assert len(portal.sink.wait(notices + 2)) == notices + 2
        settled(portal)
        assert "not-collected" not in kinds(staff)
        age(portal, 1, first, second)
        look(portal)
        assert wait_until(lambda: kinds(staff).count("not-collected") == 2, 10)
        told = [event for event in staff.events()["events"] if event["type"] == "not-collected"]
        assert {event["message"] for event in told} == {first, second} and told[0]["customer"] == browser.handle
        age(portal, 30, first, second)
        look(portal)
        settled(portal)
        assert kinds(staff).count("not-collected") == 2 and len(portal.sink.mails) == notices + 2, "once, and then never again"


def test_who_was_only_invited_is_reminded_with_the_link():
    with Portal() as portal:
        staff = Staff(portal)
        handle, _, invitation = staff.invite("kunde@example.net")
        name = staff.send(handle)
        portal.sink.wait(1)
        settled(portal)
        age(portal, 8, name)
        portal.sql("UPDATE customers SET notified = 1")
        look(portal)
        mails = portal.sink.wait(2)
        text = email.message_from_bytes(mails[1][1], policy=email.policy.default).get_content()
        assert f"/register#i={invitation}" in text and "nie per E-Mail" in text


def test_who_has_read_or_lost_the_message_is_not_reminded():
    with Portal() as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        read, revoked, other = staff.send(browser.handle), staff.send(browser.handle), customer(portal, staff, "zwei@example.net")
        frozen = staff.send(other.handle)
        portal.sql("UPDATE customers SET state = 'frozen' WHERE handle = ?", other.handle)
        assert browser.call("POST", f"/p/v1/messages/{read}/read", {}).status == 204
        assert staff.call("DELETE", f"/api/v1/messages/{revoked}").status == 200
        settled(portal)
        before = len(portal.sink.mails)
        age(portal, 20, read, revoked, frozen)
        portal.sql("UPDATE customers SET notified = 1")
        look(portal)
        settled(portal)
        assert len(portal.sink.mails) == before and "not-collected" not in kinds(staff)


def test_a_reminder_that_waits_is_dropped_when_everything_was_read():
    with Portal("--notice-interval", "0") as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        name = staff.send(browser.handle)
        settled(portal)
        before = len(portal.sink.mails)
        age(portal, 7, name)
        portal.sink.refuse["rcpt"] = "451 later"
        look(portal)
        assert wait_until(lambda: portal.sql("SELECT tries FROM outbox WHERE kind = 'reminder'") == [(1,)])
        assert browser.call("POST", f"/p/v1/messages/{name}/read", {}).status == 204
        portal.sink.refuse.clear()
        portal.sql("UPDATE outbox SET due = 1 WHERE kind = 'reminder'")
        look(portal)
        assert wait_until(lambda: portal.sql("SELECT state FROM outbox WHERE kind = 'reminder'") == [("cancelled",)])
        assert len(portal.sink.mails) == before and "bounced" not in kinds(staff)


def test_after_a_long_standstill_the_second_reminder_comes_a_week_after_the_first():
    with Portal("--notice-interval", "0") as portal:
        staff = Staff(portal)
        browser = customer(portal, staff)
        name = staff.send(browser.handle)
        settled(portal)
        before = len(portal.sink.mails)
        age(portal, 40, name)
        for _ in range(2):
            look(portal)
            settled(portal)
        assert len(portal.sink.mails) == before + 1 and "not-collected" not in kinds(staff)


def test_the_envelope_carries_a_tag_and_a_report_ends_the_reminders():
    with Portal("--notice-interval", "0", "--bounce-domain", "portal.office.example") as portal:
        portal.sink.extensions = ["DSN"]
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        name = staff.send(handle)
        portal.sink.wait(1)
        settled(portal)
        sender, recipient = portal.sink.envelopes[0]
        found = re.fullmatch(r"MAIL FROM:<bounce\+([0-9a-f]{20})@portal\.office\.example> RET=HDRS ENVID=([0-9a-f]{20})", sender)
        assert found and found[1] == found[2], sender
        assert recipient == "RCPT TO:<kunde@example.net> NOTIFY=FAILURE"
        mail = email.message_from_bytes(portal.sink.mails[0][1], policy=email.policy.default)
        assert mail["From"].addresses[0].addr_spec == "portal@office.example", "people see the portal's address"
        done = portal.admin("bounce", stdin=report(found[1]))
        assert "came back" in done.stdout
        bounced = [event for event in staff.events()["events"] if event["type"] == "bounced"]
        assert [(event["customer"], event["message"]) for event in bounced] == [(handle, name)]
        assert "came back" in portal.admin("bounce", stdin=report(found[1])).stdout
        age(portal, 20, name)
        look(portal)
        settled(portal)
        assert kinds(staff).count("bounced") == 1 and "not-collected" not in kinds(staff) and len(portal.sink.mails) == 1
        later = staff.send(handle)
        assert len(portal.sink.wait(2)) == 2, "a later message has a notice of its own"
        settled(portal)
        age(portal, 8, later)
        look(portal)
        assert len(portal.sink.wait(3)) == 3, "and reminders"


def test_who_waits_for_events_hears_of_a_command_at_once():
    with Portal("--bounce-domain", "portal.office.example") as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        staff.send(handle)
        portal.sink.wait(1)
        settled(portal)
        tag = re.search(r"bounce\+([0-9a-f]{20})@", portal.sink.envelopes[0][0])[1]
        heard = []
        poll = threading.Thread(target=lambda: heard.append(staff.events(0, 25)))
        poll.start()
        assert not heard
        assert "came back" in portal.admin("bounce", stdin=report(tag)).stdout
        poll.join()
        assert [event["type"] for event in heard[0]["events"]] == ["bounced"]
        waited = wait_until(lambda: re.search(r"route=/api/v1/events status=200 .* ms=(\d+)", portal.log()), 30)
        assert int(waited[1]) < 24_000, "not only when its time was over"


def test_waiting_for_events_ends_though_others_wake_it():
    with Portal(smtp=False) as portal:
        staff = Staff(portal)
        assert staff.events(0, 3) == {"events": [], "last": 0}, "it is looked at every second, and ends all the same"


def test_a_report_that_is_faster_than_the_note_of_the_sending_comes_again():
    with Portal("--bounce-domain", "portal.office.example") as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        portal.sink.gate = threading.Event()
        name = staff.send(handle)
        assert portal.sink.reached_gate.wait(20)
        tag = re.search(r"bounce\+([0-9a-f]{20})@", portal.sink.envelopes[0][0])[1]
        early = portal.admin("bounce", stdin=report(tag), check=False)
        assert early.returncode == 75 and "bounced" not in kinds(staff), "the mail server keeps the report (EX_TEMPFAIL)"
        portal.sink.gate.set()
        settled(portal)
        assert "came back" in portal.admin("bounce", stdin=report(tag)).stdout
        assert [event["message"] for event in staff.events()["events"] if event["type"] == "bounced"] == [name]


def test_a_report_finds_its_mail_by_the_address_alone():
    with Portal("--bounce-domain", "portal.office.example") as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        staff.send(handle)
        portal.sink.wait(1)
        settled(portal)
        sender = portal.sink.envelopes[0][0]
        assert sender.startswith("MAIL FROM:<bounce+") and sender.endswith("@portal.office.example>"), "no DSN offered, none asked for"
        address = sender[len("MAIL FROM:<"):-1]
        crlf = report(to=f"<{address}>").replace("\n", "\r\n")
        assert "came back" in portal.admin("bounce", stdin="From MAILER-DAEMON Tue Nov 24 12:00:00 2026\r\n" + crlf).stdout
        assert kinds(staff).count("bounced") == 1


def test_without_a_bounce_domain_mails_come_from_the_portals_address():
    with Portal() as portal:
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        staff.send(handle)
        portal.sink.wait(1)
        assert portal.sink.envelopes[0] == ["MAIL FROM:<portal@office.example>", "RCPT TO:<kunde@example.net>"]


def test_a_forged_bounce_is_no_bounce():
    with Portal("--bounce-domain", "portal.office.example") as portal:
        portal.sink.extensions = ["DSN"]
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        name = staff.send(handle)
        portal.sink.wait(1)
        settled(portal)
        tag = portal.sink.envelopes[0][0][-20:]
        good = report(tag)
        forged = {
            "another tag": report("0" * 20),
            "the message's id": report(name),
            "no tag": report(),
            "delayed": report(tag, action="delayed"),
            "delivered": report(tag, action="delivered"),
            "failed only in its name": report(tag, action="failed-not"),
            "an out-of-office answer": f"From: kunde@example.net\nTo: bounce+{tag}@portal.office.example\nContent-Type: text/plain\n\nAction: failed\n",
            "a report without a status": good.replace("Content-Type: message/delivery-status", "Content-Type: text/plain"),
            "not a report": good.replace("multipart/report; report-type=delivery-status", "multipart/mixed"),
            "no boundary": good.replace("boundary=", "border="),
            "nothing": "",
            "one line": "From x",
            "cut off": good[:good.index("Final-Recipient")],
            "a tag with something behind it": report(tag + "0"),
            "very large": "X: " + "y" * 3_000_000 + "\n" + good,
        }
        for what, mail in forged.items():
            done = portal.admin("bounce", stdin=mail)
            assert "no report about a mail of ours" in done.stdout, (what, done.stdout)
            assert "bounced" not in kinds(staff), what
        assert "came back" in portal.admin("bounce", stdin=good).stdout


def test_a_reply_that_comes_back_from_the_staffs_mail_server_is_told_too():
    with Portal("--bounce-domain", "portal.office.example") as portal:
        portal.sink.extensions = ["DSN"]
        staff = Staff(portal)
        browser = customer(portal, staff)
        name, answer = reply(browser)
        assert answer.status == 201
        portal.sink.wait(1)
        settled(portal)
        assert "came back" in portal.admin("bounce", stdin=report(portal.sink.envelopes[0][0][-20:])).stdout
        assert [event["message"] for event in staff.events()["events"] if event["type"] == "bounced"] == [name]


def test_a_notice_that_is_refused_at_once_ends_the_reminders():
    with Portal("--notice-interval", "0") as portal:
        portal.sink.refuse["rcpt"] = "550 no such mailbox"
        staff = Staff(portal)
        handle, _, _ = staff.invite("kunde@example.net")
        name = staff.send(handle)
        assert wait_until(lambda: kinds(staff).count("bounced") == 1)
        portal.sink.refuse.clear()
        age(portal, 20, name)
        look(portal)
        settled(portal)
        assert portal.sink.mails == [] and kinds(staff).count("bounced") == 1


def test_the_staffs_digest_has_numbers_and_nothing_else():
    with Portal("--staff-digest", "00:00") as portal:
        staff = Staff(portal)
        Staff(portal, "bert@office.example", "Bert")
        handle, _, _ = staff.invite("kunde@example.net")
        name = staff.send(handle)
        portal.sink.wait(1)
        look(portal)
        wait_until(lambda: len([1 for to, _ in portal.sink.mails if to.endswith("@office.example")]) >= 2)
        settled(portal)
        look(portal)
        settled(portal)
        digests = [(to, data) for to, data in portal.sink.mails if to.endswith("@office.example")]
        assert sorted(to for to, _ in digests) == ["anna@office.example", "bert@office.example"], "one each and day"
        text = email.message_from_bytes(digests[0][1], policy=email.policy.default).get_content().replace("\r\n", "\n")
        assert re.search(r"^ +1  Nachrichten, die noch niemand gelesen hat$", text, re.M) and re.search(r"^ +1  invitations still open$", text, re.M)
        for canary in ("kunde", "example.net", handle, name, "http"):
            assert canary not in text, canary


def test_no_digest_unless_it_is_asked_for_and_not_before_its_time():
    with Portal("--staff-digest", time.strftime("%H:%M", time.localtime(time.time() + 1800))) as portal:
        Staff(portal)
        look(portal)
        settled(portal)
        late = time.localtime(time.time() + 1800).tm_yday == time.localtime().tm_yday
        assert not late or portal.sink.mails == []
    with Portal() as portal:
        Staff(portal)
        look(portal)
        settled(portal)
        assert portal.sink.mails == []


def test_a_setting_that_makes_no_sense_is_refused():
    with Portal(init=False, smtp=False) as portal:
        for options in (("--staff-digest", "7"), ("--staff-digest", "24:00"), ("--staff-digest", "07:6x"), ("--bounce-domain", "a b"),
                        ("--bounce-domain", "x>\r\nRCPT TO:<a@b.example")):
            done = portal.admin(*options, "status", check=False)
            assert done.returncode == 2 and options[0] in done.stderr, (options, done.stderr)
