/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What came into the keyring by a mailbox leaves it with the mailbox. Real gpg. */
#include "sgp-customer-keys.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "state-fixture.h"

#include <string.h>

#define HANDLE "00112233445566778899aabbccddeeff"

typedef struct {
	State state;
	char *home; /* (owned) the user's */
} Office;

static void setup(Office *office, gconstpointer data)
{
	state_setup(&office->state, data);
	office->home = sgp_gpgme_home_new_temporary(NULL);
}

static void teardown(Office *office, gconstpointer data)
{
	sgp_gpgme_home_destroy(office->home);
	state_teardown(&office->state, data);
}

/* A public key that somebody else made. (transfer full) */
static GBytes *make_key(const char *address)
{
	g_autoptr(GError) error = NULL;
	char *home = sgp_gpgme_home_new_temporary(NULL);
	g_autofree char *uid = g_strdup_printf("<%s>", address);
	g_autofree char *fingerprint = sgp_gpgme_generate(home, uid, &error);

	g_assert_no_error(error);
	char *text = sgp_gpgme_export(home, fingerprint, FALSE, &error);

	g_assert_no_error(error);
	sgp_gpgme_home_destroy(home);
	return g_bytes_new_take(text, strlen(text));
}

static char *take(Office *office, GBytes *key)
{
	g_autoptr(GError) error = NULL;
	char *fingerprint = sgp_customer_keys_import(
		office->state.store, office->home, HANDLE, key, NULL, &error);

	g_assert_no_error(error);
	return fingerprint;
}

static void forget(Office *office)
{
	g_autoptr(GError) error = NULL;

	sgp_customer_keys_forget(office->state.store, office->home, HANDLE, NULL, &error);
	g_assert_no_error(error);
}

static gboolean is_there(Office *office, const char *fingerprint)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpKeyRecord) record =
		sgp_gpgme_load_record(office->home, fingerprint, NULL, &error);

	if (!record)
		g_assert_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND);
	return record != NULL;
}

static void test_gone(Office *office, gconstpointer data)
{
	g_autoptr(GBytes) first = make_key("erika@kunde.example");
	g_autoptr(GBytes) second = make_key("erika@kunde.example");
	g_autofree char *one = take(office, first);
	g_autofree char *two = take(office, second);
	g_autofree char *again = take(office, first);

	g_assert_cmpstr(one, ==, again);
	g_assert_true(is_there(office, one) && is_there(office, two));
	forget(office);
	g_assert_false(is_there(office, one) || is_there(office, two));
	forget(office); /* twice does no harm */
}

static void test_there_before(Office *office, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) key = make_key("colleague@office.example");
	g_autofree char *mine = sgp_gpgme_import(office->home, key, &error);

	g_assert_no_error(error);
	g_autofree char *same = take(office, key);

	g_assert_cmpstr(mine, ==, same);
	forget(office);
	g_assert_true(is_there(office, mine));
}

/* Removed by hand meanwhile, or made the user's own since. */
static void test_changed(Office *office, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) key = make_key("erika@kunde.example");
	g_autofree char *fingerprint = take(office, key);

	g_assert_true(sgp_gpgme_delete_public(office->home, fingerprint, NULL, &error));
	g_assert_no_error(error);
	forget(office);
	g_autofree char *own = sgp_gpgme_generate(office->home, "<me@office.example>", &error);

	g_assert_no_error(error);
	g_assert_false(sgp_gpgme_delete_public(office->home, own, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_CONFLICT);
	g_assert_true(is_there(office, own));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/customer-keys/" name, Office, NULL, setup, func, teardown)
	ADD("what-came-by-a-mailbox-goes-with-it", test_gone);
	ADD("a-key-that-was-there-before-stays", test_there_before);
	ADD("what-is-gone-or-the-user-s-own-is-no-error", test_changed);
	return g_test_run();
}
