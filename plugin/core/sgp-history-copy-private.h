/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-facts.h"
#include "sgp-history-private.h"
#include "sgp-store-private.h"

G_BEGIN_DECLS

/* Columns shared by all questions below; the order is what sgp_history_copy_read() reads. What an
 * older reading judged is fetched and read again, if a mail program has it. What "history add" took
 * in has no bytes to read again: its judgement stays until the mail is added again, for a known
 * objection is better than none. */
#define IS_JUDGED                                                                                  \
	"j.folder IS NOT NULL AND (j.version >= " G_STRINGIFY(                                     \
		SGP_INQUIRY_SCAN_VERSION) " OR NOT f.is_hosted)"
#define SGP_HISTORY_COPY_COLUMNS                                                                   \
	"m.key, m.id, m.date, a.spec, f.role, f.uri, c.uid, " IS_JUDGED ", j.message_id,"          \
	" j.not_personal, j.authentications, j.opt_out, j.sentence, j.reply_to, j.date, "          \
	"j.subject,"                                                                               \
	" j.protocol, m.conversation, j.authors"
#define SGP_HISTORY_COPY_TABLES                                                                    \
	" FROM message m LEFT JOIN address a ON a.id = m.sender"                                   \
	" LEFT JOIN copy c ON c.message = m.key LEFT JOIN folder f ON f.id = c.folder"             \
	" LEFT JOIN judgement j ON j.folder = c.folder AND j.uid = c.uid "

/* Whom we trust, by the settings of now. */
typedef struct {
	GStrv relays;       /* (owned) addr-specs */
	GStrv authserv_ids; /* (owned) */
	gboolean needs_authentication;
} SgpHistoryTrust;

SgpHistoryTrust sgp_history_trust_read(SgpHistory *history);
void sgp_history_trust_clear(SgpHistoryTrust *self);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SgpHistoryTrust, sgp_history_trust_clear)

/* author: (nullable). */
gboolean sgp_history_trust_is_relay(const SgpHistoryTrust *trust, const char *author);

/* One copy of one message, as it is being read. */
typedef struct {
	gint64 key, date;
	guint64 id;
	const char *author, *uri, *uid; /* (borrowed) until the next row */
	SgpFolderRole role;
	gboolean is_judged;
} SgpHistoryCopy;

SgpHistoryCopy sgp_history_copy_read(sqlite3_stmt *row);
/* How it was judged; row: the one that copy was read from. */
const char *sgp_history_copy_get_not_personal(
	const SgpHistoryTrust *trust, sqlite3_stmt *row, const SgpHistoryCopy *copy);
SgpAuthentication sgp_history_copy_get_authentication(
	const SgpHistoryTrust *trust, sqlite3_stmt *row);
/* (transfer full) */
SgpMessageFact *sgp_history_copy_dup_fact(
	const SgpHistoryTrust *trust, sqlite3_stmt *row, const SgpHistoryCopy *copy);

G_END_DECLS
