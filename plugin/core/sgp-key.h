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
	SGP_KEY_STATE_NOT_YET_VALID, /* made, or valid only, in the future */
} SgpKeyState;

/* Who says that it is this person's key. Weaker ones first; zero: nobody does. */
typedef enum {
	SGP_KEY_STANDING_NONE = 0,
	SGP_KEY_STANDING_TOFU,     /* harvested from mail, the first one seen */
	SGP_KEY_STANDING_WKD,      /* the domain itself publishes it */
	SGP_KEY_STANDING_PORTAL,   /* deposited by the logged-in customer */
	SGP_KEY_STANDING_VERIFIED, /* GnuPG or a trusted issuer says so, or staff do */
} SgpKeyStanding;

/* Where it was found. */
typedef enum {
	SGP_KEY_ORIGIN_UNKNOWN = 0,
	SGP_KEY_ORIGIN_KEYRING,
	SGP_KEY_ORIGIN_AUTOCRYPT,
	SGP_KEY_ORIGIN_ATTACHMENT,
	SGP_KEY_ORIGIN_SIGNATURE, /* the certificate of a signed mail */
	SGP_KEY_ORIGIN_WKD,
	SGP_KEY_ORIGIN_PORTAL,
} SgpKeyOrigin;

/* One OpenPGP key or certificate that was looked at for one address. */
typedef struct {
	SgpChannel channel; /* OPENPGP or SMIME */
	char *fingerprint;  /* (owned) whole, upper-case hex: the only way a key is ever named */
	SgpKeyState state;
	char *detail; /* (owned) (nullable) "2021-01-21" for EXPIRED, "rsa1024" for TOO_WEAK, ... */
	gint64 expires;    /* 0: never */
	gboolean verified; /* full/ultimate validity, or marked by staff (as against tofu, wkd) */
	/* It ended, and GnuPG does not say any more whether it was verified: what comes in its
	 * place is looked at as if it had been. */
	gboolean may_have_been_verified;
	SgpKeyStanding standing;
	SgpKeyOrigin origin;
	GBytes *certificate;      /* (owned) (nullable) the key itself, where no keyring has it */
	GStrv encryption_key_ids; /* (owned) 16 hex digits each: what a PKESK to this key may name
				   */
} SgpKey;

/* The answer for one address: the keys looked at, best first. One protocol whose keys could not be
 * looked at says nothing about the other: ask sgp_key_answer_is_known(). */
typedef struct {
	gboolean is_known; /* both; FALSE: could not look (then keys may be incomplete) */
	gboolean is_known_openpgp, is_known_smime;
	GPtrArray *keys; /* (owned) (element-type SgpKey) */
} SgpKeyAnswer;

SgpKey *sgp_key_new(
	SgpChannel channel, const char *fingerprint, SgpKeyState state, const char *detail);
SgpKey *sgp_key_copy(const SgpKey *self);
void sgp_key_free(SgpKey *self);
const char *sgp_key_state_get_nick(
	SgpKeyState state); /* "expired", "too-weak", "not-verified", ... */
const char *sgp_key_standing_get_nick(SgpKeyStanding standing); /* "none", "tofu", "verified" ... */
const char *sgp_key_origin_get_nick(SgpKeyOrigin origin);       /* "keyring", "autocrypt", ... */
SgpKeyAnswer *sgp_key_answer_new(void);                         /* nothing is known, no keys */
/* channel: OPENPGP or SMIME. */
gboolean sgp_key_answer_is_known(const SgpKeyAnswer *self, SgpChannel channel);
void sgp_key_answer_free(SgpKeyAnswer *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpKey, sgp_key_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpKeyAnswer, sgp_key_answer_free)

G_END_DECLS
