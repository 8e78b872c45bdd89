/* SPDX-License-Identifier: GPL-3.0-or-later */
/* May we write at all: every sentence of the reactive rule as a small case. */
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
}

/* --- Unknown --- */

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

/* --- Objections --- */

static void test_opt_out(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_words(facts, ERIKA, DAY, SGP_OPT_OUT_OPTED_OUT);
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	g_assert_cmpstr(sgp_refusal_get_nick(first_of(verdict)->basis_refusal), ==, "opted-out");
	g_assert_cmpstr(first_of(verdict)->sentence, ==, "Bitte nicht per E-Mail.");
	g_assert_true(has_text(first_of(verdict)->remedies, "overrule"));
}

static void test_opt_out_holds(void)
{
	SgpFacts *facts = new_facts();
	add_words(facts, ERIKA, 2 * DAY, SGP_OPT_OUT_OPTED_OUT);
	add_message(facts, ERIKA, DAY);
	assert_refused(facts, "opted-out");
}

static void test_opt_out_is_lifted(void)
{
	SgpFacts *facts = new_facts();
	add_words(facts, ERIKA, 2 * DAY, SGP_OPT_OUT_OPTED_OUT);
	add_words(facts, ERIKA, DAY, SGP_OPT_OUT_ASKS_FOR_E_MAIL);
	assert_basis(facts, "inquiry");
	SgpFacts *again = new_facts();
	add_words(again, ERIKA, 2 * DAY, SGP_OPT_OUT_ASKS_FOR_E_MAIL);
	add_words(again, ERIKA, DAY, SGP_OPT_OUT_OPTED_OUT);
	assert_refused(again, "opted-out");
	SgpFacts *same_moment = new_facts();
	add_words(same_moment, ERIKA, DAY, SGP_OPT_OUT_OPTED_OUT);
	add_words(same_moment, ERIKA, DAY, SGP_OPT_OUT_ASKS_FOR_E_MAIL);
	assert_refused(same_moment, "opted-out");
}

/* Without a date an objection is the newest word, a request for e-mail the oldest. */
static void test_undated_words(void)
{
	SgpFacts *objection = new_facts();
	add_message(objection, ERIKA, DAY);
	add_words(objection, ERIKA, 0, SGP_OPT_OUT_ASKS_FOR_E_MAIL);
	add_words(objection, ERIKA, 0, SGP_OPT_OUT_OPTED_OUT)->date = 0;
	assert_refused(objection, "opted-out");
	SgpFacts *request = new_facts();
	add_words(request, ERIKA, DAY, SGP_OPT_OUT_OPTED_OUT);
	add_words(request, ERIKA, 0, SGP_OPT_OUT_ASKS_FOR_E_MAIL)->date = 0;
	assert_refused(request, "opted-out");
	/* No consent is newer than an objection of any time. */
	SgpFacts *consent = new_facts();
	add_words(consent, ERIKA, 0, SGP_OPT_OUT_OPTED_OUT)->date = 0;
	add_consent(consent, SGP_BASIS_AGREEMENT, NULL, 0);
	assert_refused(consent, "opted-out");
}

static void test_others_cannot_lift(void)
{
	SgpFacts *facts = new_facts();
	add_words(facts, ERIKA, 2 * DAY, SGP_OPT_OUT_OPTED_OUT);
	add_words(facts, "max@kunde.example", DAY, SGP_OPT_OUT_ASKS_FOR_E_MAIL);
	assert_refused(facts, "opted-out");
	SgpFacts *forged = new_facts();
	add_words(forged, ERIKA, 2 * DAY, SGP_OPT_OUT_OPTED_OUT);
	add_words(forged, ERIKA, DAY, SGP_OPT_OUT_ASKS_FOR_E_MAIL)->authentication =
		SGP_AUTHENTICATION_FAIL;
	assert_refused(forged, "opted-out");
	SgpFacts *other = new_facts();
	add_message(other, ERIKA, 2 * DAY);
	add_words(other, "max@kunde.example", DAY, SGP_OPT_OUT_OPTED_OUT);
	assert_basis(other, "inquiry");
}

static void test_opt_out_in_junk(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, 2 * DAY);
	add_words(facts, ERIKA, DAY, SGP_OPT_OUT_OPTED_OUT)->is_received = FALSE;
	assert_refused(facts, "opted-out");
}

static void test_doubtful_objection_asks(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, 2 * DAY);
	add_words(facts, ERIKA, DAY, SGP_OPT_OUT_OPTED_OUT)->authentication =
		SGP_AUTHENTICATION_FAIL;
	assert_asks(facts, "opt-out-unclear");
	SgpFacts *automatic = new_facts();
	add_message(automatic, ERIKA, 2 * DAY);
	add_words(automatic, ERIKA, DAY, SGP_OPT_OUT_OPTED_OUT)->not_personal =
		g_strdup("out-of-office");
	assert_asks(automatic, "opt-out-unclear");
}

static void test_unclear_asks(void)
{
	SgpFacts *facts = new_facts();
	add_words(facts, ERIKA, DAY, SGP_OPT_OUT_UNCLEAR);
	assert_asks(facts, "opt-out-unclear");
}

static void test_overrule(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_words(facts, ERIKA, DAY, SGP_OPT_OUT_OPTED_OUT);
	g_autoptr(SgpVerdict) before = sgp_policy_decide(facts, NOW);
	const char *id = first_of(before)->objection_id;
	g_autoptr(GHashTable) empty = overrule(id, "");
	facts->overrules = empty;
	g_autoptr(SgpVerdict) without = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(without->action, ==, SGP_ACTION_HOLD);
	g_autoptr(GHashTable) written = overrule(id, "Meint die Werbung.");
	facts->overrules = written;
	g_autoptr(SgpVerdict) with = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(with->action, ==, SGP_ACTION_SEND);
	g_assert_cmpstr(first_of(with)->overrule_reason, ==, "Meint die Werbung.");
	g_assert_true(first_of(with)->is_overruled);
}

static const SgpRecipientVerdict *second_of(const SgpVerdict *verdict)
{
	return g_ptr_array_index(verdict->recipients, 1);
}

static void test_overrule_is_bound(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_words(facts, ERIKA, 2 * DAY, SGP_OPT_OUT_OPTED_OUT);
	g_autoptr(SgpVerdict) shown = sgp_policy_decide(facts, NOW);
	g_autoptr(GHashTable) written =
		overrule(first_of(shown)->objection_id, "Meint die Werbung.");
	facts->overrules = written;
	/* Somebody who said the same is added afterwards: nobody read his words. */
	add_recipient(facts, "otto@kunde.example");
	add_words(facts, "otto@kunde.example", DAY, SGP_OPT_OUT_OPTED_OUT);
	g_autoptr(SgpVerdict) both = sgp_policy_decide(facts, NOW);
	g_assert_true(first_of(both)->is_overruled);
	g_assert_false(second_of(both)->is_overruled);
	g_assert_cmpint(second_of(both)->basis_refusal, ==, SGP_REFUSAL_OPTED_OUT);
	g_assert_cmpint(both->action, ==, SGP_ACTION_HOLD);
	/* She says it again, in other words. */
	SgpMessageFact *again = add_words(facts, ERIKA, 0, SGP_OPT_OUT_OPTED_OUT);
	g_free(again->sentence);
	again->sentence = g_strdup("Wirklich keine Mail!");
	g_autoptr(SgpVerdict) later = sgp_policy_decide(facts, NOW);
	g_assert_false(first_of(later)->is_overruled);
	g_assert_cmpint(first_of(later)->basis_refusal, ==, SGP_REFUSAL_OPTED_OUT);
}

static void test_confirmation_is_bound(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_words(facts, ERIKA, DAY, SGP_OPT_OUT_UNCLEAR);
	g_autoptr(SgpVerdict) shown = sgp_policy_decide(facts, NOW);
	const char *const kind_only[] = { "opt-out-unclear", NULL };
	facts->confirmed = kind_only;
	g_autoptr(SgpVerdict) unbound = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(unbound->action, ==, SGP_ACTION_ASK);
	const char *const answered[] = { question_id(shown, "opt-out-unclear"), NULL };
	facts->confirmed = answered;
	add_recipient(facts, "otto@kunde.example");
	add_words(facts, "otto@kunde.example", DAY, SGP_OPT_OUT_UNCLEAR);
	g_autoptr(SgpVerdict) both = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(first_of(both)->action, ==, SGP_ACTION_SEND);
	g_assert_cmpint(second_of(both)->action, ==, SGP_ACTION_ASK);
	g_assert_cmpuint(both->questions->len, ==, 1);
	g_ptr_array_set_size(facts->recipients, 1);
	SgpMessageFact *again = add_words(facts, ERIKA, 0, SGP_OPT_OUT_UNCLEAR);
	g_free(again->sentence);
	again->sentence = g_strdup("Keine Antwort nötig.");
	g_autoptr(SgpVerdict) later = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(later->action, ==, SGP_ACTION_ASK);
}

static void test_overrule_of_nothing_else(void)
{
	g_autofree char *id = sgp_question_dup_id("opted-out", "Bitte nicht per E-Mail.", ERIKA);
	g_autoptr(GHashTable) written = overrule(id, "Ich will.");
	SgpFacts *nothing = new_facts();
	nothing->overrules = written;
	assert_refused(nothing, "no-basis");
	SgpFacts *withdrawn = new_facts();
	add_message(withdrawn, ERIKA, DAY);
	add_consent(withdrawn, SGP_BASIS_NONE, NULL, 2 * DAY);
	withdrawn->overrules = written;
	assert_refused(withdrawn, "withdrawn");
}

static void test_consent_and_objection(void)
{
	SgpFacts *newer = new_facts();
	add_words(newer, ERIKA, 2 * DAY, SGP_OPT_OUT_OPTED_OUT);
	add_consent(newer, SGP_BASIS_AGREEMENT, NULL, DAY);
	assert_basis(newer, "inquiry");
	SgpFacts *older = new_facts();
	add_words(older, ERIKA, 2 * DAY, SGP_OPT_OUT_OPTED_OUT);
	add_consent(older, SGP_BASIS_AGREEMENT, NULL, 3 * DAY);
	assert_refused(older, "opted-out");
	SgpFacts *other_matter = new_facts();
	add_words(other_matter, ERIKA, 2 * DAY, SGP_OPT_OUT_OPTED_OUT);
	add_consent(other_matter, SGP_BASIS_PHONE, "SV-2", DAY);
	other_matter->matter_chosen = g_strdup("SV-1");
	assert_refused(other_matter, "opted-out");
	/* An objection binds its conversation only. */
	SgpFacts *elsewhere = new_facts();
	add_words(elsewhere, ERIKA, 2 * DAY, SGP_OPT_OUT_OPTED_OUT);
	add_consent(elsewhere, SGP_BASIS_AGREEMENT, NULL, 3 * DAY);
	elsewhere->is_reply = FALSE;
	assert_basis(elsewhere, "agreement");
}

/* --- Consents --- */

static void test_phone_and_letter(void)
{
	SgpFacts *phone = new_facts();
	add_consent(phone, SGP_BASIS_PHONE, "SV-1", DAY);
	phone->matter_chosen = g_strdup("SV-1");
	phone->is_reply = FALSE;
	assert_basis(phone, "phone");
	SgpFacts *letter = new_facts();
	add_consent(letter, SGP_BASIS_LETTER, "SV-1", DAY);
	g_ptr_array_add(letter->matters_in_subject, g_strdup("SV-1"));
	assert_basis(letter, "letter");
	SgpFacts *agreement = new_facts();
	add_consent(agreement, SGP_BASIS_AGREEMENT, NULL, DAY);
	assert_basis(agreement, "agreement");
}

static void test_precedence(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_message(facts, ERIKA, DAY);
	add_consent(facts, SGP_BASIS_AGREEMENT, NULL, DAY);
	add_consent(facts, SGP_BASIS_PHONE, "SV-1", DAY);
	facts->matter_chosen = g_strdup("SV-1");
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, NOW);
	const SgpRecipientVerdict *one = first_of(verdict);
	g_assert_cmpstr(sgp_basis_get_nick(one->basis), ==, "inquiry");
	g_assert_cmpint(one->evidence_entry, ==, 0);
	g_assert_cmpuint(one->all_bases->len, ==, 3);
	g_assert_cmpstr(g_ptr_array_index(one->all_bases, 1), ==, "phone");
	g_assert_cmpstr(g_ptr_array_index(one->all_bases, 2), ==, "agreement");
}

static void test_other_matter(void)
{
	SgpFacts *facts = new_facts();
	add_consent(facts, SGP_BASIS_PHONE, "SV-1", DAY);
	facts->matter_chosen = g_strdup("SV-2");
	assert_refused(facts, "other-matter");
	SgpFacts *none = new_facts();
	add_consent(none, SGP_BASIS_PHONE, "SV-1", DAY);
	assert_refused(none, "other-matter");
}

static void test_expired(void)
{
	SgpFacts *facts = new_facts();
	add_consent(facts, SGP_BASIS_PHONE, "SV-1", 91 * DAY)->valid_until = NOW - DAY;
	facts->matter_chosen = g_strdup("SV-1");
	assert_refused(facts, "expired");
	SgpFacts *closed = new_facts();
	add_consent(closed, SGP_BASIS_PHONE, "SV-1", DAY)->is_matter_closed = TRUE;
	closed->matter_chosen = g_strdup("SV-1");
	assert_refused(closed, "expired");
	SgpFacts *last_second = new_facts();
	add_consent(last_second, SGP_BASIS_PHONE, "SV-1", DAY)->valid_until = NOW;
	last_second->matter_chosen = g_strdup("SV-1");
	assert_basis(last_second, "phone");
}

static void test_matter_order(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	g_ptr_array_add(facts->matters_in_subject, g_strdup("SV-3"));
	g_autoptr(SgpVerdict) subject = sgp_policy_decide(facts, NOW);
	g_assert_cmpstr(subject->matter, ==, "SV-3");
	facts->matter_tied = g_strdup("SV-2");
	g_autoptr(SgpVerdict) tied = sgp_policy_decide(facts, NOW);
	g_assert_cmpstr(tied->matter, ==, "SV-2");
	facts->matter_chosen = g_strdup("SV-1");
	g_autoptr(SgpVerdict) chosen = sgp_policy_decide(facts, NOW);
	g_assert_cmpstr(chosen->matter, ==, "SV-1");
}

static void test_two_matters(void)
{
	SgpFacts *inquiry = new_facts();
	add_message(inquiry, ERIKA, DAY);
	g_ptr_array_add(inquiry->matters_in_subject, g_strdup("SV-1"));
	g_ptr_array_add(inquiry->matters_in_subject, g_strdup("SV-2"));
	g_autoptr(SgpVerdict) asked = decide(inquiry);
	g_assert_cmpint(asked->action, ==, SGP_ACTION_ASK);
	g_assert_true(has_question(asked, "matter-ambiguous"));
	/* A permission for one of them: a choice may cure it, a bare yes may not. */
	g_autoptr(SgpFacts) phone = new_facts();
	add_consent(phone, SGP_BASIS_PHONE, "SV-1", DAY);
	g_ptr_array_add(phone->matters_in_subject, g_strdup("SV-1"));
	g_ptr_array_add(phone->matters_in_subject, g_strdup("SV-2"));
	g_autoptr(SgpVerdict) before = sgp_policy_decide(phone, NOW);
	g_assert_cmpint(before->action, ==, SGP_ACTION_ASK);
	const char *const confirmed[] = { question_id(before, "matter-ambiguous"), NULL };
	phone->confirmed = confirmed;
	g_autoptr(SgpVerdict) yes = sgp_policy_decide(phone, NOW);
	g_assert_cmpint(yes->action, ==, SGP_ACTION_HOLD);
	phone->matter_chosen = g_strdup("SV-1");
	g_autoptr(SgpVerdict) chosen = sgp_policy_decide(phone, NOW);
	g_assert_cmpint(chosen->action, ==, SGP_ACTION_SEND);
}

/* --- Withdrawals --- */

static void test_withdrawal(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, DAY); /* a later inquiry does not lift it */
	add_consent(facts, SGP_BASIS_AGREEMENT, NULL, 3 * DAY);
	add_consent(facts, SGP_BASIS_NONE, NULL, 2 * DAY);
	assert_refused(facts, "withdrawn");
}

static void test_withdrawal_is_lifted(void)
{
	SgpFacts *agreement = new_facts();
	add_message(agreement, ERIKA, 5 * DAY);
	add_consent(agreement, SGP_BASIS_NONE, NULL, 2 * DAY);
	add_consent(agreement, SGP_BASIS_AGREEMENT, NULL, DAY);
	assert_basis(agreement, "inquiry");
	SgpFacts *phone = new_facts();
	add_consent(phone, SGP_BASIS_NONE, NULL, 2 * DAY);
	add_consent(phone, SGP_BASIS_PHONE, "SV-1", DAY);
	phone->matter_chosen = g_strdup("SV-1");
	assert_basis(phone, "phone");
	SgpFacts *other = new_facts();
	add_message(other, ERIKA, DAY);
	add_consent(other, SGP_BASIS_NONE, NULL, 2 * DAY);
	add_consent(other, SGP_BASIS_PHONE, "SV-1", DAY);
	other->matter_chosen = g_strdup("SV-2");
	assert_refused(other, "withdrawn");
}

static void test_newer_by_date_then_entry(void)
{
	SgpFacts *withdrawn = new_facts();
	add_consent(withdrawn, SGP_BASIS_AGREEMENT, NULL, DAY);
	add_consent(withdrawn, SGP_BASIS_NONE, NULL, DAY);
	assert_refused(withdrawn, "withdrawn");
	SgpFacts *agreed = new_facts();
	add_consent(agreed, SGP_BASIS_NONE, NULL, DAY);
	add_consent(agreed, SGP_BASIS_AGREEMENT, NULL, DAY);
	assert_basis(agreed, "agreement");
	SgpFacts *late_entry = new_facts(); /* recorded later, given earlier */
	add_consent(late_entry, SGP_BASIS_NONE, NULL, DAY);
	add_consent(late_entry, SGP_BASIS_AGREEMENT, NULL, 2 * DAY);
	assert_refused(late_entry, "withdrawn");
}

/* --- Subjects --- */

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

#define ADD(path, function) g_test_add_func("/reactive-rule/" path, function)

static void add_inquiry_tests(void)
{
	ADD("nobody-asked-so-nobody-writes", test_nothing);
	ADD("an-inquiry-in-the-conversation-is-a-basis", test_inquiry);
	ADD("a-mail-that-is-no-reply-has-no-basis-but-remedies", test_not_a_reply);
	ADD("colleagues-and-partners-need-no-basis", test_internal_and_partner);
	ADD("a-subdomain-is-outside", test_subdomains_are_outside);
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
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	add_inquiry_tests();
	ADD("an-opt-out-refuses-and-shows-its-words", test_opt_out);
	ADD("a-later-mail-that-says-nothing-lifts-nothing", test_opt_out_holds);
	ADD("a-later-request-for-e-mail-lifts-an-opt-out", test_opt_out_is_lifted);
	ADD("words-without-a-date-never-open-a-door", test_undated_words);
	ADD("nobody-else-lifts-or-makes-an-opt-out", test_others_cannot_lift);
	ADD("an-opt-out-in-junk-is-one", test_opt_out_in_junk);
	ADD("a-doubtful-objection-asks", test_doubtful_objection_asks);
	ADD("unclear-words-ask", test_unclear_asks);
	ADD("a-written-reason-overrules-a-reading", test_overrule);
	ADD("a-reason-overrules-nothing-else", test_overrule_of_nothing_else);
	ADD("a-written-reason-covers-one-persons-one-sentence", test_overrule_is_bound);
	ADD("an-answer-covers-one-persons-one-question", test_confirmation_is_bound);
	ADD("a-consent-lifts-an-older-objection-only", test_consent_and_objection);
	ADD("phone-letter-and-agreement-are-bases", test_phone_and_letter);
	ADD("the-first-basis-is-shown-and-all-are-listed", test_precedence);
	ADD("a-permission-for-another-matter-is-none", test_other_matter);
	ADD("a-permission-ends", test_expired);
	ADD("the-matter-is-chosen-then-tied-then-in-the-subject", test_matter_order);
	ADD("two-matters-in-the-subject-ask", test_two_matters);
	ADD("a-withdrawal-refuses-every-basis", test_withdrawal);
	ADD("a-newer-consent-lifts-a-withdrawal-for-its-matter", test_withdrawal_is_lifted);
	ADD("newer-goes-by-date-then-by-entry", test_newer_by_date_then_entry);
	return g_test_run();
}
