/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Consents, withdrawals, matters and sent mails as entries of the append-only ledger. Owns what an
 * entry means and which records are refused; the chain itself is sgp-ledger-chain's. Never changes
 * an entry, never keeps a subject or a text. */
#include "sgp-consent-ledger.h"

#include <string.h>

#include "sgp-address.h"
#include "sgp-consent-ledger-private.h"
#include "sgp-error.h"
#include "sgp-facts.h"
#include "sgp-json-private.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-store-private.h"

#define DAY              ((gint64)86400)
#define MAX_MATTER_WORDS 4
#define SMALL_LEDGER     1000 /* entries: checked whole within a few milliseconds */

struct _SgpConsentLedger {
	GObject parent_instance;

	SgpStore *store;       /* (owned) */
	SgpSettings *settings; /* (owned) */
	GHashTable *matters;  /* (owned) (nullable) folded reference -> reference; under the store's
				 lock */
	gint64 matters_entry; /* the last entry that matters knows of */
	/* Under the store's lock: what was checked, and in which state of the database. */
	gint64 checked_entries, checked_version, checked_changes;
};

G_DEFINE_TYPE(SgpConsentLedger, sgp_consent_ledger, G_TYPE_OBJECT)

static void sgp_consent_ledger_finalize(GObject *object)
{
	SgpConsentLedger *self = SGP_CONSENT_LEDGER(object);
	g_clear_pointer(&self->matters, g_hash_table_unref);
	g_clear_object(&self->store);
	g_clear_object(&self->settings);
	G_OBJECT_CLASS(sgp_consent_ledger_parent_class)->finalize(object);
}

static void sgp_consent_ledger_class_init(SgpConsentLedgerClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_consent_ledger_finalize;
}

static void sgp_consent_ledger_init(SgpConsentLedger *self)
{
}

SgpConsentLedger *sgp_consent_ledger_new(SgpStore *store, SgpSettings *settings)
{
	SgpConsentLedger *self = g_object_new(SGP_TYPE_CONSENT_LEDGER, NULL);
	self->store = g_object_ref(store);
	self->settings = g_object_ref(settings);
	return self;
}

static gint64 refuse(GError **error, SgpError code, const char *why)
{
	g_set_error_literal(error, SGP_ERROR, code, why);
	return 0;
}

static gboolean is_empty(const char *text)
{
	return text == NULL || *text == '\0';
}

/* --- Matters --- */

/* The references, letter case aside; read again when the ledger has grown (also by another
 * process). Under the lock. */
static GHashTable *get_matters(SgpConsentLedger *self, GError **error)
{
	GError *local = NULL;
	sqlite3_stmt *statement =
		sgp_store_prepare(self->store, "SELECT coalesce(max(entry), 0) FROM ledger", error);
	if (statement == NULL)
		return NULL;
	gint64 last = 0;
	if (sgp_store_step(self->store, statement, &local)) {
		last = sqlite3_column_int64(statement, 0);
		sgp_store_end(statement);
	}
	if (local == NULL && self->matters != NULL && self->matters_entry == last)
		return self->matters;
	if (local == NULL)
		statement = sgp_store_prepare(self->store,
			"SELECT p.matter FROM ledger l JOIN ledger_personal p USING (entry)"
			" WHERE l.kind = 'matter'",
			&local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	g_autoptr(GHashTable) matters =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	while (sgp_store_step(self->store, statement, &local)) {
		const char *matter = sgp_store_column_text(statement, 0);
		g_hash_table_insert(matters, g_utf8_casefold(matter, -1), g_strdup(matter));
	}
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	g_clear_pointer(&self->matters, g_hash_table_unref);
	self->matters = g_steal_pointer(&matters);
	self->matters_entry = last;
	return self->matters;
}

char *sgp_consent_ledger_lookup_matter(
	SgpConsentLedger *self, const char *reference, GError **error)
{
	if (is_empty(reference) || !g_utf8_validate(reference, -1, NULL))
		return NULL;
	g_autofree char *trimmed = g_strstrip(g_strdup(reference));
	g_autofree char *folded = g_utf8_casefold(trimmed, -1);
	sgp_store_lock(self->store);
	GHashTable *matters = get_matters(self, error);
	char *found = matters != NULL ? g_strdup(g_hash_table_lookup(matters, folded)) : NULL;
	sgp_store_unlock(self->store);
	return found;
}

/* A word of the subject without the punctuation around it. */
static char *trim_word(const char *word)
{
	static const char *const around = "()[]{}<>,;:.!?\"'#*";
	while (*word != '\0' && strchr(around, *word) != NULL)
		word++;
	gsize length = strlen(word);
	while (length > 0 && strchr(around, word[length - 1]) != NULL)
		length--;
	return g_strndup(word, length);
}

static void add_matter(GPtrArray *found, GHashTable *matters, const char *candidate)
{
	const char *matter = g_hash_table_lookup(matters, candidate);
	if (matter != NULL && !g_ptr_array_find_with_equal_func(found, matter, g_str_equal, NULL))
		g_ptr_array_add(found, g_strdup(matter));
}

GPtrArray *sgp_consent_ledger_lookup_matters_in(
	SgpConsentLedger *self, const char *text, GError **error)
{
	g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *folded = g_utf8_casefold(text, -1);
	g_auto(GStrv) words = g_strsplit_set(folded, " \t\r\n", -1);
	g_autoptr(GPtrArray) trimmed = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; words[i] != NULL; i++) {
		char *word = trim_word(words[i]);
		if (*word != '\0')
			g_ptr_array_add(trimmed, word);
		else
			g_free(word);
	}
	sgp_store_lock(self->store);
	GHashTable *matters = get_matters(self, error);
	for (guint i = 0; matters != NULL && i < trimmed->len; i++) {
		g_autoptr(GString) candidate = g_string_new(NULL);
		for (guint n = 0; n < MAX_MATTER_WORDS && i + n < trimmed->len; n++) {
			g_string_append_printf(candidate, "%s%s", n > 0 ? " " : "",
				(char *)g_ptr_array_index(trimmed, i + n));
			add_matter(found, matters, candidate->str);
		}
	}
	sgp_store_unlock(self->store);
	return matters != NULL ? g_steal_pointer(&found) : NULL;
}

/* The id of the record that opened or closed a matter last, here or at a colleague's; "" if there
 * is none. Ids are ordered by when they were recorded. kind: "matter" or "matter-closed". */
static char *lookup_matter_id(
	SgpConsentLedger *self, const char *matter, const char *kind, GError **error)
{
	char *id = NULL;
	sqlite3_stmt *statement = sgp_store_prepare(self->store,
		"SELECT coalesce(max(l.id), '') FROM ledger_personal p JOIN ledger l USING (entry)"
		" WHERE p.matter = ? AND l.kind = ?",
		error);
	if (statement == NULL)
		return NULL;
	sgp_store_bind_text(statement, 1, matter);
	sgp_store_bind_text(statement, 2, kind);
	if (sgp_store_step(self->store, statement, error)) {
		id = g_strdup(sgp_store_column_text(statement, 0));
		sgp_store_end(statement);
	}
	return id;
}

/* Errors: STORAGE; no error: whether it is known and open. */
static gboolean is_matter_open(SgpConsentLedger *self, const char *matter, GError **error)
{
	GError *local = NULL;
	g_autofree char *opened = lookup_matter_id(self, matter, "matter", &local);
	g_autofree char *closed =
		local == NULL ? lookup_matter_id(self, matter, "matter-closed", &local) : NULL;
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return g_strcmp0(opened, closed) > 0;
}

static gint64 append_matter(SgpConsentLedger *self, const char *kind, const char *reference,
	const char *title, gint64 now, GError **error)
{
	g_autoptr(JsonBuilder) personal = json_builder_new_immutable();
	json_builder_begin_object(personal);
	if (title != NULL)
		sgp_json_add_text(personal, "title", title);
	json_builder_end_object(personal);
	g_autofree char *text = sgp_json_dup(personal);
	SgpLedgerEntry entry = {
		.kind = kind, .fields = "{}", .matter = reference, .personal = text
	};
	return sgp_ledger_chain_append(self->store, &entry, now, error);
}

static gint64 add_matter_locked(SgpConsentLedger *self, const char *reference, const char *title,
	gint64 now, GError **error)
{
	GError *local = NULL;
	g_autofree char *known = sgp_consent_ledger_lookup_matter(self, reference, &local);
	gboolean is_open = local == NULL && known != NULL && is_matter_open(self, known, &local);
	if (local != NULL) {
		g_propagate_error(error, local);
		return 0;
	}
	if (is_open)
		return refuse(error, SGP_ERROR_CONFLICT, "the matter is open already");
	return append_matter(self, "matter", known != NULL ? known : reference, title, now, error);
}

/* Opens a matter; a closed one is opened again, which does not bring back its older records.
 * Errors: INVALID (empty, or not one line), CONFLICT (open already), STORAGE. Returns the entry's
 * number. */
gint64 sgp_consent_ledger_add_matter(SgpConsentLedger *self, const char *reference,
	const char *title, gint64 now, GError **error)
{
	if (is_empty(reference) || !g_utf8_validate(reference, -1, NULL) ||
		strpbrk(reference, "\r\n\t") != NULL)
		return refuse(error, SGP_ERROR_INVALID, "a matter needs a reference of one line");
	if (title != NULL && !g_utf8_validate(title, -1, NULL))
		return refuse(error, SGP_ERROR_INVALID, "the matter's title is not UTF-8");
	g_autofree char *trimmed = g_strstrip(g_strdup(reference));
	if (*trimmed == '\0')
		return refuse(error, SGP_ERROR_INVALID, "a matter needs a reference of one line");
	if (!sgp_store_begin(self->store, TRUE, error))
		return 0;
	gint64 entry = add_matter_locked(self, trimmed, title != NULL ? title : "", now, error);
	if (entry == 0) {
		sgp_store_rollback(self->store);
		return 0;
	}
	return sgp_store_commit(self->store, error) ? entry : 0;
}

/* Ends the matter's records. Errors: NOT_FOUND (unknown, or closed already), STORAGE. */
gint64 sgp_consent_ledger_close_matter(
	SgpConsentLedger *self, const char *reference, gint64 now, GError **error)
{
	GError *local = NULL;
	if (!sgp_store_begin(self->store, TRUE, error))
		return 0;
	g_autofree char *known = sgp_consent_ledger_lookup_matter(self, reference, &local);
	gint64 entry = 0;
	if (local == NULL && known != NULL && is_matter_open(self, known, &local))
		entry = append_matter(self, "matter-closed", known, NULL, now, &local);
	if (entry != 0)
		return sgp_store_commit(self->store, error) ? entry : 0;
	sgp_store_rollback(self->store);
	if (local != NULL)
		g_propagate_error(error, local);
	else
		refuse(error, SGP_ERROR_NOT_FOUND, "there is no such open matter");
	return 0;
}

/* --- Consents --- */

static const char *kind_get_nick(SgpConsentKind kind)
{
	switch (kind) {
	case SGP_CONSENT_WITHDRAWAL:
		return "withdrawal";
	case SGP_CONSENT_PHONE:
		return "phone";
	case SGP_CONSENT_LETTER:
		return "letter";
	case SGP_CONSENT_AGREEMENT:
		return "agreement";
	}
	return "withdrawal";
}

static gboolean is_bound_to_matter(SgpConsentKind kind)
{
	return kind == SGP_CONSENT_PHONE || kind == SGP_CONSENT_LETTER;
}

static gint64 default_end(SgpConsentLedger *self, SgpConsentKind kind, gint64 given)
{
	switch (kind) {
	case SGP_CONSENT_PHONE:
		return given + sgp_settings_get_int(self->settings, "phone-valid-days") * DAY;
	case SGP_CONSENT_LETTER:
		return given + sgp_settings_get_int(self->settings, "letter-valid-days") * DAY;
	case SGP_CONSENT_WITHDRAWAL:
	case SGP_CONSENT_AGREEMENT:
		return 0;
	}
	return given;
}

static gboolean is_sha256(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdefABCDEF") == 64;
}

static gboolean is_utf8(const char *text)
{
	return text == NULL || g_utf8_validate(text, -1, NULL);
}

/* Everything about a record that can be checked without the ledger. */
static gboolean check_consent(const SgpConsent *consent, gint64 given, gint64 now, GError **error)
{
	if (given > now)
		return refuse(error, SGP_ERROR_INVALID, "the consent would be given in the future");
	if (consent->valid_until != 0 && consent->valid_until < given)
		return refuse(
			error, SGP_ERROR_INVALID, "the consent would end before it was given");
	if (is_empty(consent->taken_by))
		return refuse(error, SGP_ERROR_INVALID, "nobody is named who took the consent");
	if (!is_utf8(consent->taken_by) || !is_utf8(consent->words) || !is_utf8(consent->matter))
		return refuse(error, SGP_ERROR_INVALID, "the consent's texts are not UTF-8");
	if (consent->attachment_sha256 != NULL && !is_sha256(consent->attachment_sha256))
		return refuse(error, SGP_ERROR_INVALID, "the attachment's digest is no SHA-256");
	if (is_bound_to_matter(consent->kind) && is_empty(consent->matter))
		return refuse(
			error, SGP_ERROR_INVALID, "a permission by phone or letter needs a matter");
	if (consent->kind == SGP_CONSENT_AGREEMENT && !is_empty(consent->matter))
		return refuse(
			error, SGP_ERROR_INVALID, "a standing agreement is bound to no matter");
	return TRUE;
}

static char *dup_consent_fields(SgpConsentLedger *self, const SgpConsent *consent, gint64 given)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	gint64 end = consent->valid_until != 0 ? consent->valid_until
					       : default_end(self, consent->kind, given);
	json_builder_begin_object(out);
	sgp_json_add_int(out, "given", given);
	sgp_json_add_int(out, "valid_until", end);
	sgp_json_add_text(out, "taken_by", consent->taken_by);
	sgp_json_add_boolean(
		out, "names_plain", consent->kind == SGP_CONSENT_AGREEMENT && consent->names_plain);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

static char *dup_consent_personal(const SgpConsent *consent)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_object(out);
	sgp_json_add_text(out, "words", consent->words);
	sgp_json_add_text(out, "attachment_sha256", consent->attachment_sha256);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

static gint64 record_locked(SgpConsentLedger *self, const SgpConsent *consent,
	const SgpAddress *address, gint64 given, gint64 now, GError **error)
{
	GError *local = NULL;
	g_autofree char *matter = NULL;
	if (!is_empty(consent->matter)) {
		matter = sgp_consent_ledger_lookup_matter(self, consent->matter, &local);
		gboolean is_open =
			local == NULL && matter != NULL && is_matter_open(self, matter, &local);
		if (local != NULL) {
			g_propagate_error(error, local);
			return 0;
		}
		if (!is_open)
			return refuse(error, SGP_ERROR_INVALID, "there is no such open matter");
	}
	g_autofree char *fields = dup_consent_fields(self, consent, given);
	g_autofree char *personal = dup_consent_personal(consent);
	SgpLedgerEntry entry = {
		.kind = kind_get_nick(consent->kind),
		.fields = fields,
		.address = sgp_address_get_addr_spec(address),
		.matter = matter,
		.personal = personal,
	};
	return sgp_ledger_chain_append(self->store, &entry, now, error);
}

gint64 sgp_consent_ledger_record(
	SgpConsentLedger *self, const SgpConsent *consent, gint64 now, GError **error)
{
	gint64 given = consent->given != 0 ? consent->given : now;
	if (is_empty(consent->address))
		return refuse(error, SGP_ERROR_INVALID, "the consent names no address");
	g_autoptr(SgpAddress) address = sgp_address_new(consent->address, error);
	if (address == NULL || !check_consent(consent, given, now, error))
		return 0;
	if (!sgp_store_begin(self->store, TRUE, error))
		return 0;
	gint64 entry = record_locked(self, consent, address, given, now, error);
	if (entry == 0) {
		sgp_store_rollback(self->store);
		return 0;
	}
	return sgp_store_commit(self->store, error) ? entry : 0;
}

static gboolean basis_from_kind(const char *kind, SgpBasis *basis)
{
	if (g_str_equal(kind, "withdrawal"))
		*basis = SGP_BASIS_NONE;
	else if (g_str_equal(kind, "phone"))
		*basis = SGP_BASIS_PHONE;
	else if (g_str_equal(kind, "letter"))
		*basis = SGP_BASIS_LETTER;
	else if (g_str_equal(kind, "agreement"))
		*basis = SGP_BASIS_AGREEMENT;
	else
		return FALSE;
	return TRUE;
}

/* The fields come from the rows that the chain covers. A closed matter ends the records made before
 * it was closed. */
#define CONSENTS_SQL                                                                               \
	"SELECT " SGP_LEDGER_PROOF_COLUMNS                                                         \
	", l.kind, p.matter, json_extract(l.fields, '$.given'),"                                   \
	" json_extract(l.fields, '$.valid_until'), json_extract(l.fields, '$.names_plain'),"       \
	" EXISTS (SELECT 1 FROM ledger_personal q JOIN ledger c USING (entry)"                     \
	"  WHERE q.matter = p.matter AND c.kind = 'matter-closed' AND c.id > l.id), l.id"          \
	" FROM ledger_personal p JOIN ledger l USING (entry)"                                      \
	" WHERE p.address = ? AND l.kind IN ('phone', 'letter', 'agreement', 'withdrawal')"        \
	" ORDER BY l.entry"

static SgpConsentFact *consent_from_row(sqlite3_stmt *row)
{
	const int own = SGP_LEDGER_N_PROOF_COLUMNS;
	SgpBasis kind = SGP_BASIS_NONE;
	if (!basis_from_kind(sgp_store_column_text(row, own), &kind))
		return NULL;
	SgpConsentFact *fact = sgp_consent_fact_new();
	fact->entry = sqlite3_column_int64(row, 0);
	fact->kind = kind;
	fact->matter = g_strdup(sgp_store_column_text(row, own + 1));
	fact->given = sqlite3_column_int64(row, own + 2);
	fact->valid_until = sqlite3_column_int64(row, own + 3);
	fact->names_plain = sqlite3_column_int(row, own + 4) != 0;
	fact->is_matter_closed = sqlite3_column_int(row, own + 5) != 0;
	fact->id = g_strdup(sgp_store_column_text(row, own + 6));
	return fact;
}

/* Another number whenever another process has changed the database. Never 0. */
static gboolean read_version(SgpConsentLedger *self, gint64 *version, GError **error)
{
	GError *local = NULL;
	sqlite3_stmt *row = sgp_store_prepare(self->store, "PRAGMA data_version", &local);
	if (row != NULL && sgp_store_step(self->store, row, &local)) {
		*version = sqlite3_column_int64(row, 0) + 1;
		sgp_store_end(row);
	}
	if (local == NULL)
		return TRUE;
	g_propagate_error(error, local);
	return FALSE;
}

/* Nobody leans on a ledger that somebody wrote into: a permission could be invented, and a
 * withdrawal be gone. Each record that is used is checked, and so is the end; a small ledger is
 * checked whole when it is first asked and whenever it grew, a large one by 'ledger verify' and
 * 'doctor', because a decision must not wait for that. Test:
 * /ledger-chain/nobody-leans-on-a-ledger-that-was-written-into. Errors: TAMPERED, STORAGE. */
static gboolean check_ledger(SgpConsentLedger *self, GError **error)
{
	SgpLedgerVerification found = { 0 };
	gint64 n_entries = 0, version = 0;
	if (!read_version(self, &version, error))
		return FALSE;
	gint64 changes = sqlite3_total_changes64(sgp_store_lock(self->store));
	sgp_store_unlock(self->store);
	if (version == self->checked_version && changes == self->checked_changes)
		return TRUE;
	if (!sgp_ledger_chain_check_end(self->store, &n_entries, error))
		return FALSE;
	if (n_entries != self->checked_entries && n_entries <= SMALL_LEDGER) {
		if (!sgp_ledger_chain_verify(self->store, &found, error))
			return FALSE;
		if (!found.holds)
			return refuse(error, SGP_ERROR_TAMPERED, "the ledger was written into");
	}
	self->checked_entries = n_entries;
	self->checked_version = version;
	self->checked_changes = changes;
	return TRUE;
}

GPtrArray *sgp_consent_ledger_lookup_consents(
	SgpConsentLedger *self, const char *addr_spec, GError **error)
{
	GError *local = NULL;
	g_autoptr(GPtrArray) found =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_consent_fact_free);
	sgp_store_lock(self->store);
	sqlite3_stmt *statement = check_ledger(self, &local)
					  ? sgp_store_prepare(self->store, CONSENTS_SQL, &local)
					  : NULL;
	if (statement != NULL)
		sgp_store_bind_text(statement, 1, addr_spec);
	while (statement != NULL && sgp_store_step(self->store, statement, &local)) {
		if (sgp_ledger_chain_check_row(statement) != NULL) {
			sgp_store_end(statement);
			refuse(&local, SGP_ERROR_TAMPERED,
				"a record in the ledger is not what was recorded");
			break;
		}
		SgpConsentFact *fact = consent_from_row(statement);
		if (fact != NULL)
			g_ptr_array_add(found, fact);
	}
	if (local == NULL)
		sgp_consent_ledger_add_kept_withdrawals(self->store, addr_spec, found, &local);
	sgp_store_unlock(self->store);
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return g_steal_pointer(&found);
}

SgpStore *sgp_consent_ledger_get_store(SgpConsentLedger *self)
{
	return self->store;
}
