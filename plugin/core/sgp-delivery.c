/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From the spool to the portal, exactly once. It owns the order state, upload, store, publish, and
 * what an error means for the next try. Ids were chosen before the commit, offsets are asked from
 * the server, storing and publishing are idempotent: so a kill at any line leads back here, and
 * never to a second message (test: tests/crash). */

#include "sgp-delivery.h"
#include "sgp-delivery-private.h"
#include "sgp-error.h"

#include <unistd.h>

#define ASK_AFTER_SECONDS (72 * 3600)
/* Tries for errors that should not happen twice (an upload that vanished, a broken answer). */
#define ODD_TRIES 8

typedef struct {
	SgpDispatcher *dispatcher; /* (borrowed) */
	SgpPortalClient *client;   /* (borrowed) */
	SgpSpool *spool;           /* (borrowed) */
	SgpSpoolEntry *entry;      /* (borrowed) */
	gint64 now;
	SgpProgressFunc progress;
	gpointer progress_data;
	gint64 total, before; /* bytes of all blobs, and of those before this one */
	GCancellable *cancellable;
	gboolean is_gone; /* the portal had it, and shows it to nobody any more */
} Attempt;

guint sgp_delivery_next_delay(guint tries)
{
	/* Named first: the macros below evaluate their arguments more than once. */
	double factor = g_random_double_range(0.75, 1.25);
	double delay = MIN(5u << MIN(tries, 8u), 900u) * factor;

	return (guint)CLAMP(delay, 5.0, 900.0);
}

static void on_sent(gint64 sent, gpointer user_data)
{
	Attempt *self = user_data;

	if (self->progress && self->total > 0)
		self->progress("uploading", (guint)((self->before + sent) * 100 / self->total),
			self->progress_data);
}

/* A fresh upload, remembered before its first byte goes: after a crash its offset is asked. */
static gboolean create_upload(Attempt *self, guint n, SgpPortalBlob *blob, GError **error)
{
	g_clear_pointer(&blob->upload, g_free);
	blob->upload = sgp_portal_client_create_upload_sync(
		self->client, blob->size, self->cancellable, error);
	return blob->upload &&
	       sgp_spool_set_upload(self->spool, self->entry->id, n, blob->upload, error);
}

static gboolean send_blob(Attempt *self, guint n, SgpPortalBlob *blob, GError **error)
{
	g_autoptr(GError) local = NULL;
	int fd = sgp_spool_open_blob(self->spool, self->entry->id, n, error);
	gboolean done;

	if (fd < 0)
		return FALSE;
	done = (blob->upload || create_upload(self, n, blob, &local)) &&
	       sgp_portal_client_upload_sync(self->client, blob->upload, fd, blob->size, on_sent,
		       self, self->cancellable, &local);
	/* The portal forgets an upload 24 h after its last byte: begin it again. */
	if (!done && g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		g_clear_error(&local);
		done = create_upload(self, n, blob, &local) &&
		       sgp_portal_client_upload_sync(self->client, blob->upload, fd, blob->size,
			       on_sent, self, self->cancellable, &local);
	}
	close(fd);
	if (local)
		g_propagate_error(error, g_steal_pointer(&local));
	return done;
}

static gboolean upload_all(Attempt *self, GError **error)
{
	GPtrArray *blobs = self->entry->blobs;

	for (guint n = 0; n < blobs->len; n++)
		self->total += ((SgpPortalBlob *)g_ptr_array_index(blobs, n))->size;
	for (guint n = 0; n < blobs->len; n++) {
		SgpPortalBlob *blob = g_ptr_array_index(blobs, n);

		/* Also asks whether it is still wanted: REFUSED once a person gave it up. */
		if (!sgp_spool_set_state(self->spool, self->entry->id, SGP_SPOOL_STATE_UPLOADING,
			    NULL, self->now, error) ||
			!send_blob(self, n, blob, error))
			return FALSE;
		self->before += blob->size;
	}
	return sgp_spool_set_state(
		self->spool, self->entry->id, SGP_SPOOL_STATE_UPLOADED, NULL, self->now, error);
}

/* The portal did not accept what was uploaded (incomplete, or other bytes): all of it is sent anew
 * the next time. */
static void forget_uploads(Attempt *self)
{
	for (guint n = 0; n < self->entry->blobs->len; n++)
		sgp_spool_set_upload(self->spool, self->entry->id, n, NULL, NULL);
}

static gboolean store(Attempt *self, GError **error)
{
	GPtrArray *blobs = self->entry->blobs;
	g_autofree SgpPortalBlob *list = g_new0(SgpPortalBlob, blobs->len + 1);
	g_autoptr(GError) local = NULL;

	for (guint n = 0; n < blobs->len; n++)
		list[n] = *(SgpPortalBlob *)g_ptr_array_index(blobs, n);
	if (sgp_portal_client_put_message_sync(self->client, self->entry->id, self->entry->handle,
		    self->entry->manifest, list, blobs->len, self->cancellable, &local))
		return TRUE;
	if (g_error_matches(local, SGP_ERROR, SGP_ERROR_CONFLICT))
		forget_uploads(self);
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

/* The last moment at which a person can give the copy up is the change to PUBLISHING, one statement
 * that fails on a dropped copy (tests /delivery/a-copy-dropped-while-...-is-not-published). */
static gboolean publish(Attempt *self, GError **error)
{
	return sgp_spool_set_state(self->spool, self->entry->id, SGP_SPOOL_STATE_PUBLISHING, NULL,
		       self->now, error) &&
	       sgp_portal_client_publish_sync(
		       self->client, self->entry->id, self->cancellable, error);
}

/* Where the message is at the portal decides where to go on, not what we remember. */
static gboolean carry(Attempt *self, GError **error)
{
	SgpPortalMessageState state = SGP_PORTAL_MESSAGE_UNKNOWN;

	if (!sgp_portal_client_lookup_message_sync(
		    self->client, self->entry->id, &state, self->cancellable, error))
		return FALSE;
	self->is_gone = state == SGP_PORTAL_MESSAGE_GONE;
	if (self->is_gone) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED,
			"the portal no longer shows this message");
		return FALSE;
	}
	if (state == SGP_PORTAL_MESSAGE_NONE && (!upload_all(self, error) || !store(self, error)))
		return FALSE;
	if (state != SGP_PORTAL_MESSAGE_PUBLISHED && !publish(self, error))
		return FALSE;
	return sgp_spool_finish(self->spool, self->entry->id, self->now, error);
}

/* What comes after a failed try. Cancelled: nothing, it was not the portal's fault. */
static void note_failure(
	SgpDispatcher *dispatcher, const SgpSpoolEntry *entry, gint64 now, const GError *error)
{
	SgpSpool *spool = sgp_dispatcher_get_spool(dispatcher);
	const char *problem = sgp_error_get_nick(error);
	gboolean is_portal_away = g_error_matches(error, SGP_ERROR, SGP_ERROR_UNREACHABLE) ||
				  g_error_matches(error, SGP_ERROR, SGP_ERROR_LOCKED) ||
				  g_error_matches(error, SGP_ERROR, SGP_ERROR_NOT_ENROLLED);
	gboolean is_odd = g_error_matches(error, SGP_ERROR, SGP_ERROR_CONFLICT) ||
			  g_error_matches(error, SGP_ERROR, SGP_ERROR_NOT_FOUND) ||
			  g_error_matches(error, SGP_ERROR, SGP_ERROR_FAILED);

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if ((is_portal_away && now - entry->created < ASK_AFTER_SECONDS) ||
		(is_odd && entry->tries < ODD_TRIES))
		sgp_spool_postpone(spool, entry->id, problem,
			now + sgp_delivery_next_delay(entry->tries), NULL);
	else
		sgp_spool_set_state(spool, entry->id,
			is_portal_away || g_error_matches(error, SGP_ERROR, SGP_ERROR_REFUSED)
				? SGP_SPOOL_STATE_HELD
				: SGP_SPOOL_STATE_FAILED,
			problem, now, NULL);
}

static gboolean attempt_portal(SgpDispatcher *dispatcher, SgpSpoolEntry *entry, gint64 now,
	SgpProgressFunc progress, gpointer progress_data, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpPortalClient) client =
		sgp_dispatcher_open_portal_sync(dispatcher, NULL, cancellable, &local);
	Attempt attempt = { dispatcher, client, sgp_dispatcher_get_spool(dispatcher), entry, now,
		progress, progress_data, 0, 0, cancellable, FALSE };
	gboolean done = client && carry(&attempt, &local);

	if (!client && !local)
		g_set_error(&local, SGP_ERROR, SGP_ERROR_NOT_ENROLLED, "no portal is set up");
	/* Revoked or expired: whether the customer ever read it is for a person to find out. */
	if (attempt.is_gone)
		sgp_spool_set_state(
			attempt.spool, entry->id, SGP_SPOOL_STATE_HELD, "gone", now, NULL);
	else if (local)
		note_failure(dispatcher, entry, now, local);
	/* Last: whoever is told and looks at the spool finds why. */
	sgp_dispatcher_note_portal(dispatcher, local);
	if (local)
		g_propagate_error(error, g_steal_pointer(&local));
	return done;
}

static gboolean attempt_locked(SgpDispatcher *dispatcher, SgpSpoolEntry *entry, gint64 now,
	SgpProgressFunc progress, gpointer progress_data, GCancellable *cancellable, GError **error)
{
	if (entry->channel == SGP_CHANNEL_TRANSPORT)
		return sgp_delivery_submit_sync(dispatcher, entry, now, cancellable, error);
	return attempt_portal(dispatcher, entry, now, progress, progress_data, cancellable, error);
}

gboolean sgp_delivery_attempt_sync(SgpDispatcher *dispatcher, const char *copy_id, gint64 now,
	SgpProgressFunc progress, gpointer progress_data, GCancellable *cancellable, GError **error)
{
	SgpSpool *spool = sgp_dispatcher_get_spool(dispatcher);
	int lock = sgp_spool_lock_delivery(spool, error);
	gboolean done = FALSE;

	if (lock < 0)
		return FALSE;
	/* Read under the lock: another process may have delivered it a moment ago. */
	g_autoptr(SgpSpoolEntry) entry = sgp_spool_load(spool, copy_id, error);

	if (entry && entry->state == SGP_SPOOL_STATE_DONE)
		done = TRUE;
	else if (entry && entry->state == SGP_SPOOL_STATE_DROPPED)
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED, "this copy was given up");
	else if (entry)
		done = attempt_locked(
			dispatcher, entry, now, progress, progress_data, cancellable, error);
	close(lock);
	return done;
}
