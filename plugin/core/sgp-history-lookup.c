/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions to the index: what is in a conversation, what has this person asked lately, and
 * "history search". Tells what was found and what must be fetched first; never decides what it
 * means. */
#include "sgp-history.h"

#include <string.h>

#include "sgp-error.h"
#include "sgp-facts.h"
#include "sgp-history-private.h"
#include "sgp-json-private.h"
#include "sgp-store-private.h"

#define MAX_RECENT       50
#define MAX_RECENT_NEEDS 5

/* Columns shared by all questions below; the order is what read_copy() reads. What an older reading
 * judged is fetched and read again, if a mail program has it. What "history add" took in has no
 * bytes to read again: its judgement stays until the mail is added again, for a known objection is
 * better than none. */
#define IS_JUDGED                                                                                  \
	"j.folder IS NOT NULL AND (j.version >= " G_STRINGIFY(                                     \
		SGP_INQUIRY_SCAN_VERSION) " OR NOT f.is_hosted)"
#define COPY_COLUMNS                                                                               \
	"m.key, m.id, m.date, a.spec, f.role, f.uri, c.uid, " IS_JUDGED ", j.message_id,"          \
	" j.not_personal, j.authentications, j.opt_out, j.sentence, j.reply_to, j.date, "          \
	"j.subject,"                                                                               \
	" j.protocol, m.conversation, j.authors"
#define COPY_TABLES                                                                                \
	" FROM message m LEFT JOIN address a ON a.id = m.sender"                                   \
	" LEFT JOIN copy c ON c.message = m.key LEFT JOIN folder f ON f.id = c.folder"             \
	" LEFT JOIN judgement j ON j.folder = c.folder AND j.uid = c.uid "

/* Whom we trust, by the settings of now. */
typedef struct {
	GStrv relays;       /* (owned) addr-specs */
	GStrv authserv_ids; /* (owned) */
	gboolean needs_authentication;
} Trust;

static void trust_clear(Trust *self)
{
	g_strfreev(self->relays);
	g_strfreev(self->authserv_ids);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Trust, trust_clear)

static gboolean is_relay(const Trust *trust, const char *author)
{
	return author != NULL && g_strv_contains((const char *const *)trust->relays, author);
}

/* One copy of one message, as it is being read. */
typedef struct {
	gint64 key, date;
	guint64 id;
	const char *author, *uri, *uid; /* (borrowed) until the next row */
	SgpFolderRole role;
	gboolean is_judged;
} CopyRow;

static CopyRow read_copy(sqlite3_stmt *row)
{
	CopyRow copy = {
		.key = sqlite3_column_int64(row, 0),
		.date = sqlite3_column_int64(row, 2),
		.id = (guint64)sqlite3_column_int64(row, 1),
		.author = sgp_store_column_text(row, 3),
		.role = (SgpFolderRole)sqlite3_column_int(row, 4),
		.uri = sgp_store_column_text(row, 5),
		.uid = sgp_store_column_text(row, 6),
		.is_judged = sqlite3_column_int(row, 7) != 0,
	};
	return copy;
}

/* Relays are exempt from Auto-Submitted, and from nothing else. */
static const char *not_personal_of(const Trust *trust, sqlite3_stmt *row, const CopyRow *copy)
{
	const char *nick = sgp_store_column_text(row, 9);
	gboolean is_exempt =
		g_strcmp0(nick, "auto-submitted") == 0 && is_relay(trust, copy->author);
	return is_exempt ? NULL : nick;
}

static SgpAuthentication authentication_of(const Trust *trust, sqlite3_stmt *row)
{
	const char *kept = sgp_store_column_text(row, 10);
	return sgp_inquiry_scan_choose_authentication(
		kept != NULL ? kept : "", (const char *const *)trust->authserv_ids);
}

static GStrv split_addresses(const char *joined)
{
	return g_strsplit(joined != NULL ? joined : "", ",", -1);
}

static SgpMessageFact *fact_from_judgement(
	const Trust *trust, sqlite3_stmt *row, const CopyRow *copy)
{
	SgpMessageFact *fact = sgp_message_fact_new();
	const char *message_id = sgp_store_column_text(row, 8);
	const char *reply_to = sgp_store_column_text(row, 13);
	fact->message_id = message_id != NULL && *message_id != '\0' ? g_strdup(message_id) : NULL;
	fact->author = g_strdup(copy->author);
	if (fact->author == NULL)
		fact->authors = split_addresses(sgp_store_column_text(row, 18));
	fact->reply_to = split_addresses(reply_to);
	fact->is_judged = TRUE;
	fact->is_received = copy->role == SGP_FOLDER_ROLE_MAIL;
	fact->not_personal = g_strdup(not_personal_of(trust, row, copy));
	fact->authentication = authentication_of(trust, row);
	fact->opt_out = (SgpOptOut)sqlite3_column_int(row, 11);
	fact->sentence = g_strdup(sgp_store_column_text(row, 12));
	fact->date = sqlite3_column_int64(row, 14);
	fact->subject = g_strdup(sgp_store_column_text(row, 15));
	fact->protocol = (SgpChannel)sqlite3_column_int(row, 16);
	return fact;
}

/* --- Conversations --- */

/* The copies of one message while its rows pass by. */
typedef struct {
	gint64 key, date;
	char *author; /* (owned) (nullable) */
	gboolean is_received,
		is_stored; /* a copy where received mail lies; a copy anywhere that counts */
	gboolean has_good; /* a judged copy that a person wrote and nobody knows to be forged */
	char *unjudged; /* (owned) (nullable) "folder#uid" of the best copy that was not judged */
	SgpFolderRole unjudged_role;
	GPtrArray *facts; /* (owned) (element-type SgpMessageFact) */
} Message;

typedef struct {
	const char *const *addresses; /* (borrowed) recipients */
	const Trust *trust;           /* (borrowed) */
	GPtrArray *facts, *needs;     /* (borrowed) (nullable) */
} Question;

static void message_clear(Message *self)
{
	g_clear_pointer(&self->author, g_free);
	g_clear_pointer(&self->unjudged, g_free);
	g_clear_pointer(&self->facts, g_ptr_array_unref);
	memset(self, 0, sizeof *self);
}

static void message_start(Message *self, const CopyRow *copy)
{
	message_clear(self);
	self->key = copy->key;
	self->date = copy->date;
	self->author = g_strdup(copy->author);
	self->facts = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_message_fact_free);
}

/* Received mail may lie in Junk or Trash as well: it is no basis there, but an objection in it is
 * still an objection. */
static gboolean counts(SgpFolderRole role)
{
	switch (role) {
	case SGP_FOLDER_ROLE_MAIL:
	case SGP_FOLDER_ROLE_JUNK:
	case SGP_FOLDER_ROLE_TRASH:
		return TRUE;
	case SGP_FOLDER_ROLE_UNKNOWN:
	case SGP_FOLDER_ROLE_SENT:
	case SGP_FOLDER_ROLE_DRAFTS:
	case SGP_FOLDER_ROLE_OUTBOX:
		return FALSE;
	}
	return FALSE;
}

static gboolean is_same_judgement(const SgpMessageFact *one, const SgpMessageFact *other)
{
	return one->opt_out == other->opt_out && one->authentication == other->authentication &&
	       one->date == other->date && g_strcmp0(one->not_personal, other->not_personal) == 0 &&
	       g_strcmp0(one->sentence, other->sentence) == 0;
}

static void add_fact(Message *message, SgpMessageFact *fact)
{
	if (fact->not_personal == NULL && fact->authentication != SGP_AUTHENTICATION_FAIL &&
		fact->is_received)
		message->has_good = TRUE;
	for (guint i = 0; i < message->facts->len; i++) {
		SgpMessageFact *known = g_ptr_array_index(message->facts, i);
		if (is_same_judgement(known, fact)) {
			known->is_received = known->is_received || fact->is_received;
			sgp_message_fact_free(fact);
			return;
		}
	}
	g_ptr_array_add(message->facts, fact);
}

static void message_add(
	Message *message, const Trust *trust, sqlite3_stmt *row, const CopyRow *copy)
{
	if (copy->uri == NULL || !counts(copy->role))
		return;
	gboolean is_mail = copy->role == SGP_FOLDER_ROLE_MAIL;
	message->is_stored = TRUE;
	message->is_received = message->is_received || is_mail;
	if (copy->is_judged) {
		add_fact(message, fact_from_judgement(trust, row, copy));
	} else if (message->unjudged == NULL ||
		   (is_mail && message->unjudged_role != SGP_FOLDER_ROLE_MAIL)) {
		g_free(message->unjudged);
		message->unjudged = g_strconcat(copy->uri, "#", copy->uid, NULL);
		message->unjudged_role = copy->role;
	}
}

/* Could it be the inquiry, or carry an objection, of somebody we write to? By its author, by its
 * author's domain (Reply-To), or because it came through a relay, or has several authors. */
static gboolean matters(const Question *question, const char *author)
{
	if (author == NULL)
		return TRUE;
	if (is_relay(question->trust, author))
		return TRUE;
	const char *at = strrchr(author, '@');
	for (guint i = 0; question->addresses[i] != NULL; i++) {
		const char *other = strrchr(question->addresses[i], '@');
		if (at != NULL && other != NULL && strcmp(at, other) == 0)
			return TRUE;
	}
	return FALSE;
}

static void message_finish(Message *message, const Question *question)
{
	if (!message->is_stored)
		return;
	gboolean is_wanted = matters(question, message->author);
	gboolean is_pending = message->unjudged != NULL && !message->has_good;
	for (guint i = 0; i < message->facts->len; i++)
		g_ptr_array_add(question->facts, g_ptr_array_index(message->facts, i));
	g_ptr_array_set_free_func(message->facts, NULL);
	if (!is_pending)
		return;
	SgpMessageFact *fact = sgp_message_fact_new();
	fact->author = g_strdup(message->author);
	fact->is_received = message->is_received;
	fact->date = message->date;
	g_ptr_array_add(question->facts, fact);
	if (is_wanted && question->needs != NULL)
		g_ptr_array_add(question->needs, g_strdup(message->unjudged));
}

static gboolean read_conversation(
	SgpStore *store, gint64 conversation, const Question *question, GArray *ids, GError **error)
{
	GError *local = NULL;
	Message message = { 0 };
	sqlite3_stmt *rows = sgp_store_prepare(store,
		"SELECT " COPY_COLUMNS COPY_TABLES "WHERE m.conversation = ? ORDER BY m.key",
		error);
	if (rows == NULL)
		return FALSE;
	sqlite3_bind_int64(rows, 1, conversation);
	while (sgp_store_step(store, rows, &local)) {
		CopyRow copy = read_copy(rows);
		if (message.key != copy.key) {
			if (message.key != 0)
				message_finish(&message, question);
			message_start(&message, &copy);
			if (ids != NULL)
				g_array_append_val(ids, copy.id);
		}
		message_add(&message, question->trust, rows, &copy);
	}
	if (message.key != 0)
		message_finish(&message, question);
	message_clear(&message);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return TRUE;
}

/* The conversations that the ids lead to, each once: a mail may answer two that nothing else links.
 */
static GArray *lookup_conversations(
	SgpStore *store, const guint64 *ids, gsize n_ids, GError **error)
{
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(gint64));
	for (gsize i = 0; i < n_ids; i++) {
		GError *local = NULL;
		gint64 conversation = 0;
		sqlite3_stmt *row = sgp_store_prepare(
			store, "SELECT conversation FROM message WHERE id = ? LIMIT 1", error);
		if (row == NULL)
			return NULL;
		sqlite3_bind_int64(row, 1, (gint64)ids[i]);
		if (sgp_store_step(store, row, &local)) {
			conversation = sqlite3_column_int64(row, 0);
			sgp_store_end(row);
		}
		if (local != NULL) {
			g_propagate_error(error, local);
			return NULL;
		}
		gboolean is_known = conversation == 0;
		for (guint j = 0; j < found->len && !is_known; j++)
			is_known = g_array_index(found, gint64, j) == conversation;
		if (!is_known)
			g_array_append_val(found, conversation);
	}
	return g_steal_pointer(&found);
}

static Trust read_trust(SgpHistory *self)
{
	g_auto(GStrv) raw = sgp_settings_dup_strv(sgp_history_get_settings(self), "inquiry-relays");
	g_autoptr(GPtrArray) relays = g_ptr_array_new();
	for (guint i = 0; raw != NULL && raw[i] != NULL; i++) {
		g_autoptr(SgpAddress) relay = sgp_address_new(raw[i], NULL);
		if (relay != NULL)
			g_ptr_array_add(relays, g_strdup(sgp_address_get_addr_spec(relay)));
	}
	g_ptr_array_add(relays, NULL);
	Trust trust = {
		.relays = (GStrv)g_ptr_array_free(g_steal_pointer(&relays), FALSE),
		.authserv_ids =
			sgp_settings_dup_strv(sgp_history_get_settings(self), "authserv-ids"),
		.needs_authentication = sgp_settings_get_boolean(
			sgp_history_get_settings(self), "require-authenticated-inquiry"),
	};
	return trust;
}

static gboolean read_conversations(SgpStore *store, const guint64 *ids, gsize n_ids,
	const Question *question, GArray *conversation_ids, GError **error)
{
	g_autoptr(GArray) conversations = lookup_conversations(store, ids, n_ids, error);
	if (conversations == NULL)
		return FALSE;
	for (guint i = 0; i < conversations->len; i++) {
		if (!read_conversation(store, g_array_index(conversations, gint64, i), question,
			    conversation_ids, error))
			return FALSE;
	}
	return TRUE;
}

GPtrArray *sgp_history_lookup_conversation(SgpHistory *self, const guint64 *ids, gsize n_ids,
	const char *const *addresses, GPtrArray *needs, GArray *conversation_ids, GError **error)
{
	SgpStore *store = sgp_history_get_store(self);
	g_autoptr(GPtrArray) facts =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_message_fact_free);
	g_auto(Trust) trust = read_trust(self);
	Question question = {
		.addresses = addresses, .trust = &trust, .facts = facts, .needs = needs
	};
	sgp_store_lock(store);
	gboolean done = read_conversations(store, ids, n_ids, &question, conversation_ids, error);
	sgp_store_unlock(store);
	return done ? g_steal_pointer(&facts) : NULL;
}

/* --- What this person asked lately --- */

/* Only what a reply to would be allowed is offered. */
static gboolean is_inquiry(const Trust *trust, const SgpMessageFact *fact)
{
	if (trust->needs_authentication && fact->authentication != SGP_AUTHENTICATION_PASS)
		return FALSE;
	return fact->message_id != NULL && fact->not_personal == NULL &&
	       fact->authentication != SGP_AUTHENTICATION_FAIL &&
	       fact->opt_out != SGP_OPT_OUT_OPTED_OUT;
}

/* The same Message-ID in two folders, or one that somebody else used as well, is offered once. */
static gboolean has_offer(const GPtrArray *found, const char *message_id)
{
	for (guint i = 0; i < found->len; i++) {
		const SgpInquiryOffer *offer = g_ptr_array_index(found, i);
		if (g_str_equal(offer->message_id, message_id))
			return TRUE;
	}
	return FALSE;
}

static void take_recent(
	const Trust *trust, sqlite3_stmt *row, GPtrArray *found, GPtrArray *needs, guint *n_needs)
{
	CopyRow copy = read_copy(row);
	if (copy.uri == NULL || copy.role != SGP_FOLDER_ROLE_MAIL)
		return;
	if (!copy.is_judged) {
		if (needs != NULL && (*n_needs)++ < MAX_RECENT_NEEDS)
			g_ptr_array_add(needs, g_strconcat(copy.uri, "#", copy.uid, NULL));
		return;
	}
	SgpMessageFact *fact = fact_from_judgement(trust, row, &copy);
	if (is_inquiry(trust, fact) && !has_offer(found, fact->message_id))
		g_ptr_array_add(
			found, sgp_inquiry_offer_new(fact->message_id, fact->subject, fact->date));
	sgp_message_fact_free(fact);
}

GPtrArray *sgp_history_lookup_recent_inquiries(SgpHistory *self, const char *addr_spec,
	gint64 since, gint64 until, GPtrArray *needs, GError **error)
{
	SgpStore *store = sgp_history_get_store(self);
	GError *local = NULL;
	guint n_needs = 0;
	g_autoptr(GPtrArray) found =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_inquiry_offer_free);
	g_auto(Trust) trust = read_trust(self);
	sgp_store_lock(store);
	sqlite3_stmt *rows = sgp_store_prepare(store,
		"SELECT " COPY_COLUMNS COPY_TABLES
		"WHERE m.sender = (SELECT id FROM address WHERE spec = ?1) AND m.sender > 0"
		" AND m.date BETWEEN ?2 AND ?3 ORDER BY m.date DESC LIMIT ?4",
		&local);
	if (rows != NULL) {
		sgp_store_bind_text(rows, 1, addr_spec);
		sqlite3_bind_int64(rows, 2, since);
		sqlite3_bind_int64(rows, 3, until);
		sqlite3_bind_int(rows, 4, MAX_RECENT);
	}
	while (rows != NULL && sgp_store_step(store, rows, &local))
		take_recent(&trust, rows, found, needs, &n_needs);
	sgp_store_unlock(store);
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return g_steal_pointer(&found);
}

/* --- How this person wants to be written to --- */

typedef struct {
	gint64 encrypted, e_mail; /* when either was last asked for; -1: never */
} Wishes;

/* As the rule weighs words: a forged or an automatic mail says nothing, and only what lies where
 * an inquiry would count opens a door. A wish for encryption without a date is the newest. */
static void take_wish(const Trust *trust, sqlite3_stmt *row, const CopyRow *copy, Wishes *wishes)
{
	gint64 date = sqlite3_column_int64(row, 14);
	SgpAuthentication authentication = authentication_of(trust, row);
	if (!counts(copy->role) || not_personal_of(trust, row, copy) != NULL ||
		authentication == SGP_AUTHENTICATION_FAIL)
		return;
	if (sqlite3_column_int(row, 11) == SGP_OPT_OUT_ENCRYPTED_ONLY)
		wishes->encrypted = MAX(wishes->encrypted, date != 0 ? date : G_MAXINT64);
	else if (copy->is_judged && copy->role == SGP_FOLDER_ROLE_MAIL &&
		 (!trust->needs_authentication || authentication == SGP_AUTHENTICATION_PASS))
		wishes->e_mail = MAX(wishes->e_mail, date);
}

gboolean sgp_history_lookup_wants_encryption(SgpHistory *self, const char *addr_spec,
	GPtrArray *needs, gboolean *wants_encryption, GError **error)
{
	SgpStore *store = sgp_history_get_store(self);
	GError *local = NULL;
	Wishes wishes = { -1, -1 };
	guint n_needs = 0;
	g_auto(Trust) trust = read_trust(self);
	sgp_store_lock(store);
	sqlite3_stmt *rows = sgp_store_prepare(store,
		"SELECT " COPY_COLUMNS COPY_TABLES
		"WHERE m.sender = (SELECT id FROM address WHERE spec = ?1) AND m.sender > 0"
		" AND j.opt_out IN (?2, ?3) ORDER BY m.date DESC",
		&local);
	if (rows != NULL) {
		sgp_store_bind_text(rows, 1, addr_spec);
		sqlite3_bind_int(rows, 2, SGP_OPT_OUT_ENCRYPTED_ONLY);
		sqlite3_bind_int(rows, 3, SGP_OPT_OUT_ASKS_FOR_E_MAIL);
	}
	while (rows != NULL && sgp_store_step(store, rows, &local)) {
		CopyRow copy = read_copy(rows);
		take_wish(&trust, rows, &copy, &wishes);
		if (!copy.is_judged && counts(copy.role) && needs != NULL &&
			n_needs++ < MAX_RECENT_NEEDS)
			g_ptr_array_add(needs, g_strconcat(copy.uri, "#", copy.uid, NULL));
	}
	sgp_store_unlock(store);
	*wants_encryption = wishes.encrypted >= 0 && wishes.encrypted >= wishes.e_mail;
	if (local == NULL)
		return TRUE;
	g_propagate_error(error, local);
	return FALSE;
}

/* --- history search --- */

static const char *role_get_nick(SgpFolderRole role)
{
	switch (role) {
	case SGP_FOLDER_ROLE_UNKNOWN:
		return "unknown";
	case SGP_FOLDER_ROLE_MAIL:
		return "mail";
	case SGP_FOLDER_ROLE_SENT:
		return "sent";
	case SGP_FOLDER_ROLE_DRAFTS:
		return "drafts";
	case SGP_FOLDER_ROLE_OUTBOX:
		return "outbox";
	case SGP_FOLDER_ROLE_JUNK:
		return "junk";
	case SGP_FOLDER_ROLE_TRASH:
		return "trash";
	}
	return "unknown";
}

static void add_judgement(
	JsonBuilder *out, const Trust *trust, sqlite3_stmt *row, const CopyRow *copy)
{
	json_builder_set_member_name(out, "judgement");
	if (!copy->is_judged) {
		json_builder_add_null_value(out);
		return;
	}
	json_builder_begin_object(out);
	SgpAuthentication authentication = authentication_of(trust, row);
	const char *not_personal = not_personal_of(trust, row, copy);
	sgp_json_add_boolean(out, "personal", not_personal == NULL);
	sgp_json_add_text(out, "not_personal_because", not_personal);
	sgp_json_add_boolean(out, "forged", authentication == SGP_AUTHENTICATION_FAIL);
	sgp_json_add_boolean(out, "authenticated", authentication == SGP_AUTHENTICATION_PASS);
	sgp_json_add_text(
		out, "opt_out", sgp_opt_out_get_nick((SgpOptOut)sqlite3_column_int(row, 11)));
	sgp_json_add_text(out, "sentence", sgp_store_column_text(row, 12));
	json_builder_end_object(out);
}

/* One object per copy; a message that is only known by reference has folder null. */
static void add_copy(JsonBuilder *out, const Trust *trust, sqlite3_stmt *row)
{
	CopyRow copy = read_copy(row);
	const char *message_id = sgp_store_column_text(row, 8);
	g_autofree char *id = g_strdup_printf("%016" G_GINT64_MODIFIER "x", copy.id);
	json_builder_begin_object(out);
	sgp_json_add_text(out, "id", id);
	sgp_json_add_text(
		out, "message_id", message_id != NULL && *message_id != '\0' ? message_id : NULL);
	sgp_json_add_text(out, "from", copy.author);
	sgp_json_add_date(out, "date", copy.date);
	sgp_json_add_int(out, "conversation", sqlite3_column_int64(row, 17));
	sgp_json_add_text(out, "folder", copy.uri);
	sgp_json_add_text(out, "role", copy.uri != NULL ? role_get_nick(copy.role) : NULL);
	sgp_json_add_text(out, "uid", copy.uid);
	add_judgement(out, trust, row, &copy);
	json_builder_end_object(out);
}

static sqlite3_stmt *prepare_search(SgpStore *store, const char *from, const char *message_id,
	const char *conversation, GError **error)
{
	sqlite3_stmt *rows = sgp_store_prepare(store,
		from != NULL ? "SELECT " COPY_COLUMNS COPY_TABLES
			       "WHERE m.sender = (SELECT id FROM address WHERE spec = ?) AND "
			       "m.sender > 0"
			       " ORDER BY m.date, m.key"
		: message_id != NULL
			? "SELECT " COPY_COLUMNS COPY_TABLES "WHERE m.id = ? ORDER BY m.key"
			: "SELECT " COPY_COLUMNS COPY_TABLES
			  "WHERE m.conversation IN (SELECT conversation FROM message WHERE id = ?)"
			  " ORDER BY m.date, m.key",
		error);
	if (rows == NULL)
		return NULL;
	if (from != NULL)
		sgp_store_bind_text(rows, 1, from);
	else
		sqlite3_bind_int64(rows, 1,
			(gint64)sgp_history_hash_message_id(
				message_id != NULL ? message_id : conversation));
	return rows;
}

char *sgp_history_search_json(SgpHistory *self, const char *from, const char *message_id,
	const char *conversation, GError **error)
{
	SgpStore *store = sgp_history_get_store(self);
	GError *local = NULL;
	if ((from != NULL) + (message_id != NULL) + (conversation != NULL) != 1) {
		g_set_error_literal(
			error, SGP_ERROR, SGP_ERROR_INVALID, "exactly one criterion is needed");
		return NULL;
	}
	g_autoptr(SgpAddress) address = NULL;
	if (from != NULL && (address = sgp_address_new(from, error)) == NULL)
		return NULL;
	g_auto(Trust) trust = read_trust(self);
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_array(out);
	sgp_store_lock(store);
	sqlite3_stmt *rows =
		prepare_search(store, address != NULL ? sgp_address_get_addr_spec(address) : NULL,
			message_id, conversation, &local);
	while (rows != NULL && sgp_store_step(store, rows, &local))
		add_copy(out, &trust, rows);
	sgp_store_unlock(store);
	json_builder_end_array(out);
	if (local != NULL) {
		g_propagate_error(error, local);
		return NULL;
	}
	return sgp_json_dup(out);
}
