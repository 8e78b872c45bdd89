/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenPGP keys of a GnuPG home. Notices changes by the keyring's files, so that no process has to
 * be started to learn that nothing changed; never reads those files itself, and keeps no key. */
#include "sgp-key-source-gnupg.h"

#include <sys/stat.h>

#include "sgp-gnupg-listing.h"
#include "sgp-gpgme.h"
#include "sgp-key-cache.h"
#include "sgp-key-source-private.h"

struct _SgpKeySourceGnupg {
	GObject parent_instance;
	char *home;      /* (owned) (nullable) as given */
	char *directory; /* (owned) what that is */
	char *program;   /* (owned) */
};

/* Keybox, the older keyring, keyboxd's database, and what else changes validity and secret keys. */
static const char *const FILES[] = { "pubring.kbx", "pubring.gpg", "public-keys.d/pubring.db",
	"public-keys.d/pubring.db-wal", "private-keys-v1.d", "trustdb.gpg", "gpg.conf", NULL };

static char *dup_stamp(SgpKeySource *source)
{
	SgpKeySourceGnupg *self = SGP_KEY_SOURCE_GNUPG(source);
	return sgp_key_source_dup_files_stamp(self->directory, FILES);
}

/* Another gpg may read the same keyring otherwise. */
static char *dup_cache_stamp(SgpKeySourceGnupg *self)
{
	g_autofree char *stamp = dup_stamp(SGP_KEY_SOURCE(self));
	g_autofree char *found = g_find_program_in_path(self->program);
	struct stat status = { 0 };
	if (found != NULL && stat(found, &status) != 0)
		status.st_ino = 0;
	return g_strdup_printf("%s%s %" G_GUINT64_FORMAT " %" G_GINT64_FORMAT, stamp,
		found != NULL ? found : "-", (guint64)status.st_ino, (gint64)status.st_mtime);
}

static gboolean visit(SgpKeySource *source, SgpKeySourceFunc func, gpointer user_data,
	GCancellable *cancellable, GError **error)
{
	SgpKeySourceGnupg *self = SGP_KEY_SOURCE_GNUPG(source);
	g_autofree char *before = dup_cache_stamp(self);
	g_autofree char *kept = sgp_key_cache_lookup(self->directory, before);
	if (kept != NULL) {
		sgp_gnupg_listing_visit_text(kept, func, user_data);
		return TRUE;
	}
	g_autoptr(GString) text = g_string_new(NULL);
	if (!sgp_gnupg_listing_visit(
		    self->program, self->home, func, user_data, text, cancellable, error))
		return FALSE;
	g_autofree char *after = dup_cache_stamp(self);
	if (g_str_equal(before, after))
		sgp_key_cache_keep(self->directory, after, text->str);
	return TRUE;
}

static SgpKeyRecord *load(
	SgpKeySource *source, const char *fingerprint, GCancellable *cancellable, GError **error)
{
	SgpKeySourceGnupg *self = SGP_KEY_SOURCE_GNUPG(source);
	return sgp_gpgme_load_record(self->home, fingerprint, cancellable, error);
}

static gboolean has_secret(SgpKeySource *source, const char *fingerprint, gboolean *has_secret_out,
	GCancellable *cancellable, GError **error)
{
	SgpKeySourceGnupg *self = SGP_KEY_SOURCE_GNUPG(source);
	return sgp_gpgme_has_secret(self->home, fingerprint, has_secret_out, cancellable, error);
}

static void init_interface(SgpKeySourceInterface *interface)
{
	interface->dup_stamp = dup_stamp;
	interface->visit = visit;
	interface->load = load;
	interface->has_secret = has_secret;
}

G_DEFINE_TYPE_WITH_CODE(SgpKeySourceGnupg, sgp_key_source_gnupg, G_TYPE_OBJECT,
	G_IMPLEMENT_INTERFACE(SGP_TYPE_KEY_SOURCE, init_interface))

static void sgp_key_source_gnupg_finalize(GObject *object)
{
	SgpKeySourceGnupg *self = SGP_KEY_SOURCE_GNUPG(object);
	g_free(self->home);
	g_free(self->directory);
	g_free(self->program);
	G_OBJECT_CLASS(sgp_key_source_gnupg_parent_class)->finalize(object);
}

static void sgp_key_source_gnupg_class_init(SgpKeySourceGnupgClass *class)
{
	G_OBJECT_CLASS(class)->finalize = sgp_key_source_gnupg_finalize;
}

static void sgp_key_source_gnupg_init(SgpKeySourceGnupg *self)
{
}

/**
 * sgp_key_source_gnupg_new:
 * @home: (nullable): the GnuPG home
 *
 * Returns: (transfer full): the source; nothing is read yet
 */
SgpKeySource *sgp_key_source_gnupg_new(const char *home)
{
	SgpKeySourceGnupg *self = g_object_new(SGP_TYPE_KEY_SOURCE_GNUPG, NULL);
	self->home = g_strdup(home);
	self->directory = sgp_gpgme_dup_home(home);
	self->program = sgp_gpgme_dup_program();
	return SGP_KEY_SOURCE(self);
}
