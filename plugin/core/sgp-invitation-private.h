/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-invitation.h"

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* What the files of sgp-invitation share. */

#define SGP_ESCROW_SALT_BYTES      16
#define SGP_ESCROW_FORMER          "former_signature_keys"
#define SGP_INVITATION_MAILBOX_PIN "mailbox-key:"

/* What an escrow holds, or is about to hold. */
typedef struct {
	char *address; /* (owned) */
	char *handle;  /* (owned) */
	gint64 generation;
	char *mailbox_key; /* (owned) armored private key */
	char *code;        /* (owned) */
	GBytes *salt;      /* (owned) */
	GPtrArray *former; /* (owned) (element-type utf8) b64u: signature keys from before resets */
} SgpEscrow;

/* sgp-invitation-escrow.c */
void sgp_invitation_free_secret(char *text); /* (nullable) wiped first */
SgpEscrow *sgp_escrow_new(void);
void sgp_escrow_free(SgpEscrow *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpEscrow, sgp_escrow_free)
/* What an escrow holds, once it is opened. NULL: it is none. (transfer full) (nullable) */
SgpEscrow *sgp_escrow_parse(GBytes *plain);
void sgp_escrow_set_former(JsonObject *object, const GPtrArray *former);
char *sgp_invitation_json_text(JsonObject *object); /* (transfer full) */
/* Armored, for the office. (transfer full) */
char *sgp_invitation_seal_escrow(const SgpInvitationContext *context, const SgpEscrow *escrow,
	GCancellable *cancellable, GError **error);
/* Errors: TAMPERED, and those of opening it. (transfer full) */
SgpEscrow *sgp_invitation_open_escrow(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, GCancellable *cancellable, GError **error);

/* sgp-invitation-check.c */
gboolean sgp_invitation_set_tampered(GError **error, const char *what); /* returns FALSE */
/* Remembers a fingerprint with its generation. */
gboolean sgp_invitation_pin(SgpStore *store, const char *kind, const char *handle,
	const char *fingerprint, gint64 generation, GError **error);
/* certificate: (out) (nullable). By way of a throw-away home. */
gboolean sgp_invitation_read_private_key(
	const char *armored, char **fingerprint, char **certificate, GError **error);
/* The signature key that the portal shows, if somebody who knew the escrow's code made it. Errors:
 * TAMPERED. (transfer full) */
GBytes *sgp_invitation_read_signature_key(
	const SgpEscrow *escrow, const SgpPortalMailbox *mailbox, GError **error);

G_END_DECLS
