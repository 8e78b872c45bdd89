/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of a GnuPG home. Notices changes by the files of keybox and trust list, and asks for
 * revocation when a certificate would be used. Keeps no certificate. */
#include "sgp-key-source-gpgsm.h"

#include <sys/stat.h>

#include "sgp-certificate.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-gpgsm-listing.h"
#include "sgp-gpgsm.h"
#include "sgp-revocation.h"

struct _SgpKeySourceGpgsm {
	GObject parent_instance;
	char *home;                /* (owned) (nullable) as given */
	char *directory;           /* (owned) what that is */
	SgpRevocation *revocation; /* (owned) */
};

static const char *const FILES[] = { "pubring.kbx", "public-keys.d/pubring.db",
	"public-keys.d/pubring.db-wal", "private-keys-v1.d", "trustlist.txt", "gpgsm.conf",
	"/etc/gnupg/trustlist.txt" };

static char *dup_stamp(SgpKeySource *source)
{
	SgpKeySourceGpgsm *self = SGP_KEY_SOURCE_GPGSM(source);
	GString *stamp = g_string_sized_new(256);
	for (gsize i = 0; i < G_N_ELEMENTS(FILES); i++) {
		g_autofree char *path = *FILES[i] == '/'
						? g_strdup(FILES[i])
						: g_build_filename(self->directory, FILES[i], NULL);
		struct stat status;
		if (stat(path, &status) != 0) {
			g_string_append(stamp, "-\n");
			continue;
		}
		g_string_append_printf(stamp,
			"%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld\n",
			(guint64)status.st_ino, (gint64)status.st_size,
			(gint64)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
	}
	return g_string_free(stamp, FALSE);
}

static gboolean visit(SgpKeySource *source, SgpKeySourceFunc func, gpointer user_data,
	GCancellable *cancellable, GError **error)
{
	SgpKeySourceGpgsm *self = SGP_KEY_SOURCE_GPGSM(source);
	return sgp_gpgsm_listing_visit(self->home, func, user_data, cancellable, error);
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
	gboolean is_last_look, GCancellable *cancellable)
{
	SgpKeySourceGpgsm *self = SGP_KEY_SOURCE_GPGSM(source);
	if (record->certificate == NULL)
		return;
	switch (sgp_revocation_check(self->revocation, record, now, is_last_look, cancellable)) {
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
