/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"

#include "hostile-portal.h"
#include "sgp-delivery.h"
#include "sgp-dispatcher-private.h"
#include "sgp-error.h"
#include "sgp-uuid7.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NOW    G_GINT64_CONSTANT(1800000000)
#define HANDLE "00112233445566778899aabbccddeeff"

/* One portal copy in the spool, and a portal that can have it dropped while it answers. */
typedef struct {
	State state;
	HostilePortal *portal;     /* (owned) */
	SgpDispatcher *dispatcher; /* (owned) */
	char *copy;                /* (owned) */
	const char *message;       /* (nullable) what GET answers; else there is none */
	const char *drop_at;       /* (nullable) request during which a person gives the copy up */
	int n_stored, n_published;
	GError *refused; /* (owned) (nullable) why dropping was refused */
} Fixture;

static guint take(const char *method, const char *path, GBytes *body, char **answer,
	char **location, gpointer user_data)
{
	Fixture *fixture = user_data;
	g_autofree char *request = g_strconcat(method, " ", path, NULL);
	gboolean is_message = strstr(path, "/messages/") != NULL;

	if (fixture->drop_at && strstr(request, fixture->drop_at))
		sgp_spool_drop(sgp_dispatcher_get_spool(fixture->dispatcher), fixture->copy,
			"told by phone", NOW, &fixture->refused);
	*answer = g_strdup("{}");
	if (is_message && g_str_equal(method, "GET")) {
		g_free(*answer);
		*answer = g_strdup(fixture->message);
		return fixture->message ? 200 : 404;
	}
	fixture->n_stored += is_message && g_str_equal(method, "PUT");
	fixture->n_published += g_str_has_suffix(path, ":publish");
	if (!g_str_has_suffix(path, "/uploads"))
		return 200;
	*location = g_strdup("/api/v1/uploads/u1");
	return 201;
}

static SgpCopy *new_copy(void)
{
	SgpCopy *copy = g_new0(SgpCopy, 1);
	SgpBlob *blob = g_new0(SgpBlob, 1);

	blob->fd = memfd_create("test", MFD_CLOEXEC);
	g_assert_cmpint(write(blob->fd, "blob", 4), ==, 4);
	blob->size = 4;
	blob->sha256 = g_strdup("bb");
	copy->id = sgp_uuid7_new(g_get_real_time() / 1000);
	copy->channel = SGP_CHANNEL_PORTAL;
	copy->from = g_strdup("sabine@office.example");
	copy->digest = g_strdup("aa");
	copy->fd = -1;
	copy->manifest = g_strdup("manifest");
	copy->recipients = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_address_unref);
	g_ptr_array_add(copy->recipients, sgp_address_new("erika@kunde.example", NULL));
	copy->blobs = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_blob_free);
	g_ptr_array_add(copy->blobs, blob);
	return copy;
}

static void commit(Fixture *fixture)
{
	SgpStore *store = sgp_dispatcher_get_store(fixture->dispatcher);
	SgpSpool *spool = sgp_dispatcher_get_spool(fixture->dispatcher);
	g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_copy_free);
	g_autoptr(GPtrArray) mailboxes =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_portal_mailbox_free);
	SgpPortalMailbox *mailbox =
		sgp_portal_mailbox_new("erika@kunde.example", SGP_MAILBOX_STATE_REGISTERED);

	mailbox->handle = g_strdup(HANDLE);
	g_ptr_array_add(mailboxes, mailbox);
	g_ptr_array_add(copies, new_copy());
	fixture->copy = g_strdup(((SgpCopy *)g_ptr_array_index(copies, 0))->id);
	g_assert_true(sgp_spool_write(spool, copies, "d1", NULL));
	g_assert_true(sgp_store_begin(store, TRUE, NULL));
	g_assert_true(sgp_spool_commit(spool, copies, "d1", mailboxes, NOW, NULL));
	g_assert_true(sgp_store_commit(store, NULL));
}

static void setup(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	state_setup(&fixture->state, data);
	fixture->portal = hostile_portal_new(take, fixture, NULL, NULL);
	hostile_portal_set_offset(fixture->portal, 4);
	const char *origin = hostile_portal_get_origin(fixture->portal);
	g_autofree char *quoted = g_strdup_printf("'%s'", origin);

	state_set(&fixture->state, "portal-url", quoted);
	fixture->dispatcher =
		sgp_dispatcher_new(fixture->state.settings, fixture->state.directory, &error);
	g_assert_no_error(error);
	SgpStore *store = sgp_dispatcher_get_store(fixture->dispatcher);

	g_assert_true(sgp_store_set_value(store, "portal.office-fingerprint", "AA", NULL));
	g_assert_true(sgp_store_set_value(store, "portal.staff-fingerprint", "BB", NULL));
	fixture->dispatcher->portal = sgp_portal_client_new(origin, "token", NULL);
	commit(fixture);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	hostile_portal_free(fixture->portal);
	g_clear_object(&fixture->dispatcher);
	g_clear_error(&fixture->refused);
	g_free(fixture->copy);
	state_teardown(&fixture->state, data);
}

static gboolean attempt(Fixture *fixture, GError **error)
{
	return sgp_delivery_attempt_sync(
		fixture->dispatcher, fixture->copy, NOW, NULL, NULL, NULL, error);
}

static void assert_spooled(Fixture *fixture, SgpSpoolState state, const char *problem)
{
	g_autoptr(SgpSpoolEntry) entry =
		sgp_spool_load(sgp_dispatcher_get_spool(fixture->dispatcher), fixture->copy, NULL);

	g_assert_cmpstr(
		sgp_spool_state_get_nick(entry->state), ==, sgp_spool_state_get_nick(state));
	g_assert_cmpstr(entry->problem, ==, problem);
}

static void test_delivered(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	g_assert_true(attempt(fixture, &error));
	g_assert_no_error(error);
	g_assert_cmpint(fixture->n_stored, ==, 1);
	g_assert_cmpint(fixture->n_published, ==, 1);
	assert_spooled(fixture, SGP_SPOOL_STATE_DONE, NULL);
}

/* data: the request during which it is given up. */
static void test_dropped(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->drop_at = data;
	g_assert_false(attempt(fixture, &error));
	g_assert_no_error(fixture->refused);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_REFUSED);
	g_assert_cmpint(fixture->n_published, ==, 0);
	g_assert_cmpint(fixture->n_stored, ==, g_str_has_prefix(data, "PUT") ? 1 : 0);
	assert_spooled(fixture, SGP_SPOOL_STATE_DROPPED, "told by phone");
}

static void test_dropped_too_late(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GError) error = NULL;

	fixture->drop_at = ":publish";
	g_assert_true(attempt(fixture, &error));
	g_assert_error(fixture->refused, SGP_ERROR, SGP_ERROR_CONFLICT);
	assert_spooled(fixture, SGP_SPOOL_STATE_DONE, NULL);
}

/* data: the portal's word for it. */
static void test_gone(Fixture *fixture, gconstpointer data)
{
	g_autofree char *message = g_strdup_printf("{\"state\":\"%s\"}", (const char *)data);
	g_autoptr(GError) error = NULL;

	fixture->message = message;
	g_assert_false(attempt(fixture, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_REFUSED);
	g_assert_cmpint(fixture->n_published, ==, 0);
	assert_spooled(fixture, SGP_SPOOL_STATE_HELD, "gone");
}

static void test_delay(void)
{
	guint least = G_MAXUINT, most = 0;

	for (guint round = 0; round < 200; round++) {
		for (guint tries = 0; tries < 40; tries++) {
			guint delay = sgp_delivery_next_delay(tries);

			g_assert_cmpuint(delay, >=, 5);
			g_assert_cmpuint(delay, <=, 900);
			if (tries == 5) { /* 160 s: the jitter is seen */
				least = MIN(least, delay);
				most = MAX(most, delay);
			}
		}
	}
	g_assert_cmpuint(sgp_delivery_next_delay(0), <=, 7);
	g_assert_cmpuint(sgp_delivery_next_delay(30), >=, 600);
	g_assert_cmpuint(most - least, >, 20);
	g_assert_cmpuint(least, >=, 119);
	g_assert_cmpuint(most, <=, 201);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/delivery/waits-5-seconds-to-15-minutes-with-jitter", test_delay);
#define ADD(name, func, data) g_test_add("/delivery/" name, Fixture, data, setup, func, teardown)
	ADD("a-copy-is-stored-and-published", test_delivered, NULL);
	ADD("a-copy-dropped-while-it-is-looked-for-is-not-published", test_dropped, "GET ");
	ADD("a-copy-dropped-while-it-is-uploaded-is-not-published", test_dropped, "HEAD ");
	ADD("a-copy-dropped-while-it-is-stored-is-not-published", test_dropped, "PUT ");
	ADD("a-copy-that-is-being-published-cannot-be-dropped", test_dropped_too_late, NULL);
	ADD("a-revoked-message-is-not-delivered", test_gone, "revoked");
	ADD("an-expired-message-is-not-delivered", test_gone, "expired");
	return g_test_run();
}
