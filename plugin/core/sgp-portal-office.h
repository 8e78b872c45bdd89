/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The roster as it travels: JSON bytes and the office key's detached signature over exactly these
 * bytes. */
typedef struct {
	gint64 version;
	GBytes *bytes;   /* (owned) */
	char *signature; /* (owned) armored */
} SgpPortalRoster;

/* Whom customers and staff may ask about the portal. Nobody signed it: it is for showing, and
 * nothing may be decided by it. */
typedef struct {
	char *name, *phone, *hours, *mail; /* (owned) (nullable) */
} SgpPortalSupport;

/* The answer of GET /api/v1/office: all of it is the server's word, until
 * sgp_portal_office_verify() said otherwise. */
typedef struct {
	char *name;           /* (owned) */
	char *origin;         /* (owned) "https://portal.office.example", no slash at the end */
	char *portal_address; /* (owned) (nullable) From of the portal's mails: an inquiry relay by
				 itself */
	SgpPortalSupport support;
	gint64 attachment_limit; /* plaintext bytes of one attachment */
	gint64 message_limit;    /* bytes of one message */
	gint64 invitation_days;
	char *key;               /* (owned) (nullable) the office key, armored */
	SgpPortalRoster *roster; /* (owned) (nullable) before the first enrolment */
	JsonArray *staff;        /* (owned) (nullable) as the administrator entered them */
} SgpPortalOffice;

/* Errors: FAILED (not an answer of this protocol). (transfer full) */
SgpPortalOffice *sgp_portal_office_parse(JsonObject *object, GError **error);
void sgp_portal_office_free(SgpPortalOffice *self);
/* The roster is signed by the office key with this fingerprint (in the keyring of home), names this
 * portal and this office, and is not older than least_version. Worker threads only. Errors:
 * TAMPERED. */
gboolean sgp_portal_office_verify(const SgpPortalOffice *self, const char *home,
	const char *office_fingerprint, gint64 least_version, GError **error);

/* After verify: whether the roster names a staff member with this key. */
gboolean sgp_portal_office_has_staff(const SgpPortalOffice *self, const char *fingerprint);

/* The staff member's name as the administrator entered it: the portal's word. (nullable) (transfer
 * full) */
char *sgp_portal_office_dup_staff_name(const SgpPortalOffice *self, const char *address);

SgpPortalRoster *sgp_portal_roster_new(gint64 version, GBytes *bytes, const char *signature);
void sgp_portal_roster_free(SgpPortalRoster *self);
JsonObject *sgp_portal_roster_dup_json(const SgpPortalRoster *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpPortalOffice, sgp_portal_office_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpPortalRoster, sgp_portal_roster_free)

G_END_DECLS
