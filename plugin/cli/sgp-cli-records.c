/* SPDX-License-Identifier: GPL-3.0-or-later */

/* matter and consent: what is recorded, and by whom. Records go through the user's agent, so that
 * open composers hear of them; with --state-dir they are written here. */

#include "sgp-cli.h"
#include "sgp-cli-words.h"
#include "sgp-error.h"
#include "sgp-json-private.h"

#include <string.h>

static SgpConsentLedger *get_ledger(SgpCli *self)
{
	return sgp_dispatcher_get_ledger(self->dispatcher);
}

/* entry: of the ledger, 0 if it failed. */
static SgpExit print_done(const SgpCli *self, gint64 entry, const GError *error)
{
	if (entry <= 0)
		return sgp_cli_fail(error);
	if (self->is_json)
		g_print("{\"done\":true,\"entry\":%" G_GINT64_FORMAT "}\n", entry);
	return SGP_EXIT_DONE;
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
		return sgp_cli_do_by_agent(
			self, "AddMatter", g_variant_new("(ss)", argv[1], title));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	gint64 entry =
		sgp_consent_ledger_add_matter(get_ledger(self), argv[1], title, self->now, &error);

	return print_done(self, entry, error);
}

static SgpExit matter_close(SgpCli *self, int argc, char **argv)
{
	const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 2)
		return sgp_cli_usage(_("matter close: REF is expected"));
	if (sgp_cli_uses_agent(self))
		return sgp_cli_do_by_agent(self, "CloseMatter", g_variant_new("(s)", argv[1]));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	gint64 entry =
		sgp_consent_ledger_close_matter(get_ledger(self), argv[1], self->now, &error);

	return print_done(self, entry, error);
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
			!sgp_cli_parse_end(options.valid_until, &consent.valid_until)))
		return SGP_EXIT_USAGE;
	consent.address = options.address;
	consent.matter = options.matter;
	consent.taken_by = options.taken_by;
	consent.words = options.words;
	consent.names_plain = options.names_plain;
	if (options.words && g_strstrip(options.words)[0] == '\0')
		return sgp_cli_fail_nick("invalid", _("the words are empty"));
	g_strstrip(options.taken_by);
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
	if (argc != 1)
		return sgp_cli_usage(_("consent list: only --address A and --matter REF are "
				       "expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	static const char *const names[] = { "entry", "state", "kind", "address", "matter", "given",
		"valid_until", "taken_by", NULL };
	/* Where there is a portal, what the colleagues do not know yet is marked. */
	static const char *const shared[] = { "entry", "state", "kind", "address", "matter",
		"given", "valid_until", "taken_by", "synced", NULL };
	g_autoptr(SgpPortalAccount) account =
		sgp_portal_account_lookup(sgp_dispatcher_get_settings(self->dispatcher),
			sgp_dispatcher_get_store(self->dispatcher), NULL);
	g_autofree char *json =
		sgp_consent_ledger_list_json(get_ledger(self), address, matter, self->now, &error);

	return json ? sgp_cli_print_list(self, json, account ? shared : names)
		    : sgp_cli_fail(error);
}

SgpExit sgp_cli_consent(SgpCli *self, int argc, char **argv)
{
	if (argc > 1 && g_str_equal(argv[1], "add"))
		return consent_add(self, argc - 1, argv + 1);
	if (argc > 1 && g_str_equal(argv[1], "list"))
		return consent_list(self, argc - 1, argv + 1);
	return sgp_cli_usage(_("consent: add or list is expected"));
}
