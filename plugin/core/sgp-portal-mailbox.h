/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the portal knows of a customer. Zero: could not look. */
typedef enum {
	SGP_MAILBOX_STATE_UNKNOWN = 0,
	SGP_MAILBOX_STATE_NONE,
	SGP_MAILBOX_STATE_INVITED,
	SGP_MAILBOX_STATE_EXPIRED, /* the invitation */
	SGP_MAILBOX_STATE_REGISTERED,
	SGP_MAILBOX_STATE_FROZEN,
} SgpMailboxState;

#define SGP_DEPOSITED_KEYS_LIMIT 5

/* What the portal says that the customer deposited. Nobody has checked it here. */
typedef struct {
	char *kind;      /* (owned) "openpgp" or "smime" */
	char *key;       /* (owned) armored, or PEM */
	char *signature; /* (owned) (nullable) armored, by CS */
} SgpDepositedKey;

SgpDepositedKey *sgp_deposited_key_new(const char *kind, const char *key, const char *signature);
SgpDepositedKey *sgp_deposited_key_copy(const SgpDepositedKey *self);
void sgp_deposited_key_free(SgpDepositedKey *self);

/* One row of the directory (PROTOCOL.md, directory:lookup). */
typedef struct {
	char *address; /* (owned) canonical */
	char *handle;  /* (owned) hex */
	SgpMailboxState state;
	gint64 generation;
	char *language;      /* (owned) (nullable) */
	char *mailbox_key;   /* (owned) (nullable) armored public key */
	char *escrow;        /* (owned) (nullable) armored message to the office key */
	char *signature_key; /* (owned) (nullable) b64u, binary public key CS */
	char *signature_mac; /* (owned) (nullable) b64u */
	gint64 invitation_expires;
	GPtrArray *keys; /* (owned) (element-type SgpDepositedKey) */
} SgpPortalMailbox;

SgpPortalMailbox *sgp_portal_mailbox_new(const char *address, SgpMailboxState state);
void sgp_portal_mailbox_free(SgpPortalMailbox *self);
const char *sgp_mailbox_state_get_nick(SgpMailboxState state);
gboolean sgp_mailbox_state_from_nick(const char *nick, SgpMailboxState *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpPortalMailbox, sgp_portal_mailbox_free)

G_END_DECLS
