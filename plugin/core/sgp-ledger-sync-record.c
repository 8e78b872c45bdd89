/* SPDX-License-Identifier: GPL-3.0-or-later */

/* One shared consent record, sealed and opened. It owns what has to be true of a record before it
 * counts: it decrypts, one member of the signed roster made it, it was made for this office and
 * under this id, and it says what a ledger entry can say. Whatever the portal says about a record
 * counts for nothing (threat 4). It talks to no network. */

#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-json-private.h"
#include "sgp-ledger-sync-private.h"
#include "sgp-protocol.h"

#include <string.h>

/* Escrows are signed by staff and encrypted to the office too: none of them is taken for a record.
 */
#define RECORD_TYPE "sgp1 ledger record"

/* Keys */

static JsonArray *get_people(JsonObject *roster, const char *member)
{
	JsonNode *node = roster ? json_object_get_member(roster, member) : NULL;

	return node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
}

/* The fingerprint in the roster is what counts: a key that came under another one is of no use. */
static gboolean ensure_key(
	const char *home, const char *fingerprint, const char *key, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpKeyRecord) known = sgp_gpgme_load_record(home, fingerprint, NULL, &local);

	if (known || !key)
		return TRUE;
	if (!g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	g_autoptr(GBytes) bytes = g_bytes_new(key, strlen(key));
	g_autofree char *imported = NULL;

	g_clear_error(&local);
	imported = sgp_gpgme_import(home, bytes, &local);
	if (!imported)
		g_message("a colleague's key cannot be taken: %s", local->message);
	return TRUE;
}

GHashTable *sgp_ledger_sync_load_people(
	const SgpPortalOffice *office, const char *member, const char *home, GError **error)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(office->roster->bytes, &length);
	g_autoptr(JsonObject) roster = sgp_protocol_parse_object(data, length);
	JsonArray *people = get_people(roster, member);
	g_autoptr(GHashTable) table =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

	for (guint i = 0; people && i < json_array_get_length(people); i++) {
		JsonNode *node = json_array_get_element(people, i);
		JsonObject *one = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
		const char *fingerprint = one ? sgp_protocol_get_text(one, "fingerprint") : NULL;
		const char *address = one ? sgp_protocol_get_text(one, "address") : NULL;

		if (!fingerprint || !address)
			continue;
		if (!ensure_key(home, fingerprint, sgp_protocol_get_text(one, "key"), error))
			return NULL;
		g_hash_table_replace(table, g_ascii_strup(fingerprint, -1), g_strdup(address));
	}
	return g_steal_pointer(&table);
}

/* Sealing */

static gboolean feed_text(
	GOutputStream *to, gpointer text, GCancellable *cancellable, GError **error)
{
	return g_output_stream_write_all(to, text, strlen(text), NULL, cancellable, error);
}

static char *dup_payload(const SgpLedgerSyncKeys *keys, const SgpOutgoing *record)
{
	g_autoptr(JsonObject) object =
		sgp_protocol_parse_object(record->plain, strlen(record->plain));
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);

	if (!object)
		return NULL;
	sgp_protocol_set_text(object, "type", RECORD_TYPE);
	json_object_set_int_member(object, "v", SGP_PROTOCOL_VERSION);
	sgp_protocol_set_text(object, "office", keys->office);
	sgp_protocol_set_text(object, "device", g_get_host_name());
	json_node_set_object(root, object);
	return json_to_string(root, FALSE);
}

char *sgp_ledger_sync_seal_record(const SgpLedgerSyncKeys *keys, const SgpOutgoing *record,
	GCancellable *cancellable, GError **error)
{
	const char *readers[] = { keys->office, NULL };
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	g_autofree char *payload = dup_payload(keys, record);
	gsize length = 0;

	if (!payload) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "a record cannot be read");
		return NULL;
	}
	if (!sgp_gpgme_encrypt(keys->home, readers, keys->signer, TRUE, feed_text, payload, out,
		    cancellable, error) ||
		!g_output_stream_close(out, NULL, error))
		return NULL;
	g_autoptr(GBytes) sealed =
		g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
	const char *data = g_bytes_get_data(sealed, &length);

	return g_strndup(data, length);
}

/* Opening */

static JsonObject *get_object(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static const char *get_text(JsonObject *object, const char *name)
{
	const char *text = object ? sgp_protocol_get_text(object, name) : NULL;

	return text && g_utf8_validate(text, -1, NULL) ? text : NULL;
}

static gint64 get_integer(JsonObject *object, const char *name)
{
	gint64 value = 0;

	return object && sgp_protocol_get_integer(object, name, &value) ? value : 0;
}

static void read_erasure(JsonObject *erasure, SgpSharedRecord *record)
{
	record->address = get_text(erasure, "address");
	record->withdrawal_id = get_text(erasure, "withdrawal");
	record->withdrawal_given = get_integer(erasure, "given");
	if (record->withdrawal_id && !sgp_protocol_is_uuid7(record->withdrawal_id))
		record->withdrawal_id = NULL;
}

/* record: borrows from object and from what it has already. */
static void read_record(JsonObject *object, SgpSharedRecord *record)
{
	JsonObject *fields = get_object(object, "fields");
	JsonObject *personal = get_object(object, "personal");
	JsonNode *plain = fields ? json_object_get_member(fields, "names_plain") : NULL;

	record->kind = get_text(object, "kind");
	record->device = get_text(object, "device");
	record->recorded = get_integer(object, "recorded");
	record->address = get_text(object, "address");
	record->matter = get_text(object, "matter");
	record->given = get_integer(fields, "given");
	record->valid_until = get_integer(fields, "valid_until");
	record->taken_by = get_text(fields, "taken_by");
	record->names_plain = plain && JSON_NODE_HOLDS_VALUE(plain) &&
			      json_node_get_value_type(plain) == G_TYPE_BOOLEAN &&
			      json_node_get_boolean(plain);
	record->words = get_text(personal, "words");
	record->attachment_sha256 = get_text(personal, "attachment_sha256");
	record->title = get_text(personal, "title");
	if (record->kind && g_str_equal(record->kind, "erasure") && get_object(object, "erasure")) {
		read_erasure(get_object(object, "erasure"), record);
		record->reason = get_text(fields, "reason");
		record->taken_by = get_text(fields, "by");
	}
}

/* NULL: it may be what it says it is. */
static const char *judge(const SgpLedgerSyncKeys *keys, JsonObject *object, const char *id)
{
	if (!object || g_strcmp0(get_text(object, "type"), RECORD_TYPE) != 0 ||
		!get_text(object, "kind") || get_integer(object, "recorded") <= 0)
		return "malformed";
	/* Signed by a colleague, but for another office: whoever gets such a record could encrypt
	 * it anew to us. */
	if (g_strcmp0(get_text(object, "office"), keys->office) != 0)
		return "other-office";
	/* Else a portal could show one record twice, as two. */
	if (g_strcmp0(get_text(object, "id"), id) != 0 || !sgp_protocol_is_uuid7(id))
		return "other-id";
	return NULL;
}

const char *sgp_ledger_sync_read_record(
	const SgpLedgerSyncKeys *keys, JsonObject *object, const char *id, SgpSharedRecord *record)
{
	const char *why = judge(keys, object, id);

	if (!why)
		read_record(object, record);
	return why;
}

static gboolean store(SgpConsentLedger *ledger, const SgpSharedRecord *record, gint64 now,
	const char **why, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (sgp_consent_ledger_add_shared(ledger, record, now, &local))
		return TRUE;
	if (g_error_matches(local, SGP_ERROR, SGP_ERROR_INVALID))
		*why = "not-possible";
	else if (g_error_matches(local, SGP_ERROR, SGP_ERROR_CONFLICT))
		*why = "waits";
	if (*why)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

/* Whoever left vouches for no permission, lest a key that stayed with him makes one. But what he
 * recorded while he was here must not lift a withdrawal by his leaving, and a false one only stops
 * mail: the withdrawals count, also the one that an erasure of his keeps; the erasure itself does
 * not. (Test /ledger-sync/a-withdrawal-by-a-colleague-who-left-counts.) */
static gboolean store_former(SgpConsentLedger *ledger, SgpSharedRecord *record, gint64 now,
	const char **why, GError **error)
{
	gboolean is_erasure = g_str_equal(record->kind, "erasure");

	if (g_str_equal(record->kind, "withdrawal"))
		return store(ledger, record, now, why, error);
	if (is_erasure && record->withdrawal_id) {
		record->id = record->withdrawal_id;
		record->kind = "withdrawal";
		record->given = record->withdrawal_given;
		if (!store(ledger, record, now, why, error))
			return FALSE;
	}
	*why = *why ? *why : SGP_REFUSED_FORMER;
	return TRUE;
}

gboolean sgp_ledger_sync_take_record(SgpConsentLedger *ledger, const SgpLedgerSyncKeys *keys,
	const char *id, const char *text, gint64 now, const char **why, GCancellable *cancellable,
	GError **error)
{
	g_autoptr(GBytes) sealed = g_bytes_new_static(text, strlen(text));
	g_autofree char *signer = NULL;
	g_autoptr(GError) local = NULL;
	g_autoptr(GBytes) plain =
		sgp_gpgme_decrypt(keys->home, sealed, &signer, cancellable, &local);
	SgpSharedRecord record = { .id = id, .signed_by = signer };
	gsize length = 0;

	*why = NULL;
	/* Only this is said of the record; all else is said of gpg. */
	if (!plain && (g_error_matches(local, SGP_ERROR, SGP_ERROR_TAMPERED) ||
			      g_error_matches(local, SGP_ERROR, SGP_ERROR_TOO_LARGE))) {
		*why = "damaged";
		return TRUE;
	}
	if (!plain) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	g_autofree char *upper = signer ? g_ascii_strup(signer, -1) : NULL;

	record.by = upper ? g_hash_table_lookup(keys->staff, upper) : NULL;
	gboolean is_former = !record.by;

	if (is_former && upper && keys->former)
		record.by = g_hash_table_lookup(keys->former, upper);
	if (!record.by) {
		*why = "stranger";
		return TRUE;
	}
	const char *data = g_bytes_get_data(plain, &length);
	g_autoptr(JsonObject) object = sgp_protocol_parse_object(data, length);

	*why = sgp_ledger_sync_read_record(keys, object, id, &record);
	if (*why)
		return TRUE;
	return is_former ? store_former(ledger, &record, now, why, error)
			 : store(ledger, &record, now, why, error);
}
