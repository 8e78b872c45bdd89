/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-sealer.h"
#include "sgp-store.h"

G_BEGIN_DECLS

/* Everything that is sealed and not yet out of our hands (02, Deliver; 04, The agent's spool). Two kinds of entries: portal copies, which the agent uploads; and mail copies
 * (OpenPGP, plain internal, sent copy), which the host takes over into its own outbox. Never clear text except internal plain copies (see .c for how those are kept), never a subject. */
typedef enum {
	SGP_SPOOL_STATE_FAILED = 0, /* needs a person; keeps the ciphertext */
	SGP_SPOOL_STATE_HELD,       /* needs a person: 72 h without success, refused by the portal */
	SGP_SPOOL_STATE_SEALED,     /* committed, on disk */
	SGP_SPOOL_STATE_UPLOADING,
	SGP_SPOOL_STATE_UPLOADED,
	SGP_SPOOL_STATE_PUBLISHED,
	SGP_SPOOL_STATE_DONE,       /* published and recorded, or handed over to the host */
} SgpSpoolState;

#define SGP_TYPE_SPOOL (sgp_spool_get_type())
G_DECLARE_FINAL_TYPE(SgpSpool, sgp_spool, SGP, SPOOL, GObject)

SgpSpool *sgp_spool_new(SgpStore *store, GError **error);
/* O_TMPFILE, write, fdatasync, linkat, fsync(dir) for every copy; then the caller's transaction adds the rows (sgp_spool_commit) together with the ledger entry. */
gboolean sgp_spool_write(SgpSpool *self, GPtrArray *copies, const char *draft_id, GError **error);
gboolean sgp_spool_commit(SgpSpool *self, GPtrArray *copies, const char *draft_id, gint64 now, GError **error);
/* Files without a row (crash before commit) are removed. Call once at start. */
gboolean sgp_spool_recover(SgpSpool *self, GError **error);
char *sgp_spool_list_json(SgpSpool *self, GError **error);
gboolean sgp_spool_is_empty(SgpSpool *self);
/* A committed mail copy may leave: digest and recipients equal. The transport guard's question. FALSE without error: no (reason: nick). */
gboolean sgp_spool_may_leave(SgpSpool *self, const char *copy_id, const char *digest, const char *const *recipients, char **reason, GError **error);
gboolean sgp_spool_is_committed_draft(SgpSpool *self, const char *draft_id, GError **error);

G_END_DECLS
