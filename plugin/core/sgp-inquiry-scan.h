/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-mail.h"

G_BEGIN_DECLS

/* What an author says about being answered by e-mail (03-policy, An opt-out). Zero could be an
 * objection: asks. */
typedef enum {
	SGP_OPT_OUT_UNCLEAR = 0,
	SGP_OPT_OUT_NONE,
	SGP_OPT_OUT_ASKS_FOR_E_MAIL,
	SGP_OPT_OUT_ENCRYPTED_ONLY,
	SGP_OPT_OUT_OPTED_OUT,
} SgpOptOut;

/* What the mail's own provider, as far as we trust it, says of its author. */
typedef enum {
	SGP_AUTHENTICATION_UNKNOWN = 0, /* no trusted header */
	SGP_AUTHENTICATION_NONE,        /* a trusted header, neither pass nor dmarc=fail */
	SGP_AUTHENTICATION_PASS,        /* dmarc=pass or an aligned dkim=pass */
	SGP_AUTHENTICATION_FAIL,        /* dmarc=fail */
} SgpAuthentication;

/* Of everything in the sgp-inquiry-scan, -opt-out and -own-words files. Raise it with every change
 * by which a received mail may be read differently: what an older reading judged is then read again
 * (test: /history-judge/a-judgement-of-an-older-reading-is-made-again). */
#define SGP_INQUIRY_SCAN_VERSION 5

const char *sgp_opt_out_get_nick(SgpOptOut opt_out);

/* Reads the author's own words of a received mail: subject, text and HTML, without quotes,
 * forwarded parts, signatures, footers and our own notice. sentence: (out) (optional) (nullable)
 * (transfer full) the words that decided. Pure. */
SgpOptOut sgp_inquiry_scan_opt_out(const SgpMail *mail, char **sentence);
/* The same for plain text without a header ("siegelpost scan PATH.txt"). subject: (nullable). */
SgpOptOut sgp_inquiry_scan_opt_out_text(const char *subject, const char *text, char **sentence);
/* NULL if a person wrote it (03-policy, An inquiry, 3); else why not, a nick: "auto-submitted",
 * "mailing-list", "bulk", "bounce", "null-return-path", "report", "receipt", "out-of-office",
 * "calendar", "system-sender", "no-single-author". is_relay: relays are exempt from auto-submitted.
 */
const char *sgp_inquiry_scan_not_personal(const SgpMail *mail, gboolean is_relay);
/* The topmost Authentication-Results of a trusted server (RFC 8601). authserv_ids: (nullable) none
 * is trusted. */
SgpAuthentication sgp_inquiry_scan_authentication(
	const SgpMail *mail, const char *const *authserv_ids);
/* What every server's topmost header says, to be kept: whom one trusts may change. (transfer full)
 */
char *sgp_inquiry_scan_dup_authentications(const SgpMail *mail);
/* What sgp_inquiry_scan_dup_authentications() kept, by the servers that are trusted now. */
SgpAuthentication sgp_inquiry_scan_choose_authentication(
	const char *kept, const char *const *authserv_ids);
/* The earlier of Date and the topmost Received, seconds UTC; 0 if neither can be read. */
gint64 sgp_inquiry_scan_date(const SgpMail *mail);
/* The words of a subject that say what it is about: without Re:, AW:, WG:, Fwd:, Antw:, ticket tags
 * and function words, case-folded. (transfer full) */
GStrv sgp_inquiry_scan_subject_words(const char *subject);
/* FALSE if both say something and share nothing. */
gboolean sgp_inquiry_scan_subjects_share(const char *one, const char *other);

G_END_DECLS
