/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P1: assessing a mail to five recipients, warm, against one GPGME key listing for one fingerprint
 * in the same keyring. Usage: bench-assess [MESSAGES [KEYS]] */
#include <glib/gstdio.h>

#include "bench-common.h"
#include "sgp-assessor.h"
#include "sgp-gpgme.h"

#define RECIPIENTS 5
#define RUNS       300
#define REFERENCES 21

static void make_keys(const char *home, guint n)
{
	g_autoptr(GString) batch = g_string_new("%no-protection\n");
	for (guint i = 0; i < n; i++)
		g_string_append_printf(batch,
			"Key-Type: EDDSA\nKey-Curve: ed25519\nSubkey-Type: ECDH\nSubkey-Curve: "
			"cv25519\n"
			"Name-Email: c%u@kunde.example\nExpire-Date: 0\n%%commit\n",
			i);
	g_autofree char *path = g_build_filename(home, "batch", NULL);
	g_autofree char *command = g_strdup_printf(
		"gpg --homedir '%s' --quiet --batch --gen-key '%s' 2>/dev/null", home, path);
	if (!g_file_set_contents(path, batch->str, -1, NULL) || system(command) != 0)
		g_error("gpg could not make the keys");
}

static void feed(SgpHistory *history, guint n)
{
	g_autoptr(GError) error = NULL;
	for (guint i = 0; i < n; i += 1000) {
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

static double time_reference(
	const char *home, SgpAssessor *assessor, const SgpMail *mail, gint64 now)
{
	double samples[REFERENCES];
	g_autoptr(SgpVerdict) verdict = NULL;
	/* Cold: a large keyring that is read for the first time is unknown for a while. */
	for (guint i = 0; i < 30 && (verdict == NULL || verdict->action != SGP_ACTION_SEND); i++) {
		g_clear_pointer(&verdict, sgp_verdict_free);
		verdict = sgp_assessor_assess_sync(assessor, mail, NULL, now, NULL, NULL, NULL);
	}
	const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, 0);
	if (verdict->action != SGP_ACTION_SEND || one->keys->len != 1)
		g_error("the mail should be sent");
	const SgpKey *key = g_ptr_array_index(one->keys, 0);
	for (guint i = 0; i < REFERENCES; i++) {
		double start = bench_now_us();
		g_autoptr(SgpKey) loaded =
			sgp_gpgme_load_key(home, key->fingerprint, now, NULL, NULL);
		samples[i] = bench_now_us() - start;
	}
	return bench_share(samples, REFERENCES, 0.5);
}

int main(int argc, char **argv)
{
	guint n_messages = argc > 1 ? (guint)atoi(argv[1]) : 1000000;
	guint n_keys = argc > 2 ? (guint)atoi(argv[2]) : 1000;
	gint64 now = g_get_real_time() / G_USEC_PER_SEC;
	double samples[RUNS];
	g_autofree char *directory = g_dir_make_tmp("siegelpost-bench-XXXXXX", NULL);
	g_autofree char *home = g_build_filename(directory, "gnupg", NULL);
	g_mkdir(home, 0700);
	make_keys(home, n_keys);
	g_autoptr(SgpStore) store = sgp_store_new(directory, NULL);
	g_autoptr(SgpSettings) settings = sgp_settings_new(NULL, NULL);
	sgp_settings_override(settings, "own-domains",
		g_variant_new_strv((const char *[]){ "office.example" }, 1));
	g_autoptr(SgpHistory) history = sgp_history_new(store, settings);
	g_autoptr(SgpConsentLedger) ledger = sgp_consent_ledger_new(store, settings);
	g_autoptr(SgpKeyLookup) keys = sgp_key_lookup_new(settings, home);
	g_autoptr(SgpAssessor) assessor = sgp_assessor_new(settings, history, ledger, keys, NULL);
	feed(history, n_messages);
	g_autoptr(SgpMail) mail = make_mail(history, now);
	double reference = time_reference(home, assessor, mail, now);
	for (guint i = 0; i < RUNS; i++) {
		double start = bench_now_us();
		g_autoptr(SgpVerdict) verdict =
			sgp_assessor_assess_sync(assessor, mail, NULL, now, NULL, NULL, NULL);
		samples[i] = bench_now_us() - start;
	}
	g_print("%u messages, %u keys\n", n_messages, n_keys);
	bench_head();
	bench_line("P1 assess, 5 recipients, warm, median", bench_share(samples, RUNS, 0.5), "us",
		reference, "<= 0.125");
	bench_line("P1 the same, p99", bench_share(samples, RUNS, 0.99), "us", reference, "<= 0.5");
	g_autofree char *command =
		g_strdup_printf("gpgconf --homedir '%s' --kill all; rm -rf '%s'", home, directory);
	return system(command) == 0 ? 0 : 1;
}
