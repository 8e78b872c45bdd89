/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What all operations with GPGME share: its contexts, kept for each home, and what gpg's errors
 * mean to a caller. It decides nothing, and no key or clear text passes through it. */
#include "sgp-gpgme-private.h"

#include <string.h>
#include <sys/stat.h>

#include "sgp-key-cache.h"

#define MAXIMAL_IDLE 4 /* contexts kept for one home */

/* gpg's open list of some hundred codes, by what a caller can do about them; all others are FAILED.
 */
static const struct {
	gpg_err_code_t cause;
	SgpError code;
} CODES[] = {
	{ GPG_ERR_NO_PUBKEY, SGP_ERROR_CONFLICT },
	{ GPG_ERR_NO_SECKEY, SGP_ERROR_CONFLICT },
	{ GPG_ERR_UNUSABLE_PUBKEY, SGP_ERROR_CONFLICT },
	{ GPG_ERR_UNUSABLE_SECKEY, SGP_ERROR_CONFLICT },
	{ GPG_ERR_KEY_EXPIRED, SGP_ERROR_CONFLICT },
	{ GPG_ERR_CERT_REVOKED, SGP_ERROR_CONFLICT },
	{ GPG_ERR_CANCELED, SGP_ERROR_LOCKED }, /* by the person at the passphrase dialog */
	{ GPG_ERR_FULLY_CANCELED, SGP_ERROR_LOCKED },
	{ GPG_ERR_BAD_PASSPHRASE, SGP_ERROR_LOCKED },
	{ GPG_ERR_NO_PASSPHRASE, SGP_ERROR_LOCKED },
	{ GPG_ERR_NO_PIN_ENTRY, SGP_ERROR_LOCKED },
	{ GPG_ERR_PIN_ENTRY, SGP_ERROR_LOCKED },
	{ GPG_ERR_INV_ENGINE, SGP_ERROR_UNREACHABLE },
	{ GPG_ERR_NO_ENGINE, SGP_ERROR_UNREACHABLE },
	{ GPG_ERR_TIMEOUT, SGP_ERROR_UNREACHABLE },
	{ GPG_ERR_NO_AGENT, SGP_ERROR_UNREACHABLE },
	{ GPG_ERR_AGENT, SGP_ERROR_UNREACHABLE },
};

static SgpError get_code(gpgme_error_t cause)
{
	for (gsize i = 0; i < G_N_ELEMENTS(CODES); i++)
		if (CODES[i].cause == gpgme_err_code(cause))
			return CODES[i].code;
	return SGP_ERROR_FAILED;
}

gboolean sgp_gpgme_set_error(
	GError **error, const char *what, gpgme_error_t cause, GCancellable *cancellable)
{
	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return FALSE;
	g_set_error(error, SGP_ERROR, get_code(cause), "gpg: %s: %s", what, gpgme_strerror(cause));
	return FALSE;
}

static gpointer initialise(gpointer unused)
{
	return GINT_TO_POINTER(gpgme_check_version("1.16.0") != NULL);
}

/* Contexts that nobody uses at the moment, by home. To be told a home, GPGME runs "gpg --version",
 * and again inside each operation that makes a context of its own: more than the operation itself
 * takes. */
static GMutex pool_lock;
static GHashTable *pool; /* (owned) (element-type utf8 GPtrArray(gpgme_ctx_t)) */

static const char *get_home(gpgme_ctx_t context)
{
	gpgme_engine_info_t info = gpgme_ctx_get_engine_info(context);
	for (; info != NULL; info = info->next)
		if (info->protocol == GPGME_PROTOCOL_OpenPGP)
			return info->home_dir != NULL ? info->home_dir : "";
	return "";
}

void sgp_gpgme_give_back(gpgme_ctx_t context)
{
	gpgme_signers_clear(context);
	gpgme_set_armor(context, 0);
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&pool_lock);
	if (pool == NULL)
		pool = g_hash_table_new_full(
			g_str_hash, g_str_equal, g_free, (GDestroyNotify)g_ptr_array_unref);
	GPtrArray *idle = g_hash_table_lookup(pool, get_home(context));
	if (idle == NULL) {
		idle = g_ptr_array_new_with_free_func((GDestroyNotify)gpgme_release);
		g_hash_table_insert(pool, g_strdup(get_home(context)), idle);
	}
	if (idle->len < MAXIMAL_IDLE)
		g_ptr_array_add(idle, context);
	else
		gpgme_release(context);
}

static gpgme_ctx_t take_idle(const char *home)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&pool_lock);
	GPtrArray *idle = pool == NULL ? NULL : g_hash_table_lookup(pool, home);
	return idle == NULL || idle->len == 0 ? NULL
					      : g_ptr_array_steal_index_fast(idle, idle->len - 1);
}

gpgme_ctx_t sgp_gpgme_context_new(const char *home, GError **error)
{
	static GOnce once = G_ONCE_INIT;
	if (!GPOINTER_TO_INT(g_once(&once, initialise, NULL))) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "GPGME is too old");
		return NULL;
	}
	gboolean has_home = home != NULL && *home != '\0';
	gpgme_ctx_t context = take_idle(has_home ? home : "");
	if (context != NULL)
		return context;
	gpgme_error_t cause = gpgme_new(&context);
	if (cause == 0)
		cause = gpgme_set_protocol(context, GPGME_PROTOCOL_OpenPGP);
	if (cause == 0 && has_home)
		cause = gpgme_ctx_set_engine_info(context, GPGME_PROTOCOL_OpenPGP, NULL, home);
	if (cause != 0) {
		sgp_gpgme_set_error(error, "set up", cause, NULL);
		gpgme_release(context);
		return NULL;
	}
	/* Key look-ups by network are never implied: they would tell others whom we write to. */
	gpgme_set_offline(context, 1);
	return context;
}

static void cancel_context(GCancellable *cancellable, gpointer context)
{
	gpgme_cancel_async(context);
}

gulong sgp_gpgme_watch(GCancellable *cancellable, gpgme_ctx_t context)
{
	return cancellable == NULL ? 0
				   : g_cancellable_connect(cancellable, G_CALLBACK(cancel_context),
					     context, NULL);
}

gpgme_data_t sgp_gpgme_data_from_bytes(GBytes *bytes)
{
	gsize size;
	const char *start = g_bytes_get_data(bytes, &size);
	gpgme_data_t data = NULL;
	gpgme_data_new_from_mem(&data, start != NULL ? start : "", size, 0);
	return data;
}

static GBytes *bytes_from_data(gpgme_data_t *data)
{
	size_t size = 0;
	char *memory = gpgme_data_release_and_get_mem(g_steal_pointer(data), &size);
	GBytes *bytes = g_bytes_new(memory, memory == NULL ? 0 : size);
	gpgme_free(memory);
	return bytes;
}

char *sgp_gpgme_text_from_data(gpgme_data_t *data)
{
	g_autoptr(GBytes) bytes = bytes_from_data(data);
	gsize size;
	const char *start = g_bytes_get_data(bytes, &size);
	return g_strndup(start != NULL ? start : "", size);
}

/* What the answers below depend on. (transfer full) */
static char *dup_places_stamp(void)
{
	static const char *const VARIABLES[] = { "PATH", "HOME", "GNUPGHOME" };
	g_autoptr(GString) stamp = g_string_new(NULL);
	g_autofree char *found = g_find_program_in_path("gpgconf");
	struct stat status = { 0 };
	if (found != NULL && stat(found, &status) == 0)
		g_string_append_printf(stamp,
			"%s %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT "\n",
			found, (guint64)status.st_ino, (gint64)status.st_size,
			(gint64)status.st_mtime);
	for (gsize i = 0; i < G_N_ELEMENTS(VARIABLES); i++) {
		const char *value = g_getenv(VARIABLES[i]);
		g_autofree char *escaped = g_strescape(value != NULL ? value : "-", NULL);
		g_string_append_printf(stamp, "%s\n", escaped);
	}
	return g_string_free(g_steal_pointer(&stamp), FALSE);
}

/* Where GnuPG's programs and its home are: two runs of gpgconf, which the command line need not
 * start for each mail as long as gpgconf itself is the same (sgp-key-cache says for how long).
 * (transfer full) */
static GKeyFile *load_places(void)
{
	static const char *const NAMES[] = { "homedir", "gpg-name", "gpgsm-name" };
	GKeyFile *places = g_key_file_new();
	g_autofree char *stamp = dup_places_stamp();
	g_autofree char *kept = sgp_key_cache_lookup("gpgconf", stamp);
	if (kept != NULL && g_key_file_load_from_data(places, kept, (gsize)-1, 0, NULL))
		return places;
	for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++) {
		const char *value = gpgme_get_dirinfo(NAMES[i]);
		if (value != NULL)
			g_key_file_set_string(places, "gpgconf", NAMES[i], value);
	}
	g_autofree char *text = g_key_file_to_data(places, NULL, NULL);
	sgp_key_cache_keep("gpgconf", stamp, text);
	return places;
}

static char *dup_place(const char *name)
{
	static gsize ready = 0;
	static GKeyFile *places = NULL;
	if (g_once_init_enter(&ready)) {
		places = load_places();
		g_once_init_leave(&ready, 1);
	}
	return g_key_file_get_string(places, "gpgconf", name, NULL);
}

/**
 * sgp_gpgme_dup_home:
 * @home: (nullable): as for all calls
 *
 * Returns: (transfer full): the directory that gpg will use
 */
char *sgp_gpgme_dup_home(const char *home)
{
	if (home != NULL && *home != '\0')
		return g_strdup(home);
	return dup_place("homedir");
}

/**
 * sgp_gpgme_dup_program:
 *
 * Returns: (transfer full): the gpg that all of this runs
 */
char *sgp_gpgme_dup_program(void)
{
	/* A context would know it too, but making the first one runs five programs, and most calls
	 * of the command line need none. */
	char *name = dup_place("gpg-name");
	return name != NULL ? name : g_strdup("gpg");
}

/**
 * sgp_gpgme_dup_gpgsm_program:
 *
 * Returns: (transfer full): the gpgsm that belongs to it; perhaps not installed
 */
char *sgp_gpgme_dup_gpgsm_program(void)
{
	char *name = dup_place("gpgsm-name");
	return name != NULL ? name : g_strdup("gpgsm");
}

void sgp_gpgme_forget_home(const char *home)
{
	g_autoptr(GMutexLocker) locker G_GNUC_UNUSED = g_mutex_locker_new(&pool_lock);
	if (pool != NULL)
		g_hash_table_remove(pool, home);
}
