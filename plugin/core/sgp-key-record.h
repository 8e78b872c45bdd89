/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-key.h"

G_BEGIN_DECLS

/* Zero: an algorithm nobody has judged, so it is too weak. */
typedef enum {
	SGP_KEY_ALGORITHM_UNKNOWN = 0,
	SGP_KEY_ALGORITHM_RSA,
	SGP_KEY_ALGORITHM_CURVE,
	SGP_KEY_ALGORITHM_ELGAMAL,
	SGP_KEY_ALGORITHM_DSA,
} SgpKeyAlgorithm;

/* One key packet: the primary key (index 0), or a subkey of it. */
typedef struct {
	char key_id[17]; /* 16 upper-case hex digits */
	SgpKeyAlgorithm algorithm;
	guint bits;
	gint64 created; /* seconds UTC */
	gint64 expires; /* 0: never */
	gboolean can_encrypt;
	gboolean can_sign;
	gboolean is_revoked;
	gboolean is_disabled;
	gboolean is_invalid;
} SgpKeyPart;

/* One user id that names an address. */
typedef struct {
	char *addr_spec; /* (owned) canonical */
	gboolean is_revoked;
	gboolean is_expired; /* this user id ended, whatever the key does */
	gboolean is_valid;   /* GnuPG's own validity is full or ultimate */
} SgpKeyUserId;

/* What only certificates have: see sgp-certificate.h. */
typedef struct _SgpCertificate SgpCertificate;

/* What a keyring says of one key, for no address and no time in particular: the index keeps these,
 * and judges when it is asked. Filled by its maker, then immutable and reference counted. */
typedef struct {
	gatomicrefcount refs;
	SgpChannel channel;
	char *fingerprint; /* (owned) whole, upper-case hex */
	gboolean is_revoked;
	gboolean is_disabled;
	gboolean is_invalid;
	GArray *parts;               /* (owned) (element-type SgpKeyPart) primary first */
	GPtrArray *user_ids;         /* (owned) (element-type SgpKeyUserId) */
	SgpCertificate *certificate; /* (owned) (nullable) of channel SMIME only */
} SgpKeyRecord;

SgpKeyRecord *sgp_key_record_new(SgpChannel channel, const char *fingerprint);
SgpKeyRecord *sgp_key_record_ref(SgpKeyRecord *self);
void sgp_key_record_unref(SgpKeyRecord *self);
void sgp_key_record_add_user_id(
	SgpKeyRecord *self, const char *addr_spec, gboolean is_revoked, gboolean is_valid);
void sgp_key_record_add_expired_user_id(SgpKeyRecord *self, const char *addr_spec);

gboolean sgp_key_record_has_address(const SgpKeyRecord *self, const char *addr_spec);
/* Whether any user id names it, ended ones too. */
gboolean sgp_key_record_has_named(const SgpKeyRecord *self, const char *addr_spec);
gboolean sgp_key_record_can_sign(const SgpKeyRecord *self, gint64 now);
SgpKey *sgp_key_record_judge(const SgpKeyRecord *self, const char *addr_spec, gint64 now);
/* The same; clock: seconds UTC, later than which nothing can have been made. */
SgpKey *sgp_key_record_judge_by_clock(
	const SgpKeyRecord *self, const char *addr_spec, gint64 now, gint64 clock);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpKeyRecord, sgp_key_record_unref)

G_END_DECLS
