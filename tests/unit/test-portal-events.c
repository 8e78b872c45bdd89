/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "invitation-fixture.h"

#include "sgp-base64url.h"
#include "sgp-delivery-private.h"
#include "sgp-error.h"

#include <string.h>

static void on_event(const char *kind, const char *detail, gpointer user_data)
{
	InvitationFixture *fixture = user_data;

	g_string_append_printf(fixture->told, "%s ", kind);
}

/* Returns what was told, space after each. */
static const char *poll_events(InvitationFixture *fixture, gboolean expected)
{
	g_autoptr(GError) error = NULL;

	g_string_truncate(fixture->told, 0);
	g_assert_cmpint(
		sgp_portal_events_poll_sync(fixture->dispatcher, on_event, fixture, NULL, &error),
		==, expected);
	g_assert_true((error == NULL) == expected);
	return fixture->told->str;
}

static void assert_position(InvitationFixture *fixture, const char *expected)
{
	g_autofree char *position = sgp_store_lookup_value(
		sgp_dispatcher_get_store(fixture->dispatcher), "portal.events.last", NULL);

	g_assert_cmpstr(position, ==, expected);
}

/* A customer who read a message (event 6) and one who registered (event 7). */
static void registered(InvitationFixture *fixture, gboolean is_swapped)
{
	g_autoptr(SgpInvitation) invitation = invitation_make(fixture);
	g_autoptr(SgpPortalMailbox) mailbox =
		invitation_shown(fixture, SGP_MAILBOX_STATE_REGISTERED);
	g_autoptr(GBytes) key = invitation_signature_key();
	g_autoptr(GBytes) other = is_swapped ? invitation_signature_key() : g_bytes_ref(key);

	mailbox->signature_mac = invitation_mac_of(fixture, invitation->code, key);
	mailbox->signature_key =
		sgp_base64url_encode(g_bytes_get_data(other, NULL), g_bytes_get_size(other));
	invitation_open_dispatcher(fixture);
	invitation_set_rows(fixture, invitation_row_of(mailbox, "registered"),
		invitation_row_of(mailbox, "registered"));
	fixture->told = g_string_new(NULL);
	fixture->events = g_strdup("{\"events\":[{\"id\":6,\"type\":\"read\",\"address\":"
				   "\"" INVITATION_ADDRESS "\"},{\"id\":7,\"type\":\"registered\","
				   "\"address\":\"" INVITATION_ADDRESS "\"}],\"last\":9}");
}

/* configuration: (nullable) one that gpg cannot work with, or NULL for what works. */
static void break_gpg(InvitationFixture *fixture, const char *configuration)
{
	g_autofree char *path = g_build_filename(fixture->gpg->home, "gpg.conf", NULL);
	g_autofree char *kill =
		g_strdup_printf("gpgconf --homedir '%s' --kill gpg-agent", fixture->gpg->home);

	g_assert_true(g_file_set_contents(path, configuration ? configuration : "", -1, NULL));
	g_assert_true(g_spawn_command_line_sync(kill, NULL, NULL, NULL, NULL));
}

static gboolean knows_customer(InvitationFixture *fixture)
{
	g_autofree char *keys = scratch_gpg_run(fixture->gpg, NULL, 0, "--list-keys");

	return strstr(keys, INVITATION_ADDRESS) != NULL;
}

static void test_unchecked_registration(InvitationFixture *fixture, gconstpointer data)
{
	registered(fixture, FALSE);
	break_gpg(fixture, data);
	for (guint i = 0; i < 3; i++) {
		g_assert_cmpstr(poll_events(fixture, FALSE), ==, "read ");
		/* What was told before it is not lost, and what failed is still to come. */
		assert_position(fixture, "6");
	}
	break_gpg(fixture, NULL);
	g_assert_false(knows_customer(fixture));
	g_assert_cmpstr(poll_events(fixture, TRUE), ==, "read registered ");
	g_assert_true(knows_customer(fixture));
	assert_position(fixture, "9");
}

/* A gpg that never works again must not keep all later events away. */
static void test_never_checked(InvitationFixture *fixture, gconstpointer data)
{
	registered(fixture, FALSE);
	break_gpg(fixture, data);
	for (guint i = 0; i < 7; i++)
		g_assert_cmpstr(poll_events(fixture, FALSE), ==, "read ");
	g_assert_cmpstr(poll_events(fixture, TRUE), ==, "read unchecked ");
	assert_position(fixture, "9");
}

static void test_swapped_registration(InvitationFixture *fixture, gconstpointer data)
{
	registered(fixture, TRUE);
	g_assert_cmpstr(poll_events(fixture, FALSE), ==, "read ");
	g_assert_cmpstr(poll_events(fixture, TRUE), ==, "read tampered ");
	g_assert_false(knows_customer(fixture));
	assert_position(fixture, "9");
}

/* The office key is on the administrator's computer only. */
static void test_for_colleagues(InvitationFixture *fixture, gconstpointer data)
{
	registered(fixture, FALSE);
	g_autofree char *gone G_GNUC_UNUSED = scratch_gpg_run(fixture->gpg, NULL, 0,
		"--delete-secret-keys %s", fixture->account->office_fingerprint);
	g_assert_cmpstr(poll_events(fixture, TRUE), ==, "read registered ");
	g_assert_false(knows_customer(fixture));
	assert_position(fixture, "9");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, func, data)                                                                      \
	g_test_add("/events/" name, InvitationFixture, data, invitation_setup, func,               \
		invitation_teardown)
	/* An agent that died: no secret keys, and no error. A gpg that dies at once: no data. */
	ADD("a-registration-that-gpg-cannot-check-is-not-announced", test_unchecked_registration,
		"no-autostart\n");
	ADD("a-registration-that-a-broken-gpg-cannot-check-is-not-announced",
		test_unchecked_registration, "trust-model none-of-them\n");
	ADD("a-registration-that-can-never-be-checked-ends-as-unchecked", test_never_checked,
		"no-autostart\n");
	ADD("a-registration-with-another-key-is-said-aloud", test_swapped_registration, NULL);
	ADD("without-the-office-key-a-colleague-checks", test_for_colleagues, NULL);
	return g_test_run();
}
