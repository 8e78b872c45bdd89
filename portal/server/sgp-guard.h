/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/**
 * SgpGuard:
 *
 * What turns guesses into answers: it alone holds the OPRF seed, the server's key pair and the
 * enumeration key, and counts every use of them before it answers. Safe to call from any thread.
 * Everything it is given and gives is bytes, so that it can move into a process of its own.
 */
typedef struct _SgpGuard SgpGuard;

typedef enum {
	SGP_GUARD_RECORD_NONE = 0,
	SGP_GUARD_RECORD_PASSWORD,
	SGP_GUARD_RECORD_ANSWER,
} SgpGuardRecord;

typedef struct {
	char *handle;      /* (owned) */
	guint8 device[32]; /* the secret of a device that logged in; for the device cookie */
} SgpGuardLogin;

/* What may happen to a try at a recovery. */
typedef enum {
	SGP_GUARD_RECOVERY_UNKNOWN = 0, /* no such episode, or its time is over */
	SGP_GUARD_RECOVERY_COUNTED,     /* go on */
	SGP_GUARD_RECOVERY_OVER,        /* too many, for this episode or this day */
	SGP_GUARD_RECOVERY_EXHAUSTED,   /* too many since the last success: the account freezes */
} SgpGuardRecovery;

/* What a guard forgets of an account; it never forgets the count of guesses without one of these.
 */
typedef enum {
	SGP_GUARD_FORGET_NOTHING = 0,
	SGP_GUARD_FORGET_EPISODES, /* after a change of the password: they end, and still count */
	SGP_GUARD_FORGET_TRIES,    /* staff unfroze the account */
	SGP_GUARD_FORGET_ALL,      /* staff reset it, or it is gone */
} SgpGuardForget;

SgpGuard *sgp_guard_open(const char *directory, const char *database, GError **error);
void sgp_guard_free(SgpGuard *guard);

char *sgp_guard_dup_handle(SgpGuard *guard, const char *address);
GBytes *sgp_guard_dup_decoy(SgpGuard *guard, const char *handle, const char *purpose, gsize size);

gboolean sgp_guard_count_registration(SgpGuard *guard, const char *handle, gint64 generation,
	gint64 now, gint64 *retry_after, GError **error);
GBytes *sgp_guard_register(
	SgpGuard *guard, const char *handle, SgpGuardRecord which, GBytes *request, GError **error);
gboolean sgp_guard_count_change(
	SgpGuard *guard, const char *handle, gint64 now, gint64 *retry_after, GError **error);
gboolean sgp_guard_is_record(GBytes *record);

gboolean sgp_guard_start_login(SgpGuard *guard, const char *handle, GBytes *record, GBytes *ke1,
	GBytes *device, gint64 now, GBytes **login, GBytes **ke2, gint64 *retry_after,
	GError **error);
SgpGuardLogin *sgp_guard_finish_login(
	SgpGuard *guard, GBytes *login, GBytes *ke3, gint64 now, GError **error);
void sgp_guard_login_free(SgpGuardLogin *login);

/* sgp-guard-recovery.c */
gboolean sgp_guard_begin_recovery(SgpGuard *guard, const char *handle, GBytes *recovery, gint64 now,
	SgpGuardRecovery *what, gint64 *retry_after, GError **error);
gboolean sgp_guard_count_recovery(SgpGuard *guard, GBytes *recovery, gint64 now,
	SgpGuardRecovery *what, char **handle, GError **error);
gboolean sgp_guard_start_recovery(SgpGuard *guard, const char *handle, GBytes *record, GBytes *ke1,
	gint64 now, GBytes **login, GBytes **ke2, GError **error);
gboolean sgp_guard_finish_recovery(SgpGuard *guard, GBytes *login, GBytes *ke3, gint64 now,
	char **handle, gboolean *right, GError **error);
gboolean sgp_guard_reward_recovery(SgpGuard *guard, const char *handle, GError **error);
gboolean sgp_guard_is_exhausted(
	SgpGuard *guard, const char *handle, gboolean *exhausted, GError **error);
GPtrArray *sgp_guard_dup_exhausted(SgpGuard *guard, gint64 now, GError **error);
gboolean sgp_guard_forget(SgpGuard *guard, const char *handle, SgpGuardForget what, GError **error);

gboolean sgp_guard_sweep(SgpGuard *guard, gint64 now, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpGuard, sgp_guard_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpGuardLogin, sgp_guard_login_free)

G_END_DECLS
