/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-mail.h"
#include "sgp-mail-judgement.h"
#include "sgp-settings.h"
#include "sgp-store.h"

G_BEGIN_DECLS

typedef enum {
	SGP_FOLDER_ROLE_UNKNOWN = 0, /* counts as neither received nor own */
	SGP_FOLDER_ROLE_MAIL,        /* inbox, archive, anything received */
	SGP_FOLDER_ROLE_SENT,
	SGP_FOLDER_ROLE_DRAFTS,
	SGP_FOLDER_ROLE_OUTBOX,
	SGP_FOLDER_ROLE_JUNK,
	SGP_FOLDER_ROLE_TRASH,
} SgpFolderRole;

/* One line of a mail program's summary (02, History in two steps). Ids are the first 8 bytes (big
 * endian) of the MD5 of the Message-ID without <>. */
typedef struct {
	guint64 id;
	const guint64 *references; /* (borrowed) */
	gsize n_references;
	const char *from;    /* address list as in the header */
	const char *to, *cc; /* (nullable) */
	const char *subject;
	gint64 date; /* sent; 0 unknown */
	gint64 received;
	const char *uid; /* in that folder */
} SgpSummary;

/* The index: finds the messages of a conversation, keeps how each was judged. Thread-safe. */
#define SGP_TYPE_HISTORY (sgp_history_get_type())
G_DECLARE_FINAL_TYPE(SgpHistory, sgp_history, SGP, HISTORY, GObject)

SgpHistory *sgp_history_new(SgpStore *store, SgpSettings *settings);
guint64 sgp_history_hash_message_id(const char *message_id);
/* Feeds n summaries of one folder, in transactions of at most 1000; idempotent by (folder, uid), so
 * what was cut off is simply fed again. n may be 0. */
gboolean sgp_history_add_summaries(SgpHistory *self, const char *folder, SgpFolderRole role,
	const SgpSummary *summaries, gsize n, GError **error);
gboolean sgp_history_remove(
	SgpHistory *self, const char *folder, const char *const *uids, GError **error);
/* The host says which folders there are (a folder not named is forgotten), and when each is fed
 * completely. */
gboolean sgp_history_set_folders(SgpHistory *self, const char *const *folders, GError **error);
gboolean sgp_history_set_folder_complete(
	SgpHistory *self, const char *folder, gboolean complete, GError **error);
/* TRUE when every folder is complete. With no host at all (only "history add"), it is complete. */
gboolean sgp_history_is_complete(SgpHistory *self);
guint64 sgp_history_count(SgpHistory *self);
/* A whole message was fetched for (folder, uid): judge it (personal? forged? opt-out?) and keep the
 * judgement. */
gboolean sgp_history_judge(
	SgpHistory *self, const char *folder, const char *uid, const SgpMail *mail, GError **error);
/* "history add": summary and judgement at once. uid: the file, and what the mail is. */
gboolean sgp_history_add_mail(SgpHistory *self, const char *folder, SgpFolderRole role,
	const char *uid, const SgpMail *mail, GError **error);
/* The same for a mail that was read before, by any thread. judgement: of this mail. */
gboolean sgp_history_add_judged_mail(SgpHistory *self, const char *folder, SgpFolderRole role,
	const char *uid, const SgpMail *mail, const SgpMailJudgement *judgement, GError **error);
/* Whether a copy of this author's message lies in some folder already. folder, uid: as for
 * sgp_history_add_mail(), which they name a mail without a Message-ID by. is_known: (out). Errors:
 * STORAGE. */
gboolean sgp_history_knows_mail(SgpHistory *self, const char *folder, const char *uid,
	const SgpMail *mail, gboolean *is_known, GError **error);
/* What the rule needs of a mail's conversation. ids: hashes of In-Reply-To and References.
 * addresses: the recipients' addr-specs; messages of others are told too, but need no judgement.
 * needs: "folder#uid" of what must be fetched and judged first (element-type utf8).
 * conversation_ids: (out) every message's id, for the matter tie. (transfer full) (element-type
 * SgpMessageFact) Errors: STORAGE. */
GPtrArray *sgp_history_lookup_conversation(SgpHistory *self, const guint64 *ids, gsize n_ids,
	const char *const *addresses, GPtrArray *needs, GArray *conversation_ids, GError **error);
/* One person's inquiries since then that were judged, newest first, each with what a person knows
 * it by; unjudged ones go to needs. (element-type SgpInquiryOffer) (transfer full) Errors: STORAGE.
 */
GPtrArray *sgp_history_lookup_recent_inquiries(SgpHistory *self, const char *addr_spec,
	gint64 since, gint64 until, GPtrArray *needs, GError **error);
/* Did this person ask for encrypted mail, in any conversation, and not for e-mail since? Of the
 * mails that were judged; what an older reading judged goes to needs as well. Errors: STORAGE. */
gboolean sgp_history_lookup_wants_encryption(SgpHistory *self, const char *addr_spec,
	GPtrArray *needs, gboolean *wants_encryption, GError **error);
/* JSON for "history search". Exactly one criterion is given, the others NULL. (transfer full) */
char *sgp_history_search_json(SgpHistory *self, const char *from, const char *message_id,
	const char *conversation, GError **error);

G_END_DECLS
