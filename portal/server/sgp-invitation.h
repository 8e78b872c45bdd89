/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-call.h"

G_BEGIN_DECLS

/* Texts are borrowed from the request. */
typedef struct {
	char *address; /* (owned) */
	gint64 generation;
	const char *language;
	const char *mailbox_key;
	const char *escrow;
	GBytes *code_wrap; /* (owned) */
	GBytes *salt;      /* (owned) */
	GBytes *auth_hash; /* (owned) */
	GBytes *digest;    /* (owned): tells the same invitation from another */
} SgpInvitation;

void sgp_invitation_clear(SgpInvitation *self);
gboolean sgp_invitation_read(SgpCall *call, SgpInvitation *self, GError **error);
SgpRows *sgp_invitation_load(SgpCall *call, GError **error);
gboolean sgp_invitation_is_stored(SgpCall *call, const SgpInvitation *given, const SgpRows *stored);
gboolean sgp_invitation_store(SgpCall *call, const SgpInvitation *given, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SgpInvitation, sgp_invitation_clear)

G_END_DECLS
