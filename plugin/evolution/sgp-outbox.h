/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libemail-engine/libemail-engine.h>

G_BEGIN_DECLS

/* Puts every mail copy that the agent has committed and Evolution does not have yet into
 * Evolution's outbox (its own transport sends it from there), and the copy for the sender into the
 * Sent folder; each once, however often this is called and wherever it was killed. identity_uid:
 * (nullable) which identity to prefer where several have the sender's address. n_taken: (out) how
 * many copies now wait in the outbox. Worker threads only. Errors: those of D-Bus and Camel; what
 * was not taken over stays with the agent and is offered again. */
gboolean sgp_outbox_take_over_sync(EMailSession *session, const char *identity_uid, guint *n_taken,
	GCancellable *cancellable, GError **error);

G_END_DECLS
