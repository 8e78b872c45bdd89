/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Questions to the index: what is in a conversation, what has this person asked lately, how does he
 * want to be written to? Tells what was found and what must be fetched first; never decides what it
 * means. */
#include "sgp-history.h"

#include <string.h>

#include "sgp-history-copy-private.h"

#define MAX_RECENT       50
#define MAX_RECENT_NEEDS 5

/* What this person sent, and what a web form or a colleague sent for an answer to this person. */
#define ALL_OF_SENDER                                                                              \
	"SELECT w.key FROM message w WHERE w.sender = (SELECT id FROM address WHERE spec = ?1)"    \
	" AND w.sender > 0"
#define ALL_OF_REPLY_TO                                                                            \
	"SELECT w.key FROM judgement r JOIN copy k ON k.folder = r.folder AND k.uid = r.uid"       \
	" JOIN message w ON w.key = k.message WHERE r.reply_to = ?1 AND r.reply_to > ''"

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
	const SgpHistoryTrust *trust; /* (borrowed) */
	GPtrArray *facts, *needs;     /* (borrowed) (nullable) */
} Question;

static void message_clear(Message *self)
{
	g_clear_pointer(&self->author, g_free);
	g_clear_pointer(&self->unjudged, g_free);
	g_clear_pointer(&self->facts, g_ptr_array_unref);
	memset(self, 0, sizeof *self);
}

static void message_start(Message *self, const SgpHistoryCopy *copy)
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

static void message_add(Message *message, const SgpHistoryTrust *trust, sqlite3_stmt *row,
	const SgpHistoryCopy *copy)
{
	if (copy->uri == NULL || !counts(copy->role))
		return;
	gboolean is_mail = copy->role == SGP_FOLDER_ROLE_MAIL;
	message->is_stored = TRUE;
	message->is_received = message->is_received || is_mail;
	if (copy->is_judged) {
		add_fact(message, sgp_history_copy_dup_fact(trust, row, copy));
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
	if (sgp_history_trust_is_relay(question->trust, author))
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
		"SELECT " SGP_HISTORY_COPY_COLUMNS SGP_HISTORY_COPY_TABLES
		"WHERE m.conversation = ? ORDER BY m.key",
		error);
	if (rows == NULL)
		return FALSE;
	sqlite3_bind_int64(rows, 1, conversation);
	while (sgp_store_step(store, rows, &local)) {
		SgpHistoryCopy copy = sgp_history_copy_read(rows);
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
	g_auto(SgpHistoryTrust) trust = sgp_history_trust_read(self);
	Question question = {
		.addresses = addresses, .trust = &trust, .facts = facts, .needs = needs
	};
	sgp_store_lock(store);
	gboolean done = read_conversations(store, ids, n_ids, &question, conversation_ids, error);
	sgp_store_unlock(store);
	return done ? g_steal_pointer(&facts) : NULL;
}

/* --- What this person asked lately --- */

#define RECENT(of)                                                                                 \
	"SELECT key FROM (" of " AND w.date BETWEEN ?2 AND ?3 ORDER BY w.date DESC LIMIT ?4)"
#define ALL_RECENT RECENT(ALL_OF_SENDER) " UNION " RECENT(ALL_OF_REPLY_TO)

/* What cannot be an inquiry is not looked at further. */
static gboolean is_inquiry(const SgpHistoryTrust *trust, const SgpMessageFact *fact)
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

static void take_recent(const SgpHistoryTrust *trust, sqlite3_stmt *row, GPtrArray *found,
	GPtrArray *needs, guint *n_needs)
{
	SgpHistoryCopy copy = sgp_history_copy_read(row);
	if (copy.uri == NULL || copy.role != SGP_FOLDER_ROLE_MAIL)
		return;
	if (!copy.is_judged) {
		if (needs != NULL && (*n_needs)++ < MAX_RECENT_NEEDS)
			g_ptr_array_add(needs, g_strconcat(copy.uri, "#", copy.uid, NULL));
		return;
	}
	SgpMessageFact *fact = sgp_history_copy_dup_fact(trust, row, &copy);
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
	g_auto(SgpHistoryTrust) trust = sgp_history_trust_read(self);
	sgp_store_lock(store);
	sqlite3_stmt *rows = sgp_store_prepare(store,
		"SELECT " SGP_HISTORY_COPY_COLUMNS SGP_HISTORY_COPY_TABLES
		"WHERE m.key IN (" ALL_RECENT ") ORDER BY m.date DESC",
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

/* Of the mails that name this person as author or as the one to answer: the second may be anybody's
 * claim (test: /rule-cases/encrypted-only/a-strangers-reply-to-lifts-nothing). */
static gboolean speaks_for(
	const SgpHistoryTrust *trust, const SgpHistoryCopy *copy, const char *addr_spec)
{
	const char *domain = strrchr(addr_spec, '@');
	const char *other = copy->author != NULL ? strrchr(copy->author, '@') : NULL;
	return sgp_history_trust_is_relay(trust, copy->author) ||
	       (domain != NULL && other != NULL && strcmp(domain, other) == 0);
}

/* As the rule weighs words: a forged or an automatic mail says nothing, and only what lies where
 * an inquiry would count opens a door. A wish for encryption without a date is the newest. */
static void take_wish(
	const SgpHistoryTrust *trust, sqlite3_stmt *row, const SgpHistoryCopy *copy, Wishes *wishes)
{
	gint64 date = sqlite3_column_int64(row, 14);
	SgpAuthentication authentication = sgp_history_copy_get_authentication(trust, row);
	if (!counts(copy->role) || sgp_history_copy_get_not_personal(trust, row, copy) != NULL ||
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
	g_auto(SgpHistoryTrust) trust = sgp_history_trust_read(self);
	sgp_store_lock(store);
	sqlite3_stmt *rows = sgp_store_prepare(store,
		"SELECT " SGP_HISTORY_COPY_COLUMNS SGP_HISTORY_COPY_TABLES
		"WHERE m.key IN (" ALL_OF_SENDER " UNION " ALL_OF_REPLY_TO ")"
		" AND j.opt_out IN (?2, ?3) ORDER BY m.date DESC",
		&local);
	if (rows != NULL) {
		sgp_store_bind_text(rows, 1, addr_spec);
		sqlite3_bind_int(rows, 2, SGP_OPT_OUT_ENCRYPTED_ONLY);
		sqlite3_bind_int(rows, 3, SGP_OPT_OUT_ASKS_FOR_E_MAIL);
	}
	while (rows != NULL && sgp_store_step(store, rows, &local)) {
		SgpHistoryCopy copy = sgp_history_copy_read(rows);
		if (!speaks_for(&trust, &copy, addr_spec))
			continue;
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
