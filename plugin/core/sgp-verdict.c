/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The decision for one mail as a record, and its JSON (the contract with scripts and the host
 * modules). Never decides: sgp-policy fills it in, and a record that nobody filled in holds the
 * mail. */
#include "sgp-verdict.h"

#include <string.h>

#include "sgp-json-private.h"

static const char *const reasons[] = { "unknown", "no-key", "no-certificate", "not-available",
	"not-preferred", "not-enrolled", "too-large", "frozen", "unread-attachment", NULL };
static const char *const question_kinds[] = { "subject-changed", "opt-out-unclear", "key-conflict",
	"matter-ambiguous", "wait", NULL };
static const char *const remedies[] = { "record-phone", "record-letter", "record-agreement",
	"reply-to", "overrule", "wait", "retry", "enrol-portal", "close-other-matter", "accept-key",
	NULL };

const char *const *sgp_not_stronger_get_reasons(void)
{
	return reasons;
}

const char *const *sgp_question_get_kinds(void)
{
	return question_kinds;
}

const char *const *sgp_verdict_get_remedies(void)
{
	return remedies;
}

static gboolean is_key_state(const char *nick)
{
	for (int i = SGP_KEY_STATE_UNKNOWN; i <= SGP_KEY_STATE_NOT_YET_VALID; i++) {
		if (g_str_equal(nick, sgp_key_state_get_nick((SgpKeyState)i)))
			return TRUE;
	}
	return FALSE;
}

SgpVerdict *sgp_verdict_new(void)
{
	SgpVerdict *self = g_new0(SgpVerdict, 1);
	self->class_because = g_ptr_array_new_with_free_func(g_free);
	self->unread = g_ptr_array_new_with_free_func(g_free);
	self->recipients =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_recipient_verdict_free);
	self->questions = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_question_free);
	self->needs = g_ptr_array_new_with_free_func(g_free);
	return self;
}

void sgp_verdict_free(SgpVerdict *self)
{
	if (self == NULL)
		return;
	g_ptr_array_unref(self->class_because);
	g_ptr_array_unref(self->unread);
	g_free(self->matter);
	g_ptr_array_unref(self->recipients);
	g_ptr_array_unref(self->questions);
	g_ptr_array_unref(self->needs);
	g_free(self);
}

/* address: (transfer none), a reference is taken. */
SgpRecipientVerdict *sgp_recipient_verdict_new(SgpAddress *address, SgpField field)
{
	SgpRecipientVerdict *self = g_new0(SgpRecipientVerdict, 1);
	self->address = sgp_address_ref(address);
	self->field = field;
	self->all_bases = g_ptr_array_new_with_free_func(g_free);
	self->all_inquiries = g_ptr_array_new_with_free_func(g_free);
	self->confirmed = g_ptr_array_new_with_free_func(g_free);
	self->remedies = g_ptr_array_new_with_free_func(g_free);
	self->offers = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_inquiry_offer_free);
	self->keys = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_key_free);
	self->not_stronger = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_not_stronger_free);
	return self;
}

void sgp_recipient_verdict_add_remedy(SgpRecipientVerdict *self, const char *remedy)
{
	/* "reply-to:<id>", "accept-key:<fingerprint>" */
	g_autofree char *nick = g_strndup(remedy, strcspn(remedy, ":"));
	g_warn_if_fail(g_strv_contains(remedies, nick));
	if (!g_ptr_array_find_with_equal_func(self->remedies, remedy, g_str_equal, NULL))
		g_ptr_array_add(self->remedies, g_strdup(remedy));
}

void sgp_recipient_verdict_free(SgpRecipientVerdict *self)
{
	if (self == NULL)
		return;
	sgp_address_unref(self->address);
	g_ptr_array_unref(self->all_bases);
	g_ptr_array_unref(self->all_inquiries);
	g_free(self->evidence_message_id);
	g_free(self->evidence_subject);
	g_free(self->sentence);
	g_free(self->objection_id);
	g_free(self->overrule_reason);
	g_ptr_array_unref(self->confirmed);
	g_ptr_array_unref(self->remedies);
	g_ptr_array_unref(self->offers);
	g_ptr_array_unref(self->keys);
	g_ptr_array_unref(self->not_stronger);
	g_free(self);
}

SgpNotStronger *sgp_not_stronger_new(
	SgpChannel channel, const char *key, const char *reason, const char *detail)
{
	SgpNotStronger *self = g_new0(SgpNotStronger, 1);
	g_warn_if_fail(g_strv_contains(reasons, reason) || is_key_state(reason));
	self->channel = channel;
	self->key = g_strdup(key);
	self->reason = g_strdup(reason);
	self->detail = g_strdup(detail);
	return self;
}

void sgp_not_stronger_free(SgpNotStronger *self)
{
	if (self == NULL)
		return;
	g_free(self->key);
	g_free(self->reason);
	g_free(self->detail);
	g_free(self);
}

static void checksum_text(GChecksum *checksum, const char *text)
{
	/* With the closing zero, and a mark for "none": no two pairs read alike. */
	g_checksum_update(checksum, (const guchar *)(text != NULL ? "+" : "-"), 1);
	if (text != NULL)
		g_checksum_update(checksum, (const guchar *)text, (gssize)strlen(text) + 1);
}

/* A customer writes the words that are hashed: 64 bits of SHA-256 keep her from finding a second
 * sentence that an answer to the first one covers. Test:
 * /verdict/an-answer-is-bound-to-its-question.
 */
char *sgp_question_dup_id(const char *kind, const char *detail, const char *address)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	checksum_text(checksum, address);
	checksum_text(checksum, detail);
	return g_strdup_printf("%s:%.16s", kind, g_checksum_get_string(checksum));
}

SgpInquiryOffer *sgp_inquiry_offer_new(const char *message_id, const char *subject, gint64 date)
{
	SgpInquiryOffer *self = g_new0(SgpInquiryOffer, 1);
	self->message_id = g_strdup(message_id);
	self->subject = g_strdup(subject);
	self->date = date;
	return self;
}

SgpInquiryOffer *sgp_inquiry_offer_copy(const SgpInquiryOffer *self)
{
	return sgp_inquiry_offer_new(self->message_id, self->subject, self->date);
}

void sgp_inquiry_offer_free(SgpInquiryOffer *self)
{
	if (self == NULL)
		return;
	g_free(self->message_id);
	g_free(self->subject);
	g_free(self);
}

SgpQuestion *sgp_question_new(const char *kind, const char *detail, const char *address)
{
	SgpQuestion *self = g_new0(SgpQuestion, 1);
	g_warn_if_fail(g_strv_contains(question_kinds, kind));
	self->id = sgp_question_dup_id(kind, detail, address);
	self->kind = g_strdup(kind);
	self->detail = g_strdup(detail);
	self->address = g_strdup(address);
	return self;
}

void sgp_question_free(SgpQuestion *self)
{
	if (self == NULL)
		return;
	g_free(self->id);
	g_free(self->kind);
	g_free(self->detail);
	g_free(self->address);
	g_free(self);
}

const char *sgp_action_get_nick(SgpAction action)
{
	switch (action) {
	case SGP_ACTION_HOLD:
		return "hold";
	case SGP_ACTION_ASK:
		return "ask";
	case SGP_ACTION_SEND:
		return "send";
	}
	return "hold";
}

const char *sgp_field_get_nick(SgpField field)
{
	switch (field) {
	case SGP_FIELD_BCC:
		return "bcc";
	case SGP_FIELD_TO:
		return "to";
	case SGP_FIELD_CC:
		return "cc";
	}
	return "bcc";
}

/* --- JSON --- */

static void add_evidence(JsonBuilder *out, const SgpRecipientVerdict *recipient)
{
	json_builder_set_member_name(out, "evidence");
	gboolean has_inquiry =
		recipient->evidence_message_id != NULL || recipient->evidence_date != 0;
	if (!has_inquiry && recipient->evidence_entry == 0) {
		json_builder_add_null_value(out);
		return;
	}
	json_builder_begin_object(out);
	sgp_json_add_text(out, "message_id", recipient->evidence_message_id);
	sgp_json_add_text(out, "subject", recipient->evidence_subject);
	sgp_json_add_date(out, "date", recipient->evidence_date);
	sgp_json_add_boolean(out, "authenticated", recipient->evidence_authenticated);
	json_builder_set_member_name(out, "entry");
	if (recipient->evidence_entry != 0)
		json_builder_add_int_value(out, recipient->evidence_entry);
	else
		json_builder_add_null_value(out);
	json_builder_end_object(out);
}

static void add_offers(JsonBuilder *out, const SgpRecipientVerdict *recipient)
{
	json_builder_set_member_name(out, "offers");
	json_builder_begin_array(out);
	for (guint i = 0; i < recipient->offers->len; i++) {
		const SgpInquiryOffer *offer = g_ptr_array_index(recipient->offers, i);
		json_builder_begin_object(out);
		sgp_json_add_text(out, "message_id", offer->message_id);
		sgp_json_add_text(out, "subject", offer->subject);
		sgp_json_add_date(out, "date", offer->date);
		json_builder_end_object(out);
	}
	json_builder_end_array(out);
}

/* Every basis that holds; the inquiries beside the one that is the evidence by their Message-IDs.
 */
static void add_all_bases(JsonBuilder *out, const SgpRecipientVerdict *recipient)
{
	const char *inquiry = sgp_basis_get_nick(SGP_BASIS_INQUIRY);
	json_builder_set_member_name(out, "all");
	json_builder_begin_array(out);
	for (guint i = 0; i < recipient->all_bases->len; i++)
		json_builder_add_string_value(out, g_ptr_array_index(recipient->all_bases, i));
	for (guint i = 0; i < recipient->all_inquiries->len; i++) {
		const char *id = g_ptr_array_index(recipient->all_inquiries, i);
		g_autofree char *nick = g_strconcat(inquiry, ":", id, NULL);
		if (g_strcmp0(id, recipient->evidence_message_id) != 0)
			json_builder_add_string_value(out, nick);
	}
	json_builder_end_array(out);
}

static void add_basis(JsonBuilder *out, const SgpRecipientVerdict *recipient)
{
	json_builder_set_member_name(out, "basis");
	json_builder_begin_object(out);
	sgp_json_add_text(out, "kind", sgp_basis_get_nick(recipient->basis));
	sgp_json_add_text(out, "refusal", sgp_refusal_get_nick(recipient->basis_refusal));
	add_all_bases(out, recipient);
	sgp_json_add_texts(out, "inquiries", recipient->all_inquiries);
	add_evidence(out, recipient);
	sgp_json_add_text(out, "sentence", recipient->sentence);
	sgp_json_add_text(out, "objection", recipient->objection_id);
	sgp_json_add_texts(out, "remedies", recipient->remedies);
	add_offers(out, recipient);
	json_builder_end_object(out);
}

static void add_channel(JsonBuilder *out, const SgpRecipientVerdict *recipient)
{
	json_builder_set_member_name(out, "channel");
	json_builder_begin_object(out);
	sgp_json_add_text(out, "kind",
		recipient->channel == SGP_CHANNEL_NONE ? NULL
						       : sgp_channel_get_nick(recipient->channel));
	sgp_json_add_text(out, "refusal", sgp_refusal_get_nick(recipient->channel_refusal));
	json_builder_set_member_name(out, "keys");
	json_builder_begin_array(out);
	for (guint i = 0; i < recipient->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(recipient->keys, i);
		json_builder_add_string_value(out, key->fingerprint);
	}
	json_builder_end_array(out);
	json_builder_set_member_name(out, "not_stronger");
	json_builder_begin_array(out);
	for (guint i = 0; i < recipient->not_stronger->len; i++) {
		const SgpNotStronger *reason = g_ptr_array_index(recipient->not_stronger, i);
		json_builder_begin_object(out);
		sgp_json_add_text(out, "channel", sgp_channel_get_nick(reason->channel));
		sgp_json_add_text(out, "key", reason->key);
		sgp_json_add_text(out, "reason", reason->reason);
		sgp_json_add_text(out, "detail", reason->detail);
		json_builder_end_object(out);
	}
	json_builder_end_array(out);
	sgp_json_add_boolean(out, "invitation", recipient->is_invitation);
	json_builder_end_object(out);
}

static void add_recipient(JsonBuilder *out, const SgpRecipientVerdict *recipient)
{
	json_builder_begin_object(out);
	sgp_json_add_text(out, "address", sgp_address_get_addr_spec(recipient->address));
	sgp_json_add_text(out, "field", sgp_field_get_nick(recipient->field));
	sgp_json_add_text(out, "action", sgp_action_get_nick(recipient->action));
	add_basis(out, recipient);
	add_channel(out, recipient);
	json_builder_end_object(out);
}

/* Who shares a copy: visible recipients of one end-to-end protocol, and internal plain ones; the
 * portal has one entry per person, and a Bcc recipient is always alone. */
static gboolean is_shared(const SgpRecipientVerdict *recipient)
{
	return recipient->field != SGP_FIELD_BCC && recipient->channel != SGP_CHANNEL_PORTAL;
}

static void add_copy(JsonBuilder *out, const SgpVerdict *self, guint first)
{
	const SgpRecipientVerdict *head = g_ptr_array_index(self->recipients, first);
	json_builder_begin_object(out);
	sgp_json_add_text(out, "channel", sgp_channel_get_nick(head->channel));
	json_builder_set_member_name(out, "recipients");
	json_builder_begin_array(out);
	for (guint i = first; i < self->recipients->len; i++) {
		const SgpRecipientVerdict *other = g_ptr_array_index(self->recipients, i);
		if (i == first ||
			(is_shared(head) && is_shared(other) && other->channel == head->channel))
			json_builder_add_string_value(
				out, sgp_address_get_addr_spec(other->address));
	}
	json_builder_end_array(out);
	json_builder_end_object(out);
}

static void add_copies(JsonBuilder *out, const SgpVerdict *self)
{
	json_builder_set_member_name(out, "copies");
	json_builder_begin_array(out);
	guint shared_done = 0; /* bit per channel */
	for (guint i = 0; self->action != SGP_ACTION_HOLD && i < self->recipients->len; i++) {
		const SgpRecipientVerdict *recipient = g_ptr_array_index(self->recipients, i);
		guint bit = 1u << recipient->channel;
		if (recipient->channel == SGP_CHANNEL_NONE ||
			(is_shared(recipient) && (shared_done & bit) != 0))
			continue;
		add_copy(out, self, i);
		if (is_shared(recipient))
			shared_done |= bit;
	}
	json_builder_end_array(out);
}

static void add_class(JsonBuilder *out, const SgpVerdict *self)
{
	json_builder_set_member_name(out, "class");
	json_builder_begin_object(out);
	sgp_json_add_text(out, "chosen",
		self->class_chosen == SGP_CONTENT_CLASS_UNKNOWN
			? NULL
			: sgp_content_class_get_nick(self->class_chosen));
	sgp_json_add_text(out, "found", sgp_content_class_get_nick(self->class_found));
	sgp_json_add_text(out, "effective", sgp_content_class_get_nick(self->class_effective));
	sgp_json_add_texts(out, "because", self->class_because);
	sgp_json_add_texts(out, "unread", self->unread);
	json_builder_end_object(out);
}

static void add_questions(JsonBuilder *out, const SgpVerdict *self)
{
	json_builder_set_member_name(out, "questions");
	json_builder_begin_array(out);
	for (guint i = 0; i < self->questions->len; i++) {
		const SgpQuestion *question = g_ptr_array_index(self->questions, i);
		json_builder_begin_object(out);
		sgp_json_add_text(out, "id", question->id);
		sgp_json_add_text(out, "kind", question->kind);
		sgp_json_add_text(out, "detail", question->detail);
		sgp_json_add_text(out, "address", question->address);
		json_builder_end_object(out);
	}
	json_builder_end_array(out);
}

char *sgp_verdict_dup_json(const SgpVerdict *self)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	json_builder_begin_object(out);
	sgp_json_add_text(out, "action", sgp_action_get_nick(self->action));
	add_class(out, self);
	sgp_json_add_text(out, "matter", self->matter);
	json_builder_set_member_name(out, "recipients");
	json_builder_begin_array(out);
	for (guint i = 0; i < self->recipients->len; i++)
		add_recipient(out, g_ptr_array_index(self->recipients, i));
	json_builder_end_array(out);
	add_questions(out, self);
	add_copies(out, self);
	sgp_json_add_texts(out, "needs", self->needs);
	sgp_json_add_boolean(out, "history_complete", self->history_complete);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}
