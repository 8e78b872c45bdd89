/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-settings.h"

#include <glib/gstdio.h>

static char *scratch; /* (owned) the keyfile backend's directories lie here */

static char *write_file(const char *name, const char *text)
{
	char *path = g_build_filename(scratch, name, NULL);

	g_assert_true(g_file_set_contents(path, text, -1, NULL));
	return path;
}

static void test_defaults(void)
{
	g_autoptr(SgpSettings) settings = sgp_settings_new(NULL, NULL);
	g_auto(GStrv) command = sgp_settings_dup_strv(settings, "sendmail-command");
	g_autofree char *profile = sgp_settings_dup_string(settings, "policy-profile");

	g_assert_cmpstr(profile, ==, "strict");
	g_assert_cmpint(sgp_settings_get_int(settings, "phone-valid-days"), ==, 90);
	g_assert_true(sgp_settings_get_boolean(settings, "protect-subject"));
	g_assert_cmpstr(command[0], ==, "/usr/sbin/sendmail");
}

static void test_key_file(void)
{
	g_autofree char *path = write_file("over.ini",
		"[org.siegelpost]\nown-domains=['office.example']\nphone-valid-days=30\n");
	g_autoptr(SgpSettings) settings = sgp_settings_new(path, NULL);
	g_auto(GStrv) domains = sgp_settings_dup_strv(settings, "own-domains");

	g_assert_cmpstr(domains[0], ==, "office.example");
	g_assert_cmpint(sgp_settings_get_int(settings, "phone-valid-days"), ==, 30);
	g_assert_cmpint(sgp_settings_get_int(settings, "letter-valid-days"), ==, 180);
}

static void assert_file_refused(const char *line, SgpError code)
{
	g_autofree char *text = g_strdup_printf("[org.siegelpost]\n%s\n", line);
	g_autofree char *path = write_file("bad.ini", text);
	g_autoptr(GError) error = NULL;

	g_assert_null(sgp_settings_new(path, &error));
	g_assert_error(error, SGP_ERROR, (gint)code);
}

static void test_bad_key_file(void)
{
	assert_file_refused("no-such-key=true", SGP_ERROR_INVALID);
	assert_file_refused("own-domains='office.example'", SGP_ERROR_INVALID);
	assert_file_refused("prefer-protocol='rot13'", SGP_ERROR_INVALID);
	assert_file_refused("phone-valid-days=0", SGP_ERROR_INVALID);
	assert_file_refused("phone-valid-days=many", SGP_ERROR_INVALID);
	assert_file_refused("own-domains=['b\xfcro.example']", SGP_ERROR_INVALID);
}

static void test_key_file_without_its_group(void)
{
	g_autofree char *path = write_file("group.ini", "[siegelpost]\nphone-valid-days=30\n");
	g_autofree char *empty = write_file("empty.ini", "");
	g_autoptr(GError) error = NULL;

	g_assert_null(sgp_settings_new(path, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	g_clear_error(&error);
	g_assert_null(sgp_settings_new(empty, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
}

/* Run by test_lockdown in a process of its own, whose dconf profile locks policy-profile. */
static void check_lockdown(void)
{
	g_autoptr(SgpSettings) settings = sgp_settings_new(NULL, NULL);
	g_autoptr(GError) error = NULL;

	assert_file_refused("policy-profile='by-class'", SGP_ERROR_REFUSED);
	g_assert_false(sgp_settings_set(
		settings, "policy-profile", g_variant_new_string("by-class"), &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_REFUSED);
	g_autoptr(GVariant) all = g_variant_ref_sink(sgp_settings_ref_all(settings));
	g_autoptr(GVariant) locked =
		g_variant_lookup_value(all, "policy-profile", G_VARIANT_TYPE("(vb)"));
	g_autoptr(GVariant) open =
		g_variant_lookup_value(all, "portal-url", G_VARIANT_TYPE("(vb)"));
	gboolean is_writable = TRUE;

	g_variant_get_child(locked, 1, "b", &is_writable);
	g_assert_false(is_writable);
	g_variant_get_child(open, 1, "b", &is_writable);
	g_assert_true(is_writable);
}

static char *compile_lockdown(void)
{
	g_autofree char *site = g_build_filename(scratch, "site.d", NULL);
	g_autofree char *locks = g_build_filename(site, "locks", NULL);
	g_autofree char *database = g_build_filename(scratch, "site", NULL);
	g_autofree char *profile = g_strdup_printf("user-db:user\nfile-db:%s\n", database);

	g_assert_cmpint(g_mkdir_with_parents(locks, 0700), ==, 0);
	g_autofree char *values G_GNUC_UNUSED =
		write_file("site.d/00-office", "[org/siegelpost]\npolicy-profile='strict'\n");
	g_autofree char *locked G_GNUC_UNUSED =
		write_file("site.d/locks/00-office", "/org/siegelpost/policy-profile\n");
	const char *argv[] = { "dconf", "compile", database, site, NULL };
	int status = 1;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_SEARCH_PATH, NULL, NULL, NULL,
		NULL, &status, NULL));
	g_assert_cmpint(status, ==, 0);
	return write_file("profile", profile);
}

/* The administrator locked policy-profile: what a user writes must not lift that. */
static void test_lockdown(void)
{
	g_autofree char *dconf = g_find_program_in_path("dconf");
	const char *argv[] = { "/proc/self/exe", "-p", "/settings/locked", NULL };
	g_auto(GStrv) environment = g_get_environ();
	int status = 1;

	if (!dconf && !g_getenv("SGP_TEST_REQUIRE")) {
		g_test_skip("dconf is missing");
		return;
	}
	g_assert_nonnull(dconf);
	g_autofree char *profile = compile_lockdown();

	environment = g_environ_setenv(environment, "GSETTINGS_BACKEND", "dconf", TRUE);
	environment = g_environ_setenv(environment, "DCONF_PROFILE", profile, TRUE);
	g_assert_true(g_spawn_sync(NULL, (char **)argv, environment, G_SPAWN_STDOUT_TO_DEV_NULL,
		NULL, NULL, NULL, NULL, &status, NULL));
	g_assert_cmpint(status, ==, 0);
}

static void on_changed(SgpSettings *settings, const char *key, gpointer count)
{
	g_assert_cmpstr(key, ==, "portal-url");
	(*(guint *)count)++;
}

static void test_set(void)
{
	g_autoptr(SgpSettings) settings = sgp_settings_new(NULL, NULL);
	g_autoptr(GError) error = NULL;
	guint count = 0;

	g_signal_connect(settings, "changed", G_CALLBACK(on_changed), &count);
	g_assert_true(sgp_settings_set(
		settings, "portal-url", g_variant_new_string("https://a.example"), &error));
	g_assert_no_error(error);
	g_assert_cmpuint(count, ==, 1);
	g_autoptr(SgpSettings) again = sgp_settings_new(NULL, NULL);
	g_autofree char *kept = sgp_settings_dup_string(again, "portal-url");

	g_assert_cmpstr(kept, ==, "https://a.example");
	g_assert_false(
		sgp_settings_set(settings, "portal-url", g_variant_new_boolean(TRUE), &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	g_clear_error(&error);
	g_assert_false(sgp_settings_set(settings, "nonsense", g_variant_new_boolean(TRUE), &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
}

/* What lies on top is what is written. */
static void test_set_in_key_file(void)
{
	g_autofree char *path =
		write_file("set.ini", "[org.siegelpost]\nportal-url='https://old.example'\n");
	g_autoptr(SgpSettings) settings = sgp_settings_new(path, NULL);

	g_assert_true(sgp_settings_set(
		settings, "portal-url", g_variant_new_string("https://new.example"), NULL));
	g_autoptr(SgpSettings) again = sgp_settings_new(path, NULL);
	g_autofree char *kept = sgp_settings_dup_string(again, "portal-url");

	g_assert_cmpstr(kept, ==, "https://new.example");
}

static void test_gnupg_home(void)
{
	g_autoptr(SgpSettings) settings = sgp_settings_new(NULL, NULL);
	g_autofree char *from_environment = sgp_settings_dup_gnupg_home(settings);

	g_assert_cmpstr(from_environment, ==, "/nonexistent/env");
	sgp_settings_override(settings, "gnupg-home", g_variant_new_string("/nonexistent/set"));
	g_autofree char *from_setting = sgp_settings_dup_gnupg_home(settings);

	g_assert_cmpstr(from_setting, ==, "/nonexistent/set");
}

int main(int argc, char **argv)
{
	int status;

	scratch = g_dir_make_tmp("siegelpost-test-XXXXXX", NULL);
	if (!g_getenv("DCONF_PROFILE"))
		g_setenv("GSETTINGS_BACKEND", "keyfile", TRUE);
	g_setenv("GSETTINGS_SCHEMA_DIR", SGP_TEST_BUILD_DIR "/plugin/data", TRUE);
	g_setenv("XDG_CONFIG_HOME", scratch, TRUE);
	g_setenv("GNUPGHOME", "/nonexistent/env", TRUE);

	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/settings/the-schema-s-defaults-hold", test_defaults);
	g_test_add_func("/settings/a-key-file-lies-over-them", test_key_file);
	g_test_add_func("/settings/a-wrong-key-file-is-refused", test_bad_key_file);
	g_test_add_func("/settings/a-key-file-without-its-group-is-refused",
		test_key_file_without_its_group);
	g_test_add_func("/settings/a-key-file-cannot-lift-a-lockdown", test_lockdown);
	if (g_getenv("DCONF_PROFILE"))
		g_test_add_func("/settings/locked", check_lockdown);
	g_test_add_func("/settings/a-value-is-kept-and-told", test_set);
	g_test_add_func("/settings/a-value-is-written-where-it-is-seen", test_set_in_key_file);
	g_test_add_func("/settings/the-setting-s-gnupg-home-wins", test_gnupg_home);
	status = g_test_run();
	g_autofree char *remove = g_strdup_printf("rm -rf %s", scratch);

	g_spawn_command_line_sync(remove, NULL, NULL, NULL, NULL);
	g_free(scratch);
	return status;
}
