/* SPDX-License-Identifier: GPL-3.0-or-later */
/* May we write at all: every sentence about an inquiry as a small case. */
#include "policy-fixture.h"

static void test_nothing(void)
{
	assert_refused(new_facts(), "no-basis");
}

static void test_inquiry(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, DAY);
	assert_basis(facts, "inquiry");
}

static void test_not_a_reply(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_message(facts, ERIKA, DAY);
	facts->is_reply = FALSE;
	SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, 0);
	g_ptr_array_add(one->recent,
		sgp_inquiry_offer_new("m7@kunde.example", "Angebot Hausrat", NOW - DAY));
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpstr(sgp_refusal_get_nick(first_of(verdict)->basis_refusal), ==, "no-basis");
	g_assert_true(has_text(first_of(verdict)->remedies, "reply-to:m7@kunde.example"));
	g_assert_cmpuint(first_of(verdict)->offers->len, ==, 1);
	const SgpInquiryOffer *offer = g_ptr_array_index(first_of(verdict)->offers, 0);
	g_assert_cmpstr(offer->message_id, ==, "m7@kunde.example");
	g_assert_cmpstr(offer->subject, ==, "Angebot Hausrat");
	g_assert_cmpint(offer->date, ==, NOW - DAY);
	g_assert_true(has_text(first_of(verdict)->remedies, "record-phone"));
}

static void test_internal_and_partner(void)
{
	static const struct {
		const char *address, *basis;
	} cases[] = { { "anna@office.example", "internal" }, { "boss@private.example", "internal" },
		{ "x@insurer.example", "partner" } };
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		SgpFacts *facts = new_facts();
		g_ptr_array_set_size(facts->recipients, 0);
		SgpRecipientFacts *one = add_recipient(facts, cases[i].address);
		one->has_consents = FALSE;
		facts->history_complete = FALSE;
		assert_basis(facts, cases[i].basis);
	}
}

/* The colleagues' or the insurer's server would pass it on to somebody else's. */
static void test_relayed_are_outside(void)
{
	static const char *const outside[] = { "kunde%example.net@office.example",
		"example.net!kunde@office.example", "\"kunde@example.net\"@office.example",
		"kunde%example.net@insurer.example" };
	for (gsize i = 0; i < G_N_ELEMENTS(outside); i++) {
		SgpFacts *facts = new_facts();
		g_ptr_array_set_size(facts->recipients, 0);
		add_recipient(facts, outside[i]);
		assert_refused(facts, "no-basis");
	}
	SgpFacts *named = new_facts();
	g_strfreev(named->settings.own_addresses);
	named->settings.own_addresses = strv_of("fax%filiale@office.example");
	g_ptr_array_set_size(named->recipients, 0);
	add_recipient(named, "fax%filiale@office.example");
	assert_basis(named, "internal");
}

static void test_subdomains_are_outside(void)
{
	static const char *const outside[] = { "anna@sub.office.example", "anna@notoffice.example",
		"other@private.example", "x@sub.insurer.example" };
	for (gsize i = 0; i < G_N_ELEMENTS(outside); i++) {
		SgpFacts *facts = new_facts();
		g_ptr_array_set_size(facts->recipients, 0);
		add_recipient(facts, outside[i]);
		assert_refused(facts, "no-basis");
	}
}

static void test_each_for_itself(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_message(facts, ERIKA, DAY);
	SgpRecipientFacts *bcc = add_recipient(facts, "max@kunde.example");
	bcc->field = SGP_FIELD_BCC;
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	const SgpRecipientVerdict *max = g_ptr_array_index(verdict->recipients, 1);
	g_assert_cmpstr(sgp_basis_get_nick(first_of(verdict)->basis), ==, "inquiry");
	g_assert_cmpstr(sgp_refusal_get_nick(max->basis_refusal), ==, "not-the-author");
	g_assert_cmpint(first_of(verdict)->action, ==, SGP_ACTION_SEND);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_HOLD);
}

static void test_not_received(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, DAY)->is_received = FALSE;
	assert_refused(facts, "no-basis");
}

static void test_own_mail(void)
{
	SgpFacts *facts = new_facts();
	g_ptr_array_set_size(facts->recipients, 0);
	add_recipient(facts, ERIKA);
	SgpMessageFact *own = add_message(facts, "anna@office.example", DAY);
	own->reply_to = strv_of(ERIKA);
	assert_refused(facts, "no-basis");
}

static void test_whole_address(void)
{
	static const char *const others[] = { "erika+a@kunde.example", "rika@kunde.example",
		"erika@kunde.example.evil.example", "erika@kundeexample" };
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
		SgpFacts *facts = new_facts();
		add_message(facts, others[i], DAY);
		assert_refused(facts, "not-the-author");
	}
}

static void test_reply_to(void)
{
	SgpFacts *same = new_facts();
	add_message(same, "office@kunde.example", DAY)->reply_to = strv_of(ERIKA);
	assert_basis(same, "inquiry");
	SgpFacts *other = new_facts();
	add_message(other, "office@evil.example", DAY)->reply_to = strv_of(ERIKA);
	assert_refused(other, "not-the-author");
	SgpFacts *several = new_facts();
	const char *mixed[] = { ERIKA, "x@evil.example", NULL };
	add_message(several, "office@kunde.example", DAY)->reply_to = g_strdupv((GStrv)mixed);
	assert_refused(several, "not-the-author");
	SgpFacts *both = new_facts();
	const char *ours[] = { ERIKA, "max@kunde.example", NULL };
	add_message(both, "office@kunde.example", DAY)->reply_to = g_strdupv((GStrv)ours);
	assert_basis(both, "inquiry");
}

/* A Reply-To elsewhere does not take From's own inquiry away. */
static void test_from_counts_beside_reply_to(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, DAY)->reply_to = strv_of("assistant@kunde.example");
	assert_basis(facts, "inquiry");
}

static void test_relay(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, "form@office.example", DAY)->reply_to = strv_of(ERIKA);
	assert_basis(facts, "inquiry");
	SgpFacts *forged = new_facts();
	SgpMessageFact *message = add_message(forged, "form@office.example", DAY);
	message->reply_to = strv_of(ERIKA);
	message->authentication = SGP_AUTHENTICATION_FAIL;
	assert_refused(forged, "forged");
	SgpFacts *several = new_facts();
	const char *two[] = { ERIKA, "max@other.example", NULL };
	add_message(several, "form@office.example", DAY)->reply_to = g_strdupv((GStrv)two);
	assert_refused(several, "not-the-author");
}

static void test_not_personal(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, DAY)->not_personal = g_strdup("auto-submitted");
	assert_refused(facts, "not-personal");
	SgpFacts *others = new_facts();
	add_message(others, ERIKA, DAY)->not_personal = g_strdup("out-of-office");
	add_message(others, "max@other.example", DAY);
	assert_refused(others, "not-the-author");
}

static void test_forged(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, DAY)->authentication = SGP_AUTHENTICATION_FAIL;
	assert_refused(facts, "forged");
	/* One good message is enough. */
	SgpFacts *good = new_facts();
	add_message(good, ERIKA, DAY)->authentication = SGP_AUTHENTICATION_FAIL;
	add_message(good, ERIKA, 2 * DAY);
	assert_basis(good, "inquiry");
}

static void test_unauthenticated(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, DAY);
	facts->settings.require_authenticated_inquiry = TRUE;
	assert_refused(facts, "unauthenticated");
	g_autoptr(SgpFacts) good = new_facts();
	add_message(good, ERIKA, DAY)->authentication = SGP_AUTHENTICATION_PASS;
	good->settings.require_authenticated_inquiry = TRUE;
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(good, NOW);
	g_assert_cmpint(verdict->action, ==, SGP_ACTION_SEND);
	g_assert_true(first_of(verdict)->evidence_authenticated);
}

static void test_age(void)
{
	SgpFacts *edge = new_facts();
	add_message(edge, ERIKA, 365 * DAY);
	assert_basis(edge, "inquiry");
	SgpFacts *old = new_facts();
	add_message(old, ERIKA, 365 * DAY + 1);
	assert_refused(old, "inquiry-too-old");
	SgpFacts *forever = new_facts();
	add_message(forever, ERIKA, 3650 * DAY);
	forever->settings.inquiry_valid_days = 0;
	assert_basis(forever, "inquiry");
	SgpFacts *future = new_facts();
	add_message(future, ERIKA, -2 * DAY);
	assert_refused(future, "no-basis");
}

static void test_undated_inquiry(void)
{
	SgpFacts *undated = new_facts();
	add_message(undated, ERIKA, DAY)->date = 0;
	assert_refused(undated, "unknown");
	/* Where age does not matter, neither does the date. */
	SgpFacts *ageless = new_facts();
	add_message(ageless, ERIKA, DAY)->date = 0;
	ageless->settings.inquiry_valid_days = 0;
	assert_basis(ageless, "inquiry");
	/* One that has a date is enough; one that is too old says more than one without. */
	SgpFacts *dated = new_facts();
	add_message(dated, ERIKA, DAY)->date = 0;
	add_message(dated, ERIKA, DAY);
	assert_basis(dated, "inquiry");
	SgpFacts *old = new_facts();
	add_message(old, ERIKA, DAY)->date = 0;
	add_message(old, ERIKA, 366 * DAY);
	assert_refused(old, "inquiry-too-old");
	/* No look-up will bring the date: a permission would. */
	g_autoptr(SgpFacts) facts = new_facts();
	add_message(facts, ERIKA, DAY)->date = 0;
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_true(g_ptr_array_find_with_equal_func(
		first_of(verdict)->remedies, "record-phone", g_str_equal, NULL));
}

static void test_newest_is_evidence(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_message(facts, ERIKA, 3 * DAY);
	add_message(facts, ERIKA, DAY);
	add_message(facts, ERIKA, 2 * DAY);
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpstr(first_of(verdict)->evidence_message_id, ==, "m1@kunde.example");
	g_assert_cmpint(first_of(verdict)->evidence_date, ==, NOW - DAY);
	g_assert_cmpuint(first_of(verdict)->all_inquiries->len, ==, 3);
	g_assert_cmpstr(
		g_ptr_array_index(first_of(verdict)->all_inquiries, 1), ==, "m2@kunde.example");
}

static void test_unknown_history(void)
{
	SgpFacts *empty = new_facts();
	empty->history_complete = FALSE;
	assert_refused(empty, "unknown");
	/* An objection may still lie in what was not indexed. */
	SgpFacts *found = new_facts();
	add_message(found, ERIKA, DAY);
	found->history_complete = FALSE;
	assert_refused(found, "unknown");
}

static void test_unjudged(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, DAY);
	add_message(facts, ERIKA, 0)->is_judged = FALSE;
	assert_refused(facts, "unknown");
	SgpFacts *stranger = new_facts();
	add_message(stranger, ERIKA, DAY);
	add_message(stranger, "x@other.example", 0)->is_judged = FALSE;
	assert_basis(stranger, "inquiry");
}

static void test_unknown_ledger(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, DAY);
	SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, 0);
	one->has_consents = FALSE; /* a withdrawal may be in it */
	assert_refused(facts, "unknown");
}

static void test_changed_subject(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, DAY);
	facts->subject = "AW: Neues Angebot";
	assert_asks(facts, "subject-changed");
	/* Subjects that say nothing, or that nobody read, are no other subject. */
	SgpFacts *silent = new_facts();
	g_free(add_message(silent, ERIKA, DAY)->subject);
	((SgpMessageFact *)g_ptr_array_index(silent->messages, 0))->subject = g_strdup("[...]");
	add_message(silent, "max@other.example", DAY)->is_judged = FALSE;
	silent->subject = "AW: Neues Angebot";
	assert_basis(silent, "inquiry");
	SgpFacts *emptied = new_facts();
	add_message(emptied, ERIKA, DAY);
	emptied->subject = "AW:";
	assert_basis(emptied, "inquiry");
	SgpFacts *agreed = new_facts();
	add_message(agreed, ERIKA, DAY);
	add_consent(agreed, SGP_BASIS_AGREEMENT, NULL, DAY);
	agreed->subject = "AW: Neues Angebot";
	assert_basis(agreed, "inquiry");
}

/* "Yes, it still answers" was said of one subject, not of the next one. */
static void test_subject_answer_is_bound(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_message(facts, ERIKA, DAY);
	facts->subject = "AW: Neues Angebot";
	g_autoptr(SgpVerdict) shown = sgp_policy_decide(facts, NOW);
	const char *const answered[] = { question_id(shown, "subject-changed"), NULL };
	facts->confirmed = answered;
	g_autoptr(SgpVerdict) same = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(same->action, ==, SGP_ACTION_SEND);
	facts->subject = "AW: Beitragserhöhung";
	g_autoptr(SgpVerdict) other = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(other->action, ==, SGP_ACTION_ASK);
	const SgpQuestion *question = g_ptr_array_index(other->questions, 0);
	g_assert_cmpstr(question->detail, ==, "AW: Beitragserhöhung");
}

/* What is being answered already is no other mail to answer. */
static void test_offers(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_message(facts, ERIKA, 400 * DAY);
	SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, 0);
	g_ptr_array_add(one->recent, sgp_inquiry_offer_new("m0@kunde.example", "Schaden", NOW));
	g_ptr_array_add(one->recent, sgp_inquiry_offer_new("m7@kunde.example", "Hausrat", NOW));
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_false(has_text(first_of(verdict)->remedies, "reply-to:m0@kunde.example"));
	g_assert_true(has_text(first_of(verdict)->remedies, "reply-to:m7@kunde.example"));
	g_assert_cmpuint(first_of(verdict)->offers->len, ==, 1);
}

/* Outside of our domains, or of nobody who was named: neither is another person's inquiry. */
static void test_ours_is_nobody_elses(void)
{
	SgpFacts *own = new_facts();
	add_message(own, "boss@private.example", DAY);
	assert_refused(own, "no-basis");
	SgpFacts *several = new_facts();
	SgpMessageFact *sent = add_message(several, ERIKA, DAY);
	g_clear_pointer(&sent->author, g_free);
	sent->is_received = FALSE;
	assert_refused(several, "no-basis");
}

/* Who wrote through a form stands inside the mail. */
static void test_unjudged_relay(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, "form@office.example", DAY)->is_judged = FALSE;
	assert_refused(facts, "unknown");
}

static void test_ten_offers(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, 0);
	for (guint i = 0; i < 11; i++) {
		g_autofree char *id = g_strdup_printf("n%u@kunde.example", i);
		g_ptr_array_add(one->recent, sgp_inquiry_offer_new(id, "Schaden", NOW - i));
	}
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpuint(first_of(verdict)->offers->len, ==, 10);
	g_assert_true(has_text(first_of(verdict)->remedies, "reply-to:n9@kunde.example"));
	g_assert_false(has_text(first_of(verdict)->remedies, "reply-to:n10@kunde.example"));
}

#define ADD(path, function) g_test_add_func("/reactive-rule/" path, function)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("nobody-asked-so-nobody-writes", test_nothing);
	ADD("an-inquiry-in-the-conversation-is-a-basis", test_inquiry);
	ADD("a-mail-that-is-no-reply-has-no-basis-but-remedies", test_not_a_reply);
	ADD("colleagues-and-partners-need-no-basis", test_internal_and_partner);
	ADD("a-subdomain-is-outside", test_subdomains_are_outside);
	ADD("an-address-that-leads-on-is-outside", test_relayed_are_outside);
	ADD("every-recipient-needs-a-basis-of-its-own", test_each_for_itself);
	ADD("a-message-that-was-not-received-is-no-inquiry", test_not_received);
	ADD("our-own-mail-is-no-inquiry", test_own_mail);
	ADD("only-the-whole-address-is-the-author", test_whole_address);
	ADD("reply-to-counts-within-the-authors-domain", test_reply_to);
	ADD("from-counts-beside-reply-to", test_from_counts_beside_reply_to);
	ADD("a-relay-speaks-for-its-reply-to-unless-forged", test_relay);
	ADD("a-robots-mail-is-no-inquiry", test_not_personal);
	ADD("a-forged-mail-is-no-inquiry", test_forged);
	ADD("an-unauthenticated-inquiry-can-be-refused", test_unauthenticated);
	ADD("an-inquiry-ages", test_age);
	ADD("an-inquiry-without-a-date-is-unknown", test_undated_inquiry);
	ADD("the-newest-inquiry-is-the-evidence", test_newest_is_evidence);
	ADD("an-incomplete-history-is-unknown", test_unknown_history);
	ADD("a-message-that-was-not-read-is-unknown", test_unjudged);
	ADD("an-unreadable-ledger-is-unknown", test_unknown_ledger);
	ADD("a-changed-subject-asks-where-the-inquiry-is-all", test_changed_subject);
	ADD("an-answer-about-the-subject-covers-that-subject-only", test_subject_answer_is_bound);
	ADD("what-is-answered-already-is-no-remedy", test_offers);
	ADD("what-we-wrote-ourselves-is-nobody-elses-inquiry", test_ours_is_nobody_elses);
	ADD("an-unread-mail-of-a-relay-is-unknown", test_unjudged_relay);
	ADD("of-many-mails-to-answer-ten-are-named", test_ten_offers);
	return g_test_run();
}
