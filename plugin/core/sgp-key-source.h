/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key-record.h"

G_BEGIN_DECLS

/* One place where keys are: the user's GnuPG keyring; later gpgsm, and keys that customers deposit.
 * Thread-safe; all calls but dup_stamp may block for long. */
#define SGP_TYPE_KEY_SOURCE (sgp_key_source_get_type())
G_DECLARE_INTERFACE(SgpKeySource, sgp_key_source, SGP, KEY_SOURCE, GObject)

typedef void (*SgpKeySourceFunc)(SgpKeyRecord *record, gpointer user_data);

/* How much time there is for an answer from outside. Zero: the least. */
typedef enum {
	SGP_KEY_LOOK_TYPING = 0, /* little over a second, then it goes on in the background */
	SGP_KEY_LOOK_PATIENT,    /* nobody types: some seconds */
	SGP_KEY_LOOK_LAST,       /* before sealing: longest, and takes no answer of before */
} SgpKeyLook;

struct _SgpKeySourceInterface {
	GTypeInterface parent;
	char *(*dup_stamp)(SgpKeySource *self);
	gboolean (*visit)(SgpKeySource *self, SgpKeySourceFunc func, gpointer user_data,
		GCancellable *cancellable, GError **error);
	SgpKeyRecord *(*load)(SgpKeySource *self, const char *fingerprint,
		GCancellable *cancellable, GError **error);
	gboolean (*has_secret)(SgpKeySource *self, const char *fingerprint, gboolean *has_secret,
		GCancellable *cancellable, GError **error);
	/* (nullable) */
	void (*check)(SgpKeySource *self, const SgpKeyRecord *record, SgpKey *key, gint64 now,
		SgpKeyLook look, GCancellable *cancellable);
};

/* Changes whenever the keys may have changed; cheap enough to be asked at every look-up. (transfer
 * full) */
char *sgp_key_source_dup_stamp(SgpKeySource *self);
/* Every key once; the record is borrowed. Errors: UNREACHABLE, FAILED, CANCELLED. */
gboolean sgp_key_source_visit(SgpKeySource *self, SgpKeySourceFunc func, gpointer user_data,
	GCancellable *cancellable, GError **error);
/* One key as it is at this moment. Errors: NOT_FOUND, and as above. (transfer full) */
SgpKeyRecord *sgp_key_source_load(
	SgpKeySource *self, const char *fingerprint, GCancellable *cancellable, GError **error);
gboolean sgp_key_source_has_secret(SgpKeySource *self, const char *fingerprint,
	gboolean *has_secret, GCancellable *cancellable, GError **error);
/* What has to be asked for outside before a key of this source is used: whether its issuer revoked
 * a certificate. key: judged by the record for one address; only one that would be used is checked,
 * and only to its disadvantage (REVOKED; UNKNOWN as long as there is no answer). */
void sgp_key_source_check(SgpKeySource *self, const SgpKeyRecord *record, SgpKey *key, gint64 now,
	SgpKeyLook look, GCancellable *cancellable);

G_END_DECLS
