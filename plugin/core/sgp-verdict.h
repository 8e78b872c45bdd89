/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include "sgp-address.h"
#include "sgp-basis.h"
#include "sgp-channel.h"
#include "sgp-content-class.h"
#include "sgp-key.h"

G_BEGIN_DECLS

typedef enum {
	SGP_ACTION_HOLD = 0, /* zero: a verdict that nobody filled in stops the mail */
	SGP_ACTION_ASK,
	SGP_ACTION_SEND,
} SgpAction;

typedef enum {
	SGP_FIELD_BCC = 0, /* zero: treated as the most private */
	SGP_FIELD_TO,
	SGP_FIELD_CC,
} SgpField;

/* A stronger rung that was not taken, and why; key is NULL where the rung has none. */
typedef struct {
	SgpChannel channel;
	char *key;    /* (owned) (nullable) fingerprint */
	char *reason; /* (owned) a key state's nick, or one of sgp_not_stronger_get_reasons() */
	char *detail; /* (owned) (nullable) */
} SgpNotStronger;

/* A question that a person can answer; the ids of those answered with yes travel back in
 * SgpAssessOptions. */
typedef struct {
	char *id;      /* (owned) of this very question: see sgp_question_dup_id() */
	char *kind;    /* (owned) one of sgp_question_get_kinds() */
	char *detail;  /* (owned) (nullable) e.g. the sentence that was read */
	char *address; /* (owned) (nullable) whom it is about */
} SgpQuestion;

typedef struct {
	SgpAddress *address; /* (owned) */
	SgpField field;
	SgpAction action;
	/* may we write */
	SgpBasis basis;
	SgpRefusal basis_refusal;  /* NONE if there is a basis */
	GPtrArray *all_bases;      /* (owned) (element-type utf8) nicks of all that hold */
	GPtrArray *all_inquiries;  /* (owned) (element-type utf8) Message-IDs of all inquiries that
				      hold, newest first */
	char *evidence_message_id; /* (owned) (nullable) of the inquiry, without <> */
	char *evidence_subject;    /* (owned) (nullable) the inquiry's own; never in the ledger */
	gint64 evidence_date;      /* 0: none */
	gboolean evidence_authenticated;
	gint64 evidence_entry; /* ledger entry of the consent record, 0: none */
	char *sentence;        /* (owned) (nullable) the words of an opt-out */
	char *objection_id;    /* (owned) (nullable) of this very objection, with which it can be
				  overruled; NULL where there is none to overrule */
	gboolean is_overruled; /* staff read the sentence otherwise, with a written reason */
	char *overrule_reason; /* (owned) (nullable) that reason */
	GPtrArray *confirmed;  /* (owned) (element-type utf8) kinds of questions that staff answered
				  with yes, where it mattered */
	GPtrArray *remedies;   /* (owned) (element-type utf8) of sgp_verdict_get_remedies();
				  "reply-to" as "reply-to:<id>" */
	GPtrArray *offers;     /* (owned) (element-type SgpInquiryOffer) one for each "reply-to:",
				  in the same order */
	/* by which channel */
	SgpChannel channel;
	SgpRefusal channel_refusal; /* NONE, NO_USABLE_CHANNEL or UNKNOWN */
	GPtrArray
		*keys; /* (owned) (element-type SgpKey) to encrypt to; empty for portal and plain */
	GPtrArray *not_stronger; /* (owned) (element-type SgpNotStronger) */
	gboolean is_invitation; /* portal: the customer is not registered yet, a code will be needed
				 */
} SgpRecipientVerdict;

/* An inquiry that this mail could answer instead ("reply to this one"): what a person needs to know
 * it by. Only for showing; the remedy "reply-to:<id>" is what can be chosen. */
typedef struct {
	char *message_id; /* (owned) without <> */
	char *subject;    /* (owned) (nullable) as its author wrote it */
	gint64 date;      /* seconds UTC; 0: unknown */
} SgpInquiryOffer;

/* The decision for one mail. */
typedef struct {
	SgpAction action; /* the worst of all */
	SgpContentClass class_chosen, class_found, class_effective;
	GPtrArray *class_because; /* (owned) (element-type utf8) the words that raised it */
	GPtrArray *unread;     /* (owned) (element-type utf8) names of attachments that could not be
				  read: no class, but no weak channel either */
	char *matter;          /* (owned) (nullable) */
	GPtrArray *recipients; /* (owned) (element-type SgpRecipientVerdict) */
	GPtrArray *questions;  /* (owned) (element-type SgpQuestion) open ones only */
	GPtrArray *needs; /* (owned) (element-type utf8) history locations "folder-uri#uid" to be
			     fetched and judged */
	gboolean history_complete; /* FALSE: the index is still being built */
} SgpVerdict;

SgpVerdict *sgp_verdict_new(void);
void sgp_verdict_free(SgpVerdict *self);
SgpRecipientVerdict *sgp_recipient_verdict_new(SgpAddress *address, SgpField field);
void sgp_recipient_verdict_free(SgpRecipientVerdict *self);
SgpNotStronger *sgp_not_stronger_new(
	SgpChannel channel, const char *key, const char *reason, const char *detail);
void sgp_not_stronger_free(SgpNotStronger *self);
/* subject: (nullable) */
SgpInquiryOffer *sgp_inquiry_offer_new(const char *message_id, const char *subject, gint64 date);
SgpInquiryOffer *sgp_inquiry_offer_copy(const SgpInquiryOffer *self);
void sgp_inquiry_offer_free(SgpInquiryOffer *self);
SgpQuestion *sgp_question_new(const char *kind, const char *detail, const char *address);
void sgp_question_free(SgpQuestion *self);
/* "kind:" and 16 hex digits over kind, person and words. An answer is bound to what was shown: it
 * covers no other person, and no sentence that was read later. detail, address: (nullable)
 * (transfer full) */
char *sgp_question_dup_id(const char *kind, const char *detail, const char *address);
/* Adds what would cure a refusal, once. */
void sgp_recipient_verdict_add_remedy(SgpRecipientVerdict *self, const char *remedy);
/* Every nick there is, so that whoever puts them into words can be checked against them: a nick
 * that is not listed warns when a verdict gets it, and our tests stop at warnings. NULL-terminated.
 */
const char *const *sgp_not_stronger_get_reasons(void); /* beside the nicks of SgpKeyState */
const char *const *sgp_question_get_kinds(void);
const char *const *sgp_verdict_get_remedies(void);
const char *sgp_action_get_nick(SgpAction action);
const char *sgp_field_get_nick(SgpField field);
/* The JSON of "assess --json", plus "needs", "history_complete" and, beside each recipient's
 * remedies, "offers": [{"message_id","subject","date"}]. (transfer full) */
char *sgp_verdict_dup_json(const SgpVerdict *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpVerdict, sgp_verdict_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpRecipientVerdict, sgp_recipient_verdict_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpNotStronger, sgp_not_stronger_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpQuestion, sgp_question_free)

G_END_DECLS
