/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch-gpg.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-portal-office.h"

#include <string.h>

#define ORIGIN "https://portal.office.example"

typedef struct {
	ScratchGpg *gpg; /* (owned) */
	char *office;    /* (owned) fingerprint */
	char *stranger;  /* (owned) fingerprint */
} Fixture;

static void setup(Fixture *fixture, gconstpointer data)
{
	fixture->gpg = scratch_gpg_new();
	fixture->office = scratch_gpg_make_key(
		fixture->gpg, "Office <office@portal.office.example>", "ed25519", "never");
	fixture->stranger =
		scratch_gpg_make_key(fixture->gpg, "Eve <eve@evil.example>", "ed25519", "never");
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	scratch_gpg_free(fixture->gpg);
	g_free(fixture->office);
	g_free(fixture->stranger);
}

static SgpPortalOffice *new_office(Fixture *fixture, const char *signer, const char *portal,
	const char *office, gint64 version)
{
	SgpPortalOffice *self = g_new0(SgpPortalOffice, 1);
	g_autofree char *text = g_strdup_printf(
		"{\"v\":1,\"version\":%d,\"portal\":\"%s\",\"office\":\"%s\",\"staff\":"
		"[{\"address\":\"a@b.example\",\"name\":\"A\",\"fingerprint\":\"AAAA\"}]}",
		(int)version, portal, office);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autofree char *signature =
		sgp_gpgme_sign_detached(fixture->gpg->home, bytes, signer, NULL);

	g_assert_nonnull(signature);
	self->name = g_strdup("Office");
	self->origin = g_strdup(ORIGIN);
	self->roster = sgp_portal_roster_new(version, bytes, signature);
	return self;
}

static gboolean is_good(Fixture *fixture, const SgpPortalOffice *office, gint64 least)
{
	g_autoptr(GError) error = NULL;
	gboolean good = sgp_portal_office_verify(
		office, fixture->gpg->home, fixture->office, least, &error);

	if (!good)
		g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	return good;
}

static void test_good(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpPortalOffice) office =
		new_office(fixture, fixture->office, ORIGIN, fixture->office, 3);

	g_assert_true(is_good(fixture, office, 3));
	g_assert_true(is_good(fixture, office, 1));
	g_assert_true(sgp_portal_office_has_staff(office, "AAAA"));
	g_assert_false(sgp_portal_office_has_staff(office, "BBBB"));
}

static void test_refused(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpPortalOffice) older =
		new_office(fixture, fixture->office, ORIGIN, fixture->office, 2);
	g_autoptr(SgpPortalOffice) elsewhere =
		new_office(fixture, fixture->office, "https://evil.example", fixture->office, 3);
	g_autoptr(SgpPortalOffice) other =
		new_office(fixture, fixture->office, ORIGIN, fixture->stranger, 3);
	g_autoptr(SgpPortalOffice) strange =
		new_office(fixture, fixture->stranger, ORIGIN, fixture->office, 3);
	g_autoptr(SgpPortalOffice) lying =
		new_office(fixture, fixture->office, ORIGIN, fixture->office, 2);
	g_autoptr(SgpPortalOffice) none =
		new_office(fixture, fixture->office, ORIGIN, fixture->office, 3);

	g_assert_false(is_good(fixture, older, 3));
	g_assert_false(is_good(fixture, elsewhere, 3));
	g_assert_false(is_good(fixture, other, 3));
	g_assert_false(is_good(fixture, strange, 3));
	lying->roster->version = 3; /* beside the signed bytes */
	g_assert_false(is_good(fixture, lying, 3));
	g_clear_pointer(&none->roster, sgp_portal_roster_free);
	g_assert_false(is_good(fixture, none, 0));
}

static void test_changed_bytes(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpPortalOffice) office =
		new_office(fixture, fixture->office, ORIGIN, fixture->office, 3);
	gsize length = 0;
	const char *text = g_bytes_get_data(office->roster->bytes, &length);
	g_autofree char *changed = g_strndup(text, length);

	*strstr(changed, "AAAA") = 'B';
	g_bytes_unref(office->roster->bytes);
	office->roster->bytes = g_bytes_new(changed, length);
	g_assert_false(is_good(fixture, office, 3));
}

static SgpPortalOffice *parse(const char *support)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text =
		g_strdup_printf("{\"name\":\"Agentur\",\"origin\":\"" ORIGIN "\",\"support\":%s,"
				"\"limits\":{\"attachment\":1,\"message\":2}}",
			support);
	g_autoptr(JsonNode) node = json_from_string(text, &error);

	g_assert_no_error(error);
	SgpPortalOffice *office = sgp_portal_office_parse(json_node_get_object(node), &error);

	g_assert_no_error(error);
	return office;
}

static void test_support(void)
{
	g_autoptr(SgpPortalOffice) office =
		parse("{\"name\":\"Frau Beispiel\",\"phone\":\"+49 30 123456\","
		      "\"hours\":\"Mo-Fr 9-17\",\"mail\":\"hilfe@agentur.example\"}");
	g_autoptr(SgpPortalOffice) strange = parse("{\"phone\":7}");
	g_autoptr(SgpPortalOffice) none = parse("null");

	g_assert_cmpstr(office->support.name, ==, "Frau Beispiel");
	g_assert_cmpstr(office->support.phone, ==, "+49 30 123456");
	g_assert_cmpstr(office->support.hours, ==, "Mo-Fr 9-17");
	g_assert_cmpstr(office->support.mail, ==, "hilfe@agentur.example");
	g_assert_null(strange->support.phone);
	g_assert_null(none->support.mail);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/portal-office/" name, Fixture, NULL, setup, func, teardown)
	ADD("the-office-s-own-roster-is-taken", test_good);
	ADD("older-foreign-and-strangers-rosters-are-refused", test_refused);
	ADD("a-changed-roster-is-refused", test_changed_bytes);
	g_test_add_func("/portal-office/it-says-whom-to-ask-for-help", test_support);
	return g_test_run();
}
