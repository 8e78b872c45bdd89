/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The three threads of a delivery: one carries what is due, one listens to the portal, one keeps
 * the office's consent records one set. It owns when something is tried; how is sgp-delivery's,
 * sgp-portal-events' and sgp-ledger-sync's. Nothing is polled without need:
 * a thread sleeps until it is kicked or due. */

#include "sgp-delivery.h"
#include "sgp-delivery-private.h"
#include "sgp-error.h"
#include "sgp-event-log.h"
#include "sgp-ledger-sync.h"
#include "sgp-portal-pages-watch.h"

#define IDLE_SECONDS         3600
#define EVENTS_RETRY_AT_MOST 60
#define SHARE_SECONDS        60 /* until a colleague's withdrawal is known here, at most */

struct _SgpDelivery {
	GObject parent_instance;
	SgpDispatcher *dispatcher; /* (owned) */
	SgpDeliveryEventFunc func;
	gpointer user_data;
	GCancellable *cancellable; /* (owned) */
	GMutex lock;
	GCond changed;
	guint kicks;       /* counts, so that a kick while working is not lost */
	GThread *carrier;  /* (owned) (nullable) */
	GThread *listener; /* (owned) (nullable) */
	GThread *sharer;   /* (owned) (nullable) */
};

G_DEFINE_TYPE(SgpDelivery, sgp_delivery, G_TYPE_OBJECT)

SgpDelivery *sgp_delivery_new(
	SgpDispatcher *dispatcher, SgpDeliveryEventFunc func, gpointer user_data)
{
	SgpDelivery *self = g_object_new(SGP_TYPE_DELIVERY, NULL);

	self->dispatcher = g_object_ref(dispatcher);
	self->func = func;
	self->user_data = user_data;
	return self;
}

static gint64 get_now(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}

/* Sleeps until seconds have passed, or somebody kicked since *seen, or the end. */
static void sleep_until_kicked(SgpDelivery *self, guint *seen, gint64 seconds)
{
	gint64 until = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;

	g_mutex_lock(&self->lock);
	while (*seen == self->kicks && !g_cancellable_is_cancelled(self->cancellable) &&
		g_cond_wait_until(&self->changed, &self->lock, until))
		continue;
	*seen = self->kicks;
	g_mutex_unlock(&self->lock);
}

static void tell(SgpDelivery *self, const char *copy_id)
{
	g_autoptr(SgpSpoolEntry) entry =
		sgp_spool_load(sgp_dispatcher_get_spool(self->dispatcher), copy_id, NULL);

	if (!entry || !self->func)
		return;
	g_autofree char *detail = sgp_delivery_dup_entry_json(entry);

	if (entry->state == SGP_SPOOL_STATE_DONE)
		self->func("delivered", detail, self->user_data);
	else if (entry->state == SGP_SPOOL_STATE_HELD || entry->state == SGP_SPOOL_STATE_FAILED)
		self->func("held", detail, self->user_data);
	else /* whoever shows what waits shows why */
		self->func("waits", detail, self->user_data);
}

/* Carries one copy if one is due. Returns the seconds until the next look, 0 for at once. */
static gint64 carry_one(SgpDelivery *self)
{
	SgpSpool *spool = sgp_dispatcher_get_spool(self->dispatcher);
	g_autoptr(GError) error = NULL;
	gint64 now = get_now(), next_due = 0;
	g_autoptr(SgpSpoolEntry) entry = sgp_spool_load_due(spool, now, &next_due, &error);

	if (!entry) {
		if (error)
			g_warning("the spool cannot be read: %s", error->message);
		return error || next_due == 0 ? IDLE_SECONDS : MAX(1, next_due - now);
	}
	if (!sgp_delivery_attempt_sync(
		    self->dispatcher, entry->id, now, NULL, NULL, self->cancellable, &error))
		g_message("a copy waits: %s", error->message);
	tell(self, entry->id);
	/* The row says when it is due again; a storage that takes no change must not make this
	 * spin. */
	return error && error->domain == SGP_ERROR && error->code == SGP_ERROR_STORAGE ? 60 : 0;
}

static gpointer run_carrier(gpointer user_data)
{
	SgpDelivery *self = user_data;
	guint seen = 0;

	while (!g_cancellable_is_cancelled(self->cancellable)) {
		gint64 seconds = carry_one(self);

		if (seconds > 0)
			sleep_until_kicked(self, &seen, seconds);
	}
	return NULL;
}

static gpointer run_listener(gpointer user_data)
{
	SgpDelivery *self = user_data;
	guint seen = 0, failures = 0;

	while (!g_cancellable_is_cancelled(self->cancellable)) {
		g_autoptr(GError) error = NULL;

		sgp_portal_pages_watch_sync(sgp_dispatcher_get_settings(self->dispatcher),
			sgp_dispatcher_get_store(self->dispatcher), self->func, self->user_data,
			get_now(), self->cancellable);
		if (sgp_portal_events_poll_sync(self->dispatcher, self->func, self->user_data,
			    self->cancellable, &error)) {
			/* The portal is back: what waits for it need not wait for its own time. */
			if (failures > 0) {
				sgp_spool_retry(sgp_dispatcher_get_spool(self->dispatcher), NULL,
					get_now(), NULL);
				sgp_delivery_kick(self);
			}
			sgp_dispatcher_note_portal(self->dispatcher, NULL);
			failures = 0;
			continue;
		}
		sgp_dispatcher_note_portal(self->dispatcher, error);
		guint delay = sgp_delivery_next_delay(failures++);

		sleep_until_kicked(self, &seen,
			g_error_matches(error, SGP_ERROR, SGP_ERROR_NOT_ENROLLED)
				? IDLE_SECONDS
				: MIN(delay, EVENTS_RETRY_AT_MOST));
	}
	return NULL;
}

static gint64 share_once(SgpDelivery *self, guint *failures)
{
	g_autoptr(GError) error = NULL;
	SgpLedgerSync result = { 0 };
	gboolean done = sgp_ledger_sync_run(
		self->dispatcher, FALSE, get_now(), &result, self->cancellable, &error);

	if (result.received > 0 && self->func)
		self->func("consents", "{}", self->user_data);
	if (result.newly_refused > 0) {
		sgp_event_log_add(sgp_dispatcher_get_store(self->dispatcher), 0, "record-refused",
			NULL, NULL, get_now(), NULL);
		if (self->func)
			self->func("record-refused", "{}", self->user_data);
	}
	*failures = done ? 0 : *failures + 1;
	if (done)
		return SHARE_SECONDS;
	if (g_error_matches(error, SGP_ERROR, SGP_ERROR_NOT_ENROLLED))
		return IDLE_SECONDS;
	if (*failures == 1) /* each time would fill the log */
		g_message("consent records wait to be shared: %s", error->message);
	return sgp_delivery_next_delay(*failures);
}

static gpointer run_sharer(gpointer user_data)
{
	SgpDelivery *self = user_data;
	guint seen = 0, failures = 0;

	while (!g_cancellable_is_cancelled(self->cancellable))
		sleep_until_kicked(self, &seen, share_once(self, &failures));
	return NULL;
}

void sgp_delivery_start(SgpDelivery *self)
{
	g_return_if_fail(self->carrier == NULL);
	self->carrier = g_thread_new("carrier", run_carrier, self);
	self->listener = g_thread_new("listener", run_listener, self);
	self->sharer = g_thread_new("sharer", run_sharer, self);
}

void sgp_delivery_kick(SgpDelivery *self)
{
	g_mutex_lock(&self->lock);
	self->kicks++;
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
}

void sgp_delivery_stop(SgpDelivery *self)
{
	g_cancellable_cancel(self->cancellable);
	sgp_delivery_kick(self);
	g_clear_pointer(&self->carrier, g_thread_join);
	g_clear_pointer(&self->listener, g_thread_join);
	g_clear_pointer(&self->sharer, g_thread_join);
}

static void sgp_delivery_finalize(GObject *object)
{
	SgpDelivery *self = SGP_DELIVERY(object);

	g_clear_object(&self->cancellable);
	g_clear_object(&self->dispatcher);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->changed);
	G_OBJECT_CLASS(sgp_delivery_parent_class)->finalize(object);
}

static void sgp_delivery_class_init(SgpDeliveryClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_delivery_finalize;
}

static void sgp_delivery_init(SgpDelivery *self)
{
	g_mutex_init(&self->lock);
	g_cond_init(&self->changed);
	self->cancellable = g_cancellable_new();
}
