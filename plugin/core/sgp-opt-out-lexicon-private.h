/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a word does in a sentence about how to be answered. A word may have several roles. */
typedef enum {
	ROLE_MAIL = 1 << 0,        /* e-mail */
	ROLE_OTHER = 1 << 1,       /* another way: post, telephone, fax */
	ROLE_NO = 1 << 2,          /* not, never, refrain from */
	ROLE_NONE_OF = 1 << 3,     /* "kein", "no": negates the noun after it */
	ROLE_INSTEAD_OF = 1 << 4,  /* statt, instead of */
	ROLE_REPLY = 1 << 5,       /* answer */
	ROLE_SEND = 1 << 6,        /* send, write, contact */
	ROLE_ASK = 1 << 7,         /* bitte, please, wish, may not */
	ROLE_RATHER = 1 << 8,      /* lieber, only, instead */
	ROLE_HAVE = 1 << 9,        /* auxiliary of the past */
	ROLE_PARTICIPLE = 1 << 10, /* got, sent, arrived */
	ROLE_ADVERT = 1 << 11,
	ROLE_ADDRESS = 1 << 12,
	ROLE_CHANGED = 1 << 13, /* new, old, changed */
	ROLE_IF = 1 << 14,
	ROLE_SECURE = 1 << 15,   /* encrypted, portal */
	ROLE_INSECURE = 1 << 16, /* unencrypted */
	ROLE_FINE = 1 << 17,     /* gladly, no objection, in order */
	ROLE_NEEDED = 1 << 18,   /* necessary */
	ROLE_AUTOMATIC = 1 << 19,
	ROLE_WHY = 1 << 20,
	ROLE_CALL = 1 << 21,    /* call: another way, by its verb */
	ROLE_SEND_TO = 1 << 22, /* zuschicken: to the door, says nothing of how */
	ROLE_THIS = 1 << 23,    /* diese, this */
	ROLE_ATTACHMENT = 1 << 24,
	ROLE_POSTAL_MAIL = 1 << 25, /* English "by mail": which one? */
	ROLE_OBJECT = 1 << 26,      /* widerspreche, opt out */
	ROLE_THEIRS = 1 << 27,      /* "Ihre E-Mail": one that came */
	ROLE_TO = 1 << 28,          /* "zu": schicken Sie ... zu */
	ROLE_I = 1 << 29,
	ROLE_ALSO = 1 << 30,
} Role;

#define ROLE_AND (1u << 31) /* joins two ways: "per Mail und Telefon" */

/* What an enum cannot hold any more. */
#define ROLE_BIT(n)  (G_GUINT64_CONSTANT(1) << (n))
#define ROLE_PLACE   ROLE_BIT(32) /* where the author's e-mail arrives: Postfach, mailbox */
#define ROLE_HERE    ROLE_BIT(33) /* perhaps there: hier, "this account" */
#define ROLE_CONTACT ROLE_BIT(34) /* what comes from us: messages, "hear from you" */
#define ROLE_READ    ROLE_BIT(35) /* whether that place is read or in use */
#define ROLE_HANDLE  ROLE_BIT(36) /* what one does with a mail that came: find, open, read */
#define ROLE_GIVE    ROLE_BIT(37) /* hands something over: send, schicken */
#define ROLE_COULD   ROLE_BIT(38) /* told of the past: konnte, "I was not able" */
#define ROLE_CAN                                                                                   \
	ROLE_BIT(39) /* is able or is going to; no wish if the author speaks of himself            \
		      */
#define ROLE_DETERMINER ROLE_BIT(40) /* diese, this, meine, my */
#define ROLE_MINE       ROLE_BIT(41)
#define ROLE_THE        ROLE_BIT(42)
#define ROLE_MAILS      ROLE_BIT(43) /* more than one: e-mail as such */
#define ROLE_FROM_YOU   ROLE_BIT(44)
#define ROLE_OWN        ROLE_BIT(45) /* have, as "there is" */
#define ROLE_WORRY      ROLE_BIT(46)
#define ROLE_NET        ROLE_BIT(47) /* what e-mail needs: internet, computer */
#define ROLE_DELETE     ROLE_BIT(48)
#define ROLE_COMMAND    ROLE_BIT(49) /* an imperative, if the clause begins with it */
#define ROLE_ME         ROLE_BIT(50)
#define ROLE_BECOMES    ROLE_BIT(51) /* wird: with a participle the present, not the past */
#define ROLE_MORE       ROLE_BIT(52) /* mehr, further, again: what has been shall end */
#define ROLE_CONSENT    ROLE_BIT(53) /* allows; with a negation it forbids */
#define ROLE_NOTHING    ROLE_BIT(54)

/* word: folded (lower case, ä as ae, ß as ss, no hyphens, no apostrophes). 0: none that matters. */
guint64 sgp_opt_out_lexicon_lookup(const char *word);
/* Joins what is one word in meaning ("auf diesem Weg", "instead of"), so that it can be looked up.
 * text: folded. (transfer full) */
char *sgp_opt_out_lexicon_join_phrases(const char *text);

G_END_DECLS
