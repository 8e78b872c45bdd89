/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-channel.h"
#include "sgp-inquiry-scan.h"

G_BEGIN_DECLS

/* How a received mail was read. Does not depend on settings: which servers are trusted and which
 * senders are relays is asked when the judgement is used. */
typedef struct {
	SgpOptOut opt_out;
	char *sentence;           /* (owned) (nullable) the words that decided */
	const char *not_personal; /* a nick, NULL: a person wrote it */
	char *authentications;    /* (owned) of sgp_inquiry_scan_dup_authentications() */
	char *authors, *reply_to; /* (owned) addr-specs, joined by "," */
	gint64 date;              /* seconds UTC, 0 unknown */
	SgpChannel protocol;      /* how the mail itself was protected */
} SgpMailJudgement;

/* Reads all of the mail, which is most of the work of taking it in. Pure: any thread may do it.
 * (transfer full) */
SgpMailJudgement *sgp_mail_judgement_new(const SgpMail *mail);
void sgp_mail_judgement_free(SgpMailJudgement *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpMailJudgement, sgp_mail_judgement_free)

G_END_DECLS
