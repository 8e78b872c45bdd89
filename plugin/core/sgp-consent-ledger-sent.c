/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the ledger keeps of a mail that left: for each recipient the basis and its evidence, the
 * channel and why not a stronger one. Ties the conversation to the mail's matter. Never keeps a
 * subject, a text, or the words that raised the class. */
#include "sgp-consent-ledger.h"

#include "sgp-consent-ledger-private.h"
#include "sgp-error.h"
#include "sgp-history.h"
#include "sgp-json-private.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-store-private.h"

static char *dup_sent_fields(
	const SgpMail *mail, const SgpVerdict *verdict, const SgpRecipientVerdict *one)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	g_autoptr(SgpAddress) sender = sgp_mail_dup_sender(mail, NULL);
	json_builder_begin_object(out);
	sgp_json_add_text(out, "basis", sgp_basis_get_nick(one->basis));
	sgp_json_add_texts(out, "bases", one->all_bases);
	sgp_json_add_text(out, "channel", sgp_channel_get_nick(one->channel));
	sgp_json_add_boolean(out, "invitation", one->is_invitation);
	sgp_json_add_text(out, "class", sgp_content_class_get_nick(verdict->class_effective));
	sgp_json_add_text(out, "field", sgp_field_get_nick(one->field));
	sgp_json_add_boolean(out, "authenticated", one->evidence_authenticated);
	sgp_json_add_int(out, "evidence_date", one->evidence_date);
	sgp_json_add_int(out, "evidence_entry", one->evidence_entry);
	sgp_json_add_boolean(out, "overruled", one->is_overruled);
	sgp_json_add_text(out, "who", sender != NULL ? sgp_address_get_addr_spec(sender) : NULL);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

static void add_not_stronger(JsonBuilder *out, const SgpRecipientVerdict *one)
{
	json_builder_set_member_name(out, "not_stronger");
	json_builder_begin_array(out);
	for (guint i = 0; i < one->not_stronger->len; i++) {
		const SgpNotStronger *reason = g_ptr_array_index(one->not_stronger, i);
		json_builder_begin_object(out);
		sgp_json_add_text(out, "channel", sgp_channel_get_nick(reason->channel));
		sgp_json_add_text(out, "key", reason->key);
		sgp_json_add_text(out, "reason", reason->reason);
		sgp_json_add_text(out, "detail", reason->detail);
		json_builder_end_object(out);
	}
	json_builder_end_array(out);
}

static char *dup_sent_personal(const SgpMail *mail, const SgpVerdict *verdict,
	const SgpRecipientVerdict *one, const char *draft_id)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_object(out);
	sgp_json_add_text(out, "evidence", one->evidence_message_id);
	json_builder_set_member_name(out, "keys");
	json_builder_begin_array(out);
	for (guint i = 0; i < one->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(one->keys, i);
		json_builder_add_string_value(out, key->fingerprint);
	}
	json_builder_end_array(out);
	add_not_stronger(out, one);
	/* The ids are sums of the address and the customer's words. */
	sgp_json_add_texts(out, "confirmed", one->confirmed);
	sgp_json_add_text(out, "overrule_reason", one->is_overruled ? one->overrule_reason : NULL);
	sgp_json_add_text(out, "overruled_sentence", one->is_overruled ? one->sentence : NULL);
	sgp_json_add_text(out, "message_id", mail->message_id);
	sgp_json_add_text(out, "digest", mail->digest);
	sgp_json_add_text(out, "draft", draft_id);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

static gboolean tie(SgpStore *store, const char *message_id, const char *matter, GError **error)
{
	sqlite3_stmt *statement = sgp_store_prepare(
		store, "INSERT OR REPLACE INTO matter_tie (message, matter) VALUES (?, ?)", error);
	if (statement == NULL)
		return FALSE;
	sqlite3_bind_int64(statement, 1, (gint64)sgp_history_hash_message_id(message_id));
	sgp_store_bind_text(statement, 2, matter);
	return sgp_store_run(store, statement, error);
}

/* The mail itself and what it answers: whoever continues this conversation finds one of them. */
static gboolean tie_conversation(
	SgpStore *store, const SgpMail *mail, const char *matter, GError **error)
{
	if (matter == NULL)
		return TRUE;
	if (mail->message_id != NULL && !tie(store, mail->message_id, matter, error))
		return FALSE;
	for (guint i = 0; i < mail->in_reply_to->len; i++) {
		if (!tie(store, g_ptr_array_index(mail->in_reply_to, i), matter, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean append_all(SgpStore *store, const SgpMail *mail, const SgpVerdict *verdict,
	const char *draft_id, gint64 now, GError **error)
{
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);
		g_autofree char *fields = dup_sent_fields(mail, verdict, one);
		g_autofree char *personal = dup_sent_personal(mail, verdict, one, draft_id);
		SgpLedgerEntry entry = {
			.kind = "sent",
			.fields = fields,
			.address = sgp_address_get_addr_spec(one->address),
			.matter = verdict->matter,
			.personal = personal,
		};
		if (sgp_ledger_chain_append(store, &entry, now, error) == 0)
			return FALSE;
	}
	return tie_conversation(store, mail, verdict->matter, error);
}

gboolean sgp_consent_ledger_append_sent(SgpConsentLedger *self, const SgpMail *mail,
	const SgpVerdict *verdict, const char *draft_id, gint64 now, GError **error)
{
	/* What acts takes a verdict; one that does not say "send" is nobody's permission. */
	if (verdict->action != SGP_ACTION_SEND) {
		g_set_error_literal(
			error, SGP_ERROR, SGP_ERROR_REFUSED, "the verdict is not to send");
		return FALSE;
	}
	SgpStore *store = sgp_consent_ledger_get_store(self);
	if (!sgp_store_begin(store, TRUE, error))
		return FALSE;
	if (!append_all(store, mail, verdict, draft_id, now, error)) {
		sgp_store_rollback(store);
		return FALSE;
	}
	return sgp_store_commit(store, error);
}

char *sgp_consent_ledger_lookup_tied_matter(
	SgpConsentLedger *self, const guint64 *ids, gsize n_ids, GError **error)
{
	SgpStore *store = sgp_consent_ledger_get_store(self);
	GError *local = NULL;
	char *matter = NULL;
	sgp_store_lock(store);
	for (gsize i = 0; matter == NULL && local == NULL && i < n_ids; i++) {
		sqlite3_stmt *statement = sgp_store_prepare(
			store, "SELECT matter FROM matter_tie WHERE message = ?", &local);
		if (statement == NULL)
			break;
		sqlite3_bind_int64(statement, 1, (gint64)ids[i]);
		if (sgp_store_step(store, statement, &local)) {
			matter = g_strdup(sgp_store_column_text(statement, 0));
			sgp_store_end(statement);
		}
	}
	sgp_store_unlock(store);
	if (local != NULL)
		g_propagate_error(error, local);
	return matter;
}
