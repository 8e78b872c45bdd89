/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The next version of the office's roster: who is in it, and the office key's signature over it. It
 * owns that JSON; whether somebody may be in it is decided by whoever calls. */

#include "sgp-portal-roster.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-protocol.h"

#include <string.h>

JsonObject *sgp_portal_roster_entry_new(
	const char *address, const char *name, const char *fingerprint, const char *key)
{
	JsonObject *entry = json_object_new();

	sgp_protocol_set_text(entry, "address", address);
	sgp_protocol_set_text(entry, "name", name);
	sgp_protocol_set_text(entry, "fingerprint", fingerprint);
	sgp_protocol_set_text(entry, "key", key);
	return entry;
}

/* member: "staff" or "former". (element-type JsonObject) (transfer full) */
static GPtrArray *read_people(const SgpPortalRoster *self, const char *member)
{
	GPtrArray *staff = g_ptr_array_new_with_free_func((GDestroyNotify)json_object_unref);
	gsize length = 0;
	const char *data = g_bytes_get_data(self->bytes, &length);
	g_autoptr(JsonObject) roster = sgp_protocol_parse_object(data, length);
	JsonNode *node = roster ? json_object_get_member(roster, member) : NULL;
	JsonArray *list = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	for (guint i = 0; list && i < json_array_get_length(list); i++) {
		JsonNode *entry = json_array_get_element(list, i);

		if (JSON_NODE_HOLDS_OBJECT(entry))
			g_ptr_array_add(staff, json_object_ref(json_node_get_object(entry)));
	}
	return staff;
}

JsonArray *sgp_portal_roster_dup_staff(const SgpPortalRoster *self, const char *fingerprint)
{
	g_autoptr(GPtrArray) staff = read_people(self, "staff");
	JsonArray *list = json_array_new();

	for (guint i = 0; i < staff->len; i++) {
		JsonObject *entry = g_ptr_array_index(staff, i);
		const char *key = sgp_protocol_get_text(entry, "fingerprint");

		if (!fingerprint || !key || g_ascii_strcasecmp(key, fingerprint) != 0)
			json_array_add_object_element(list, json_object_ref(entry));
	}
	return list;
}

char *sgp_portal_roster_dup_name(const SgpPortalRoster *self, const char *address)
{
	g_autoptr(GPtrArray) staff = read_people(self, "staff");

	for (guint i = 0; i < staff->len; i++) {
		JsonObject *entry = g_ptr_array_index(staff, i);

		if (g_strcmp0(sgp_protocol_get_text(entry, "address"), address) == 0)
			return g_strdup(sgp_protocol_get_text(entry, "name"));
	}
	return NULL;
}

JsonArray *sgp_portal_roster_dup_former(const SgpPortalRoster *self)
{
	g_autoptr(GPtrArray) people = read_people(self, "former");
	JsonArray *list = json_array_new();

	for (guint i = 0; i < people->len; i++)
		json_array_add_object_element(list, json_object_ref(g_ptr_array_index(people, i)));
	return list;
}

/* The fingerprint in the roster is what counts: a key that came under another one is of no use. */
static gboolean take_key(
	JsonObject *entry, const char *home, GCancellable *cancellable, GError **error)
{
	const char *fingerprint = sgp_protocol_get_text(entry, "fingerprint");
	const char *key = sgp_protocol_get_text(entry, "key");
	g_autoptr(GError) local = NULL;

	if (!fingerprint || !key)
		return TRUE;
	g_autoptr(SgpKeyRecord) known =
		sgp_gpgme_load_record(home, fingerprint, cancellable, &local);

	if (known)
		return TRUE;
	if (!g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	g_clear_error(&local);
	g_autoptr(GBytes) bytes = g_bytes_new(key, strlen(key));
	g_autofree char *imported = sgp_gpgme_import(home, bytes, &local);

	if (!imported)
		g_message("a colleague's key cannot be taken: %s", local->message);
	return TRUE;
}

gboolean sgp_portal_roster_take_keys(
	const SgpPortalRoster *self, const char *home, GCancellable *cancellable, GError **error)
{
	static const char *const members[] = { "staff", "former" };

	for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
		g_autoptr(GPtrArray) people = read_people(self, members[i]);

		for (guint n = 0; n < people->len; n++)
			if (!take_key(g_ptr_array_index(people, n), home, cancellable, error))
				return FALSE;
	}
	return TRUE;
}

gboolean sgp_portal_roster_knows(const SgpPortalRoster *self, const char *fingerprint)
{
	static const char *const members[] = { "staff", "former" };

	for (gsize i = 0; i < G_N_ELEMENTS(members); i++) {
		g_autoptr(GPtrArray) people = read_people(self, members[i]);

		for (guint n = 0; n < people->len; n++)
			if (g_strcmp0(sgp_protocol_get_text(
					      g_ptr_array_index(people, n), "fingerprint"),
				    fingerprint) == 0)
				return TRUE;
	}
	return FALSE;
}

SgpPortalRoster *sgp_portal_roster_sign(const char *home, const char *origin,
	const char *office_fingerprint, JsonArray *staff, JsonArray *former, gint64 version,
	GError **error)
{
	g_autoptr(JsonNode) root = json_node_new(JSON_NODE_OBJECT);
	JsonObject *roster = json_object_new();

	json_object_set_int_member(roster, "v", SGP_PROTOCOL_VERSION);
	json_object_set_int_member(roster, "version", version);
	sgp_protocol_set_text(roster, "portal", origin);
	sgp_protocol_set_text(roster, "office", office_fingerprint);
	json_object_set_array_member(roster, "staff", staff);
	if (former)
		json_object_set_array_member(roster, "former", former);
	json_node_take_object(root, roster);
	g_autofree char *text = json_to_string(root, FALSE);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autofree char *signature =
		sgp_gpgme_sign_detached(home, bytes, office_fingerprint, error);

	return signature ? sgp_portal_roster_new(version, bytes, signature) : NULL;
}
