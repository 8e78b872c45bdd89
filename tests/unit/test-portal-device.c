/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"

#include "hostile-portal.h"
#include "scratch-gpg.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-portal-device.h"
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
} Fixture;

static guint tell(const char *method, const char *path, GBytes *body, char **answer,
	char **location, gpointer user_data)
{
	Fixture *fixture = user_data;

	g_assert_cmpstr(path, ==, "/api/v1/devices/self");
	*answer = g_strdup(fixture->answer);
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

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/device/" name, Fixture, NULL, setup, func, teardown)
	ADD("an-approved-device-takes-the-office-key", test_approved);
	ADD("a-device-that-waits-is-told-so", test_waits);
	ADD("an-office-key-of-the-portal-s-own-is-refused", test_swapped);
#undef ADD
	return g_test_run();
}
