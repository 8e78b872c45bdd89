/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-channel.h"

G_BEGIN_DECLS

/* Why a key is not used. Zero: could not look. */
typedef enum {
	SGP_KEY_STATE_UNKNOWN = 0,
	SGP_KEY_STATE_USABLE,
	SGP_KEY_STATE_EXPIRED,
	SGP_KEY_STATE_REVOKED,
	SGP_KEY_STATE_DISABLED,
	SGP_KEY_STATE_INVALID,
	SGP_KEY_STATE_NO_ENCRYPTION, /* no usable encryption (sub)key, or key usage forbids it */
	SGP_KEY_STATE_TOO_WEAK,
	SGP_KEY_STATE_NOT_VERIFIED,
	SGP_KEY_STATE_WRONG_ADDRESS,
} SgpKeyState;

/* One OpenPGP key or certificate that was looked at for one address. */
typedef struct {
	SgpChannel channel; /* OPENPGP or SMIME */
	char *fingerprint;  /* (owned) whole, upper-case hex: the only way a key is ever named */
	SgpKeyState state;
	char *detail; /* (owned) (nullable) "2021-01-21" for EXPIRED, "rsa1024" for TOO_WEAK, ... */
	gint64 expires;    /* 0: never */
	gboolean verified; /* full/ultimate validity, or marked by staff (as against tofu, wkd) */
	GStrv encryption_key_ids; /* (owned) 16 hex digits each: what a PKESK to this key may name
				   */
} SgpKey;

/* The answer for one address: the keys looked at, best first. is_known FALSE: could not look (then
 * keys may be incomplete). */
typedef struct {
	gboolean is_known;
	GPtrArray *keys; /* (owned) (element-type SgpKey) */
} SgpKeyAnswer;

SgpKey *sgp_key_new(
	SgpChannel channel, const char *fingerprint, SgpKeyState state, const char *detail);
SgpKey *sgp_key_copy(const SgpKey *self);
void sgp_key_free(SgpKey *self);
const char *sgp_key_state_get_nick(
	SgpKeyState state);             /* "expired", "too-weak", "not-verified", ... */
SgpKeyAnswer *sgp_key_answer_new(void); /* is_known FALSE, no keys */
void sgp_key_answer_free(SgpKeyAnswer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpKey, sgp_key_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpKeyAnswer, sgp_key_answer_free)

G_END_DECLS
