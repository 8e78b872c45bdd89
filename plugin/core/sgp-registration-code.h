/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-base64url.h"
#include "sgp-uuid7.h"
#include "sgp-wrap.h"

G_BEGIN_DECLS

/* The registration code (PROTOCOL.md). Known answers: tests/unit/code-vectors.json. */
typedef struct {
	guint8 kek[32], mac[32], auth[32];
} SgpCodeKeys;

char *sgp_registration_code_new(void); /* 21 digits, from the kernel's random numbers */
gboolean sgp_registration_code_is_valid(const char *digits); /* 21 digits, Damm */
char *sgp_registration_code_dup_grouped(const char *digits); /* "482 113 907 ..." */
gboolean sgp_registration_code_derive(const char *digits, const guint8 salt[16], SgpCodeKeys *out,
	GError **error); /* 0.3 s; INVALID */
/* HMAC over CS, constant-time compare. Errors: TAMPERED. */
gboolean sgp_registration_code_verify_signature_key(const SgpCodeKeys *keys, const char *handle,
	gint64 generation, GBytes *signature_key, GBytes *mac, GError **error);

G_END_DECLS
