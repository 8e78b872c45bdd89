/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the whole keybox of gpgsm by one export, and what is trusted from gpg-agent's list. By the
 * export rather than by gpgsm's listing, which does not say whether an address stood in the subject
 * or in its common name, nor what a key is for. Asks no network: revocation is another question
 * (sgp-revocation.c), and typing an address must not wait for it. */
#include "sgp-gpgsm-listing.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#include "sgp-certificate.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-gpgsm.h"

#define READING_LIMIT     60 /* seconds */
#define SYSTEM_TRUST_LIST "/etc/gnupg/trustlist.txt"

G_DEFINE_AUTOPTR_CLEANUP_FUNC(BIO, BIO_free)

GPtrArray *sgp_gpgsm_listing_read(GBytes *exported)
{
	GPtrArray *records = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_record_unref);
	gsize size = 0;
	const void *start = g_bytes_get_data(exported, &size);
	g_autoptr(BIO) source = size > 0 ? BIO_new_mem_buf(start, (int)MIN(size, G_MAXINT)) : NULL;
	char *name, *header;
	unsigned char *data;
	long length;
	while (source != NULL && PEM_read_bio(source, &name, &header, &data, &length) == 1) {
		g_autoptr(GBytes) der = g_bytes_new(data, (gsize)length);
		SgpKeyRecord *record =
			g_str_equal(name, PEM_STRING_X509) ? sgp_certificate_read(der) : NULL;
		if (record != NULL)
			g_ptr_array_add(records, record);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(data);
	}
	ERR_clear_error();
	return records;
}

/* ---- trust ---- */

/* "[!]fingerprint flags", colons allowed in it; "S" or "*" is for S/MIME, "!" not trusted (man
 * gpg-agent, trustlist.txt). */
static void read_root(GHashTable *roots, const char *line)
{
	g_autoptr(GString) hex = g_string_new(NULL);
	for (; g_ascii_isxdigit(*line) || *line == ':'; line++)
		if (*line != ':')
			g_string_append_c(hex, g_ascii_toupper(*line));
	if (hex->len != 40 || !g_ascii_isspace(*line))
		return;
	while (g_ascii_isspace(*line))
		line++;
	if (*line == 'S' || *line == 's' || *line == '*')
		g_hash_table_add(roots, g_strdup(hex->str));
}

GHashTable *sgp_gpgsm_listing_read_roots(const char *trust_list, gboolean *includes_system)
{
	GHashTable *roots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_auto(GStrv) lines = g_strsplit(trust_list, "\n", -1);
	*includes_system = FALSE;
	for (gsize i = 0; lines[i] != NULL; i++) {
		const char *line = g_strstrip(lines[i]);
		if (g_str_equal(line, "include-default"))
			*includes_system = TRUE;
		else if (g_ascii_isxdigit(*line))
			read_root(roots, line);
	}
	return roots;
}

static void add_file(GHashTable *roots, const char *path)
{
	g_autofree char *text = NULL;
	gboolean includes_system = FALSE;
	if (!g_file_get_contents(path, &text, NULL, NULL))
		return;
	g_autoptr(GHashTable) more = sgp_gpgsm_listing_read_roots(text, &includes_system);
	GHashTableIter iter;
	gpointer one;
	g_hash_table_iter_init(&iter, more);
	while (g_hash_table_iter_next(&iter, &one, NULL))
		g_hash_table_add(roots, g_strdup(one));
	if (includes_system && !g_str_equal(path, SYSTEM_TRUST_LIST))
		add_file(roots, SYSTEM_TRUST_LIST);
}

/* As gpg-agent does: the system's list counts where the user has none of their own. */
static GHashTable *load_roots(const char *directory)
{
	GHashTable *roots = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autofree char *own = g_build_filename(directory, "trustlist.txt", NULL);
	add_file(roots, g_file_test(own, G_FILE_TEST_EXISTS) ? own : SYSTEM_TRUST_LIST);
	return roots;
}

/* gpgsm would make a keybox where there is none. */
static gboolean has_keybox(const char *directory)
{
	static const char *const FILES[] = { "pubring.kbx", "public-keys.d/pubring.db" };
	for (gsize i = 0; i < G_N_ELEMENTS(FILES); i++) {
		g_autofree char *path = g_build_filename(directory, FILES[i], NULL);
		if (g_file_test(path, G_FILE_TEST_EXISTS))
			return TRUE;
	}
	return FALSE;
}

GBytes *sgp_gpgsm_listing_export(const char *home, GCancellable *cancellable, GError **error)
{
	const char *options[] = { "--armor", "--export", NULL };
	g_autofree char *directory = sgp_gpgme_dup_home(home);
	g_autoptr(GError) local_error = NULL;
	if (!sgp_gpgsm_is_available() || !has_keybox(directory))
		return g_bytes_new_static("", 0);
	GBytes *exported =
		sgp_gpgsm_run(home, options, NULL, READING_LIMIT, cancellable, &local_error);
	if (exported == NULL && !g_cancellable_set_error_if_cancelled(cancellable, error))
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"gpgsm did not read the whole keybox: %s", local_error->message);
	return exported;
}

void sgp_gpgsm_listing_visit_exported(
	const char *home, GBytes *exported, SgpGpgsmListingFunc func, gpointer user_data)
{
	g_autofree char *directory = sgp_gpgme_dup_home(home);
	g_autoptr(GPtrArray) records = sgp_gpgsm_listing_read(exported);
	g_autoptr(GHashTable) roots = load_roots(directory);
	sgp_certificate_follow_chains(records, roots);
	for (guint i = 0; i < records->len; i++)
		func(g_ptr_array_index(records, i), user_data);
}

/**
 * sgp_gpgsm_listing_visit:
 * @home: (nullable)
 * @func: called for each certificate, those of issuers too
 */
gboolean sgp_gpgsm_listing_visit(const char *home, SgpGpgsmListingFunc func, gpointer user_data,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GBytes) exported = sgp_gpgsm_listing_export(home, cancellable, error);
	if (exported == NULL)
		return FALSE;
	sgp_gpgsm_listing_visit_exported(home, exported, func, user_data);
	return TRUE;
}
