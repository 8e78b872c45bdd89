/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-cli.h"

G_BEGIN_DECLS

/* What assess, seal and send are given about one mail. */
typedef struct {
	SgpMail *mail;            /* (owned) */
	char *matter;             /* (owned) (nullable) */
	char *overrule;           /* (owned) (nullable) */
	char *out;                /* (owned) (nullable) seal only */
	char *draft_id;           /* (owned) (nullable) send only */
	GStrv confirmed;          /* (owned) (nullable) */
	SgpAssessOptions options; /* borrows from the others */
} SgpCliMail;

void sgp_cli_mail_clear(SgpCliMail *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SgpCliMail, sgp_cli_mail_clear)

SgpExit sgp_cli_exit_of_action(SgpAction action);
/* The decision, for people. */
void sgp_cli_print_verdict(const SgpVerdict *verdict);
/* Commits, hands mail copies to sendmail, and uploads portal copies. is_quiet: nothing on standard
 * output. result: (out) (optional) (transfer full) */
SgpExit sgp_cli_dispatch(SgpCli *self, const SgpCliMail *mail, gboolean is_quiet,
	SgpPrepareResult **result, GError **error);
/* Hands committed mail copies of the command line's own drafts to sendmail; draft_id: (nullable)
 * all of them. */
gboolean sgp_cli_hand_over(SgpCli *self, const char *draft_id, GError **error);

G_END_DECLS
