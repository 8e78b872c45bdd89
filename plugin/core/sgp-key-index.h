/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key-source.h"

G_BEGIN_DECLS

/* What one source holds, read once and then asked in microseconds, by whole canonical addr-specs;
 * read again when the source's stamp changed. Thread-safe. */
#define SGP_TYPE_KEY_INDEX (sgp_key_index_get_type())
G_DECLARE_FINAL_TYPE(SgpKeyIndex, sgp_key_index, SGP, KEY_INDEX, GObject)

SgpKeyIndex *sgp_key_index_new(SgpKeySource *source);
SgpKeySource *sgp_key_index_get_source(SgpKeyIndex *self); /* (borrowed) */
/* Begins to read, in a thread of its own, if what is here is not fresh. For several indexes that
 * are asked one after the other. */
void sgp_key_index_start(SgpKeyIndex *self);
/* Every key that names this address, revoked user ids too. May wait for a reading, until end
 * (monotonic microseconds; G_MAXINT64: as long as it takes); a call that is cancelled or whose time
 * is over leaves the reading going on, for the next one. (transfer full) (element-type
 * SgpKeyRecord) An empty list: there is none. NULL: could not look. Errors: UNREACHABLE, FAILED,
 * CANCELLED. */
GPtrArray *sgp_key_index_lookup(SgpKeyIndex *self, const char *addr_spec, gint64 end,
	GCancellable *cancellable, GError **error);
/* Whether the last reading saw it; FALSE also where nothing was read yet. */
gboolean sgp_key_index_knows(SgpKeyIndex *self, const char *fingerprint);
/* Whether the secret half is at hand; asked once per reading. Errors: as lookup. */
gboolean sgp_key_index_has_secret(SgpKeyIndex *self, const char *fingerprint, gboolean *has_secret,
	GCancellable *cancellable, GError **error);

G_END_DECLS
