/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What a program of GnuPG's wrote until it ended. */
typedef struct {
	GBytes *out, *report; /* (owned) (nullable) standard output and error */
	gboolean is_successful;
} SgpGnupgRun;

/* Waits for a program that was started with pipes, and ends it where it is late. name: for errors.
 * input: (nullable). limit: seconds, 0: as long as it takes. run: (out) to be cleared. Worker
 * threads only. Errors: CANCELLED; UNREACHABLE (no answer in time, or it died). */
gboolean sgp_gnupg_run_finish(SgpGnupgRun *run, GSubprocess *process, const char *name,
	GBytes *input, guint limit, GCancellable *cancellable, GError **error);
/* Whether it reported this status line ("[GNUPG:] ..."), or one that begins so. */
gboolean sgp_gnupg_run_has_status(const SgpGnupgRun *run, const char *line);
void sgp_gnupg_run_clear(SgpGnupgRun *run);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SgpGnupgRun, sgp_gnupg_run_clear)

G_END_DECLS
