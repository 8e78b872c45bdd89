/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The first meeting of this device and a portal: it owns the making of office key and staff key,
 * the roster, and the order of the steps. What cannot be done again (the token is used up by the
 * server) comes last, after everything that can fail was tried. It never sends a private key
 * anywhere, and never overwrites an office key that was pinned. */

#include "sgp-portal-enrolment.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-portal-device.h"
#include "sgp-portal-pages.h"
#include "sgp-portal-roster.h"
#include "sgp-protocol.h"
#include "sgp-secret-store.h"
#include "sgp-stage.h"

#include <string.h>

typedef struct {
	SgpKeyLookup *keys; /* (borrowed) */
	const char *home;   /* (borrowed) (nullable) */
	gint64 now;
	SgpPortalAccount *account;       /* (owned) */
	SgpPortalInvitation *invitation; /* (owned) */
	SgpPortalRoster *roster;         /* (owned) (nullable) */
	char *office_key; /* (owned) (nullable) armored: only at the office's first enrolment */
	char *staff_key;  /* (owned) armored */
	GCancellable *cancellable; /* (borrowed) (nullable) */
} Enrolment;

static void enrolment_clear(Enrolment *self)
{
	g_clear_pointer(&self->account, sgp_portal_account_free);
	g_clear_pointer(&self->invitation, sgp_portal_invitation_free);
	g_clear_pointer(&self->roster, sgp_portal_roster_free);
	g_free(self->office_key);
	g_free(self->staff_key);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Enrolment, enrolment_clear)

/* The office key's user id needs an address; nobody mails to it. An IP literal is no domain. */
static char *office_user_id(const Enrolment *self)
{
	g_autoptr(GUri) uri = g_uri_parse(self->account->origin, G_URI_FLAGS_NONE, NULL);
	const char *host = g_uri_get_host(uri);
	g_autofree char *name = g_strdup(self->account->office_name);

	/* "Name (comment) <address>": brackets of the name would be taken for that. */
	g_strdelimit(name, "<>()@\"", ' ');
	return g_strdup_printf("%s <siegelpost-office@%s>", g_strstrip(name),
		g_hostname_is_ip_address(host) ? "portal.invalid" : host);
}

static gboolean ensure_staff_key(Enrolment *self, GError **error)
{
	const char *address = self->account->staff_address;
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpKey) own =
		sgp_key_lookup_run_own(self->keys, address, self->now, self->cancellable, &local);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (own) {
		self->account->staff_fingerprint = g_strdup(own->fingerprint);
	} else {
		const char *name = self->invitation->staff_name;
		g_autofree char *plain = g_strdup(name ? name : "");

		g_strdelimit(plain, "<>()@\"", ' ');
		g_autofree char *uid = g_strstrip(plain)[0] != '\0'
					       ? g_strdup_printf("%s <%s>", plain, address)
					       : g_strdup_printf("<%s>", address);

		self->account->staff_fingerprint = sgp_gpgme_generate(self->home, uid, error);
	}
	if (self->account->staff_fingerprint)
		self->staff_key = sgp_gpgme_export(
			self->home, self->account->staff_fingerprint, FALSE, error);
	return self->staff_key != NULL;
}

static JsonObject *staff_entry(const Enrolment *self)
{
	return sgp_portal_roster_entry_new(self->account->staff_address,
		self->invitation->staff_name, self->account->staff_fingerprint, self->staff_key);
}

static SgpPortalRoster *sign_roster(
	Enrolment *self, JsonArray *staff, JsonArray *former, gint64 version, GError **error)
{
	return sgp_portal_roster_sign(self->home, self->account->origin,
		self->account->office_fingerprint, staff, former, version, error);
}

/* The office's first enrolment. */
static gboolean make_office(Enrolment *self, GError **error)
{
	g_autofree char *uid = office_user_id(self);
	JsonArray *staff;

	self->account->office_fingerprint = sgp_gpgme_generate(self->home, uid, error);
	if (!self->account->office_fingerprint ||
		!sgp_gpgme_certify(self->home, self->account->office_fingerprint,
			self->account->staff_fingerprint, NULL, FALSE, error))
		return FALSE;
	self->office_key =
		sgp_gpgme_export(self->home, self->account->office_fingerprint, FALSE, error);
	/* Again: now it carries the office's certification. */
	g_free(self->staff_key);
	self->staff_key =
		sgp_gpgme_export(self->home, self->account->staff_fingerprint, FALSE, error);
	if (!self->office_key || !self->staff_key)
		return FALSE;
	staff = json_array_new();
	json_array_add_object_element(staff, staff_entry(self));
	self->roster = sign_roster(self, staff, NULL, 1, error);
	return self->roster != NULL;
}

/* The office has a key already: it comes with the token, from the server whose address and token
 * the administrator gave to this person. From here on it is pinned. */
static gboolean join_office(Enrolment *self, GError **error)
{
	const char *text = self->invitation->office_key;
	g_autoptr(GBytes) key = g_bytes_new(text, strlen(text));

	self->account->office_fingerprint = sgp_gpgme_import(self->home, key, error);
	return self->account->office_fingerprint != NULL;
}

static gboolean make_keys(Enrolment *self, GError **error)
{
	if (!ensure_staff_key(self, error))
		return FALSE;
	return self->invitation->office_key ? join_office(self, error) : make_office(self, error);
}

static gboolean check_token(Enrolment *self, SgpPortalClient *client, const char *token,
	const char *address, GError **error)
{
	g_autoptr(SgpAddress) staff = NULL;
	g_autoptr(SgpAddress) expected = NULL;

	self->invitation =
		sgp_portal_client_check_token_sync(client, token, self->cancellable, error);
	if (!self->invitation)
		return FALSE;
	staff = sgp_address_new(self->invitation->staff_address, error);
	if (!staff)
		return FALSE;
	if (address && address[0] != '\0') {
		expected = sgp_address_new(address, error);
		if (!expected)
			return FALSE;
		if (!sgp_address_equal(staff, expected)) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
				"the token is for another address");
			return FALSE;
		}
	}
	/* The origin goes into every roster, wrap and manifest: it must be the one that customers
	 * see. */
	if (g_strcmp0(self->invitation->office_origin, self->account->origin) != 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
			"the portal calls itself by another address: use that one");
		return FALSE;
	}
	self->account->staff_address = g_strdup(sgp_address_get_addr_spec(staff));
	self->account->office_name = g_strdup(self->invitation->office_name);
	return TRUE;
}

static JsonArray *extend_staff(const Enrolment *self, const SgpPortalRoster *old)
{
	JsonArray *staff = sgp_portal_roster_dup_staff(old, self->account->staff_fingerprint);

	json_array_add_object_element(staff, staff_entry(self));
	return staff;
}

/* Adds us to the roster, if the office's private key is here (handed on with gpg, from colleague to
 * colleague) and nobody has to approve us. Else the roster does not name us, customers could not
 * verify us, and the dispatcher refuses to seal for the portal until a colleague has approved this
 * device. */
static gboolean update_roster(Enrolment *self, SgpPortalClient *client,
	const SgpPortalOffice *office, gboolean is_pending, GError **error)
{
	gboolean has_secret = FALSE;
	const char *fingerprint = self->account->office_fingerprint;

	if (!sgp_portal_office_verify(office, self->home, fingerprint, 0, error) ||
		!sgp_gpgme_has_secret(
			self->home, fingerprint, &has_secret, self->cancellable, error))
		return FALSE;
	self->account->roster_version = office->roster->version;
	if (self->roster || !has_secret || is_pending ||
		sgp_portal_office_has_staff(office, self->account->staff_fingerprint))
		return TRUE;
	gint64 version = office->roster->version + 1;
	g_autoptr(SgpPortalRoster) roster = sign_roster(self, extend_staff(self, office->roster),
		sgp_portal_roster_dup_former(office->roster), version, error);

	if (!roster || !sgp_portal_client_put_roster_sync(client, roster, self->cancellable, error))
		return FALSE;
	self->account->roster_version = version;
	return TRUE;
}

/* From here on the token is used up: the keyring was tried before. */
static gboolean enrol(Enrolment *self, SgpPortalClient *open, const char *token,
	SgpSettings *settings, SgpStore *store, GError **error)
{
	g_autofree char *ca_file = sgp_settings_dup_string(settings, "portal-ca-file");
	char *device_token = sgp_portal_client_enrol_sync(open, token, g_get_host_name(),
		self->staff_key, self->office_key, self->roster, self->cancellable, error);
	g_autoptr(SgpPortalClient) client = NULL;
	g_autoptr(SgpPortalOffice) office = NULL;
	gboolean saved, is_pending = FALSE;

	if (!device_token)
		return FALSE;
	saved = sgp_secret_store_save_sync(SGP_SECRET_DEVICE_TOKEN, self->account->origin,
		"Siegelpost: portal", device_token, NULL, error);
	client = sgp_portal_client_new(self->account->origin, device_token, ca_file);
	sgp_secret_free(device_token);
	office =
		saved ? sgp_portal_client_load_office_sync(client, self->cancellable, error) : NULL;
	return office &&
	       sgp_portal_device_note_enrolled_sync(
		       client, store, &is_pending, self->cancellable, error) &&
	       update_roster(self, client, office, is_pending, error) &&
	       sgp_portal_account_save(
		       self->account, office->portal_address, settings, store, error);
}

/* Whether the keyring takes a secret now, tried with a harmless one. */
static gboolean check_keyring(const char *origin, GCancellable *cancellable, GError **error)
{
	return sgp_secret_store_save_sync("enrolment", origin, "Siegelpost: portal", "in progress",
		       cancellable, error) &&
	       sgp_secret_store_clear_sync("enrolment", origin, cancellable, error);
}

static void report(SgpProgressFunc progress, gpointer data, SgpStage stage, guint percent)
{
	if (progress)
		progress(sgp_stage_get_nick(stage), percent, data);
}

SgpPortalAccount *sgp_portal_enrolment_run_sync(const char *url, const char *token,
	const char *address, SgpSettings *settings, SgpStore *store, SgpKeyLookup *keys, gint64 now,
	SgpProgressFunc progress, gpointer progress_data, GCancellable *cancellable, GError **error)
{
	g_auto(Enrolment) self = { keys, sgp_key_lookup_get_home(keys), now };
	g_autofree char *origin = sgp_portal_origin_normalize(url, error);
	g_autofree char *ca_file = sgp_settings_dup_string(settings, "portal-ca-file");
	g_autoptr(SgpPortalClient) client = NULL;

	if (!origin)
		return NULL;
	self.cancellable = cancellable;
	self.account = g_new0(SgpPortalAccount, 1);
	self.account->origin = g_strdup(origin);
	report(progress, progress_data, SGP_STAGE_CHECKING, 10);
	client = sgp_portal_client_new(origin, NULL, ca_file);
	if (!check_token(&self, client, token, address, error) ||
		!check_keyring(origin, cancellable, error))
		return NULL;
	report(progress, progress_data, SGP_STAGE_MAKING_KEYS, 30);
	if (!make_keys(&self, error))
		return NULL;
	report(progress, progress_data, SGP_STAGE_ENROLLING, 80);
	if (!enrol(&self, client, token, settings, store, error))
		return NULL;
	/* The pages of this portal are looked at now, whatever was known of another's. */
	if (!sgp_portal_pages_forget(store, error))
		return NULL;
	report(progress, progress_data, SGP_STAGE_ENROLLING, 100);
	return g_steal_pointer(&self.account);
}
