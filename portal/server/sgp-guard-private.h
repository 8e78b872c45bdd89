/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-database.h"
#include "sgp-guard.h"
#include "sgp-opaque.h"

G_BEGIN_DECLS

/* What the guard's files share, and nobody else sees. */

#define SGP_GUARD_ENUMERATION_SIZE 32
#define SGP_GUARD_DAY              (G_GINT64_CONSTANT(24) * 60 * 60)
#define SGP_GUARD_PASSWORD_BUCKET  "pw/"
#define SGP_GUARD_RECOVERY_BUCKET  "rec/"
#define SGP_GUARD_CHANGE_BUCKET    "change/"

struct _SgpGuard {
	SgpOpaqueKeys keys;
	guint8 enumeration_key[SGP_GUARD_ENUMERATION_SIZE];
	SgpDatabase *store; /* (owned) */
	GMutex lock;
};

/* sgp-guard-keys.c */
gboolean sgp_guard_fail(GError **error, const char *what); /* returns FALSE */
gboolean sgp_guard_write_keys(const char *path, const char *directory, GError **error);
gboolean sgp_guard_read_keys(SgpGuard *guard, const char *path, GError **error);

/* sgp-guard.c */
void sgp_guard_derive(SgpGuard *guard, const char *handle, const char *purpose, guint8 out[64]);
char *sgp_guard_name_record(const char *handle, SgpGuardRecord which);
gboolean sgp_guard_count_try(SgpGuard *guard, const char *bucket, gint64 now, gint64 *retry_after,
	gboolean *allowed, GError **error);
gboolean sgp_guard_refuse_try(GError **error); /* returns FALSE */
gboolean sgp_guard_add_try(SgpGuard *guard, const char *bucket, gint64 now, GError **error);

/* sgp-guard-login.c */
gboolean sgp_guard_answer(SgpGuard *guard, const char *handle, SgpGuardRecord which, GBytes *record,
	GBytes *ke1, guint8 ke2[SGP_OPAQUE_KE2_SIZE], guint8 expected[SGP_OPAQUE_KE3_SIZE]);
gboolean sgp_guard_remember_login(SgpGuard *guard, GBytes *login, const char *handle,
	const char *bucket, GBytes *expected, gboolean real, gint64 now, GError **error);
gboolean sgp_guard_take_login(SgpGuard *guard, GBytes *login, const char *prefix, GBytes *ke3,
	gint64 now, char **bucket, char **handle, gboolean *right, GError **error);

G_END_DECLS
