/* SPDX-License-Identifier: GPL-3.0-or-later */

/* ledger: whether it still is what was recorded, its export, and the erasure of a person. Read and
 * written here, in the user's own state directory or the one that is named; the agent sees it in
 * the same database. */

#include "sgp-cli.h"
#include "sgp-cli-words.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-key-cache.h"
#include "sgp-ledger-sync.h"

#include <string.h>

static SgpConsentLedger *get_ledger(SgpCli *self)
{
	return sgp_dispatcher_get_ledger(self->dispatcher);
}

/* verify */

typedef struct {
	gint64 n_entries, bad_entry;
	char *why;        /* (owned) (nullable) */
	char *head;       /* (owned) */
	gint64 old_entry; /* of the head that was kept elsewhere; 0: it is in no entry */
} Found;

static void found_clear(Found *self)
{
	g_free(self->why);
	g_free(self->head);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Found, found_clear)

static void print_found(const SgpCli *self, const Found *found, gboolean holds, const char *old)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	g_autofree char *count = sgp_cli_dup_number(found->n_entries);
	g_autofree char *entry = sgp_cli_dup_number(found->old_entry);

	if (!self->is_json) {
		if (holds)
			g_print(ngettext("The ledger holds: %s entry, none was changed.\n",
					"The ledger holds: %s entries, none was changed.\n",
					(gulong)found->n_entries),
				count);
		if (holds && found->head[0] != '\0')
			g_print(_("Its head is %s. Kept elsewhere, it shows later that nothing "
				  "before was changed: siegelpost ledger verify --head.\n"),
				found->head);
		if (holds && old)
			g_print(_("The head that was given is that of entry %s.\n"), entry);
		return;
	}
	json_builder_begin_object(out);
	sgp_json_add_boolean(out, "valid", holds);
	sgp_json_add_int(out, "entries", found->n_entries);
	sgp_json_add_int(out, "bad_entry", found->bad_entry);
	sgp_json_add_text(out, "why", found->why);
	sgp_json_add_text(out, "head", found->head[0] != '\0' ? found->head : NULL);
	if (old)
		sgp_json_add_int(out, "head_entry", found->old_entry);
	json_builder_end_object(out);
	sgp_cli_print_json(out);
}

static gboolean is_head(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdefABCDEF") == 64;
}

static SgpExit ledger_verify(SgpCli *self, int argc, char **argv)
{
	g_autofree char *old = NULL;
	const GOptionEntry entries[] = {
		{ "head", 0, 0, G_OPTION_ARG_STRING, &old, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_auto(Found) found = { 0 };
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 1 || (old && !is_head(old)))
		return sgp_cli_usage(
			_("ledger verify: only --head is expected, with the 64 digits of a head"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	gboolean holds = sgp_consent_ledger_verify(
		get_ledger(self), &found.n_entries, &found.bad_entry, &found.why, &error);

	if (!error)
		found.head = sgp_consent_ledger_dup_head(get_ledger(self), &error);
	if (!error && old)
		found.old_entry = sgp_consent_ledger_lookup_head(get_ledger(self), old, &error);
	if (error)
		return sgp_cli_fail(error);
	if (holds && old && found.old_entry == 0) {
		holds = FALSE;
		found.why = g_strdup("head-gone");
	}
	print_found(self, &found, holds, old);
	if (holds)
		return SGP_EXIT_DONE;
	g_autofree char *text = sgp_cli_words_dup_tampering(found.why, found.bad_entry);

	return sgp_cli_fail_nick("tampered", text);
}

/* export */

/* The export is made all the same; it says so itself, but who reads a table to its last line? */
static void warn_if_broken(SgpCli *self)
{
	gint64 n_entries = 0, bad_entry = 0;
	g_autofree char *why = NULL;

	if (sgp_consent_ledger_verify(get_ledger(self), &n_entries, &bad_entry, &why, NULL))
		return;
	g_autofree char *text = sgp_cli_words_dup_tampering(why ? why : "damaged", bad_entry);

	sgp_cli_fail_nick("tampered", text);
}

static SgpExit ledger_export(SgpCli *self, int argc, char **argv)
{
	g_autofree char *format = NULL, *address = NULL, *since = NULL, *until = NULL;
	const GOptionEntry entries[] = {
		{ "format", 0, 0, G_OPTION_ARG_STRING, &format, NULL, NULL },
		{ "address", 0, 0, G_OPTION_ARG_STRING, &address, NULL, NULL },
		{ "since", 0, 0, G_OPTION_ARG_STRING, &since, NULL, NULL },
		{ "until", 0, 0, G_OPTION_ARG_STRING, &until, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	gint64 from = 0, to = G_MAXINT64;
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv) || (since && !sgp_cli_parse_time(since, &from)) ||
		(until && !sgp_cli_parse_end(until, &to)))
		return SGP_EXIT_USAGE;
	if (!format && self->is_json)
		format = g_strdup("json");
	if (argc != 1 || !format || (!g_str_equal(format, "csv") && !g_str_equal(format, "json")))
		return sgp_cli_usage(_("ledger export: --format csv or --format json is expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	g_autofree char *text = sgp_consent_ledger_export(
		get_ledger(self), g_str_equal(format, "csv"), address, from, to, &error);

	if (!text)
		return sgp_cli_fail(error);
	sgp_cli_print_as_utf8();
	g_print("%s%s", text, g_str_has_suffix(text, "\n") ? "" : "\n");
	warn_if_broken(self);
	return SGP_EXIT_DONE;
}

/* erase */

static void print_erasure(const SgpCli *self, const char *address, gint64 entry)
{
	g_autofree char *number = sgp_cli_dup_number(entry);

	if (self->is_json)
		g_print("{\"entry\":%s}\n", number);
	else
		g_print(_("What was known about %s is erased; the ledger's entries stay without "
			  "it. Entry %s records that, with the reason.\n"),
			address, number);
}

static SgpExit ledger_erase(SgpCli *self, int argc, char **argv)
{
	g_autofree char *address = NULL, *reason = NULL;
	const GOptionEntry entries[] = {
		{ "address", 0, 0, G_OPTION_ARG_STRING, &address, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &reason, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 1 || !address || !reason)
		return sgp_cli_usage(_("ledger erase: --address and --reason are expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	gint64 entry = sgp_consent_ledger_erase(
		get_ledger(self), address, reason, g_get_user_name(), self->now, &error);

	sgp_key_cache_forget();
	if (entry <= 0)
		return sgp_cli_fail(error);
	/* The erasure is done; that the colleagues hear of it can wait for gpg. */
	if (!sgp_ledger_sync_seal(self->dispatcher, NULL, &error))
		g_message("the colleagues are told later: %s", error->message);
	print_erasure(self, address, entry);
	return SGP_EXIT_DONE;
}

/* sync */

static gboolean print_sync(const SgpCli *self, const SgpLedgerSync *result)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *refused = sgp_ledger_sync_dup_refused_json(self->dispatcher, &error);

	if (!refused) {
		sgp_cli_fail(error);
		return FALSE;
	}
	if (self->is_json)
		g_print("{\"sent\":%u,\"received\":%u,\"waiting\":%u,\"was_reset\":%s,"
			"\"refused\":%s}\n",
			result->sent, result->received, result->waiting,
			result->was_reset ? "true" : "false", refused);
	else
		g_print(_("Consent records: %u sent to the colleagues, %u received from them, %u "
			  "still wait.\n"),
			result->sent, result->received, result->waiting);
	return TRUE;
}

static SgpExit ledger_sync(SgpCli *self, int argc, char **argv)
{
	const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
	SgpLedgerSync result = { 0 };
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 1)
		return sgp_cli_usage(_("ledger sync: nothing more is expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	if (!sgp_ledger_sync_run(self->dispatcher, TRUE, self->now, &result, NULL, &error))
		return sgp_cli_fail(error);
	if (!print_sync(self, &result))
		return SGP_EXIT_FAILED;
	if (result.refused == 0)
		return SGP_EXIT_DONE;
	g_autofree char *words = g_strdup_printf(
		ngettext("%u record from the portal does not verify. It does not count, and is "
			 "tried again. Please tell your administrator.",
			"%u records from the portal do not verify. They do not count, and are "
			"tried again. Please tell your administrator.",
			result.refused),
		result.refused);

	return sgp_cli_fail_nick("tampered", words);
}

SgpExit sgp_cli_ledger(SgpCli *self, int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (g_str_equal(what, "verify"))
		return ledger_verify(self, argc - 1, argv + 1);
	if (g_str_equal(what, "export"))
		return ledger_export(self, argc - 1, argv + 1);
	if (g_str_equal(what, "erase"))
		return ledger_erase(self, argc - 1, argv + 1);
	if (g_str_equal(what, "sync"))
		return ledger_sync(self, argc - 1, argv + 1);
	return sgp_cli_usage(_("ledger: verify, export, erase or sync is expected"));
}
