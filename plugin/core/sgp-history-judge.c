/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whole messages: each is read once (sgp-mail-judgement), and only how it was judged is kept
 * (personal? authentic? what does it say about e-mail?). Keeps no text but the one sentence that
 * carries an objection, and the subject. All of it is read when the mail is taken in: a file may
 * lie elsewhere, or hold another mail, when the judgement is needed. */
#include "sgp-history.h"

#include "sgp-error.h"
#include "sgp-history-private.h"
#include "sgp-inquiry-scan.h"
#include "sgp-store-private.h"

/* An older program beside this one does not put its reading in the place of a better one. */
#define JUDGE_SQL                                                                                  \
	"INSERT INTO judgement (folder, uid, message_id, not_personal, authentications,"           \
	" opt_out, sentence, reply_to, date, subject, protocol, version, authors)"                 \
	" SELECT id, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13 FROM folder"               \
	" WHERE uri = ?1 ON CONFLICT (folder, uid) DO UPDATE SET"                                  \
	" message_id = excluded.message_id, not_personal = excluded.not_personal,"                 \
	" authentications = excluded.authentications, opt_out = excluded.opt_out,"                 \
	" sentence = excluded.sentence, reply_to = excluded.reply_to, date = excluded.date,"       \
	" subject = excluded.subject, protocol = excluded.protocol,"                               \
	" version = excluded.version, authors = excluded.authors"                                  \
	" WHERE excluded.version >= judgement.version"

static gboolean keep_judgement(SgpHistory *self, const char *folder, const char *uid,
	const SgpMail *mail, const SgpMailJudgement *judgement, GError **error)
{
	SgpStore *store = sgp_history_get_store(self);
	sqlite3_stmt *statement = sgp_store_prepare(store, JUDGE_SQL, error);
	if (statement == NULL)
		return FALSE;
	sgp_store_bind_text(statement, 1, folder);
	sgp_store_bind_text(statement, 2, uid);
	sgp_store_bind_text(statement, 3, mail->message_id != NULL ? mail->message_id : "");
	sgp_store_bind_text(statement, 4, judgement->not_personal);
	sgp_store_bind_text(statement, 5, judgement->authentications);
	sqlite3_bind_int(statement, 6, (int)judgement->opt_out);
	sgp_store_bind_text(statement, 7, judgement->sentence);
	sgp_store_bind_text(statement, 8, judgement->reply_to);
	sqlite3_bind_int64(statement, 9, judgement->date);
	sgp_store_bind_text(statement, 10, mail->subject);
	sqlite3_bind_int(statement, 11, (int)judgement->protocol);
	sqlite3_bind_int(statement, 12, SGP_INQUIRY_SCAN_VERSION);
	sgp_store_bind_text(statement, 13, judgement->authors);
	return sgp_store_run(store, statement, error);
}

/* A mail without a Message-ID is in no conversation, but it is there: named by what it is. */
static guint64 id_of(const SgpMail *mail, const char *folder, const char *uid)
{
	if (mail->message_id != NULL && *mail->message_id != '\0')
		return sgp_history_hash_message_id(mail->message_id);
	g_autofree char *name = g_strdup_printf("%s %s", folder, uid);
	return sgp_history_hash_message_id(mail->digest != NULL ? mail->digest : name);
}

static void add_ids(GArray *ids, const GPtrArray *texts)
{
	for (guint i = 0; i < texts->len; i++) {
		guint64 id = sgp_history_hash_message_id(g_ptr_array_index(texts, i));
		g_array_append_val(ids, id);
	}
}

static gboolean add_and_judge(SgpHistory *self, const char *folder, SgpFolderRole role,
	gboolean is_hosted, const char *uid, const SgpMail *mail, const SgpMailJudgement *judgement,
	GError **error)
{
	g_autoptr(GArray) references = g_array_new(FALSE, FALSE, sizeof(guint64));
	add_ids(references, mail->references);
	add_ids(references, mail->in_reply_to);
	SgpSummary summary = {
		.id = id_of(mail, folder, uid),
		.references = (const guint64 *)(gpointer)references->data,
		.n_references = references->len,
		.from = judgement->authors,
		.subject = mail->subject,
		.date = judgement->date,
		.received = judgement->date,
		.uid = uid,
	};
	/* Our own mails are no inquiries, and their subjects must not lie here in clear. */
	return sgp_history_add_copies(self, folder, role, is_hosted, &summary, 1, error) &&
	       (role == SGP_FOLDER_ROLE_SENT ||
		       keep_judgement(self, folder, uid, mail, judgement, error));
}

/* The role and the feeder of the folder in which this copy lies. FALSE without error: there is no
 * such copy. */
static gboolean lookup_copy_folder(SgpStore *store, const char *folder, const char *uid,
	SgpFolderRole *role, gboolean *is_hosted, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"SELECT f.role, f.is_hosted FROM folder f JOIN copy c ON c.folder = f.id"
		" WHERE f.uri = ? AND c.uid = ?",
		error);
	if (statement == NULL)
		return FALSE;
	sgp_store_bind_text(statement, 1, folder);
	sgp_store_bind_text(statement, 2, uid);
	if (!sgp_store_step(store, statement, error))
		return FALSE;
	*role = (SgpFolderRole)sqlite3_column_int(statement, 0);
	*is_hosted = sqlite3_column_int(statement, 1) != 0;
	sgp_store_end(statement);
	return TRUE;
}

/* The whole message tells more than the summary (every reference, the exact author), so it is
 * indexed again with it. Errors: NOT_FOUND (no such copy), STORAGE. */
gboolean sgp_history_judge(
	SgpHistory *self, const char *folder, const char *uid, const SgpMail *mail, GError **error)
{
	SgpStore *store = sgp_history_get_store(self);
	GError *local = NULL;
	SgpFolderRole role = SGP_FOLDER_ROLE_UNKNOWN;
	gboolean is_hosted = TRUE;
	g_autoptr(SgpMailJudgement) judgement = sgp_mail_judgement_new(mail);
	if (!sgp_store_begin(store, FALSE, error))
		return FALSE;
	if (!lookup_copy_folder(store, folder, uid, &role, &is_hosted, &local) && local == NULL)
		g_set_error_literal(
			&local, SGP_ERROR, SGP_ERROR_NOT_FOUND, "the index knows no such message");
	if (local != NULL ||
		!add_and_judge(self, folder, role, is_hosted, uid, mail, judgement, &local)) {
		sgp_store_rollback(store);
		g_propagate_error(error, local);
		return FALSE;
	}
	return sgp_store_commit(store, error);
}

gboolean sgp_history_add_judged_mail(SgpHistory *self, const char *folder, SgpFolderRole role,
	const char *uid, const SgpMail *mail, const SgpMailJudgement *judgement, GError **error)
{
	SgpStore *store = sgp_history_get_store(self);
	if (!sgp_store_begin(store, FALSE, error))
		return FALSE;
	if (!add_and_judge(self, folder, role, FALSE, uid, mail, judgement, error)) {
		sgp_store_rollback(store);
		return FALSE;
	}
	return sgp_store_commit(store, error);
}

gboolean sgp_history_add_mail(SgpHistory *self, const char *folder, SgpFolderRole role,
	const char *uid, const SgpMail *mail, GError **error)
{
	g_autoptr(SgpMailJudgement) judgement = sgp_mail_judgement_new(mail);
	return sgp_history_add_judged_mail(self, folder, role, uid, mail, judgement, error);
}

/* Another author's message under the same id is another message. */
gboolean sgp_history_knows_mail(SgpHistory *self, const char *folder, const char *uid,
	const SgpMail *mail, gboolean *is_known, GError **error)
{
	SgpStore *store = sgp_history_get_store(self);
	GError *local = NULL;
	const char *author = mail->from->len == 1
				     ? sgp_address_get_addr_spec(g_ptr_array_index(mail->from, 0))
				     : NULL;
	gboolean is_found = FALSE;
	sgp_store_lock(store);
	sqlite3_stmt *statement = sgp_store_prepare(store,
		"SELECT 1 FROM message WHERE id = ?1 AND sender = CASE WHEN ?2 IS NULL THEN 0"
		" ELSE (SELECT id FROM address WHERE spec = ?2) END"
		" AND EXISTS (SELECT 1 FROM copy WHERE copy.message = message.key)",
		&local);
	if (statement != NULL) {
		sqlite3_bind_int64(statement, 1, (gint64)id_of(mail, folder, uid));
		sgp_store_bind_text(statement, 2, author);
		is_found = sgp_store_step(store, statement, &local);
		if (is_found)
			sgp_store_end(statement);
	}
	sgp_store_unlock(store);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	*is_known = is_found;
	return TRUE;
}
