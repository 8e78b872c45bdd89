/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ledger holds: permissions, matters, withdrawals. */
#include "policy-fixture.h"

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

/* A slip of the pen, or another computer's clock. */
static void test_of_tomorrow(void)
{
	SgpFacts *agreed = new_facts();
	add_consent(agreed, SGP_BASIS_AGREEMENT, NULL, -DAY);
	assert_refused(agreed, "no-basis");
	SgpFacts *withdrawn = new_facts();
	add_consent(withdrawn, SGP_BASIS_AGREEMENT, NULL, DAY);
	add_consent(withdrawn, SGP_BASIS_NONE, NULL, -DAY);
	assert_basis(withdrawn, "agreement");
}

#define ADD(path, function) g_test_add_func("/reactive-rule/" path, function)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("phone-letter-and-agreement-are-bases", test_phone_and_letter);
	ADD("the-first-basis-is-shown-and-all-are-listed", test_precedence);
	ADD("a-permission-for-another-matter-is-none", test_other_matter);
	ADD("a-permission-ends", test_expired);
	ADD("the-matter-is-chosen-then-tied-then-in-the-subject", test_matter_order);
	ADD("two-matters-in-the-subject-ask", test_two_matters);
	ADD("a-withdrawal-refuses-every-basis", test_withdrawal);
	ADD("a-newer-consent-lifts-a-withdrawal-for-its-matter", test_withdrawal_is_lifted);
	ADD("newer-goes-by-date-then-by-entry", test_newer_by_date_then_entry);
	ADD("what-is-dated-tomorrow-says-nothing-yet", test_of_tomorrow);
	return g_test_run();
}
