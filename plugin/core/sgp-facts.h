/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-address.h"
#include "sgp-channel.h"
#include "sgp-content-class.h"
#include "sgp-inquiry-scan.h"
#include "sgp-key.h"
#include "sgp-portal-mailbox.h"
#include "sgp-verdict.h"

G_BEGIN_DECLS

/* Everything that sgp_policy_decide() may look at, as plain records: no objects, no I/O, no clock.
 * The assessor fills them in. */

/* Could it be looked up at all? Zero: no. */
typedef enum {
	SGP_KNOWLEDGE_UNKNOWN = 0,
	SGP_KNOWLEDGE_NO,
	SGP_KNOWLEDGE_YES,
} SgpKnowledge;

typedef enum {
	SGP_POLICY_PROFILE_STRICT = 0,
	SGP_POLICY_PROFILE_BY_CLASS,
} SgpPolicyProfile;

typedef enum {
	SGP_INTERNAL_ENCRYPTION_ALWAYS = 0,
	SGP_INTERNAL_ENCRYPTION_IF_POSSIBLE,
	SGP_INTERNAL_ENCRYPTION_NEVER,
} SgpInternalEncryption;

/* The settings that decisions depend on, canonical. */
typedef struct {
	SgpPolicyProfile profile;
	SgpInternalEncryption internal_encryption;
	SgpChannel prefer_protocol;
	gboolean allow_plain;
	gboolean tofu_for_protected;      /* a key known from mail alone will do even then */
	gboolean has_verified_submission; /* else transport is not offered at all */
	gboolean require_authenticated_inquiry;
	int inquiry_valid_days; /* 0: for ever */
	GStrv own_domains;      /* (owned) */
	GStrv own_addresses;    /* (owned) */
	GStrv partners;         /* (owned) addr-specs and domains */
	GStrv inquiry_relays;   /* (owned) addr-specs */
} SgpPolicySettings;

/* One received message of the conversation that could be a basis or carry an objection. */
typedef struct {
	char *message_id; /* (owned) (nullable) without <>; NULL until judged */
	char *author;   /* (owned) (nullable) the one From mailbox; NULL if there is not exactly one
			 */
	GStrv authors;  /* (owned) (nullable) where there are several: all From mailboxes */
	GStrv reply_to; /* (owned) (nullable) */
	gboolean is_judged;   /* FALSE: found, but its text was not read yet */
	gboolean is_received; /* a copy lies where received mail lies; FALSE: Junk or Trash only */
	char *not_personal;   /* (owned) (nullable) nick */
	SgpAuthentication authentication;
	SgpOptOut opt_out;
	char *sentence;      /* (owned) (nullable) */
	char *subject;       /* (owned) (nullable) */
	gint64 date;         /* seconds UTC; 0: unknown */
	SgpChannel protocol; /* it came encrypted or signed this way; NONE */
} SgpMessageFact;

/* One consent record of one address. */
typedef struct {
	gint64 entry;
	SgpBasis kind; /* PHONE, LETTER, AGREEMENT; NONE is a withdrawal */
	char *matter;  /* (owned) (nullable) */
	gint64 given;
	gint64 valid_until; /* 0: until withdrawn */
	gboolean names_plain;
	gboolean is_matter_closed;
	char *id; /* (owned) (nullable) UUIDv7, the same on every device: of two that were given
		     at the same time the greater one is newer */
} SgpConsentFact;

typedef struct {
	SgpAddress *address; /* (owned) */
	SgpField field;
	gboolean has_consents;   /* could be looked up; FALSE is unknown */
	GPtrArray *consents;     /* (owned) (element-type SgpConsentFact) */
	SgpKeyAnswer *keys;      /* (owned) never NULL; is_known FALSE is unknown */
	SgpMailboxState mailbox; /* UNKNOWN: could not ask */
	SgpKnowledge
		transport; /* verified TLS to every MX, and a submission service that enforces it */
	SgpKnowledge wants_encryption; /* this person's last word on it, in whatever conversation;
					  only NO leaves the mail's own class to decide */
	GPtrArray *recent; /* (owned) (element-type SgpInquiryOffer) this person's inquiries of the
			      last 90 days, newest first */
} SgpRecipientFacts;

typedef struct {
	SgpPolicySettings settings;
	/* the mail */
	const char *subject; /* (borrowed) */
	gboolean is_reply;   /* has In-Reply-To or References */
	SgpContentClass class_chosen;
	SgpContentClass class_found; /* GENERAL: nothing found; UNKNOWN: could not be read */
	GPtrArray *class_because;    /* (owned) (element-type utf8) */
	GPtrArray *unread; /* (owned) (element-type utf8) attachments that could not be read */
	/* the matter */
	char *matter_chosen;           /* (owned) (nullable) by staff */
	char *matter_tied;             /* (owned) (nullable) by this conversation before */
	GPtrArray *matters_in_subject; /* (owned) (element-type utf8) known ones */
	/* the conversation */
	gboolean history_complete; /* FALSE: the index is still being built, or could not be read */
	GPtrArray *messages;       /* (owned) (element-type SgpMessageFact) */
	/* the portal */
	gboolean has_portal;              /* one is configured */
	gboolean is_too_large_for_portal; /* by the portal's own limits; unknown limits leave every
					     mailbox unknown */
	gboolean has_smime;               /* certificates are looked at at all */
	/* what staff answered */
	const char *const *confirmed; /* (borrowed) (nullable) ids of questions */
	GHashTable *overrules;        /* (borrowed) (nullable) id of an objection to the reason */
	GPtrArray *recipients;        /* (owned) (element-type SgpRecipientFacts) */
} SgpFacts;

SgpFacts *sgp_facts_new(void);
void sgp_facts_free(SgpFacts *self);
SgpMessageFact *sgp_message_fact_new(void);
void sgp_message_fact_free(SgpMessageFact *self);
SgpConsentFact *sgp_consent_fact_new(void);
void sgp_consent_fact_free(SgpConsentFact *self);
/* Newer: given later; then the greater id, which is the same on every device of the office. */
gboolean sgp_consent_fact_is_newer(const SgpConsentFact *self, const SgpConsentFact *other);
/* address: (transfer none) */
SgpRecipientFacts *sgp_recipient_facts_new(SgpAddress *address, SgpField field);
void sgp_recipient_facts_free(SgpRecipientFacts *self);
void sgp_policy_settings_clear(SgpPolicySettings *self);
/* Staff answered this very question with yes: of this kind, about this person, with these words.
 * detail, address: (nullable) as they stand in the question. */
gboolean sgp_facts_is_confirmed(
	const SgpFacts *self, const char *kind, const char *detail, const char *address);
/* Why staff read this very objection otherwise; NULL: they did not, or gave no reason.
 * objection_id: see SgpRecipientVerdict. (borrowed) */
const char *sgp_facts_get_overrule_reason(const SgpFacts *self, const char *objection_id);
/* By addr-spec or by domain, exactly. */
gboolean sgp_policy_settings_is_internal(const SgpPolicySettings *self, const SgpAddress *address);
gboolean sgp_policy_settings_is_partner(const SgpPolicySettings *self, const SgpAddress *address);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpFacts, sgp_facts_free)

G_END_DECLS
