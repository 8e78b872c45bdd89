/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key-record.h"

G_BEGIN_DECLS

typedef void (*SgpGpgsmListingFunc)(SgpKeyRecord *record, gpointer user_data);

/* Visits every certificate of a GnuPG home (nullable: GnuPG's default) once, its chain followed;
 * the record is borrowed. Without network. None if gpgsm is not installed. Errors: UNREACHABLE,
 * unless gpgsm said itself that it read all of the keybox. */
gboolean sgp_gpgsm_listing_visit(const char *home, SgpGpgsmListingFunc func, gpointer user_data,
	GCancellable *cancellable, GError **error);
/* The same in two steps: what gpgsm exports, which may be kept (empty: there is nothing; (transfer
 * full)), and what is in it, with the roots that are trusted now. */
GBytes *sgp_gpgsm_listing_export(const char *home, GCancellable *cancellable, GError **error);
void sgp_gpgsm_listing_visit_exported(
	const char *home, GBytes *exported, SgpGpgsmListingFunc func, gpointer user_data);
/* The certificates in what gpgsm exports: PEM with text between. (transfer full) (element-type
 * SgpKeyRecord) */
GPtrArray *sgp_gpgsm_listing_read(GBytes *exported);
/* The roots that a trust list of gpg-agent names for S/MIME; includes_system: (out) it wants the
 * system's list too. (transfer full) (element-type utf8) fingerprints, upper-case hex */
GHashTable *sgp_gpgsm_listing_read_roots(const char *trust_list, gboolean *includes_system);

G_END_DECLS
