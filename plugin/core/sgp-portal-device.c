/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Who may work for the office. It owns the handing on of the office key from an approved device to
 * the next one, and that a staff key gets into the roster only after a person compared its
 * fingerprint: the portal, which carries all of this, could else enrol itself. It never sends the
 * office key to a key that was not compared. */

#include "sgp-portal-device.h"
#include "sgp-dispatcher-private.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-json-private.h"
#include "sgp-portal-roster.h"

#include <string.h>

#define DEVICE_STATE "portal.device-state"

/* This device */

gboolean sgp_portal_device_is_pending(SgpStore *store)
{
	g_autofree char *state = sgp_store_lookup_value(store, DEVICE_STATE, NULL);

	return g_strcmp0(state, "pending") == 0;
}

gboolean sgp_portal_device_note_enrolled_sync(SgpPortalClient *client, SgpStore *store,
	gboolean *is_pending, GCancellable *cancellable, GError **error)
{
	g_autofree char *id = NULL, *state = NULL, *secret = NULL;
	g_autoptr(GError) local = NULL;

	/* A portal from before there were approvals does not know the question. */
	if (!sgp_portal_client_load_own_device_sync(
		    client, &id, &state, &secret, cancellable, &local) &&
		!g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	*is_pending = g_strcmp0(state, "pending") == 0;
	return sgp_store_set_value(
		store, DEVICE_STATE, *is_pending ? "pending" : "approved", error);
}

static gboolean tampered(GError **error, const char *what)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "%s", what);
	return FALSE;
}

/* The pin of the enrolment decides, and the office key's own signature: a portal could make some
 * key, encrypt it to us and call it the office's (test
 * /device/an-office-key-of-the-portal-s-own-is-refused). */
static gboolean take_office_key(const SgpPortalAccount *account, const char *home,
	const char *secret, GCancellable *cancellable, GError **error)
{
	g_autoptr(GBytes) sealed = g_bytes_new(secret, strlen(secret));
	g_autofree char *signer = NULL;
	g_autofree char *fingerprint = NULL;
	g_autoptr(GBytes) plain = sgp_gpgme_decrypt(home, sealed, &signer, cancellable, error);
	SgpKeyRecord *record;
	gboolean is_ours;

	if (!plain)
		return FALSE;
	if (g_strcmp0(signer, account->office_fingerprint) != 0)
		return tampered(error, "the office key that came is not signed by the office");
	record = sgp_gpgme_read_certificate(home, plain, error);
	if (!record)
		return FALSE;
	is_ours = g_str_equal(record->fingerprint, account->office_fingerprint);
	sgp_key_record_unref(record);
	if (!is_ours)
		return tampered(error, "another key came than the office's");
	fingerprint = sgp_gpgme_import(home, plain, error);
	return fingerprint != NULL;
}

gboolean sgp_portal_device_ensure_sync(SgpPortalClient *client, const SgpPortalAccount *account,
	SgpStore *store, const char *home, GCancellable *cancellable, GError **error)
{
	g_autofree char *id = NULL, *state = NULL, *secret = NULL;

	if (!sgp_portal_device_is_pending(store))
		return TRUE;
	if (!sgp_portal_client_load_own_device_sync(
		    client, &id, &state, &secret, cancellable, error))
		return FALSE;
	if (!g_str_equal(state, "approved")) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED,
			"this device waits for a colleague's approval");
		return FALSE;
	}
	if (!secret)
		return tampered(error, "this device was approved without the office key");
	if (!take_office_key(account, home, secret, cancellable, error))
		return FALSE;
	return sgp_store_set_value(store, DEVICE_STATE, "approved", error);
}

/* Others */

static char *fingerprint_of(const char *home, const SgpPortalDevice *device, GError **error)
{
	g_autoptr(GBytes) bytes = g_bytes_new(device->staff_key ? device->staff_key : "",
		strlen(device->staff_key ? device->staff_key : ""));
	g_autoptr(SgpKeyRecord) record = sgp_gpgme_read_certificate(home, bytes, error);

	if (!record)
		return NULL;
	if (!sgp_key_record_has_address(record, device->staff)) {
		tampered(error, "the device's key is not that of its staff member");
		return NULL;
	}
	return g_strdup(record->fingerprint);
}

char *sgp_portal_device_list_json_sync(
	SgpDispatcher *dispatcher, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPortalClient) client =
		sgp_dispatcher_need_portal_sync(dispatcher, NULL, cancellable, error);
	g_autoptr(GPtrArray) devices =
		client ? sgp_portal_client_list_devices_sync(client, cancellable, error) : NULL;
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	if (!devices)
		return NULL;
	json_builder_begin_object(out);
	json_builder_set_member_name(out, "devices");
	json_builder_begin_array(out);
	for (guint i = 0; i < devices->len; i++) {
		const SgpPortalDevice *device = g_ptr_array_index(devices, i);
		/* One broken key is no reason to show no device. */
		g_autofree char *fingerprint = fingerprint_of(dispatcher->home, device, NULL);

		json_builder_begin_object(out);
		sgp_json_add_text(out, "id", device->id);
		sgp_json_add_text(out, "staff", device->staff);
		sgp_json_add_text(out, "name", device->name);
		sgp_json_add_int(out, "created", device->created);
		sgp_json_add_text(out, "state", device->state);
		sgp_json_add_text(out, "fingerprint", fingerprint);
		json_builder_end_object(out);
	}
	json_builder_end_array(out);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

/* What approving and revoking begin with. */
typedef struct {
	SgpDispatcher *dispatcher; /* (borrowed) */
	SgpPortalClient *client;   /* (owned) */
	SgpPortalAccount *account; /* (owned) */
	SgpPortalOffice *office;   /* (owned) verified */
	GPtrArray *devices;        /* (owned) */
	const SgpPortalDevice *device;
	gboolean has_secret;
} Care;

static void care_clear(Care *self)
{
	g_clear_object(&self->client);
	g_clear_pointer(&self->account, sgp_portal_account_free);
	g_clear_pointer(&self->office, sgp_portal_office_free);
	g_clear_pointer(&self->devices, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Care, care_clear)

static gboolean begin(Care *self, const char *id, GCancellable *cancellable, GError **error)
{
	const char *home = self->dispatcher->home;

	self->client = sgp_dispatcher_need_portal_sync(
		self->dispatcher, &self->account, cancellable, error);
	self->office =
		self->client ? sgp_portal_client_load_office_sync(self->client, cancellable, error)
			     : NULL;
	if (!self->office ||
		!sgp_portal_office_verify(self->office, home, self->account->office_fingerprint,
			self->account->roster_version, error) ||
		!sgp_gpgme_has_secret(home, self->account->office_fingerprint, &self->has_secret,
			cancellable, error))
		return FALSE;
	self->devices = sgp_portal_client_list_devices_sync(self->client, cancellable, error);
	for (guint i = 0; self->devices && i < self->devices->len; i++) {
		const SgpPortalDevice *one = g_ptr_array_index(self->devices, i);

		if (g_str_equal(one->id, id))
			self->device = one;
	}
	if (self->devices && !self->device)
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "there is no such device");
	return self->device != NULL;
}

/* The roster was changed by us: an older one is refused from now on. */
static gboolean note_roster(Care *self, gint64 version, GError **error)
{
	SgpDispatcher *dispatcher = self->dispatcher;

	self->account->roster_version = version;
	g_mutex_lock(&dispatcher->lock);
	dispatcher->roster_until = 0;
	g_mutex_unlock(&dispatcher->lock);
	return sgp_portal_account_save(
		self->account, NULL, dispatcher->settings, dispatcher->store, error);
}

/* staff, former: (transfer full) */
static SgpPortalRoster *sign_next(Care *self, JsonArray *staff, JsonArray *former, GError **error)
{
	return sgp_portal_roster_sign(self->dispatcher->home, self->account->origin,
		self->account->office_fingerprint, staff, former, self->office->roster->version + 1,
		error);
}

/* As people read it out: in groups, in any case. */
static gboolean is_same_fingerprint(const char *whole, const char *said)
{
	g_autoptr(GString) plain = g_string_new(NULL);

	for (const char *c = said; *c != '\0'; c++)
		if (!g_ascii_isspace(*c) && *c != ':')
			g_string_append_c(plain, g_ascii_toupper(*c));
	return g_str_equal(plain->str, whole);
}

static gboolean feed_text(
	GOutputStream *to, gpointer text, GCancellable *cancellable, GError **error)
{
	return g_output_stream_write_all(to, text, strlen(text), NULL, cancellable, error);
}

static char *seal_office_key(
	Care *self, const char *fingerprint, GCancellable *cancellable, GError **error)
{
	const char *readers[] = { fingerprint, NULL };
	const char *office = self->account->office_fingerprint;
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	char *secret = sgp_gpgme_export(self->dispatcher->home, office, TRUE, error);
	gboolean is_sealed = secret && sgp_gpgme_encrypt(self->dispatcher->home, readers, office,
					       TRUE, feed_text, secret, out, cancellable, error);

	if (secret)
		explicit_bzero(secret, strlen(secret));
	g_free(secret);
	if (!is_sealed || !g_output_stream_close(out, NULL, error))
		return NULL;
	g_autoptr(GBytes) bytes =
		g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
	gsize length = 0;
	const char *data = g_bytes_get_data(bytes, &length);

	return g_strndup(data, length);
}

/* The staff key, certified by the office. (transfer full) armored */
static char *certify(Care *self, const char *fingerprint, GError **error)
{
	const char *home = self->dispatcher->home;
	g_autoptr(GBytes) bytes =
		g_bytes_new(self->device->staff_key, strlen(self->device->staff_key));
	g_autofree char *imported = sgp_gpgme_import(home, bytes, error);

	if (!imported || !sgp_gpgme_certify(home, self->account->office_fingerprint, fingerprint,
				 NULL, FALSE, error))
		return NULL;
	return sgp_gpgme_export(home, fingerprint, FALSE, error);
}

static gboolean may_approve(
	const Care *self, const char *fingerprint, const char *said, GError **error)
{
	if (!self->has_secret) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND,
			"the office key is not on this device");
		return FALSE;
	}
	if (!g_str_equal(self->device->state, "pending")) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "the device does not wait");
		return FALSE;
	}
	if (!is_same_fingerprint(fingerprint, said)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
			"that is not the fingerprint of the device's key");
		return FALSE;
	}
	return TRUE;
}

gboolean sgp_portal_device_approve_sync(SgpDispatcher *dispatcher, const char *id,
	const char *fingerprint, GCancellable *cancellable, GError **error)
{
	g_auto(Care) self = { dispatcher };
	g_autofree char *whole = NULL, *key = NULL, *secret = NULL, *name = NULL;
	g_autoptr(SgpPortalRoster) roster = NULL;
	JsonArray *staff;

	if (!begin(&self, id, cancellable, error))
		return FALSE;
	whole = fingerprint_of(dispatcher->home, self.device, error);
	if (!whole || !may_approve(&self, whole, fingerprint, error))
		return FALSE;
	key = certify(&self, whole, error);
	secret = key ? seal_office_key(&self, whole, cancellable, error) : NULL;
	if (!secret)
		return FALSE;
	name = sgp_portal_roster_dup_name(self.office->roster, self.device->staff);
	if (!name)
		name = sgp_portal_office_dup_staff_name(self.office, self.device->staff);
	staff = sgp_portal_roster_dup_staff(self.office->roster, whole);
	json_array_add_object_element(
		staff, sgp_portal_roster_entry_new(self.device->staff, name, whole, key));
	roster = sign_next(&self, staff, sgp_portal_roster_dup_former(self.office->roster), error);
	return roster &&
	       sgp_portal_client_approve_device_sync(
		       self.client, id, secret, roster, cancellable, error) &&
	       note_roster(&self, roster->version, error);
}

/* fingerprint: (out) (nullable) (transfer full) NULL: the device's key is none, or somebody else's.
 * GPGME tells a gpg that fails as "no key in there", too; it does so with a key that is certainly
 * there, the office's, and then "no key" is not believed. Errors: could not look. */
static gboolean look_at_key(
	const Care *self, const SgpPortalDevice *device, char **fingerprint, GError **error)
{
	const char *home = self->dispatcher->home;
	g_autoptr(GError) local = NULL;

	*fingerprint = fingerprint_of(home, device, &local);
	if (*fingerprint || g_error_matches(local, SGP_ERROR, SGP_ERROR_TAMPERED))
		return TRUE;
	if (!g_error_matches(local, SGP_ERROR, SGP_ERROR_INVALID)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	g_autoptr(SgpKeyRecord) office =
		sgp_gpgme_load_record(home, self->account->office_fingerprint, NULL, NULL);

	if (!office)
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"gpg cannot look at the device's key at the moment");
	return office != NULL;
}

/* is_used: somebody has the same key on another device, or it is ours. */
static gboolean look_for_use(
	const Care *self, const char *fingerprint, gboolean *is_used, GError **error)
{
	*is_used = g_str_equal(fingerprint, self->account->staff_fingerprint);
	for (guint i = 0; !*is_used && i < self->devices->len; i++) {
		const SgpPortalDevice *one = g_ptr_array_index(self->devices, i);
		g_autofree char *other = NULL;

		if (one == self->device || g_str_equal(one->state, "revoked"))
			continue;
		if (!look_at_key(self, one, &other, error))
			return FALSE;
		*is_used = g_strcmp0(other, fingerprint) == 0;
	}
	return TRUE;
}

/* What is to leave the roster with the device. fingerprint: (out) (nullable) (transfer full) NULL:
 * nothing. A look that failed is an error, not "nothing": the key of a lost device would stay in
 * the roster unnoticed. Revoking once more is harmless. */
static gboolean find_leaving(Care *self, char **fingerprint, GError **error)
{
	g_autofree char *whole = NULL;
	gboolean is_used = FALSE;

	*fingerprint = NULL;
	if (!look_at_key(self, self->device, &whole, error))
		return FALSE;
	if (whole && !look_for_use(self, whole, &is_used, error))
		return FALSE;
	if (!whole || is_used || !sgp_portal_office_has_staff(self->office, whole))
		return TRUE;
	if (!self->has_secret) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND,
			"the device is revoked, but the roster still names its key: the office key "
			"is not on this device");
		return FALSE;
	}
	*fingerprint = g_steal_pointer(&whole);
	return TRUE;
}

gboolean sgp_portal_device_revoke_sync(
	SgpDispatcher *dispatcher, const char *id, GCancellable *cancellable, GError **error)
{
	g_auto(Care) self = { dispatcher };
	g_autofree char *whole = NULL;
	g_autoptr(SgpPortalRoster) roster = NULL;
	JsonArray *former;

	/* The device first: it must not hear of the new roster. */
	if (!begin(&self, id, cancellable, error) ||
		!sgp_portal_client_revoke_device_sync(self.client, id, cancellable, error) ||
		!find_leaving(&self, &whole, error))
		return FALSE;
	if (!whole)
		return TRUE;
	/* Customers' escrows that this colleague signed stay good: else nobody could be reset any
	 * more whom they had invited. */
	former = sgp_portal_roster_dup_former(self.office->roster);
	json_array_add_object_element(former, sgp_portal_roster_entry_new(self.device->staff, NULL,
						      whole, self.device->staff_key));
	roster = sign_next(
		&self, sgp_portal_roster_dup_staff(self.office->roster, whole), former, error);
	return roster &&
	       sgp_portal_client_put_roster_sync(self.client, roster, cancellable, error) &&
	       note_roster(&self, roster->version, error);
}
