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
	char *reason; /* (owned) nick: "expired", "no-key", "unknown", "not-enrolled", "too-large",
			 ... */
	char *detail; /* (owned) (nullable) */
} SgpNotStronger;

/* A question that a person can answer; confirmed kinds travel back in SgpAssessment options. */
typedef struct {
	char *kind;    /* (owned) "subject-changed", "opt-out-unclear", "key-conflict",
			  "matter-ambiguous", "wait" */
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
	gint64 evidence_date;      /* 0: none */
	gboolean evidence_authenticated;
	gint64 evidence_entry; /* ledger entry of the consent record, 0: none */
	char *sentence;        /* (owned) (nullable) the words of an opt-out */
	gboolean is_overruled; /* staff read the sentence otherwise, with a written reason */
	GPtrArray *confirmed;  /* (owned) (element-type utf8) kinds of questions that staff answered
				  with yes, where it mattered */
	GPtrArray *remedies;   /* (owned) (element-type utf8) "record-phone", "record-letter",
				  "record-agreement", "reply-to:<id>", "overrule", "wait", "retry",
				  "enrol-portal", "close-other-matter" */
	/* by which channel */
	SgpChannel channel;
	SgpRefusal channel_refusal; /* NONE, NO_USABLE_CHANNEL or UNKNOWN */
	GPtrArray
		*keys; /* (owned) (element-type SgpKey) to encrypt to; empty for portal and plain */
	GPtrArray *not_stronger; /* (owned) (element-type SgpNotStronger) */
	gboolean is_invitation; /* portal: the customer is not registered yet, a code will be needed
				 */
} SgpRecipientVerdict;

/* The decision for one mail. */
typedef struct {
	SgpAction action; /* the worst of all */
	SgpContentClass class_chosen, class_found, class_effective;
	GPtrArray *class_because; /* (owned) (element-type utf8) the words that raised it */
	char *matter;             /* (owned) (nullable) */
	GPtrArray *recipients;    /* (owned) (element-type SgpRecipientVerdict) */
	GPtrArray *questions;     /* (owned) (element-type SgpQuestion) open ones only */
	char *overrule_reason; /* (owned) (nullable) why staff read an opt-out otherwise; set where
				  it mattered */
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
SgpQuestion *sgp_question_new(const char *kind, const char *detail, const char *address);
void sgp_question_free(SgpQuestion *self);
const char *sgp_action_get_nick(SgpAction action);
const char *sgp_field_get_nick(SgpField field);
/* The JSON of 05-cli "assess --json", plus "needs" and "history_complete". (transfer full) */
char *sgp_verdict_dup_json(const SgpVerdict *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpVerdict, sgp_verdict_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpRecipientVerdict, sgp_recipient_verdict_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpNotStronger, sgp_not_stronger_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpQuestion, sgp_question_free)

G_END_DECLS
