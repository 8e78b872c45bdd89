/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-settings.h"
#include "sgp-store.h"

G_BEGIN_DECLS

/* What the portal's pages are, as a customer's browser gets them. Zero: could not look. */
typedef enum {
	SGP_PAGES_UNKNOWN = 0,
	SGP_PAGES_DIFFER,  /* neither of a known release nor as at the first look */
	SGP_PAGES_PINNED,  /* as at the first look; there is no release here to compare with */
	SGP_PAGES_RELEASE, /* byte for byte those of this release, or of one that the setting
			      portal-pages names */
} SgpPagesState;

typedef struct {
	SgpPagesState state;
	char *digest; /* (owned) (nullable) of the page, which names all others: "sha384-..." */
	char *path;   /* (owned) (nullable) of DIFFER: the first that is not as it should be */
} SgpPagesLook;

const char *sgp_pages_state_get_nick(SgpPagesState state);
/* Fetches every page and script from this portal, as a browser would, and compares. manifest:
 * (nullable) the release's portal-release.json; NULL: the one that came with this program; "":
 * none. The
 * first look without any release to compare with is remembered in the store, and the later ones are
 * compared with it. NULL, "could not look": UNREACHABLE, NOT_FOUND (there are no pages), CANCELLED,
 * STORAGE, INVALID (the manifest, or portal-ca-file). Worker threads only. */
SgpPagesLook *sgp_portal_pages_look_sync(const char *origin, const char *manifest,
	SgpSettings *settings, SgpStore *store, GCancellable *cancellable, GError **error);
/* The next look is the first one. Errors: STORAGE. */
gboolean sgp_portal_pages_forget(SgpStore *store, GError **error);

void sgp_pages_look_free(SgpPagesLook *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpPagesLook, sgp_pages_look_free)

G_END_DECLS
