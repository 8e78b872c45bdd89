/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-copy-mime.h"
#include "sgp-sealer.h"
#include "sgp-splitter.h"

G_BEGIN_DECLS

/* Keys to encrypt to, and the key ids that the message then has to name. */
typedef struct {
	GPtrArray *fingerprints; /* (owned) (element-type utf8) each once; not NULL-terminated */
	GPtrArray *certificates; /* (owned) (element-type GBytes) keys that are in no keyring */
	GPtrArray *key_ids;      /* (owned) (element-type utf8) */
} SgpReaders;

/* One mail that is being sealed. All borrowed but where said. */
typedef struct {
	const SgpMail *mail;
	const SgpVerdict *verdict;
	SgpKeyLookup *keys;
	const char *home;
	SgpCopyMime *mime; /* (owned) */
	SgpKey *own; /* (owned) (nullable) the sender's, to sign with and to read the sent copy */
	SgpKey *own_certificate; /* (owned) (nullable) the same for S/MIME */
	const char *from;
	const SgpSealPortal *portal;
	GPtrArray *mailboxes;
	gint64 now;
	GCancellable *cancellable;
} SgpSealing;

SgpReaders *sgp_readers_new(void);
void sgp_readers_free(SgpReaders *self);
void sgp_readers_add(SgpReaders *self, const SgpKey *key);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpReaders, sgp_readers_free)

/* An unnamed file. is_clear: in memory only. */
int sgp_sealer_open_file(gboolean is_clear, GError **error);
/* What is inside the encryption of a copy for mail programs. */
gboolean sgp_sealer_write_entity(const SgpSealing *sealing, gboolean is_sent_copy,
	GOutputStream *to, GCancellable *cancellable, GError **error);
/* The mail and the digest of one S/MIME copy. */
gboolean sgp_sealer_seal_smime(
	const SgpSealing *sealing, const SgpCopyPlan *plan, SgpCopy *copy, GError **error);
/* The manifest and the blobs of one portal copy. */
gboolean sgp_sealer_seal_portal(const SgpSealing *sealing, const SgpRecipientVerdict *recipient,
	SgpCopy *copy, GError **error);

G_END_DECLS
