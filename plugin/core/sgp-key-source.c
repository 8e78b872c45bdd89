/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interface of the places where keys are, and how those that are files are seen to change.
 * Dispatches; knows no keyring and judges nothing. */
#include "sgp-key-source-private.h"
#include "sgp-key-source.h"

#include <sys/stat.h>

G_DEFINE_INTERFACE(SgpKeySource, sgp_key_source, G_TYPE_OBJECT)

static void sgp_key_source_default_init(SgpKeySourceInterface *interface)
{
}

char *sgp_key_source_dup_stamp(SgpKeySource *self)
{
	return SGP_KEY_SOURCE_GET_IFACE(self)->dup_stamp(self);
}

gboolean sgp_key_source_visit(SgpKeySource *self, SgpKeySourceFunc func, gpointer user_data,
	GCancellable *cancellable, GError **error)
{
	return SGP_KEY_SOURCE_GET_IFACE(self)->visit(self, func, user_data, cancellable, error);
}

SgpKeyRecord *sgp_key_source_load(
	SgpKeySource *self, const char *fingerprint, GCancellable *cancellable, GError **error)
{
	return SGP_KEY_SOURCE_GET_IFACE(self)->load(self, fingerprint, cancellable, error);
}

gboolean sgp_key_source_has_secret(SgpKeySource *self, const char *fingerprint,
	gboolean *has_secret, GCancellable *cancellable, GError **error)
{
	return SGP_KEY_SOURCE_GET_IFACE(self)->has_secret(
		self, fingerprint, has_secret, cancellable, error);
}

void sgp_key_source_check(SgpKeySource *self, const SgpKeyRecord *record, SgpKey *key, gint64 now,
	SgpKeyLook look, GCancellable *cancellable)
{
	SgpKeySourceInterface *interface = SGP_KEY_SOURCE_GET_IFACE(self);
	if (key->state == SGP_KEY_STATE_USABLE && interface->check != NULL)
		interface->check(self, record, key, now, look, cancellable);
}

char *sgp_key_source_dup_files_stamp(const char *directory, const char *const *files)
{
	GString *stamp = g_string_sized_new(256);
	for (gsize i = 0; files[i] != NULL; i++) {
		g_autofree char *path = g_path_is_absolute(files[i])
						? g_strdup(files[i])
						: g_build_filename(directory, files[i], NULL);
		struct stat status;
		if (stat(path, &status) != 0) {
			g_string_append(stamp, "-\n");
			continue;
		}
		/* The inode, because gpg replaces the keybox by a renamed copy, perhaps of the same
		 * size and within the same tick of the clock. */
		g_string_append_printf(stamp,
			"%" G_GUINT64_FORMAT " %" G_GINT64_FORMAT " %" G_GINT64_FORMAT ".%09ld\n",
			(guint64)status.st_ino, (gint64)status.st_size,
			(gint64)status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
	}
	return g_string_free(stamp, FALSE);
}
