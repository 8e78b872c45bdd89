/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which keys staff have verified for which address: a key file, shared by the agent and the command
 * line. Thread-safe. */
typedef struct _SgpKeyAcceptance SgpKeyAcceptance;

SgpKeyAcceptance *sgp_key_acceptance_new(const char *path);
void sgp_key_acceptance_free(SgpKeyAcceptance *self);
/* Errors: STORAGE (could not look). accepted is untouched then. */
gboolean sgp_key_acceptance_lookup(SgpKeyAcceptance *self, const char *fingerprint,
	const char *addr_spec, gboolean *accepted, GError **error);
/* On disk when it returns. Errors: STORAGE. */
gboolean sgp_key_acceptance_add(
	SgpKeyAcceptance *self, const char *fingerprint, const char *addr_spec, GError **error);
/* Nothing is accepted for this address any more. Errors: STORAGE. */
gboolean sgp_key_acceptance_forget(SgpKeyAcceptance *self, const char *addr_spec, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpKeyAcceptance, sgp_key_acceptance_free)

G_END_DECLS
