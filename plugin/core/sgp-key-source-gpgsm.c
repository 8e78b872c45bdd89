/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of a GnuPG home. Notices changes by the files of keybox and trust list, and asks for
 * revocation when a certificate would be used. Keeps no certificate but what sgp-key-cache does
 * between two calls of the command line. */
#include "sgp-key-source-gpgsm.h"

#include <string.h>

#include "sgp-certificate.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-gpgsm-listing.h"
#include "sgp-gpgsm.h"
#include "sgp-key-cache.h"
#include "sgp-key-source-private.h"
#include "sgp-revocation.h"

struct _SgpKeySourceGpgsm {
	GObject parent_instance;
	char *home;                /* (owned) (nullable) as given */
	char *directory;           /* (owned) what that is */
	SgpRevocation *revocation; /* (owned) */
};

static const char *const FILES[] = { "pubring.kbx", "public-keys.d/pubring.db",
	"public-keys.d/pubring.db-wal", "private-keys-v1.d", "trustlist.txt", "gpgsm.conf",
	"/etc/gnupg/trustlist.txt", NULL };

static char *dup_stamp(SgpKeySource *source)
{
	SgpKeySourceGpgsm *self = SGP_KEY_SOURCE_GPGSM(source);
	return sgp_key_source_dup_files_stamp(self->directory, FILES);
}

/* Another gpgsm may read the same keybox otherwise. */
static char *dup_cache_stamp(SgpKeySource *source)
{
	g_autofree char *stamp = dup_stamp(source);
	g_autofree char *program = sgp_gpgme_dup_gpgsm_program();
	g_autofree char *found = g_find_program_in_path(program);
	const char *const files[] = { found != NULL ? found : "/nonexistent", NULL };
	g_autofree char *engine = sgp_key_source_dup_files_stamp("/", files);
	return g_strconcat(stamp, engine, NULL);
}

static gboolean visit(SgpKeySource *source, SgpKeySourceFunc func, gpointer user_data,
	GCancellable *cancellable, GError **error)
{
	SgpKeySourceGpgsm *self = SGP_KEY_SOURCE_GPGSM(source);
	g_autofree char *name = g_strconcat("certificates ", self->directory, NULL);
	g_autofree char *before = dup_cache_stamp(source);
	char *kept = sgp_key_cache_lookup(name, before);
	g_autoptr(GBytes) exported =
		kept != NULL ? g_bytes_new_take(kept, strlen(kept))
			     : sgp_gpgsm_listing_export(self->home, cancellable, error);
	if (exported == NULL)
		return FALSE;
	if (kept == NULL) {
		gsize size = 0;
		const char *start = g_bytes_get_data(exported, &size);
		g_autofree char *text = g_strndup(size > 0 ? start : "", size);
		g_autofree char *after = dup_cache_stamp(source);
		if (g_str_equal(before, after))
			sgp_key_cache_keep(name, after, text);
	}
	sgp_gpgsm_listing_visit_exported(self->home, exported, func, user_data);
	return TRUE;
}

/* One that is wanted out of all. */
typedef struct {
	const char *fingerprint;
	SgpKeyRecord *found; /* (owned) (nullable) */
} Search;

static void compare_record(SgpKeyRecord *record, gpointer user_data)
{
	Search *search = user_data;
	if (search->found == NULL &&
		g_ascii_strcasecmp(record->fingerprint, search->fingerprint) == 0)
		search->found = sgp_key_record_ref(record);
}

/* Reads the whole keybox: its chain may need any of the others. */
static SgpKeyRecord *load(
	SgpKeySource *source, const char *fingerprint, GCancellable *cancellable, GError **error)
{
	SgpKeySourceGpgsm *self = SGP_KEY_SOURCE_GPGSM(source);
	Search search = { .fingerprint = fingerprint };
	gboolean is_read =
		sgp_gpgsm_listing_visit(self->home, compare_record, &search, cancellable, error);
	if (is_read && search.found == NULL)
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "no such certificate in the keybox");
	if (!is_read)
		g_clear_pointer(&search.found, sgp_key_record_unref);
	return search.found;
}

static gboolean has_secret(SgpKeySource *source, const char *fingerprint, gboolean *has_secret_out,
	GCancellable *cancellable, GError **error)
{
	SgpKeySourceGpgsm *self = SGP_KEY_SOURCE_GPGSM(source);
	return sgp_gpgsm_has_secret(self->home, fingerprint, has_secret_out, cancellable, error);
}

static void check(SgpKeySource *source, const SgpKeyRecord *record, SgpKey *key, gint64 now,
	SgpKeyLook look, GCancellable *cancellable)
{
	SgpKeySourceGpgsm *self = SGP_KEY_SOURCE_GPGSM(source);
	if (record->certificate == NULL)
		return;
	switch (sgp_revocation_check(self->revocation, record, now, look, cancellable)) {
	case SGP_REVOCATION_GOOD:
		break;
	case SGP_REVOCATION_REVOKED:
		key->state = SGP_KEY_STATE_REVOKED;
		break;
	case SGP_REVOCATION_UNKNOWN:
		key->state = SGP_KEY_STATE_UNKNOWN;
		g_free(key->detail);
		key->detail = g_strdup("revocation-unknown");
		break;
	}
}

static void init_interface(SgpKeySourceInterface *interface)
{
	interface->dup_stamp = dup_stamp;
	interface->visit = visit;
	interface->load = load;
	interface->has_secret = has_secret;
	interface->check = check;
}

G_DEFINE_TYPE_WITH_CODE(SgpKeySourceGpgsm, sgp_key_source_gpgsm, G_TYPE_OBJECT,
	G_IMPLEMENT_INTERFACE(SGP_TYPE_KEY_SOURCE, init_interface))

static void sgp_key_source_gpgsm_finalize(GObject *object)
{
	SgpKeySourceGpgsm *self = SGP_KEY_SOURCE_GPGSM(object);
	g_free(self->home);
	g_free(self->directory);
	g_clear_object(&self->revocation);
	G_OBJECT_CLASS(sgp_key_source_gpgsm_parent_class)->finalize(object);
}

static void sgp_key_source_gpgsm_class_init(SgpKeySourceGpgsmClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sgp_key_source_gpgsm_finalize;
}

static void sgp_key_source_gpgsm_init(SgpKeySourceGpgsm *self)
{
}

/**
 * sgp_key_source_gpgsm_new:
 * @home: (nullable): the GnuPG home
 *
 * Returns: (transfer full): the source; nothing is read yet
 */
SgpKeySource *sgp_key_source_gpgsm_new(const char *home)
{
	SgpKeySourceGpgsm *self = g_object_new(SGP_TYPE_KEY_SOURCE_GPGSM, NULL);
	self->home = g_strdup(home);
	self->directory = sgp_gpgme_dup_home(home);
	self->revocation = sgp_revocation_new(home);
	return SGP_KEY_SOURCE(self);
}
