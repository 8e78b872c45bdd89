/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P1: assessing a mail to five recipients, warm, against one GPGME key listing for one fingerprint
 * in the same keyring. P2: the first one after a start, against reading the whole keyring once.
 * Usage: bench-assess MESSAGES GNUPGHOME; the home has keys of c0@kunde.example and so on
 * (keyring.py). */
#include "bench-common.h"

#include <stdlib.h>

#include "sgp-assessor.h"
#include "sgp-gpgme.h"

#define RECIPIENTS 5
#define RUNS       300
#define REFERENCES 21

static void feed(SgpHistory *history, guint n)
{
	g_autoptr(GError) error = NULL;
	for (guint i = 0; i + 1000 <= n; i += 1000) {
		SgpSummary batch[1000];
		char uids[1000][16], senders[1000][40];
		for (guint k = 0; k < 1000; k++) {
			g_autofree char *id = g_strdup_printf("m%u@kunde.example", i + k);
			g_snprintf(uids[k], sizeof uids[k], "%u", i + k);
			g_snprintf(senders[k], sizeof senders[k], "c%u@kunde.example",
				(i + k) % 20000);
			batch[k] = (SgpSummary){ .id = sgp_history_hash_message_id(id),
				.from = senders[k],
				.date = 1700000000 + i + k,
				.uid = uids[k] };
		}
		if (!sgp_history_add_summaries(
			    history, "inbox", SGP_FOLDER_ROLE_MAIL, batch, 1000, &error))
			g_error("%s", error->message);
	}
	sgp_history_set_folder_complete(history, "inbox", TRUE, NULL);
}

static void set_text(char **field, const char *text)
{
	g_free(*field);
	*field = g_strdup(text);
}

/* Each recipient asked in the conversation that is answered. */
static SgpMail *make_mail(SgpHistory *history, gint64 now)
{
	SgpMail *mail = sgp_mail_new();
	g_ptr_array_add(mail->from, sgp_address_new("anna@office.example", NULL));
	for (guint i = 0; i < RECIPIENTS; i++) {
		g_autoptr(SgpMail) inquiry = sgp_mail_new();
		g_autofree char *address = g_strdup_printf("c%u@kunde.example", i);
		g_ptr_array_add(inquiry->from, sgp_address_new(address, NULL));
		inquiry->message_id = g_strdup_printf("inquiry-%u@kunde.example", i);
		set_text(&inquiry->subject, "Schaden");
		set_text(&inquiry->text, "Wann kommt das Geld?");
		inquiry->date = now - 3600;
		sgp_history_add_mail(
			history, "/mail", SGP_FOLDER_ROLE_MAIL, inquiry->message_id, inquiry, NULL);
		g_ptr_array_add(mail->to, sgp_address_new(address, NULL));
		g_ptr_array_add(mail->references, g_strdup(inquiry->message_id));
	}
	set_text(&mail->subject, "AW: Schaden");
	set_text(&mail->text, "Guten Tag, das Geld kommt am Montag. Mit freundlichen Grüßen");
	return mail;
}

static double time_reference(const char *home, const SgpVerdict *verdict, gint64 now)
{
	double samples[REFERENCES];
	const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, 0);
	const SgpKey *key = g_ptr_array_index(one->keys, 0);
	for (guint i = 0; i < REFERENCES; i++) {
		double start = bench_now_us();
		g_autoptr(SgpKey) loaded =
			sgp_gpgme_load_key(home, key->fingerprint, now, NULL, NULL);
		samples[i] = bench_now_us() - start;
	}
	return bench_median(samples, REFERENCES);
}

/* What gpg and gpgsm themselves need to say all that they know. */
static double time_listing(const char *home)
{
	double samples[5];
	g_autofree char *command = g_strdup_printf(
		"gpg --homedir '%s' --batch --with-colons --list-keys >/dev/null 2>&1;"
		"gpgsm --homedir '%s' --batch --with-colons --list-keys >/dev/null 2>&1",
		home, home);
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		double start = bench_now_us();
		if (system(command) < 0)
			g_error("there is no shell");
		samples[i] = bench_now_us() - start;
	}
	return bench_median(samples, G_N_ELEMENTS(samples));
}

typedef struct {
	SgpSettings *settings;    /* (owned) */
	SgpStore *store;          /* (owned) */
	SgpHistory *history;      /* (owned) */
	SgpConsentLedger *ledger; /* (owned) */
	const char *home, *directory;
} Bench;

/* As when the agent was just started: nothing of the keyring was read. */
static SgpAssessor *new_assessor(const Bench *bench)
{
	g_autoptr(SgpKeyLookup) keys = sgp_key_lookup_new(bench->settings, bench->home);
	sgp_key_lookup_set_state_directory(keys, bench->directory);
	return sgp_assessor_new(bench->settings, bench->history, bench->ledger, keys, NULL);
}

static void accept_keys(const Bench *bench, gint64 now)
{
	g_autoptr(SgpKeyLookup) keys = sgp_key_lookup_new(bench->settings, bench->home);
	sgp_key_lookup_set_state_directory(keys, bench->directory);
	for (guint i = 0; i < RECIPIENTS; i++) {
		g_autofree char *address = g_strdup_printf("c%u@kunde.example", i);
		g_autoptr(SgpKeyAnswer) answer = sgp_key_lookup_run(keys, address, now, NULL);
		g_autoptr(GError) error = NULL;
		if (answer->keys->len != 1)
			g_error("one key of each recipient is expected");
		const SgpKey *key = g_ptr_array_index(answer->keys, 0);
		if (!sgp_key_lookup_accept(keys, key->fingerprint, address, &error))
			g_error("%s", error->message);
	}
}

/* A large keyring that is read for the first time is unknown for a while: until it is known counts.
 */
static double time_cold(const Bench *bench, const SgpMail *mail, gint64 now, SgpVerdict **verdict)
{
	double samples[5];
	for (guint i = 0; i < G_N_ELEMENTS(samples); i++) {
		g_autoptr(SgpAssessor) assessor = new_assessor(bench);
		double start = bench_now_us();
		do {
			g_clear_pointer(verdict, sgp_verdict_free);
			*verdict = sgp_assessor_assess_sync(
				assessor, mail, NULL, now, NULL, NULL, NULL);
		} while ((*verdict)->action != SGP_ACTION_SEND && bench_now_us() - start < 60e6);
		samples[i] = bench_now_us() - start;
	}
	if ((*verdict)->action != SGP_ACTION_SEND)
		g_error("the mail should be sent");
	return bench_median(samples, G_N_ELEMENTS(samples));
}

/* The keyring is read in the background; from then on it is warm. */
static gboolean assess_until_known(SgpAssessor *assessor, const SgpMail *mail, gint64 now)
{
	double start = bench_now_us();
	gboolean is_sent = FALSE;
	while (!is_sent && bench_now_us() - start < 60e6) {
		g_autoptr(SgpVerdict) verdict =
			sgp_assessor_assess_sync(assessor, mail, NULL, now, NULL, NULL, NULL);
		is_sent = verdict->action == SGP_ACTION_SEND;
	}
	return is_sent;
}

static void run(const Bench *bench, gint64 now)
{
	double samples[RUNS];
	g_autoptr(SgpMail) mail = make_mail(bench->history, now);
	SgpVerdict *first = NULL;
	accept_keys(bench, now);
	double listing = time_listing(bench->home);
	double cold = time_cold(bench, mail, now, &first);
	double reference = time_reference(bench->home, first, now);
	sgp_verdict_free(first);
	g_autoptr(SgpAssessor) assessor = new_assessor(bench);
	bench_must(assess_until_known(assessor, mail, now), "the mail should be sent");
	for (guint i = 0; i < RUNS; i++) {
		double start = bench_now_us();
		g_autoptr(SgpVerdict) verdict =
			sgp_assessor_assess_sync(assessor, mail, NULL, now, NULL, NULL, NULL);
		samples[i] = bench_now_us() - start;
	}
	bench_line("P1 assess, 5 recipients, warm, median", bench_median(samples, RUNS), "us",
		reference, "<= 0.125", "gpgme_op_keylist for one key");
	bench_line("P1 the same, p99", bench_share(samples, RUNS, 0.99), "us", reference, "<= 0.5",
		"gpgme_op_keylist for one key");
	bench_line("P2 the first one after a start", cold / 1000, "ms", listing / 1000, "<= 1.5",
		"gpg and gpgsm --list-keys");
}

int main(int argc, char **argv)
{
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	if (argc != 3)
		g_error("usage: bench-assess MESSAGES GNUPGHOME");
	char *directory = bench_scratch_new();
	g_autoptr(SgpStore) store = sgp_store_new(directory, NULL);
	g_autoptr(SgpSettings) settings = sgp_settings_new(NULL, NULL);
	sgp_settings_override(settings, "own-domains",
		g_variant_new_strv((const char *[]){ "office.example" }, 1));
	g_autoptr(SgpHistory) history = sgp_history_new(store, settings);
	g_autoptr(SgpConsentLedger) ledger = sgp_consent_ledger_new(store, settings);
	Bench bench = { settings, store, history, ledger, argv[2], directory };
	feed(history, (guint)atoi(argv[1]));
	run(&bench, now);
	bench_scratch_free(directory);
	return 0;
}
