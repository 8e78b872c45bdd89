/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-portal-client.h"
#include "sgp-sealer.h"
#include "sgp-store.h"

G_BEGIN_DECLS

/* Everything that is sealed and not yet out of our hands (02, Deliver; 04, The agent's spool).
 * Three kinds of entries: portal copies, which the agent uploads; transport copies, which it hands
 * to the verified submission service; and mail copies (OpenPGP, plain internal, sent copy), which
 * the host takes over into its own outbox. Never clear text (a plain or transport copy lies there
 * encrypted under a key from the keyring), never a subject. */
typedef enum {
	SGP_SPOOL_STATE_FAILED = 0, /* needs a person; keeps the ciphertext */
	SGP_SPOOL_STATE_HELD,   /* needs a person: 72 h without success, refused by the portal */
	SGP_SPOOL_STATE_SEALED, /* committed, on disk */
	SGP_SPOOL_STATE_UPLOADING,
	SGP_SPOOL_STATE_UPLOADED,
	SGP_SPOOL_STATE_PUBLISHING, /* the portal is asked to show it, the submission service got
				       the end of the mail, or the sendmail command runs: it may
				       have left */
	SGP_SPOOL_STATE_DONE, /* published and recorded, or handed over to the host: the bytes are
				 gone, the row answers MayLeave */
	SGP_SPOOL_STATE_DROPPED, /* a person gave it up, with a reason */
} SgpSpoolState;

const char *sgp_spool_state_get_nick(SgpSpoolState state);

/* One copy as the spool knows it. */
typedef struct {
	char *id;       /* (owned) */
	char *draft_id; /* (owned) */
	SgpChannel channel;
	gboolean is_sent_copy;
	char *from;            /* (owned) addr-spec */
	GPtrArray *recipients; /* (owned) (element-type utf8) addr-specs */
	SgpSpoolState state;
	gint64 created;
	guint tries;
	char *problem;    /* (owned) (nullable) nick of the last error */
	char *handle;     /* (owned) (nullable) PORTAL: mailbox */
	char *manifest;   /* (owned) (nullable) PORTAL */
	GPtrArray *blobs; /* (owned) (element-type SgpPortalBlob) PORTAL; upload may be NULL */
} SgpSpoolEntry;
void sgp_spool_entry_free(SgpSpoolEntry *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpSpoolEntry, sgp_spool_entry_free)

/* Draft-ids of the command line: their mail copies go to its sendmail command, and never to a mail
 * program that asks the agent. */
#define SGP_SPOOL_CLI_DRAFT_PREFIX "cli:"

#define SGP_TYPE_SPOOL (sgp_spool_get_type())
G_DECLARE_FINAL_TYPE(SgpSpool, sgp_spool, SGP, SPOOL, GObject)

/* Thread-safe; calls that touch files or the keyring block (worker threads only). Errors: STORAGE;
 * LOCKED, UNREACHABLE (the keyring, for internal plain copies). */
SgpSpool *sgp_spool_new(SgpStore *store, GError **error);
/* O_TMPFILE, write, fdatasync, linkat for every copy, then fsync(dir); the caller's transaction
 * adds the rows (sgp_spool_commit) together with the ledger entry. After a failure, or instead of a
 * commit: sgp_spool_discard. */
gboolean sgp_spool_write(SgpSpool *self, GPtrArray *copies, const char *draft_id, GError **error);
void sgp_spool_discard(SgpSpool *self, GPtrArray *copies);
/* Inside sgp_store_begin(durable). mailboxes: (nullable) (element-type SgpPortalMailbox) of all
 * portal recipients. Errors: ALREADY_DONE if the draft-id is used up. */
gboolean sgp_spool_commit(SgpSpool *self, GPtrArray *copies, const char *draft_id,
	GPtrArray *mailboxes, gint64 now, GError **error);
/* Files without a row (crash before commit) and files of finished copies are removed, and a
 * hand-over that a crash cut short is held. Call once at start; does nothing while another process
 * works on the same spool. */
gboolean sgp_spool_recover(SgpSpool *self, gint64 now, GError **error);
char *sgp_spool_list_json(SgpSpool *self, GError **error);
/* Copies that wait for the portal, without those that need a person. */
guint sgp_spool_count_waiting(SgpSpool *self);
/* Copies that need a person: held or failed. G_MAXUINT if the table cannot be read. */
guint sgp_spool_count_held(SgpSpool *self);
gboolean sgp_spool_is_empty(SgpSpool *self);
/* A committed mail copy may leave: digest and recipients equal. The transport guard's question.
 * FALSE without error: no (reason: nick). */
gboolean sgp_spool_may_leave(SgpSpool *self, const char *copy_id, const char *digest,
	const char *const *recipients, char **reason, GError **error);
gboolean sgp_spool_is_committed_draft(SgpSpool *self, const char *draft_id, GError **error);

/* Mail copies: (element-type SgpSpoolEntry) committed, not taken over, oldest first. draft_id:
 * (nullable) only its copies. */
GPtrArray *sgp_spool_load_pending(SgpSpool *self, const char *draft_id, GError **error);
/* The whole RFC 5322 mail, at its start; -1 on error. */
int sgp_spool_open_mail(SgpSpool *self, const SgpSpoolEntry *entry, GError **error);
/* Said before a mail copy is given to the sendmail command, under sgp_spool_lock_delivery(): from
 * now on it may have left. Errors: NOT_FOUND (somebody else took it). */
gboolean sgp_spool_begin_hand_over(SgpSpool *self, const char *copy_id, gint64 now, GError **error);
/* Holds the mail copies whose hand-over nobody ended ("maybe-left"). Under the delivery lock, so
 * that whoever began it is gone; sgp_spool_recover() does it too. */
gboolean sgp_spool_hold_interrupted(SgpSpool *self, gint64 now, GError **error);
/* The host, or the sendmail command, has it: the bytes go. Again: fine. Errors: NOT_FOUND. */
gboolean sgp_spool_take_over(SgpSpool *self, const char *copy_id, gint64 now, GError **error);

/* Portal and transport copies: the one that is due longest; NULL and no error: none, then next_due
 * (seconds UTC) says when, 0 for never. */
SgpSpoolEntry *sgp_spool_load_due(SgpSpool *self, gint64 now, gint64 *next_due, GError **error);
SgpSpoolEntry *sgp_spool_load(SgpSpool *self, const char *copy_id, GError **error); /* NOT_FOUND */
int sgp_spool_open_blob(SgpSpool *self, const char *copy_id, guint n, GError **error);
gboolean sgp_spool_set_upload(
	SgpSpool *self, const char *copy_id, guint n, const char *upload, GError **error);
/* A copy that is done or given up does not change any more: REFUSED, here and in postpone and
 * finish; so an upload under way ends. NOT_FOUND. */
gboolean sgp_spool_set_state(SgpSpool *self, const char *copy_id, SgpSpoolState state,
	const char *problem, gint64 now, GError **error);
/* Not now: one more try counted, due again at `due`. */
gboolean sgp_spool_postpone(
	SgpSpool *self, const char *copy_id, const char *problem, gint64 due, GError **error);
/* Published: the bytes go. */
gboolean sgp_spool_finish(SgpSpool *self, const char *copy_id, gint64 now, GError **error);
/* Try at once: this copy, held and failed ones too; with NULL all that wait for the portal or the
 * submission service. Errors: NOT_FOUND, CONFLICT (it has left, or was given up). */
gboolean sgp_spool_retry(SgpSpool *self, const char *copy_id, gint64 now, GError **error);
/* A person gives a copy up; an upload under way is not published. Errors: NOT_FOUND, INVALID (no
 * reason), CONFLICT (it has left, or the portal was asked to publish it and did not answer yet). */
gboolean sgp_spool_drop(
	SgpSpool *self, const char *copy_id, const char *reason, gint64 now, GError **error);

/* One deliverer at a time over all processes: blocks until the other is done; close() the
 * descriptor to let go. -1: STORAGE. */
int sgp_spool_lock_delivery(SgpSpool *self, GError **error);

G_END_DECLS
