/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The reactive rule as its sentences say it, on real mails: rule-cases.txt holds what was received
 * and recorded, the mail that is written, and what must be decided about each recipient. */
#include <string.h>

#include "sgp-assessor.h"
#include "sgp-mime.h"
#include "state-fixture.h"

#define NOW   ((gint64)1795514400) /* 2026-11-24 10:00 UTC */
#define ERIKA "erika@kunde.example"

typedef struct {
	State state;
	SgpHistory *history;
	SgpConsentLedger *ledger;
	SgpKeyLookup *keys; /* (owned) (nullable) */
	GStrv lines;        /* (owned) of the case */
	guint at;
	guint n_mails;
	SgpMail *written;    /* (owned) (nullable) */
	SgpVerdict *verdict; /* (owned) (nullable) */
	guint n_expected;
} Case;

/* Up to a line with a single dot. */
static SgpMail *read_mail(Case *self)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	for (self->at++; strcmp(self->lines[self->at], ".") != 0; self->at++)
		g_string_append_printf(text, "%s\r\n", self->lines[self->at]);
	g_autoptr(GBytes) bytes = g_bytes_new(text->str, text->len);
	SgpMail *mail = sgp_mime_freeze_bytes(bytes, &error);
	g_assert_no_error(error);
	return mail;
}

static SgpFolderRole role_of(const char *name)
{
	static const char *const names[] = { "unknown", "mail", "sent", "drafts", "outbox", "junk",
		"trash" };
	for (guint i = 0; i < G_N_ELEMENTS(names); i++) {
		if (strcmp(names[i], name) == 0)
			return (SgpFolderRole)i;
	}
	g_error("there is no role %s", name);
}

static void add_mail(Case *self, const char *role)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *uid = g_strdup_printf("%u", self->n_mails++);
	g_autofree char *folder = g_strconcat("file:", role, NULL);
	g_autoptr(SgpMail) mail = read_mail(self);
	sgp_history_add_mail(self->history, folder, role_of(role), uid, mail, &error);
	g_assert_no_error(error);
}

static void record(Case *self, const char *text)
{
	static const char *const kinds[] = { "withdrawal", "phone", "letter", "agreement" };
	gboolean names_plain = g_str_has_prefix(text, "plain-");
	text += names_plain ? strlen("plain-") : 0;
	g_autoptr(GError) error = NULL;
	g_auto(GStrv) words = g_strsplit(text, " ", 3);
	g_autoptr(GDateTime) given = g_date_time_new_from_iso8601(words[2], NULL);
	SgpConsent consent = { .address = ERIKA, .taken_by = "Anna", .names_plain = names_plain };
	for (guint i = 0; i < G_N_ELEMENTS(kinds); i++) {
		if (strcmp(kinds[i], words[0]) == 0)
			consent.kind = (SgpConsentKind)i;
	}
	consent.matter = strcmp(words[1], "-") == 0 ? NULL : words[1];
	consent.given = g_date_time_to_unix(given);
	sgp_consent_ledger_record(self->ledger, &consent, NOW, &error);
	g_assert_no_error(error);
}

/* Nobody has a key here: one look at that is enough for all cases, but for those that ask for the
 * channel: they need a keyring that can be read. */
static SgpKeyLookup *get_no_keys(Case *self)
{
	static SgpKeyLookup *keys;
	if (self->keys != NULL)
		return self->keys;
	if (keys == NULL)
		keys = sgp_key_lookup_new(self->state.settings, "/nonexistent");
	return keys;
}

static void make_empty_keyring(Case *self)
{
	g_autofree char *home = g_build_filename(self->state.directory, "gnupg", NULL);
	g_assert_cmpint(g_mkdir(home, 0700), ==, 0);
	self->keys = sgp_key_lookup_new(self->state.settings, home);
}

static void assess(Case *self)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpAssessor) assessor = sgp_assessor_new(
		self->state.settings, self->history, self->ledger, get_no_keys(self), NULL);
	self->written = read_mail(self);
	self->verdict =
		sgp_assessor_assess_sync(assessor, self->written, NULL, NOW, NULL, NULL, &error);
	g_assert_no_error(error);
}

/* What was decided about one recipient, in the words of the table. */
static char *dup_decided(
	const SgpVerdict *verdict, const SgpRecipientVerdict *one, const char *expected)
{
	g_autoptr(GString) text = g_string_new(NULL);
	const char *address = sgp_address_get_addr_spec(one->address);
	for (guint i = 0; i < one->all_bases->len; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? "," : "",
			(const char *)g_ptr_array_index(one->all_bases, i));
	if (one->basis == SGP_BASIS_NONE)
		g_string_append_printf(text, "!%s", sgp_refusal_get_nick(one->basis_refusal));
	if (strstr(expected, " <") != NULL)
		g_string_append_printf(text, " <%s>", one->evidence_message_id);
	if (one->evidence_authenticated)
		g_string_append(text, " +authenticated");
	for (guint i = 0; i < verdict->questions->len; i++) {
		const SgpQuestion *question = g_ptr_array_index(verdict->questions, i);
		if ((question->address == NULL || strcmp(question->address, address) == 0) &&
			strcmp(question->kind, "wait") != 0)
			g_string_append_printf(text, " ?%s", question->kind);
	}
	if (strstr(expected, "offers=") != NULL)
		g_string_append_printf(text, " offers=%u", one->offers->len);
	if (strstr(expected, "via=") != NULL)
		g_string_append_printf(text, " via=%s", sgp_channel_get_nick(one->channel));
	/* A refusal without a cure would be a dead end. */
	g_assert_true(one->basis != SGP_BASIS_NONE || one->remedies->len > 0);
	return g_strdup(text->str);
}

static void expect(Case *self, const char *expected)
{
	g_assert_cmpuint(self->n_expected, <, self->verdict->recipients->len);
	const SgpRecipientVerdict *one =
		g_ptr_array_index(self->verdict->recipients, self->n_expected++);
	g_autofree char *decided = dup_decided(self->verdict, one, expected);
	g_assert_cmpstr(decided, ==, expected);
}

static void run_line(Case *self, const char *verb, const char *rest)
{
	g_autoptr(GError) error = NULL;
	if (strcmp(verb, "set") == 0) {
		g_auto(GStrv) words = g_strsplit(rest, " ", 2);
		state_set(&self->state, words[0], words[1]);
	} else if (strcmp(verb, "add") == 0) {
		add_mail(self, rest);
	} else if (strcmp(verb, "matter") == 0) {
		sgp_consent_ledger_add_matter(self->ledger, rest, "Hagel", NOW, &error);
	} else if (strcmp(verb, "close") == 0) {
		sgp_consent_ledger_close_matter(self->ledger, rest, NOW, &error);
	} else if (strcmp(verb, "consent") == 0) {
		record(self, rest);
	} else if (strcmp(verb, "empty-keyring") == 0) {
		make_empty_keyring(self);
	} else if (strcmp(verb, "write") == 0) {
		assess(self);
	} else if (strcmp(verb, "expect") == 0) {
		expect(self, rest);
	} else {
		g_error("nobody knows what '%s' means", verb);
	}
	g_assert_no_error(error);
}

static void test_case(gconstpointer data)
{
	Case self = { .lines = g_strsplit(data, "\n", -1), .at = 1 };
	state_setup(&self.state, NULL);
	state_set(&self.state, "authserv-ids", "@as []");
	self.history = sgp_history_new(self.state.store, self.state.settings);
	self.ledger = sgp_consent_ledger_new(self.state.store, self.state.settings);
	for (; self.lines[self.at] != NULL; self.at++) {
		g_auto(GStrv) words = g_strsplit(self.lines[self.at], " ", 2);
		if (words[0] != NULL && *words[0] != '\0')
			run_line(&self, words[0], words[1] != NULL ? words[1] : "");
	}
	g_assert_nonnull(self.verdict);
	g_assert_cmpuint(self.n_expected, ==, self.verdict->recipients->len);
	sgp_verdict_free(self.verdict);
	sgp_mail_unref(self.written);
	g_clear_object(&self.keys);
	g_clear_object(&self.ledger);
	g_clear_object(&self.history);
	state_teardown(&self.state, NULL);
	g_strfreev(self.lines);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_autofree char *table = NULL;
	g_autoptr(GError) error = NULL;
	if (!g_file_get_contents(SGP_TEST_SOURCE_DIR "/rule-cases.txt", &table, NULL, &error))
		g_error("%s", error->message);
	g_auto(GStrv) records = g_strsplit(table, "\n==== ", -1);
	for (guint i = 1; records[i] != NULL; i++) {
		g_autofree char *name = g_strndup(records[i], strcspn(records[i], "\n"));
		g_autofree char *test = g_strconcat("/rule-cases/", name, NULL);
		g_test_add_data_func(test, records[i], test_case);
	}
	return g_test_run();
}
