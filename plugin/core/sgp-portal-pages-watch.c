/* SPDX-License-Identifier: GPL-3.0-or-later */

/* When the portal's pages are looked at, and what is said of it. It owns the times and that nothing
 * is said twice; what is the same is sgp-portal-pages' business. */

#include "sgp-portal-pages-watch.h"
#include "sgp-event-log.h"
#include "sgp-json-private.h"
#include "sgp-portal-account.h"
#include "sgp-portal-pages.h"

#define NEXT          "portal.pages.next"
#define TOLD          "portal.pages.told"
#define BLIND         "portal.pages.blind" /* since when nobody could look */
#define HOUR          3600
#define BLIND_SECONDS (3 * 24 * HOUR)
#define BLIND_TOLD    "unseen"

static gint64 lookup_time(SgpStore *store, const char *name)
{
	g_autofree char *text = sgp_store_lookup_value(store, name, NULL);

	return text ? g_ascii_strtoll(text, NULL, 10) : 0;
}

static void set_time(SgpStore *store, const char *name, gint64 time)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, time);

	sgp_store_set_value(store, name, time > 0 ? text : "", NULL);
}

typedef struct {
	SgpStore *store; /* (borrowed) */
	SgpDeliveryEventFunc func;
	gpointer user_data;
	gint64 now;
} Watch;

/* what: what it is about; the same is told once. */
static void tell(const Watch *self, const char *kind, const char *what)
{
	g_autofree char *told = sgp_store_lookup_value(self->store, TOLD, NULL);
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	if (g_strcmp0(told, what) == 0)
		return;
	/* Remembered only once it is kept for those who are not there. */
	if (!sgp_event_log_add(self->store, 0, kind, NULL, NULL, self->now, NULL) ||
		!sgp_store_set_value(self->store, TOLD, what, NULL))
		return;
	json_builder_begin_object(out);
	sgp_json_add_text(out, "digest", what);
	sgp_json_add_int(out, "time", self->now);
	json_builder_end_object(out);
	g_autofree char *detail = sgp_json_dup(out);

	if (self->func)
		self->func(kind, detail, self->user_data);
}

static void note_blind(const Watch *self)
{
	gint64 since = lookup_time(self->store, BLIND);

	if (since <= 0 || since > self->now)
		set_time(self->store, BLIND, self->now);
	else if (self->now - since >= BLIND_SECONDS)
		tell(self, "pages-unseen", BLIND_TOLD);
}

static void note_look(const Watch *self, const SgpPagesLook *look)
{
	set_time(self->store, BLIND, 0);
	switch (look->state) {
	case SGP_PAGES_RELEASE:
	case SGP_PAGES_PINNED:
		sgp_store_set_value(self->store, TOLD, "", NULL);
		break;
	case SGP_PAGES_UNKNOWN:
	case SGP_PAGES_DIFFER:
		g_message("the portal's pages are not those of the release: %s", look->path);
		tell(self, "pages-changed", look->digest ? look->digest : look->path);
		break;
	}
}

void sgp_portal_pages_watch_sync(SgpSettings *settings, SgpStore *store, SgpDeliveryEventFunc func,
	gpointer user_data, gint64 now, GCancellable *cancellable)
{
	const Watch self = { store, func, user_data, now };
	int hours = sgp_settings_get_int(settings, "portal-pages-hours");
	gint64 next = lookup_time(store, NEXT);
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpPortalAccount) account = NULL;

	/* A clock that went back must not put the look off for ever. */
	if (hours <= 0 || (now < next && next - now <= (gint64)hours * HOUR))
		return;
	account = sgp_portal_account_lookup(settings, store, NULL);
	if (!account)
		return;
	g_autoptr(SgpPagesLook) look = sgp_portal_pages_look_sync(
		account->origin, NULL, settings, store, cancellable, &error);

	if (g_cancellable_is_cancelled(cancellable))
		return;
	if (look) {
		note_look(&self, look);
	} else {
		g_message("the portal's pages could not be looked at: %s", error->message);
		note_blind(&self);
	}
	/* Could not look: sooner than usual. */
	set_time(store, NEXT, now + (look ? (gint64)hours * HOUR : MIN(hours * HOUR, HOUR)));
}
