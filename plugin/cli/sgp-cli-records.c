/* SPDX-License-Identifier: GPL-3.0-or-later */

/* matter, consent, ledger and keys: what is recorded, by whom, and whether it still is what was
 * recorded. Records go through the user's agent, so that open composers hear of them; with
 * --state-dir they are written here. */

#include "sgp-cli.h"
#include "sgp-cli-words.h"
#include "sgp-error.h"
#include "sgp-json-private.h"

#include <string.h>

static SgpConsentLedger *get_ledger(SgpCli *self)
{
	return sgp_dispatcher_get_ledger(self->dispatcher);
}

static SgpExit print_text(const char *text, const GError *error)
{
	if (!text)
		return sgp_cli_fail(error);
	g_print("%s%s", text, g_str_has_suffix(text, "\n") ? "" : "\n");
	return SGP_EXIT_DONE;
}

static SgpExit call_done(SgpCli *self, const char *method, GVariant *parameters)
{
	g_autoptr(GVariant) answer = sgp_cli_call_agent(self, method, parameters);

	return answer ? SGP_EXIT_DONE : SGP_EXIT_FAILED;
}

/* matter */

static SgpExit matter_add(SgpCli *self, int argc, char **argv)
{
	g_autofree char *title = NULL;
	const GOptionEntry entries[] = {
		{ "title", 0, 0, G_OPTION_ARG_STRING, &title, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 2 || !title)
		return sgp_cli_usage(_("matter add: REF --title T is expected"));
	if (sgp_cli_uses_agent(self))
		return call_done(self, "AddMatter", g_variant_new("(ss)", argv[1], title));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	return sgp_consent_ledger_add_matter(get_ledger(self), argv[1], title, self->now, &error) >
			       0
		       ? SGP_EXIT_DONE
		       : sgp_cli_fail(error);
}

static SgpExit matter_close(SgpCli *self, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	if (argc != 2)
		return sgp_cli_usage(_("matter close: REF is expected"));
	if (sgp_cli_uses_agent(self))
		return call_done(self, "CloseMatter", g_variant_new("(s)", argv[1]));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	return sgp_consent_ledger_close_matter(get_ledger(self), argv[1], self->now, &error) > 0
		       ? SGP_EXIT_DONE
		       : sgp_cli_fail(error);
}

SgpExit sgp_cli_matter(SgpCli *self, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;

	if (argc > 1 && g_str_equal(argv[1], "add"))
		return matter_add(self, argc - 1, argv + 1);
	if (argc > 1 && g_str_equal(argv[1], "close"))
		return matter_close(self, argc - 1, argv + 1);
	if (argc != 2 || !g_str_equal(argv[1], "list"))
		return sgp_cli_usage(_("matter: add, close or list is expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	static const char *const names[] = { "reference", "title", "opened", "closed", NULL };
	g_autofree char *json = sgp_consent_ledger_list_matters_json(get_ledger(self), &error);

	return json ? sgp_cli_print_list(self, json, names) : sgp_cli_fail(error);
}

/* consent */

typedef struct {
	char *kind, *address, *matter, *given, *valid_until, *taken_by, *words,
		*attachment; /* (owned) (nullable) */
	gboolean names_plain;
} ConsentOptions;

static void consent_options_clear(ConsentOptions *self)
{
	g_free(self->kind);
	g_free(self->address);
	g_free(self->matter);
	g_free(self->given);
	g_free(self->valid_until);
	g_free(self->taken_by);
	g_free(self->words);
	g_free(self->attachment);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(ConsentOptions, consent_options_clear)

static gboolean parse_kind(const char *text, SgpConsentKind *kind)
{
	static const char *const nicks[] = { "withdrawal", "phone", "letter", "agreement" };
	static const SgpConsentKind kinds[] = { SGP_CONSENT_WITHDRAWAL, SGP_CONSENT_PHONE,
		SGP_CONSENT_LETTER, SGP_CONSENT_AGREEMENT };

	for (gsize i = 0; i < G_N_ELEMENTS(nicks); i++) {
		if (g_str_equal(nicks[i], text)) {
			*kind = kinds[i];
			return TRUE;
		}
	}
	return FALSE;
}

/* SHA-256 of the scan; the scan itself stays where it is. (transfer full) (nullable) */
static char *digest_of_file(const char *path, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, error);

	return file ? g_compute_checksum_for_data(G_CHECKSUM_SHA256,
			      (const guchar *)g_mapped_file_get_contents(file),
			      g_mapped_file_get_length(file))
		    : NULL;
}

static void print_entry(const SgpCli *self, gint64 entry)
{
	g_autofree char *number = sgp_cli_dup_number(entry);

	if (self->is_json)
		g_print("{\"entry\":%s}\n", number);
	else
		g_print(_("Recorded as entry %s of the ledger.\n"), number);
}

static SgpExit record_by_agent(
	SgpCli *self, const ConsentOptions *options, const SgpConsent *consent)
{
	g_auto(GVariantDict) values = G_VARIANT_DICT_INIT(NULL);
	g_autoptr(GVariant) answer = NULL;
	gint64 entry = 0;

	g_variant_dict_insert(&values, "kind", "s", options->kind);
	g_variant_dict_insert(&values, "address", "s", consent->address);
	g_variant_dict_insert(&values, "matter", "s", consent->matter ? consent->matter : "");
	g_variant_dict_insert(&values, "given", "x", consent->given);
	g_variant_dict_insert(&values, "valid-until", "x", consent->valid_until);
	g_variant_dict_insert(&values, "words", "s", consent->words ? consent->words : "");
	g_variant_dict_insert(&values, "taken-by", "s", consent->taken_by);
	g_variant_dict_insert(&values, "names-plain", "b", consent->names_plain);
	g_variant_dict_insert(&values, "attachment-sha256", "s",
		consent->attachment_sha256 ? consent->attachment_sha256 : "");
	answer = sgp_cli_call_agent(
		self, "RecordConsent", g_variant_new("(@a{sv})", g_variant_dict_end(&values)));
	if (!answer)
		return SGP_EXIT_FAILED;
	g_variant_get(answer, "(x)", &entry);
	print_entry(self, entry);
	return SGP_EXIT_DONE;
}

static SgpExit record(SgpCli *self, const ConsentOptions *options, SgpConsent *consent)
{
	g_autofree char *digest = NULL;
	g_autoptr(GError) error = NULL;
	gint64 entry;

	if (options->attachment) {
		if (!sgp_cli_check_file(options->attachment))
			return SGP_EXIT_FAILED;
		digest = digest_of_file(options->attachment, &error);
		if (!digest)
			return sgp_cli_fail_nick("not-found", error->message);
		consent->attachment_sha256 = digest;
	}
	if (sgp_cli_uses_agent(self))
		return record_by_agent(self, options, consent);
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	entry = sgp_consent_ledger_record(get_ledger(self), consent, self->now, &error);
	if (entry <= 0)
		return sgp_cli_fail(error);
	print_entry(self, entry);
	return SGP_EXIT_DONE;
}

static SgpExit consent_add(SgpCli *self, int argc, char **argv)
{
	g_auto(ConsentOptions) options = { NULL };
	const GOptionEntry entries[] = {
		{ "kind", 0, 0, G_OPTION_ARG_STRING, &options.kind, NULL, NULL },
		{ "address", 0, 0, G_OPTION_ARG_STRING, &options.address, NULL, NULL },
		{ "matter", 0, 0, G_OPTION_ARG_STRING, &options.matter, NULL, NULL },
		{ "given", 0, 0, G_OPTION_ARG_STRING, &options.given, NULL, NULL },
		{ "valid-until", 0, 0, G_OPTION_ARG_STRING, &options.valid_until, NULL, NULL },
		{ "taken-by", 0, 0, G_OPTION_ARG_STRING, &options.taken_by, NULL, NULL },
		{ "words", 0, 0, G_OPTION_ARG_STRING, &options.words, NULL, NULL },
		{ "attachment", 0, 0, G_OPTION_ARG_FILENAME, &options.attachment, NULL, NULL },
		{ "names-plain", 0, 0, G_OPTION_ARG_NONE, &options.names_plain, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	SgpConsent consent = { 0 };

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (options.kind && !parse_kind(options.kind, &consent.kind))
		return sgp_cli_usage(_("--kind: there is no kind '%s'; phone, letter, agreement or "
				       "withdrawal is expected"),
			options.kind);
	if (argc != 1 || !options.kind || !options.address || !options.taken_by)
		return sgp_cli_usage(_("consent add: --kind phone|letter|agreement|withdrawal, "
				       "--address and --taken-by are expected"));
	if ((options.given && !sgp_cli_parse_time(options.given, &consent.given)) ||
		(options.valid_until &&
			!sgp_cli_parse_time(options.valid_until, &consent.valid_until)))
		return SGP_EXIT_USAGE;
	consent.address = options.address;
	consent.matter = options.matter;
	consent.taken_by = options.taken_by;
	consent.words = options.words;
	consent.names_plain = options.names_plain;
	return record(self, &options, &consent);
}

static SgpExit consent_list(SgpCli *self, int argc, char **argv)
{
	g_autofree char *address = NULL, *matter = NULL;
	const GOptionEntry entries[] = {
		{ "address", 0, 0, G_OPTION_ARG_STRING, &address, NULL, NULL },
		{ "matter", 0, 0, G_OPTION_ARG_STRING, &matter, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	static const char *const names[] = { "entry", "kind", "address", "matter", "given",
		"valid_until", "taken_by", NULL };
	g_autofree char *json =
		sgp_consent_ledger_list_json(get_ledger(self), address, matter, &error);

	return json ? sgp_cli_print_list(self, json, names) : sgp_cli_fail(error);
}

SgpExit sgp_cli_consent(SgpCli *self, int argc, char **argv)
{
	if (argc > 1 && g_str_equal(argv[1], "add"))
		return consent_add(self, argc - 1, argv + 1);
	if (argc > 1 && g_str_equal(argv[1], "list"))
		return consent_list(self, argc - 1, argv + 1);
	return sgp_cli_usage(_("consent: add or list is expected"));
}

/* ledger */

static SgpExit ledger_verify(SgpCli *self)
{
	gint64 n_entries = 0, bad_entry = 0;
	g_autofree char *why = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	gboolean holds =
		sgp_consent_ledger_verify(get_ledger(self), &n_entries, &bad_entry, &why, &error);

	if (error)
		return sgp_cli_fail(error);
	g_autofree char *count = sgp_cli_dup_number(n_entries);

	if (self->is_json) {
		json_builder_begin_object(out);
		sgp_json_add_boolean(out, "valid", holds);
		sgp_json_add_int(out, "entries", n_entries);
		sgp_json_add_int(out, "bad_entry", holds ? 0 : bad_entry);
		sgp_json_add_text(out, "why", why);
		json_builder_end_object(out);
		sgp_cli_print_json(out);
	} else if (holds) {
		g_print(ngettext("The ledger holds: %s entry, none was changed.\n",
				"The ledger holds: %s entries, none was changed.\n",
				(gulong)n_entries),
			count);
	}
	if (holds)
		return SGP_EXIT_DONE;
	g_autofree char *text = sgp_cli_words_dup_tampering(why, bad_entry);

	return sgp_cli_fail_nick("tampered", text);
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
		(until && !sgp_cli_parse_time(until, &to)))
		return SGP_EXIT_USAGE;
	if (!format || (!g_str_equal(format, "csv") && !g_str_equal(format, "json")))
		return sgp_cli_usage(_("ledger export: --format csv or --format json is expected"));
	g_autofree char *text = sgp_consent_ledger_export(
		get_ledger(self), g_str_equal(format, "csv"), address, from, to, &error);

	return print_text(text, error);
}

static void print_erasure(const char *address, gint64 entry)
{
	g_autofree char *number = sgp_cli_dup_number(entry);

	g_print(_("What the ledger knew about %s is erased; its entries stay without it. Entry %s "
		  "records that, with the reason.\n"),
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
	if (!address || !reason)
		return sgp_cli_usage(_("ledger erase: --address and --reason are expected"));
	gint64 entry = sgp_consent_ledger_erase(
		get_ledger(self), address, reason, g_get_user_name(), self->now, &error);

	if (entry <= 0)
		return sgp_cli_fail(error);
	if (self->is_json)
		print_entry(self, entry);
	else
		print_erasure(address, entry);
	return SGP_EXIT_DONE;
}

SgpExit sgp_cli_ledger(SgpCli *self, int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";

	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	if (g_str_equal(what, "verify"))
		return ledger_verify(self);
	if (g_str_equal(what, "export"))
		return ledger_export(self, argc - 1, argv + 1);
	if (g_str_equal(what, "erase"))
		return ledger_erase(self, argc - 1, argv + 1);
	return sgp_cli_usage(_("ledger: verify, export or erase is expected"));
}

/* keys */

static void add_key(JsonBuilder *out, const SgpKey *key)
{
	json_builder_begin_object(out);
	sgp_json_add_text(out, "channel", sgp_channel_get_nick(key->channel));
	sgp_json_add_text(out, "fingerprint", key->fingerprint);
	sgp_json_add_text(out, "state", sgp_key_state_get_nick(key->state));
	sgp_json_add_text(out, "detail", key->detail);
	sgp_json_add_boolean(out, "verified", key->verified);
	sgp_json_add_date(out, "expires", key->expires);
	json_builder_end_object(out);
}

static SgpExit keys_lookup(SgpCli *self, const char *text)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpAddress) address = sgp_address_new(text, &error);
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	if (!address)
		return sgp_cli_fail(error);
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	g_autoptr(SgpKeyAnswer) answer =
		sgp_key_lookup_run(sgp_dispatcher_get_keys(self->dispatcher),
			sgp_address_get_addr_spec(address), self->now, NULL);

	json_builder_begin_object(out);
	sgp_json_add_text(out, "address", sgp_address_get_addr_spec(address));
	sgp_json_add_boolean(out, "known", answer->is_known);
	json_builder_set_member_name(out, "keys");
	json_builder_begin_array(out);
	for (guint i = 0; i < answer->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(answer->keys, i);

		add_key(out, key);
		if (!self->is_json)
			g_print("%s %s: %s%s%s\n", sgp_cli_words_get_channel(key->channel),
				key->fingerprint, sgp_cli_words_get_key_state(key->state),
				key->detail ? ", " : "", key->detail ? key->detail : "");
	}
	json_builder_end_array(out);
	json_builder_end_object(out);
	if (self->is_json)
		sgp_cli_print_json(out);
	else if (answer->keys->len == 0)
		g_print(answer->is_known ? _("There is no key for this address.\n")
					 : _("The keyring could not be read.\n"));
	return answer->is_known ? SGP_EXIT_DONE : SGP_EXIT_FAILED;
}

static SgpExit keys_accept(SgpCli *self, int argc, char **argv)
{
	g_autofree char *address = NULL;
	const GOptionEntry entries[] = {
		{ "address", 0, 0, G_OPTION_ARG_STRING, &address, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 2 || !address)
		return sgp_cli_usage(_("keys accept: FPR --address A is expected"));
	if (sgp_cli_uses_agent(self))
		return call_done(self, "AcceptKey", g_variant_new("(ss)", argv[1], address));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	return sgp_key_lookup_accept(
		       sgp_dispatcher_get_keys(self->dispatcher), argv[1], address, &error)
		       ? SGP_EXIT_DONE
		       : sgp_cli_fail(error);
}

SgpExit sgp_cli_keys(SgpCli *self, int argc, char **argv)
{
	if (argc == 3 && g_str_equal(argv[1], "lookup"))
		return keys_lookup(self, argv[2]);
	if (argc > 1 && g_str_equal(argv[1], "accept"))
		return keys_accept(self, argc - 1, argv + 1);
	return sgp_cli_usage(_("keys: lookup ADDRESS, or accept FPR --address A, is expected"));
}
