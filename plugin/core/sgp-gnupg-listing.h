/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key-record.h"

G_BEGIN_DECLS

typedef void (*SgpGnupgListingFunc)(SgpKeyRecord *record, gpointer user_data);

/* Visits every public key of a GnuPG home (nullable: GnuPG's default) once; the record is borrowed.
 * program: the gpg to run. text: (nullable) gets what gpg said. Errors: UNREACHABLE, unless gpg
 * said itself that it read all of the keyring. */
gboolean sgp_gnupg_listing_visit(const char *program, const char *home, SgpGnupgListingFunc func,
	gpointer user_data, GString *text, GCancellable *cancellable, GError **error);
/* Whether the secret half of this key is at hand (in the agent, or on a card). Errors: UNREACHABLE:
 * its agent could not be asked, which is not "no". */
gboolean sgp_gnupg_listing_has_secret(const char *program, const char *home,
	const char *fingerprint, gboolean *has_secret, GCancellable *cancellable, GError **error);
/* The same as sgp_gnupg_listing_visit() for what gpg said earlier. */
void sgp_gnupg_listing_visit_text(const char *text, SgpGnupgListingFunc func, gpointer user_data);

/* The first key of such a listing that was kept as text. NULL: there is none in it. (transfer full)
 */
SgpKeyRecord *sgp_gnupg_listing_read(const char *text);

/* The canonical address that a user id names, or NULL. (transfer full) */
char *sgp_gnupg_listing_dup_addr_spec(const char *user_id);

G_END_DECLS
