/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-cli.h"

G_BEGIN_DECLS

/* What assess, seal and send are given about one mail. */
typedef struct {
	SgpMail *mail;            /* (owned) */
	char *matter;             /* (owned) (nullable) */
	GStrv overrule;           /* (owned) (nullable) as given: [ID= or ADDRESS=]REASON */
	GHashTable *overrules;    /* (owned) (nullable) objection id to reason */
	char *out;                /* (owned) (nullable) seal only */
	char *draft_id;           /* (owned) (nullable) send only */
	GStrv confirmed;          /* (owned) (nullable) */
	SgpAssessOptions options; /* borrows from the others */
} SgpCliMail;

void sgp_cli_mail_clear(SgpCliMail *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SgpCliMail, sgp_cli_mail_clear)

/* FALSE: said on standard error. */
gboolean sgp_cli_mail_has_recipient(const SgpMail *mail);
SgpExit sgp_cli_exit_of_action(SgpAction action);
/* The decision, for people. */
void sgp_cli_print_verdict(const SgpVerdict *verdict);
/* Copies of a committed mail that could not leave yet. */
typedef struct {
	guint n_all;
	guint n_not_taken; /* of these, by the sendmail command */
} SgpCliWaiting;

/* Commits, hands mail copies to sendmail, and uploads portal copies. is_quiet: nothing on standard
 * output. result: (out) (transfer full); waiting: (out), which is said on standard error: once it
 * is committed, the mail is ours to deliver. Returns what the verdict says. Errors: only before the
 * commit, as sgp_dispatcher_prepare_sync(). */
SgpExit sgp_cli_dispatch(SgpCli *self, const SgpCliMail *mail, gboolean is_quiet,
	SgpPrepareResult **result, SgpCliWaiting *waiting, GError **error);
/* Hands committed mail copies of the command line's own drafts to sendmail; draft_id: (nullable)
 * all of them. One that fails does not keep back the others. n_left: (out) (optional) how many are
 * still here. FALSE: some are, error says why the first. */
gboolean sgp_cli_hand_over(SgpCli *self, const char *draft_id, guint *n_left, GError **error);

G_END_DECLS
