/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A GnuPG home of its own for one test, with the real gpg. Everything ends with scratch_gpg_free().
 */
typedef struct {
	char *directory; /* (owned) the test's own */
	char *home;      /* (owned) in it */
} ScratchGpg;

ScratchGpg *scratch_gpg_new(void);
void scratch_gpg_free(ScratchGpg *self);
/* What gpg started; it starts another one when it needs it. */
void scratch_gpg_end_agent(ScratchGpg *self);
/* Runs gpg with these arguments (shell syntax); fails the test unless it succeeds. Returns its
 * standard output. */
char *scratch_gpg_run(ScratchGpg *self, const char *input, gssize length, const char *format, ...)
	G_GNUC_PRINTF(4, 5);
/* A key without passphrase; algorithm as --quick-generate-key knows it. Returns its fingerprint. */
char *scratch_gpg_make_key(
	ScratchGpg *self, const char *user_id, const char *algorithm, const char *expiry);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ScratchGpg, scratch_gpg_free)

G_END_DECLS
