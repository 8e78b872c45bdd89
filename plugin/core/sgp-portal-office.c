/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What the portal says about the office, and whether its roster is the one that the office key
 * signed. It owns the parsing and that check; it talks to no network and never trusts the server
 * for who works at the office. */

#include "sgp-portal-office.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-protocol.h"

#include <string.h>

SgpPortalRoster *sgp_portal_roster_new(gint64 version, GBytes *bytes, const char *signature)
{
	SgpPortalRoster *self = g_new0(SgpPortalRoster, 1);

	self->version = version;
	self->bytes = g_bytes_ref(bytes);
	self->signature = g_strdup(signature);
	return self;
}

void sgp_portal_roster_free(SgpPortalRoster *self)
{
	g_bytes_unref(self->bytes);
	g_free(self->signature);
	g_free(self);
}

JsonObject *sgp_portal_roster_dup_json(const SgpPortalRoster *self)
{
	JsonObject *object = json_object_new();

	json_object_set_int_member(object, "version", self->version);
	sgp_protocol_set_b64u(object, "roster", self->bytes);
	sgp_protocol_set_text(object, "signature", self->signature);
	return object;
}

static JsonObject *get_object(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
}

static SgpPortalRoster *parse_roster(JsonObject *object)
{
	const char *signature = sgp_protocol_get_text(object, "signature");
	g_autoptr(GBytes) bytes = sgp_protocol_dup_b64u(object, "roster");
	gint64 version = 0;

	if (!bytes || !signature || !sgp_protocol_get_integer(object, "version", &version))
		return NULL;
	return sgp_portal_roster_new(version, bytes, signature);
}

static void parse_support(JsonObject *object, SgpPortalSupport *support)
{
	support->name = g_strdup(sgp_protocol_get_text(object, "name"));
	support->phone = g_strdup(sgp_protocol_get_text(object, "phone"));
	support->hours = g_strdup(sgp_protocol_get_text(object, "hours"));
	support->mail = g_strdup(sgp_protocol_get_text(object, "mail"));
}

SgpPortalOffice *sgp_portal_office_parse(JsonObject *object, GError **error)
{
	g_autoptr(SgpPortalOffice) self = g_new0(SgpPortalOffice, 1);
	JsonObject *limits = get_object(object, "limits");
	JsonObject *roster = get_object(object, "roster");
	JsonObject *support = get_object(object, "support");

	self->name = g_strdup(sgp_protocol_get_text(object, "name"));
	self->origin = g_strdup(sgp_protocol_get_text(object, "origin"));
	self->portal_address = g_strdup(sgp_protocol_get_text(object, "portal_address"));
	self->key = g_strdup(sgp_protocol_get_text(object, "key"));
	sgp_protocol_get_integer(object, "invitation_days", &self->invitation_days);
	if (!self->name || !self->origin || !limits ||
		!sgp_protocol_get_integer(limits, "attachment", &self->attachment_limit) ||
		!sgp_protocol_get_integer(limits, "message", &self->message_limit)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED,
			"the portal's answer about the office is incomplete");
		return NULL;
	}
	JsonNode *staff = json_object_get_member(object, "staff");

	if (staff && JSON_NODE_HOLDS_ARRAY(staff))
		self->staff = json_array_ref(json_node_get_array(staff));
	if (roster)
		self->roster = parse_roster(roster);
	if (support)
		parse_support(support, &self->support);
	return g_steal_pointer(&self);
}

void sgp_portal_office_free(SgpPortalOffice *self)
{
	g_free(self->name);
	g_free(self->origin);
	g_free(self->portal_address);
	g_free(self->support.name);
	g_free(self->support.phone);
	g_free(self->support.hours);
	g_free(self->support.mail);
	g_free(self->key);
	g_clear_pointer(&self->roster, sgp_portal_roster_free);
	g_clear_pointer(&self->staff, json_array_unref);
	g_free(self);
}

/* What the signed bytes say, against what they should say: a roster of another office or portal, or
 * an older one that still lists somebody who left, carries a good signature too. */
static const char *refuse_roster(
	const SgpPortalOffice *self, const char *office_fingerprint, gint64 least_version)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(self->roster->bytes, &length);
	g_autoptr(JsonObject) roster = sgp_protocol_parse_object(data, length);
	gint64 version = 0;

	if (!roster || !sgp_protocol_get_integer(roster, "version", &version))
		return "it is not a roster";
	if (version != self->roster->version || version < least_version)
		return "it is an older version";
	if (g_strcmp0(sgp_protocol_get_text(roster, "portal"), self->origin) != 0)
		return "it names another portal";
	if (g_strcmp0(sgp_protocol_get_text(roster, "office"), office_fingerprint) != 0)
		return "it names another office";
	return NULL;
}

gboolean sgp_portal_office_verify(const SgpPortalOffice *self, const char *home,
	const char *office_fingerprint, gint64 least_version, GError **error)
{
	const char *wrong;

	if (!self->roster) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "the portal shows no roster");
		return FALSE;
	}
	if (!sgp_gpgme_verify_detached(
		    home, self->roster->bytes, self->roster->signature, office_fingerprint, error))
		return FALSE;
	wrong = refuse_roster(self, office_fingerprint, least_version);
	if (wrong) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED,
			"the portal's roster is refused: %s", wrong);
		return FALSE;
	}
	return TRUE;
}

gboolean sgp_portal_office_has_staff(const SgpPortalOffice *self, const char *fingerprint)
{
	gsize length = 0;
	const char *data = self->roster ? g_bytes_get_data(self->roster->bytes, &length) : NULL;
	g_autoptr(JsonObject) roster = sgp_protocol_parse_object(data, length);
	JsonNode *node = roster ? json_object_get_member(roster, "staff") : NULL;
	JsonArray *staff = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	for (guint i = 0; staff && i < json_array_get_length(staff); i++) {
		JsonNode *entry = json_array_get_element(staff, i);

		if (JSON_NODE_HOLDS_OBJECT(entry) &&
			g_strcmp0(sgp_protocol_get_text(json_node_get_object(entry), "fingerprint"),
				fingerprint) == 0)
			return TRUE;
	}
	return FALSE;
}

char *sgp_portal_office_dup_staff_name(const SgpPortalOffice *self, const char *address)
{
	for (guint i = 0; self->staff && i < json_array_get_length(self->staff); i++) {
		JsonNode *node = json_array_get_element(self->staff, i);
		JsonObject *one = JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;

		if (one && g_strcmp0(sgp_protocol_get_text(one, "address"), address) == 0)
			return g_strdup(sgp_protocol_get_text(one, "name"));
	}
	return NULL;
}
