/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"

#include "hostile-portal.h"
#include "scratch-gpg.h"
#include "sgp-dispatcher-private.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-portal-device.h"
#include "sgp-portal-roster.h"
#include "sgp-protocol.h"

#include <string.h>

/* A device that waits, and what a portal says of it. */
typedef struct {
	State state;
	ScratchGpg *office;        /* (owned) the colleague's keyring */
	ScratchGpg *here;          /* (owned) */
	HostilePortal *portal;     /* (owned) */
	SgpPortalClient *client;   /* (owned) */
	SgpPortalAccount *account; /* (owned) */
	char *other;               /* (owned) a key of the portal's */
	char *answer;              /* (owned) */
	char *devices;             /* (owned) (nullable) */
	char *put;                 /* (owned) (nullable) the roster that came */
	char *break_home; /* (owned) (nullable) gpg fails there as soon as it was revoked */
	guint n_revoked;
} Fixture;

static guint tell(const char *method, const char *path, GBytes *body, char **answer,
	char **location, gpointer user_data)
{
	Fixture *fixture = user_data;

	if (g_str_equal(path, "/api/v1/devices/one:revoke")) {
		fixture->n_revoked += 1;
		if (fixture->break_home)
			g_assert_true(g_file_set_contents(
				fixture->break_home, "cipher-algo none-such\n", -1, NULL));
		*answer = g_strdup("{}");
	} else if (g_str_equal(path, "/api/v1/devices")) {
		*answer = g_strdup(fixture->devices);
	} else if (g_str_equal(method, "PUT")) {
		g_free(fixture->put);
		fixture->put = g_strndup(g_bytes_get_data(body, NULL), g_bytes_get_size(body));
		*answer = g_strdup("{}");
	} else {
		g_assert_cmpstr(
			path, ==, fixture->devices ? "/api/v1/office" : "/api/v1/devices/self");
		*answer = g_strdup(fixture->answer);
	}
	return 200;
}

static void copy_key(ScratchGpg *from, ScratchGpg *to, const char *fingerprint)
{
	g_autofree char *text = sgp_gpgme_export(from->home, fingerprint, FALSE, NULL);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autofree char *imported = sgp_gpgme_import(to->home, bytes, NULL);

	g_assert_cmpstr(imported, ==, fingerprint);
}

static void setup(Fixture *fixture, gconstpointer data)
{
	state_setup(&fixture->state, data);
	fixture->office = scratch_gpg_new();
	fixture->here = scratch_gpg_new();
	fixture->portal = hostile_portal_new(tell, fixture, NULL, NULL);
	fixture->client =
		sgp_portal_client_new(hostile_portal_get_origin(fixture->portal), "token", NULL);
	fixture->account = g_new0(SgpPortalAccount, 1);
	fixture->account->office_fingerprint = sgp_gpgme_generate(
		fixture->office->home, "Office <office@portal.office.example>", NULL);
	fixture->account->staff_fingerprint =
		sgp_gpgme_generate(fixture->here->home, "Bernd <bernd@office.example>", NULL);
	fixture->other = sgp_gpgme_generate(
		fixture->office->home, "Office <office@portal.office.example>", NULL);
	copy_key(fixture->office, fixture->here, fixture->account->office_fingerprint);
	copy_key(fixture->office, fixture->here, fixture->other);
	copy_key(fixture->here, fixture->office, fixture->account->staff_fingerprint);
	g_assert_true(
		sgp_store_set_value(fixture->state.store, "portal.device-state", "pending", NULL));
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	hostile_portal_free(fixture->portal);
	g_object_unref(fixture->client);
	sgp_portal_account_free(fixture->account);
	scratch_gpg_free(fixture->here);
	scratch_gpg_free(fixture->office);
	g_free(fixture->other);
	g_free(fixture->answer);
	g_free(fixture->devices);
	g_free(fixture->put);
	g_free(fixture->break_home);
	state_teardown(&fixture->state, data);
}

static gboolean feed(GOutputStream *to, gpointer text, GCancellable *cancellable, GError **error)
{
	return g_output_stream_write_all(to, text, strlen(text), NULL, cancellable, error);
}

/* secret: whose private key comes; signer: (nullable) who signs that. NULL secret: none comes. */
static void say(Fixture *fixture, const char *state, const char *secret, const char *signer)
{
	const char *readers[] = { fixture->account->staff_fingerprint, NULL };
	g_autoptr(JsonObject) object = json_object_new();
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), object);
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	g_autofree char *key =
		secret ? sgp_gpgme_export(fixture->office->home, secret, TRUE, NULL) : NULL;
	g_autofree char *sealed = NULL;

	if (key) {
		g_assert_true(sgp_gpgme_encrypt(
			fixture->office->home, readers, signer, TRUE, feed, key, out, NULL, NULL));
		g_assert_true(g_output_stream_write_all(out, "", 1, NULL, NULL, NULL));
		sealed = g_strdup(g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(out)));
	}
	sgp_protocol_set_text(object, "id", "one");
	sgp_protocol_set_text(object, "state", state);
	sgp_protocol_set_text(object, "office_secret", sealed);
	g_free(fixture->answer);
	fixture->answer = json_to_string(node, FALSE);
}

/* code: what it is refused with. */
static void assert_refused(Fixture *fixture, SgpError code)
{
	g_autoptr(GError) error = NULL;
	gboolean is_here = TRUE;

	g_assert_false(sgp_portal_device_ensure_sync(fixture->client, fixture->account,
		fixture->state.store, fixture->here->home, NULL, &error));
	g_assert_error(error, SGP_ERROR, (int)code);
	g_assert_true(sgp_portal_device_is_pending(fixture->state.store));
	g_assert_true(sgp_gpgme_has_secret(
		fixture->here->home, fixture->account->office_fingerprint, &is_here, NULL, NULL));
	g_assert_false(is_here);
	g_assert_true(
		sgp_gpgme_has_secret(fixture->here->home, fixture->other, &is_here, NULL, NULL));
	g_assert_false(is_here);
}

static void test_approved(Fixture *fixture, gconstpointer data)
{
	const char *office = fixture->account->office_fingerprint;
	g_autoptr(GError) error = NULL;
	gboolean is_here = FALSE;

	say(fixture, "approved", office, office);
	g_assert_true(sgp_portal_device_ensure_sync(fixture->client, fixture->account,
		fixture->state.store, fixture->here->home, NULL, &error));
	g_assert_no_error(error);
	g_assert_false(sgp_portal_device_is_pending(fixture->state.store));
	g_assert_true(sgp_gpgme_has_secret(fixture->here->home, office, &is_here, NULL, NULL));
	g_assert_true(is_here);
	/* It is not asked again. */
	guint before = hostile_portal_count(fixture->portal);

	g_assert_true(sgp_portal_device_ensure_sync(fixture->client, fixture->account,
		fixture->state.store, fixture->here->home, NULL, NULL));
	g_assert_cmpuint(hostile_portal_count(fixture->portal), ==, before);
}

static void test_waits(Fixture *fixture, gconstpointer data)
{
	say(fixture, "pending", NULL, NULL);
	assert_refused(fixture, SGP_ERROR_REFUSED);
	say(fixture, "revoked", NULL, NULL);
	assert_refused(fixture, SGP_ERROR_REFUSED);
}

static void test_swapped(Fixture *fixture, gconstpointer data)
{
	const char *office = fixture->account->office_fingerprint;

	say(fixture, "approved", fixture->other, fixture->other);
	assert_refused(fixture, SGP_ERROR_TAMPERED);
	say(fixture, "approved", fixture->other, office);
	assert_refused(fixture, SGP_ERROR_TAMPERED);
	say(fixture, "approved", office, fixture->other);
	assert_refused(fixture, SGP_ERROR_TAMPERED);
	say(fixture, "approved", office, NULL);
	assert_refused(fixture, SGP_ERROR_TAMPERED);
	say(fixture, "approved", NULL, NULL);
	assert_refused(fixture, SGP_ERROR_TAMPERED);
}

/* Revoking */

/* The roster names this key as Sabine's, and the device to be revoked has device_key. */
static void say_sabine(Fixture *fixture, const char *fingerprint, const char *device_key)
{
	const char *office = fixture->account->office_fingerprint;
	const char *origin = hostile_portal_get_origin(fixture->portal);
	g_autofree char *key = sgp_gpgme_export(fixture->office->home, fingerprint, FALSE, NULL);
	g_autoptr(JsonNode) node = json_from_string(
		"{\"name\":\"Office\",\"limits\":{\"attachment\":1,\"message\":1}}", NULL);
	g_autoptr(JsonNode) list =
		json_from_string("{\"devices\":[{\"id\":\"one\",\"state\":\"approved\"}]}", NULL);
	JsonObject *device = json_array_get_object_element(
		json_object_get_array_member(json_node_get_object(list), "devices"), 0);
	JsonArray *staff = json_array_new();

	json_array_add_object_element(staff,
		sgp_portal_roster_entry_new("sabine@office.example", "Sabine", fingerprint, key));
	g_autoptr(SgpPortalRoster) roster =
		sgp_portal_roster_sign(fixture->office->home, origin, office, staff, NULL, 1, NULL);

	g_assert_nonnull(roster);
	sgp_protocol_set_text(json_node_get_object(node), "origin", origin);
	json_object_set_object_member(
		json_node_get_object(node), "roster", sgp_portal_roster_dup_json(roster));
	sgp_protocol_set_text(device, "staff", "sabine@office.example");
	sgp_protocol_set_text(device, "staff_key", device_key ? device_key : key);
	g_free(fixture->answer);
	g_free(fixture->devices);
	fixture->answer = json_to_string(node, FALSE);
	fixture->devices = json_to_string(list, FALSE);
}

/* code: what it fails with; -1: it does not. */
static void revoke_one(Fixture *fixture, const char *home, int code)
{
	const char *origin = hostile_portal_get_origin(fixture->portal);
	g_autofree char *url = g_strdup_printf("'%s'", origin);
	g_autofree char *quoted = g_strdup_printf("'%s'", home);
	g_autoptr(GError) error = NULL;
	guint before = fixture->n_revoked;

	state_set(&fixture->state, "portal-url", url);
	state_set(&fixture->state, "gnupg-home", quoted);
	SgpDispatcher *dispatcher =
		sgp_dispatcher_new(fixture->state.settings, fixture->state.directory, &error);
	g_assert_no_error(error);
	sgp_store_set_value(fixture->state.store, "portal.office-fingerprint",
		fixture->account->office_fingerprint, NULL);
	sgp_store_set_value(fixture->state.store, "portal.staff-fingerprint",
		fixture->account->staff_fingerprint, NULL);
	dispatcher->portal = sgp_portal_client_new(origin, "token", NULL);
	g_assert_cmpint(
		sgp_portal_device_revoke_sync(dispatcher, "one", NULL, &error), ==, code < 0);
	if (code < 0)
		g_assert_no_error(error);
	else
		g_assert_error(error, SGP_ERROR, code);
	g_assert_cmpuint(fixture->n_revoked, ==, before + 1);
	g_object_unref(dispatcher);
}

static void test_leaves_the_roster(Fixture *fixture, gconstpointer data)
{
	g_autofree char *sabine =
		sgp_gpgme_generate(fixture->office->home, "Sabine <sabine@office.example>", NULL);

	/* Without the office key the roster cannot be changed, and that is no success. */
	say_sabine(fixture, sabine, NULL);
	revoke_one(fixture, fixture->here->home, SGP_ERROR_NOT_FOUND);
	/* What is no key is none that could leave. */
	say_sabine(fixture, sabine, "no key");
	revoke_one(fixture, fixture->here->home, -1);
	g_assert_null(fixture->put);
	/* A look that failed is no "there is none": else a lost device's key stayed unnoticed. */
	say_sabine(fixture, sabine, NULL);
	fixture->break_home = g_build_filename(fixture->office->home, "gpg.conf", NULL);
	revoke_one(fixture, fixture->office->home, SGP_ERROR_UNREACHABLE);
	g_assert_null(fixture->put);
	g_assert_cmpint(g_unlink(fixture->break_home), ==, 0);
	g_clear_pointer(&fixture->break_home, g_free);
	/* Once more, and it leaves. */
	revoke_one(fixture, fixture->office->home, -1);
	g_assert_nonnull(fixture->put);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/device/" name, Fixture, NULL, setup, func, teardown)
	ADD("an-approved-device-takes-the-office-key", test_approved);
	ADD("a-device-that-waits-is-told-so", test_waits);
	ADD("an-office-key-of-the-portal-s-own-is-refused", test_swapped);
	ADD("a-revoked-key-leaves-the-roster-or-that-is-told", test_leaves_the_roster);
#undef ADD
	return g_test_run();
}
