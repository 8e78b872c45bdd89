/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-call.h"

G_BEGIN_DECLS

typedef struct {
	char *upload; /* (owned) */
	char *sha256; /* (owned): of the ciphertext, in hexadecimal */
	gint64 size;
	gboolean sealed; /* no PATCH changes the upload while this lives */
} SgpNewBlob;

/* A message on its way into the store. Texts are borrowed from the request. */
typedef struct {
	const char *id;
	const char *handle;
	const char *folder;
	const char *staff;
	const char *manifest;
	const char *in_reply_to; /* (nullable) */
	char *references;        /* (owned) (nullable) */
	GPtrArray *blobs;        /* (owned) (element-type SgpNewBlob) */
	GBytes *digest;          /* (owned): tells the same message from another */
	gint64 size;
} SgpNewMessage;

typedef enum {
	SGP_STORED_NOT = 0,
	SGP_STORED_NOW,
	SGP_STORED_BEFORE,
} SgpStored;

void sgp_new_message_clear(SgpNewMessage *message);
gboolean sgp_new_message_read(SgpNewMessage *message, SgpCall *call, GError **error);

SgpStored sgp_message_store_find(SgpCall *call, const SgpNewMessage *message, GError **error);
SgpStored sgp_message_store_check(SgpCall *call, const SgpNewMessage *message, GError **error);
gboolean sgp_message_store_insert(SgpCall *call, const SgpNewMessage *message, const char *state,
	gint64 expires, GError **error);
void sgp_message_store_drop_small(SgpCall *call, const SgpNewMessage *message);
gboolean sgp_message_store_erase(
	SgpDatabase *database, const char *id, const char *state, GPtrArray *files, GError **error);
gint64 sgp_message_store_get_retention(SgpDatabase *database, GError **error);
gboolean sgp_event_add(SgpDatabase *database, gint64 now, const char *type, const char *handle,
	const char *message, GError **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SgpNewMessage, sgp_new_message_clear)

G_END_DECLS
