/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Foreign bytes become clean public keys: the real gpg imports them into a throw-away home, lists
 * them, and exports each without other people's signatures. gpg's own import checks every
 * self-signature, so that a user id or subkey that somebody glued on does not survive (test
 * /key-candidates/a-user-id-that-was-glued-on-does-not-count). Touches no keyring of the user's,
 * starts no gpg-agent and no dirmngr, and judges nothing. */
#include "sgp-key-intake.h"

#include "sgp-certificate.h"
#include "sgp-error.h"
#include "sgp-gnupg-listing.h"
#include "sgp-gnupg-run.h"
#include "sgp-gpgme.h"

#define MAXIMAL_BYTES (512 * 1024) /* with signatures; Autocrypt headers are a hundredth of it */
#define MAXIMAL_KEYS  8
#define LIMIT_SECONDS 60 /* for bytes that a stranger chose */

void sgp_key_intake_free(SgpKeyIntake *self)
{
	if (self == NULL)
		return;
	g_clear_pointer(&self->record, sgp_key_record_unref);
	g_clear_pointer(&self->certificate, g_bytes_unref);
	g_free(self->listing);
	g_free(self);
}

static GBytes *run(const char *const *arguments, GBytes *input, gboolean *is_successful,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local_error = NULL;
	g_auto(SgpGnupgRun) done = { 0 };
	g_autoptr(GBytes) given = input != NULL ? g_bytes_ref(input) : g_bytes_new_static("", 0);
	g_autoptr(GSubprocess) process = g_subprocess_newv(arguments,
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE |
			G_SUBPROCESS_FLAGS_STDERR_SILENCE,
		&local_error);
	if (process == NULL) {
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "gpg: %s", local_error->message);
		return NULL;
	}
	if (!sgp_gnupg_run_finish(&done, process, "gpg", given, LIMIT_SECONDS, cancellable, error))
		return NULL;
	*is_successful = done.is_successful;
	return done.out != NULL ? g_steal_pointer(&done.out) : g_bytes_new_static("", 0);
}

static GStrv dup_arguments(const char *program, const char *home, const char *const *last)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	/* --no-autostart: a public key needs no agent, and a secret one in the bytes finds none. */
	g_strv_builder_add_many(builder, program, "--homedir", home, "--no-options", "--batch",
		"--no-tty", "--no-autostart", "--disable-dirmngr", "--no-auto-check-trustdb", NULL);
	for (gsize i = 0; last[i] != NULL; i++)
		g_strv_builder_add(builder, last[i]);
	return g_strv_builder_end(builder);
}

static GBytes *run_gpg(const char *home, const char *const *last, GBytes *input,
	gboolean *is_successful, GCancellable *cancellable, GError **error)
{
	g_autofree char *program = sgp_gpgme_dup_program();
	g_auto(GStrv) arguments = dup_arguments(program, home, last);
	return run((const char *const *)arguments, input, is_successful, cancellable, error);
}

static SgpKeyIntake *export_key(
	const char *home, const char *listing, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpKeyRecord) record = sgp_gnupg_listing_read(listing);
	if (record == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not a key that gpg can use");
		return NULL;
	}
	const char *arguments[] = { "--export-options", "export-minimal", "--export",
		record->fingerprint, NULL };
	gboolean is_successful = FALSE;
	g_autoptr(GBytes) bytes =
		run_gpg(home, arguments, NULL, &is_successful, cancellable, error);
	if (bytes == NULL)
		return NULL;
	if (!is_successful || g_bytes_get_size(bytes) == 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not a key that gpg can export");
		return NULL;
	}
	SgpKeyIntake *intake = g_new0(SgpKeyIntake, 1);
	intake->record = g_steal_pointer(&record);
	intake->listing = g_strdup(listing);
	intake->certificate = g_steal_pointer(&bytes);
	return intake;
}

/* gpg's listing in pieces of one key each. */
static GPtrArray *split_listing(const char *text)
{
	GPtrArray *pieces = g_ptr_array_new_with_free_func(g_free);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(GString) piece = g_string_new(NULL);
	for (gsize i = 0; lines[i] != NULL; i++) {
		if (g_str_has_prefix(lines[i], "pub:") && piece->len > 0) {
			g_ptr_array_add(pieces, g_strdup(piece->str));
			g_string_truncate(piece, 0);
		}
		if (piece->len > 0 || g_str_has_prefix(lines[i], "pub:"))
			g_string_append_printf(piece, "%s\n", lines[i]);
	}
	if (piece->len > 0)
		g_ptr_array_add(pieces, g_strdup(piece->str));
	return pieces;
}

static char *import_and_list(
	const char *home, GBytes *bytes, GCancellable *cancellable, GError **error)
{
	const char *import[] = { "--import-options", "import-minimal", "--import", NULL };
	const char *list[] = { "--with-colons", "--fixed-list-mode", "--list-keys", NULL };
	gboolean is_successful = FALSE;
	/* What one damaged key among others does to gpg's exit status is no matter: the list says
	 * what is there. */
	g_autoptr(GBytes) none = run_gpg(home, import, bytes, &is_successful, cancellable, error);
	if (none == NULL)
		return NULL;
	g_autoptr(GBytes) output = run_gpg(home, list, NULL, &is_successful, cancellable, error);
	if (output == NULL)
		return NULL;
	gsize size = 0;
	const char *text = g_bytes_get_data(output, &size);
	return g_strndup(text != NULL ? text : "", size);
}

static GPtrArray *read_all(
	const char *home, GBytes *bytes, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) keys =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_intake_free);
	g_autofree char *text = import_and_list(home, bytes, cancellable, error);
	if (text == NULL)
		return NULL;
	g_autoptr(GPtrArray) pieces = split_listing(text);
	if (pieces->len == 0 || pieces->len > MAXIMAL_KEYS) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
			pieces->len == 0 ? "there is no OpenPGP key" : "too many OpenPGP keys");
		return NULL;
	}
	for (guint i = 0; i < pieces->len; i++) {
		SgpKeyIntake *intake =
			export_key(home, g_ptr_array_index(pieces, i), cancellable, error);
		if (intake == NULL)
			return NULL;
		g_ptr_array_add(keys, intake);
	}
	return g_steal_pointer(&keys);
}

/**
 * sgp_key_intake_read:
 * @bytes: foreign
 *
 * Returns: (transfer full) (element-type SgpKeyIntake): each key, cleaned
 */
GPtrArray *sgp_key_intake_read(GBytes *bytes, GCancellable *cancellable, GError **error)
{
	if (g_bytes_get_size(bytes) > MAXIMAL_BYTES) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TOO_LARGE, "too large for a public key");
		return NULL;
	}
	char *home = sgp_gpgme_home_new_temporary(error);
	if (home == NULL)
		return NULL;
	GPtrArray *keys = read_all(home, bytes, cancellable, error);
	sgp_gpgme_home_destroy(home);
	return keys;
}

/* (nullable) (transfer full) */
static GBytes *read_pem(const char *pem)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	const char *from = strlen(pem) <= MAXIMAL_BYTES ? strstr(pem, begin) : NULL;
	const char *to = from != NULL ? strstr(from, "-----END CERTIFICATE-----") : NULL;
	if (to == NULL)
		return NULL;
	from += sizeof begin - 1;
	g_autofree char *text = g_strndup(from, (gsize)(to - from));
	gsize size = 0;
	guchar *der = g_base64_decode(text, &size);
	return g_bytes_new_take(der, size);
}

GPtrArray *sgp_key_intake_read_certificate(const char *pem)
{
	GPtrArray *keys = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_intake_free);
	g_autoptr(GBytes) der = read_pem(pem);
	SgpKeyRecord *record = der != NULL ? sgp_certificate_read(der) : NULL;
	if (record == NULL)
		return keys;
	SgpKeyIntake *intake = g_new0(SgpKeyIntake, 1);
	intake->record = record;
	intake->listing = g_strdup(pem);
	intake->certificate = g_steal_pointer(&der);
	g_ptr_array_add(keys, intake);
	return keys;
}
