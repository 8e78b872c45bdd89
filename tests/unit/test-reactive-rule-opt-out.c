/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a customer said against e-mail, what lifts it, and who may read it otherwise. */
#include "policy-fixture.h"

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

/* She signed it with somebody: it may well be hers. */
static void test_several_authors(void)
{
	SgpFacts *facts = new_facts();
	add_message(facts, ERIKA, 2 * DAY);
	SgpMessageFact *shared = add_words(facts, NULL, DAY, SGP_OPT_OUT_OPTED_OUT);
	const char *two[] = { "max@kunde.example", ERIKA, NULL };
	shared->authors = g_strdupv((GStrv)two);
	shared->not_personal = g_strdup("no-single-author");
	assert_asks(facts, "opt-out-unclear");
	SgpFacts *others = new_facts();
	add_message(others, ERIKA, 2 * DAY);
	SgpMessageFact *foreign = add_words(others, NULL, DAY, SGP_OPT_OUT_OPTED_OUT);
	foreign->authors = strv_of("max@kunde.example");
	foreign->not_personal = g_strdup("no-single-author");
	assert_basis(others, "inquiry");
	SgpFacts *unread = new_facts();
	add_message(unread, ERIKA, 2 * DAY);
	add_words(unread, NULL, DAY, SGP_OPT_OUT_NONE)->is_judged = FALSE;
	assert_refused(unread, "unknown");
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

/* Two sentences object; the reason was written for the newer one. */
static void test_other_sentence_stays(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_words(facts, ERIKA, 2 * DAY, SGP_OPT_OUT_OPTED_OUT);
	SgpMessageFact *newer = add_words(facts, ERIKA, DAY, SGP_OPT_OUT_OPTED_OUT);
	g_free(newer->sentence);
	newer->sentence = g_strdup("Wirklich keine Mail!");
	g_autoptr(SgpVerdict) shown = sgp_policy_decide(facts, NOW);
	g_assert_cmpstr(first_of(shown)->sentence, ==, "Wirklich keine Mail!");
	g_autoptr(GHashTable) written = overrule(first_of(shown)->objection_id, "Ist ein Scherz.");
	facts->overrules = written;
	g_autoptr(SgpVerdict) left = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(left->action, ==, SGP_ACTION_HOLD);
	g_assert_cmpstr(first_of(left)->sentence, ==, "Bitte nicht per E-Mail.");
	g_assert_false(first_of(left)->is_overruled);
	g_hash_table_insert(
		written, g_strdup(first_of(left)->objection_id), g_strdup("Meint die Werbung."));
	g_autoptr(SgpVerdict) both = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(both->action, ==, SGP_ACTION_SEND);
	g_assert_cmpstr(first_of(both)->overrule_reason, ==, "Ist ein Scherz.");
}

/* What was only unclear beside an objection is asked about once the objection is overruled. */
static void test_every_sentence_is_asked(void)
{
	g_autoptr(SgpFacts) facts = new_facts();
	add_words(facts, ERIKA, 3 * DAY, SGP_OPT_OUT_OPTED_OUT);
	SgpMessageFact *first = add_words(facts, ERIKA, 2 * DAY, SGP_OPT_OUT_UNCLEAR);
	g_free(first->sentence);
	first->sentence = g_strdup("Schicken Sie es mir zu.");
	SgpMessageFact *second = add_words(facts, ERIKA, DAY, SGP_OPT_OUT_UNCLEAR);
	g_free(second->sentence);
	second->sentence = g_strdup("Keine Antwort nötig.");
	add_words(facts, ERIKA, DAY, SGP_OPT_OUT_UNCLEAR)->sentence[0] = 'b';
	g_autoptr(SgpVerdict) shown = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(shown->action, ==, SGP_ACTION_HOLD);
	g_autoptr(GHashTable) written =
		overrule(first_of(shown)->objection_id, "Meint die Werbung.");
	facts->overrules = written;
	g_autoptr(SgpVerdict) asked = sgp_policy_decide(facts, NOW);
	g_assert_cmpint(asked->action, ==, SGP_ACTION_ASK);
	g_assert_cmpuint(asked->questions->len, ==, 3);
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

#define ADD(path, function) g_test_add_func("/reactive-rule/" path, function)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("an-opt-out-refuses-and-shows-its-words", test_opt_out);
	ADD("a-later-mail-that-says-nothing-lifts-nothing", test_opt_out_holds);
	ADD("a-later-request-for-e-mail-lifts-an-opt-out", test_opt_out_is_lifted);
	ADD("words-without-a-date-never-open-a-door", test_undated_words);
	ADD("nobody-else-lifts-or-makes-an-opt-out", test_others_cannot_lift);
	ADD("an-opt-out-in-junk-is-one", test_opt_out_in_junk);
	ADD("a-doubtful-objection-asks", test_doubtful_objection_asks);
	ADD("an-objection-of-several-authors-asks", test_several_authors);
	ADD("unclear-words-ask", test_unclear_asks);
	ADD("a-written-reason-overrules-a-reading", test_overrule);
	ADD("a-written-reason-covers-one-persons-one-sentence", test_overrule_is_bound);
	ADD("a-written-reason-leaves-her-other-sentence", test_other_sentence_stays);
	ADD("every-unclear-sentence-is-asked-about", test_every_sentence_is_asked);
	ADD("an-answer-covers-one-persons-one-question", test_confirmation_is_bound);
	ADD("a-reason-overrules-nothing-else", test_overrule_of_nothing_else);
	ADD("a-consent-lifts-an-older-objection-only", test_consent_and_objection);
	return g_test_run();
}
