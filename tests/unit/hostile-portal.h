/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A server on loopback that says what a test tells it to: what an honest portal never would. It
 * runs in a thread of its own. method and path as requested ("GET", "/api/v1/office"); body is the
 * request's. Returns the status; answer: (out) (transfer full) (nullable); location: (out)
 * (transfer full) (nullable), Refresh with 200. */
typedef guint (*HostilePortalFunc)(const char *method, const char *path, GBytes *body,
	char **answer, char **location, gpointer user_data);

typedef struct _HostilePortal HostilePortal;

/* certificate, key: (nullable) PEM files: TLS. */
HostilePortal *hostile_portal_new(
	HostilePortalFunc func, gpointer user_data, const char *certificate, const char *key);
void hostile_portal_free(HostilePortal *self);
const char *hostile_portal_get_origin(HostilePortal *self);
/* Every answer names this Upload-Offset. */
void hostile_portal_set_offset(HostilePortal *self, int offset);
/* Content-Type from now on: a constant. */
void hostile_portal_set_type(HostilePortal *self, const char *type);
/* "after" of the request that is being answered; 0: it names none. */
gint64 hostile_portal_get_after(HostilePortal *self);
/* Requests so far. */
guint hostile_portal_count(HostilePortal *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(HostilePortal, hostile_portal_free)

G_END_DECLS
