/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where this device is enrolled: names and fingerprints, kept in the settings and the store. It
 * owns how they are kept; it holds no secret and asks nobody. */

#include "sgp-portal-account.h"
#include "sgp-error.h"

#define OFFICE_NAME        "portal.office-name"
#define OFFICE_FINGERPRINT "portal.office-fingerprint"
#define STAFF_FINGERPRINT  "portal.staff-fingerprint"
#define ROSTER_VERSION     "portal.roster-version"

static gboolean load_value(SgpStore *store, const char *name, char **value, GError **error)
{
	g_autoptr(GError) local = NULL;

	*value = sgp_store_lookup_value(store, name, &local);
	if (!local)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

SgpPortalAccount *sgp_portal_account_lookup(SgpSettings *settings, SgpStore *store, GError **error)
{
	g_autoptr(SgpPortalAccount) self = g_new0(SgpPortalAccount, 1);
	g_autofree char *version = NULL;

	self->origin = sgp_settings_dup_string(settings, "portal-url");
	self->staff_address = sgp_settings_dup_string(settings, "staff-address");
	if (self->origin[0] == '\0')
		return NULL;
	if (!load_value(store, OFFICE_NAME, &self->office_name, error) ||
		!load_value(store, OFFICE_FINGERPRINT, &self->office_fingerprint, error) ||
		!load_value(store, STAFF_FINGERPRINT, &self->staff_fingerprint, error) ||
		!load_value(store, ROSTER_VERSION, &version, error))
		return NULL;
	/* Settings that were copied from another machine are no enrolment: without the pin nothing
	 * can be checked. */
	if (!self->office_fingerprint || !self->staff_fingerprint)
		return NULL;
	self->roster_version = version ? g_ascii_strtoll(version, NULL, 10) : 0;
	return g_steal_pointer(&self);
}

/* Where the administrator has set and locked the same value, there is nothing to write. */
static gboolean set_text(SgpSettings *settings, const char *key, const char *value, GError **error)
{
	g_autofree char *current = sgp_settings_dup_string(settings, key);

	return g_str_equal(current, value) ||
	       sgp_settings_set(settings, key, g_variant_new_string(value), error);
}

/* A locked list is the administrator's decision, and no reason to lose an enrolment whose token is
 * used up. */
static gboolean add_relay(SgpSettings *settings, const char *address, GError **error)
{
	g_auto(GStrv) relays = sgp_settings_dup_strv(settings, "inquiry-relays");
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_autoptr(GError) local = NULL;

	if (g_strv_contains((const char *const *)relays, address))
		return TRUE;
	g_strv_builder_addv(builder, (const char **)relays);
	g_strv_builder_add(builder, address);
	g_auto(GStrv) more = g_strv_builder_end(builder);

	if (sgp_settings_set(settings, "inquiry-relays",
		    g_variant_new_strv((const char *const *)more, -1), &local))
		return TRUE;
	if (g_error_matches(local, SGP_ERROR, SGP_ERROR_REFUSED)) {
		g_message("the portal is no inquiry relay: %s", local->message);
		return TRUE;
	}
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

gboolean sgp_portal_account_save(const SgpPortalAccount *self, const char *portal_address,
	SgpSettings *settings, SgpStore *store, GError **error)
{
	g_autofree char *version = g_strdup_printf("%" G_GINT64_FORMAT, self->roster_version);

	if (!sgp_store_begin(store, TRUE, error))
		return FALSE;
	if (!sgp_store_set_value(store, OFFICE_NAME, self->office_name, error) ||
		!sgp_store_set_value(store, OFFICE_FINGERPRINT, self->office_fingerprint, error) ||
		!sgp_store_set_value(store, STAFF_FINGERPRINT, self->staff_fingerprint, error) ||
		!sgp_store_set_value(store, ROSTER_VERSION, version, error)) {
		sgp_store_rollback(store);
		return FALSE;
	}
	return sgp_store_commit(store, error) &&
	       (!portal_address || add_relay(settings, portal_address, error)) &&
	       set_text(settings, "staff-address", self->staff_address, error) &&
	       set_text(settings, "portal-url", self->origin, error);
}

void sgp_portal_account_free(SgpPortalAccount *self)
{
	g_free(self->origin);
	g_free(self->office_name);
	g_free(self->office_fingerprint);
	g_free(self->staff_address);
	g_free(self->staff_fingerprint);
	g_free(self);
}
