/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-dispatcher.h"
#include "sgp-submission.h"

G_BEGIN_DECLS

/* Carries portal copies from the spool to the portal, transport copies to the verified submission
 * service, and brings the portal's events home. Two threads, from start to stop. */
#define SGP_TYPE_DELIVERY (sgp_delivery_get_type())
G_DECLARE_FINAL_TYPE(SgpDelivery, sgp_delivery, SGP, DELIVERY, GObject)

/* kind: "registered", "read", "replied", "bounced", "frozen", "delivered", "held",
 * "waits" (a try failed, there will be another), "tampered",
 * "unchecked" (registered, but the check of the key failed again and again: the key is not used);
 * "pages-changed" (the portal serves another program than the release), "pages-unseen";
 * detail: JSON. Called in a worker thread. */
typedef void (*SgpDeliveryEventFunc)(const char *kind, const char *detail, gpointer user_data);

SgpDelivery *sgp_delivery_new(
	SgpDispatcher *dispatcher, SgpDeliveryEventFunc func, gpointer user_data);
void sgp_delivery_start(SgpDelivery *self);
/* Something is due: a copy was committed, the portal was enrolled, the network came back. */
void sgp_delivery_kick(SgpDelivery *self);
/* Cancels what runs and waits for the threads. What was not delivered stays in the spool. */
void sgp_delivery_stop(SgpDelivery *self);

/* One attempt at one portal or transport copy, in the caller's thread; also for the command line.
 * TRUE: published or taken, and the spool says so. FALSE: the spool says what comes next (later,
 * held, failed). percent: (nullable). Errors: as the portal client. */
gboolean sgp_delivery_attempt_sync(SgpDispatcher *dispatcher, const char *copy_id, gint64 now,
	SgpProgressFunc progress, gpointer progress_data, GCancellable *cancellable,
	GError **error);
/* The submission service of the settings, with the password from the keyring. Errors: INVALID,
 * LOCKED, UNREACHABLE (the keyring). (transfer full) */
SgpSubmissionService *sgp_delivery_open_service_sync(
	SgpSettings *settings, GCancellable *cancellable, GError **error);
/* Seconds until try number tries + 1: doubles from 5 s up to 15 min, times a random 0.75 to 1.25,
 * so that many agents do not come back at once. */
guint sgp_delivery_next_delay(guint tries);

G_END_DECLS
