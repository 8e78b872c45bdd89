/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gathers the facts of one mail: index and ledger at once, keys and portal side by side, each with
 * a time limit. What does not answer in time is unknown. Acts on nothing and decides nothing:
 * sgp_policy_decide() does. */
#include "sgp-assessor.h"

#include <string.h>

#include "sgp-attachment-scan.h"
#include "sgp-content-scan.h"
#include "sgp-error.h"
#include "sgp-fact-gathering-private.h"
#include "sgp-facts.h"
#include "sgp-policy.h"
#include "sgp-reactive-rule.h"

#define DAY         ((gint64)86400)
#define RECENT_DAYS 90
#define MAX_OFFERS  20

struct _SgpAssessor {
	GObject parent_instance;

	SgpSettings *settings;    /* (owned) */
	SgpHistory *history;      /* (owned) */
	SgpConsentLedger *ledger; /* (owned) */
	SgpKeyLookup *keys;       /* (owned) */
	GMutex lock;
	SgpPortalClient *portal;  /* (owned) (nullable) under the lock */
	SgpTransportProbe *probe; /* (owned) (nullable) set once */
};

G_DEFINE_TYPE(SgpAssessor, sgp_assessor, G_TYPE_OBJECT)

static void sgp_assessor_finalize(GObject *object)
{
	SgpAssessor *self = SGP_ASSESSOR(object);
	g_clear_object(&self->settings);
	g_clear_object(&self->history);
	g_clear_object(&self->ledger);
	g_clear_object(&self->keys);
	g_clear_object(&self->portal);
	g_clear_object(&self->probe);
	g_mutex_clear(&self->lock);
	G_OBJECT_CLASS(sgp_assessor_parent_class)->finalize(object);
}

static void sgp_assessor_class_init(SgpAssessorClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_assessor_finalize;
}

static void sgp_assessor_init(SgpAssessor *self)
{
	g_mutex_init(&self->lock);
}

SgpAssessor *sgp_assessor_new(SgpSettings *settings, SgpHistory *history, SgpConsentLedger *ledger,
	SgpKeyLookup *keys, SgpPortalClient *portal)
{
	SgpAssessor *self = g_object_new(SGP_TYPE_ASSESSOR, NULL);
	self->settings = g_object_ref(settings);
	self->history = g_object_ref(history);
	self->ledger = g_object_ref(ledger);
	self->keys = g_object_ref(keys);
	g_set_object(&self->portal, portal);
	return self;
}

/* portal: (nullable) none is configured any more. */
void sgp_assessor_set_portal(SgpAssessor *self, SgpPortalClient *portal)
{
	g_mutex_lock(&self->lock);
	g_set_object(&self->portal, portal);
	g_mutex_unlock(&self->lock);
}

void sgp_assessor_set_transport_probe(SgpAssessor *self, SgpTransportProbe *probe)
{
	g_set_object(&self->probe, probe);
}

static SgpPortalClient *ref_portal(SgpAssessor *self)
{
	g_mutex_lock(&self->lock);
	SgpPortalClient *portal = self->portal != NULL ? g_object_ref(self->portal) : NULL;
	g_mutex_unlock(&self->lock);
	return portal;
}

/* --- Settings --- */

static char *canonical_entry(const char *entry)
{
	g_autofree char *stripped = g_strstrip(g_strdup(entry));
	gboolean is_address = strchr(stripped, '@') != NULL && stripped[0] != '@';
	const char *domain = stripped[0] == '@' ? stripped + 1 : stripped;
	g_autofree char *text = is_address ? g_strdup(stripped) : g_strconcat("x@", domain, NULL);
	g_autoptr(SgpAddress) address = sgp_address_new(text, NULL);
	if (address == NULL)
		return NULL;
	return g_strdup(
		is_address ? sgp_address_get_addr_spec(address) : sgp_address_get_domain(address));
}

/* Entries that cannot be read match nobody: these lists only ever widen what may be sent. */
static GStrv dup_canonical(SgpSettings *settings, const char *key)
{
	g_auto(GStrv) raw = sgp_settings_dup_strv(settings, key);
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	for (guint i = 0; raw != NULL && raw[i] != NULL; i++) {
		char *entry = canonical_entry(raw[i]);
		if (entry != NULL)
			g_ptr_array_add(list, entry);
	}
	g_ptr_array_add(list, NULL);
	return (GStrv)g_ptr_array_free(g_steal_pointer(&list), FALSE);
}

static void read_settings(SgpSettings *settings, SgpPolicySettings *out)
{
	g_autofree char *profile = sgp_settings_dup_string(settings, "policy-profile");
	g_autofree char *internal = sgp_settings_dup_string(settings, "internal-encryption");
	g_autofree char *protocol = sgp_settings_dup_string(settings, "prefer-protocol");
	g_autofree char *submission = sgp_settings_dup_string(settings, "verified-submission");
	out->profile = g_strcmp0(profile, "by-class") == 0 ? SGP_POLICY_PROFILE_BY_CLASS
							   : SGP_POLICY_PROFILE_STRICT;
	out->internal_encryption = SGP_INTERNAL_ENCRYPTION_ALWAYS;
	if (g_strcmp0(internal, "never") == 0)
		out->internal_encryption = SGP_INTERNAL_ENCRYPTION_NEVER;
	else if (g_strcmp0(internal, "if-possible") == 0)
		out->internal_encryption = SGP_INTERNAL_ENCRYPTION_IF_POSSIBLE;
	out->prefer_protocol =
		g_strcmp0(protocol, "smime") == 0 ? SGP_CHANNEL_SMIME : SGP_CHANNEL_OPENPGP;
	out->allow_plain = sgp_settings_get_boolean(settings, "allow-plain");
	g_auto(GStrv) trust = sgp_settings_dup_strv(settings, "openpgp-trust");
	out->tofu_for_protected =
		trust != NULL && g_strv_contains((const char *const *)trust, "tofu-protected");
	out->has_verified_submission = submission != NULL && *g_strstrip(submission) != '\0';
	out->require_authenticated_inquiry =
		sgp_settings_get_boolean(settings, "require-authenticated-inquiry");
	out->inquiry_valid_days = sgp_settings_get_int(settings, "inquiry-valid-days");
	out->own_domains = dup_canonical(settings, "own-domains");
	out->own_addresses = dup_canonical(settings, "own-addresses");
	out->partners = dup_canonical(settings, "partner-addresses");
	out->inquiry_relays = dup_canonical(settings, "inquiry-relays");
}

/* --- The mail --- */

static void add_recipients(
	SgpFacts *facts, GHashTable *seen, const GPtrArray *addresses, SgpField field)
{
	for (guint i = 0; i < addresses->len; i++) {
		SgpAddress *address = g_ptr_array_index(addresses, i);
		if (g_hash_table_add(seen, address))
			g_ptr_array_add(facts->recipients, sgp_recipient_facts_new(address, field));
	}
}

/* A redirected mail goes to its Resent recipients: they are asked about like all others. Errors:
 * INVALID. */
static gboolean add_resent(SgpFacts *facts, GHashTable *seen, GPtrArray *keep, const SgpMail *mail,
	const char *header, SgpField field, GError **error)
{
	for (guint i = 0; i + 1 < mail->headers->len; i += 2) {
		if (g_ascii_strcasecmp(g_ptr_array_index(mail->headers, i), header) != 0)
			continue;
		GPtrArray *addresses =
			sgp_address_parse_list(g_ptr_array_index(mail->headers, i + 1), error);
		if (addresses == NULL)
			return FALSE;
		g_ptr_array_add(keep, addresses);
		add_recipients(facts, seen, addresses, field);
	}
	return TRUE;
}

static gboolean read_recipients(SgpFacts *facts, const SgpMail *mail, GError **error)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(sgp_address_hash, sgp_address_equal);
	g_autoptr(GPtrArray) keep =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_ptr_array_unref);
	add_recipients(facts, seen, mail->to, SGP_FIELD_TO);
	add_recipients(facts, seen, mail->cc, SGP_FIELD_CC);
	add_recipients(facts, seen, mail->bcc, SGP_FIELD_BCC);
	return add_resent(facts, seen, keep, mail, "Resent-To", SGP_FIELD_TO, error) &&
	       add_resent(facts, seen, keep, mail, "Resent-Cc", SGP_FIELD_CC, error) &&
	       add_resent(facts, seen, keep, mail, "Resent-Bcc", SGP_FIELD_BCC, error);
}

/* --- Index and ledger --- */

static GArray *dup_reference_ids(const SgpMail *mail)
{
	GArray *ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	for (guint i = 0; i < mail->in_reply_to->len + mail->references->len; i++) {
		const char *text =
			i < mail->in_reply_to->len
				? g_ptr_array_index(mail->in_reply_to, i)
				: g_ptr_array_index(mail->references, i - mail->in_reply_to->len);
		guint64 id = sgp_history_hash_message_id(text);
		g_array_append_val(ids, id);
	}
	return ids;
}

static GStrv dup_outside_addresses(const SgpFacts *facts)
{
	g_autoptr(GPtrArray) list = g_ptr_array_new();
	for (guint i = 0; i < facts->recipients->len; i++) {
		const SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, i);
		if (!sgp_policy_settings_is_internal(&facts->settings, one->address) &&
			!sgp_policy_settings_is_partner(&facts->settings, one->address))
			g_ptr_array_add(list, g_strdup(sgp_address_get_addr_spec(one->address)));
	}
	g_ptr_array_add(list, NULL);
	return (GStrv)g_ptr_array_free(g_steal_pointer(&list), FALSE);
}

static gboolean read_history(
	SgpAssessor *self, SgpFacts *facts, const SgpMail *mail, GPtrArray *needs, GError **error)
{
	g_autoptr(GArray) references = dup_reference_ids(mail);
	g_autoptr(GArray) ids = g_array_new(FALSE, FALSE, sizeof(guint64));
	g_auto(GStrv) outside = dup_outside_addresses(facts);
	GError *local = NULL;
	facts->is_reply = references->len > 0;
	facts->history_complete = sgp_history_is_complete(self->history);
	if (!facts->is_reply || outside[0] == NULL)
		return TRUE;
	g_ptr_array_unref(facts->messages);
	facts->messages = sgp_history_lookup_conversation(self->history,
		(const guint64 *)(gpointer)references->data, references->len,
		(const char *const *)outside, needs, ids, &local);
	if (facts->messages == NULL) {
		facts->messages =
			g_ptr_array_new_with_free_func((GDestroyNotify)sgp_message_fact_free);
		g_propagate_error(error, local);
		return FALSE;
	}
	facts->matter_tied = sgp_consent_ledger_lookup_tied_matter(
		self->ledger, (const guint64 *)(gpointer)references->data, references->len, &local);
	if (local == NULL && facts->matter_tied == NULL)
		facts->matter_tied = sgp_consent_ledger_lookup_tied_matter(
			self->ledger, (const guint64 *)(gpointer)ids->data, ids->len, &local);
	if (local == NULL)
		return TRUE;
	g_propagate_error(error, local);
	return FALSE;
}

/* In a new mail as well: what somebody said of all their mail is found in no conversation of this
 * one. An index that is still being built may hold such words: nobody knows. */
static gboolean read_wishes(SgpAssessor *self, SgpFacts *facts, GPtrArray *needs, GError **error)
{
	for (guint i = 0; i < facts->recipients->len; i++) {
		SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, i);
		gboolean wants_encryption = FALSE;
		if (sgp_policy_settings_is_internal(&facts->settings, one->address) ||
			sgp_policy_settings_is_partner(&facts->settings, one->address))
			continue;
		if (!sgp_history_lookup_wants_encryption(self->history,
			    sgp_address_get_addr_spec(one->address), needs, &wants_encryption,
			    error))
			return FALSE;
		if (wants_encryption)
			one->wants_encryption = SGP_KNOWLEDGE_YES;
		else if (facts->history_complete)
			one->wants_encryption = SGP_KNOWLEDGE_NO;
	}
	return TRUE;
}

static gboolean read_matter(
	SgpAssessor *self, SgpFacts *facts, const SgpMail *mail, const char *chosen, GError **error)
{
	GError *local = NULL;
	if (chosen != NULL && *chosen != '\0') {
		facts->matter_chosen =
			sgp_consent_ledger_lookup_matter(self->ledger, chosen, &local);
		/* An unknown one is nobody's permission, but the mail is about it, not about
		 * another. */
		if (facts->matter_chosen == NULL)
			facts->matter_chosen = g_strdup(chosen);
	}
	GPtrArray *found = local == NULL ? sgp_consent_ledger_lookup_matters_in(
						   self->ledger, mail->subject, &local)
					 : NULL;
	if (found == NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	g_ptr_array_unref(facts->matters_in_subject);
	facts->matters_in_subject = found;
	return TRUE;
}

static gboolean read_consents(SgpAssessor *self, SgpFacts *facts, GError **error)
{
	for (guint i = 0; i < facts->recipients->len; i++) {
		SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, i);
		g_autoptr(GError) local = NULL;
		GPtrArray *consents = sgp_consent_ledger_lookup_consents(
			self->ledger, sgp_address_get_addr_spec(one->address), &local);
		/* A ledger that somebody wrote into tells nothing: has_consents stays FALSE. */
		if (g_error_matches(local, SGP_ERROR, SGP_ERROR_TAMPERED))
			continue;
		if (consents == NULL) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		}
		g_ptr_array_unref(one->consents);
		one->consents = consents;
		one->has_consents = TRUE;
	}
	return TRUE;
}

/* Drops what an answer to would be refused as well: the mail that was opted out of later in its
 * conversation, or that is older than the office answers. */
static gboolean keep_answerable(SgpAssessor *self, const SgpFacts *facts, SgpRecipientFacts *one,
	GPtrArray *recent, gint64 now, GError **error)
{
	const char *addresses[] = { sgp_address_get_addr_spec(one->address), NULL };
	for (guint i = 0; i < recent->len && i < MAX_OFFERS;) {
		const SgpInquiryOffer *offer = g_ptr_array_index(recent, i);
		guint64 id = sgp_history_hash_message_id(offer->message_id);
		g_autoptr(GPtrArray) messages = sgp_history_lookup_conversation(
			self->history, &id, 1, addresses, NULL, NULL, error);
		if (messages == NULL)
			return FALSE;
		if (sgp_reactive_rule_could_answer(facts, one, messages, now))
			i++;
		else
			g_ptr_array_remove_index(recent, i);
	}
	g_ptr_array_set_size(recent, (gint)MIN(recent->len, MAX_OFFERS));
	return TRUE;
}

/* Only for those who were refused: what they asked lately would be another mail to answer. */
static gboolean read_recent(SgpAssessor *self, SgpFacts *facts, const SgpVerdict *verdict,
	gint64 now, GPtrArray *needs, gboolean *has_recent, GError **error)
{
	for (guint i = 0; i < facts->recipients->len; i++) {
		SgpRecipientFacts *one = g_ptr_array_index(facts->recipients, i);
		const SgpRecipientVerdict *refused = g_ptr_array_index(verdict->recipients, i);
		if (refused->basis != SGP_BASIS_NONE ||
			refused->basis_refusal == SGP_REFUSAL_UNKNOWN)
			continue;
		GPtrArray *recent = sgp_history_lookup_recent_inquiries(self->history,
			sgp_address_get_addr_spec(one->address), now - RECENT_DAYS * DAY, now,
			needs, error);
		if (recent == NULL)
			return FALSE;
		g_ptr_array_unref(one->recent);
		one->recent = recent;
		if (!keep_answerable(self, facts, one, recent, now, error))
			return FALSE;
		*has_recent = *has_recent || recent->len > 0;
	}
	return TRUE;
}

static void add_need(GPtrArray *needs, const char *need)
{
	if (!g_ptr_array_find_with_equal_func(needs, need, g_str_equal, NULL))
		g_ptr_array_add(needs, g_strdup(need));
}

/* --- The assessment --- */

static SgpFacts *gather(SgpAssessor *self, const SgpMail *mail, const SgpAssessOptions *options,
	GPtrArray *needs, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpFacts) facts = sgp_facts_new();
	read_settings(self->settings, &facts->settings);
	facts->subject = mail->subject;
	facts->confirmed = options != NULL ? options->confirmed : NULL;
	facts->overrules = options != NULL ? options->overrules : NULL;
	facts->class_chosen = options != NULL ? options->class_chosen : SGP_CONTENT_CLASS_UNKNOWN;
	facts->class_found = sgp_content_scan_combine(
		sgp_content_scan_mail(mail, facts->class_because),
		sgp_attachment_scan(mail, facts->class_because, facts->unread, cancellable));
	if (!read_recipients(facts, mail, error) ||
		!read_matter(self, facts, mail, options != NULL ? options->matter : NULL, error) ||
		!read_consents(self, facts, error) ||
		!read_history(self, facts, mail, needs, error) ||
		!read_wishes(self, facts, needs, error))
		return NULL;
	return g_steal_pointer(&facts);
}

SgpVerdict *sgp_assessor_assess_sync(SgpAssessor *self, const SgpMail *mail,
	const SgpAssessOptions *options, gint64 now, GPtrArray **mailboxes_out,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) needs = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(SgpFacts) facts = gather(self, mail, options, needs, cancellable, error);
	if (facts == NULL)
		return NULL;
	g_autoptr(SgpPortalClient) portal = ref_portal(self);
	g_autoptr(GPtrArray) mailboxes = NULL;
	if (!sgp_fact_gathering_run(facts, mail, self->keys, portal, self->probe, now, &mailboxes,
		    cancellable, error))
		return NULL;
	g_autoptr(SgpVerdict) verdict = sgp_policy_decide(facts, now);
	gboolean has_recent = FALSE;
	if (!read_recent(self, facts, verdict, now, needs, &has_recent, error))
		return NULL;
	if (has_recent) {
		sgp_verdict_free(verdict);
		verdict = sgp_policy_decide(facts, now);
	}
	for (guint i = 0; i < needs->len; i++)
		add_need(verdict->needs, g_ptr_array_index(needs, i));
	if (mailboxes_out != NULL)
		*mailboxes_out = g_steal_pointer(&mailboxes);
	return g_steal_pointer(&verdict);
}
