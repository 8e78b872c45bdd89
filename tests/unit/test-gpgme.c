/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-openpgp-packets.h"

#include <string.h>

#include "scratch-gpg.h"

#define TEXT "Sehr geehrte Frau M\xc3\xbcller\n"

static gboolean feed_text(
	GOutputStream *to, gpointer user_data, GCancellable *cancellable, GError **error)
{
	return g_output_stream_write_all(
		to, user_data, strlen(user_data), NULL, cancellable, error);
}

static gboolean feed_and_fail(
	GOutputStream *to, gpointer user_data, GCancellable *cancellable, GError **error)
{
	g_assert_true(feed_text(to, user_data, cancellable, NULL));
	g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE, "half-way");
	return FALSE;
}

static GBytes *encrypt(ScratchGpg *gpg, const char *const *to, GBytes *certificate,
	const char *signer, SgpGpgmeFeedFunc feed, GError **error)
{
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	if (!sgp_gpgme_encrypt_with_certificate(gpg->home, to, certificate, signer, FALSE, feed,
		    (gpointer)TEXT, out, NULL, error))
		return NULL;
	g_assert_true(g_output_stream_close(out, NULL, NULL));
	return g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
}

static void test_round_trip(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *to = sgp_gpgme_generate(gpg->home, "<erika@kunde.example>", NULL);
	g_autofree char *me = sgp_gpgme_generate(gpg->home, "Anna <anna@agentur.example>", NULL);
	g_assert_nonnull(to);
	g_assert_nonnull(me);
	const char *recipients[] = { to, me, NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) cipher = encrypt(gpg, recipients, NULL, me, feed_text, &error);
	g_assert_no_error(error);
	g_autoptr(GInputStream) stream = g_memory_input_stream_new_from_bytes(cipher);
	g_auto(GStrv) ids = sgp_openpgp_packets_check(stream, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpuint(g_strv_length(ids), ==, 2);
	g_autofree char *signer = NULL;
	g_autoptr(GBytes) plain = sgp_gpgme_decrypt(gpg->home, cipher, &signer, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(g_bytes_get_data(plain, NULL), g_bytes_get_size(plain), TEXT, strlen(TEXT));
	g_assert_cmpstr(signer, ==, me);
}

/* Which keys are good enough is the look-up's business, not GnuPG's web of trust. */
static void test_stranger(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autoptr(ScratchGpg) other = scratch_gpg_new();
	g_autofree char *key = sgp_gpgme_generate(other->home, "<erika@kunde.example>", NULL);
	g_autofree char *exported = sgp_gpgme_export(other->home, key, FALSE, NULL);
	g_autoptr(GBytes) bytes = g_bytes_new(exported, strlen(exported));
	g_autofree char *imported = sgp_gpgme_import(gpg->home, bytes, NULL);
	const char *recipients[] = { imported, NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) cipher = encrypt(gpg, recipients, NULL, NULL, feed_text, &error);
	g_assert_no_error(error);
	g_assert_nonnull(cipher);
}

static void test_tampered(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *to = sgp_gpgme_generate(gpg->home, "<erika@kunde.example>", NULL);
	const char *recipients[] = { to, NULL };
	g_autoptr(GBytes) cipher = encrypt(gpg, recipients, NULL, NULL, feed_text, NULL);
	gsize size;
	g_autofree guint8 *copy =
		g_memdup2(g_bytes_get_data(cipher, &size), g_bytes_get_size(cipher));
	copy[size - 30] ^= 1;
	g_autoptr(GBytes) broken = g_bytes_new(copy, size);
	g_autoptr(GError) error = NULL;
	g_assert_null(sgp_gpgme_decrypt(gpg->home, broken, NULL, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	g_clear_error(&error);
	g_autoptr(GBytes) plain = g_bytes_new_static(TEXT, strlen(TEXT));
	g_assert_null(sgp_gpgme_decrypt(gpg->home, plain, NULL, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
}

static void test_bomb(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *to = sgp_gpgme_generate(gpg->home, "<erika@kunde.example>", NULL);
	const gsize size = 65 * 1024 * 1024;
	g_autofree char *zeros = g_malloc0(size);
	g_autofree char *armored = scratch_gpg_run(gpg, zeros, (gssize)size,
		"--trust-model always --compress-algo zip -a -e -r %s", to);
	g_autoptr(GBytes) cipher = g_bytes_new(armored, strlen(armored));
	g_autoptr(GError) error = NULL;
	g_assert_cmpuint(strlen(armored), <, 1024 * 1024);
	g_assert_null(sgp_gpgme_decrypt(gpg->home, cipher, NULL, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TOO_LARGE);
}

static void test_feed_fails(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *to = sgp_gpgme_generate(gpg->home, "<erika@kunde.example>", NULL);
	const char *recipients[] = { to, NULL };
	g_autoptr(GError) error = NULL;
	g_assert_null(encrypt(gpg, recipients, NULL, NULL, feed_and_fail, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_STORAGE);
}

static void test_names(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *key = sgp_gpgme_generate(gpg->home, "<erika@kunde.example>", NULL);
	const char *const NAMES[] = { "erika@kunde.example", key + 24, "" };
	for (gsize i = 0; i < G_N_ELEMENTS(NAMES); i++) {
		const char *recipients[] = { NAMES[i], NULL };
		g_autoptr(GError) error = NULL;
		g_assert_null(encrypt(gpg, recipients, NULL, NULL, feed_text, &error));
		g_assert_error(error, SGP_ERROR, SGP_ERROR_FAILED);
	}
	const char *nobody[] = { NULL };
	g_assert_null(encrypt(gpg, nobody, NULL, NULL, feed_text, NULL));
}

static void test_unusable(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *none G_GNUC_UNUSED = scratch_gpg_run(gpg, NULL, 0,
		"--faked-system-time 20200121T000000 --quick-generate-key '<old@kunde.example>' "
		"future-default default 2021-01-21");
	g_autofree char *list =
		scratch_gpg_run(gpg, NULL, 0, "--with-colons --list-keys old@kunde.example");
	g_autofree char *fingerprint = g_strndup(strstr(list, "fpr:::::::::") + 12, 40);
	const char *expired[] = { fingerprint, NULL };
	g_autoptr(GError) error = NULL;
	g_assert_null(encrypt(gpg, expired, NULL, NULL, feed_text, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_CONFLICT);
	g_clear_error(&error);
	const char *missing[] = { "0123456789012345678901234567890123456789", NULL };
	g_assert_null(encrypt(gpg, missing, NULL, NULL, feed_text, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_CONFLICT);
}

/* A mailbox key is used without getting into the user's keyring. */
static void test_certificate(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *me = sgp_gpgme_generate(gpg->home, "Anna <anna@agentur.example>", NULL);
	g_autoptr(GError) error = NULL;
	char *temporary = sgp_gpgme_home_new_temporary(&error);
	g_assert_no_error(error);
	g_autofree char *mailbox = sgp_gpgme_generate(temporary, "<erika@kunde.example>", &error);
	g_assert_no_error(error);
	g_autofree char *public = sgp_gpgme_export(temporary, mailbox, FALSE, &error);
	g_autofree char *secret = sgp_gpgme_export(temporary, mailbox, TRUE, &error);
	g_assert_no_error(error);
	g_assert_true(g_str_has_prefix(secret, "-----BEGIN PGP PRIVATE KEY BLOCK-----"));
	g_autofree char *path = g_strdup(temporary);
	g_autoptr(GBytes) certificate = g_bytes_new(public, strlen(public));
	g_autoptr(SgpKeyRecord) record = sgp_gpgme_read_certificate(gpg->home, certificate, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(record->fingerprint, ==, mailbox);
	g_assert_true(sgp_key_record_has_address(record, "erika@kunde.example"));
	const char *recipients[] = { me, NULL };
	g_autoptr(GBytes) cipher = encrypt(gpg, recipients, certificate, me, feed_text, &error);
	g_assert_no_error(error);
	g_autofree char *keys = scratch_gpg_run(gpg, NULL, 0, "--with-colons --list-keys");
	g_assert_null(strstr(keys, "erika@kunde.example"));
	g_autoptr(GBytes) plain = sgp_gpgme_decrypt(temporary, cipher, NULL, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(g_bytes_get_data(plain, NULL), g_bytes_get_size(plain), TEXT, strlen(TEXT));
	sgp_gpgme_home_destroy(temporary);
	g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
}

static void test_signatures(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *one = sgp_gpgme_generate(gpg->home, "<one@agentur.example>", NULL);
	g_autofree char *two = sgp_gpgme_generate(gpg->home, "<two@agentur.example>", NULL);
	g_autoptr(GBytes) data = g_bytes_new_static(TEXT, strlen(TEXT));
	g_autoptr(GBytes) other = g_bytes_new_static("other", 5);
	g_autoptr(GError) error = NULL;
	g_autofree char *signature = sgp_gpgme_sign_detached(gpg->home, data, one, &error);
	g_assert_no_error(error);
	g_assert_true(sgp_gpgme_verify_detached(gpg->home, data, signature, one, &error));
	g_assert_no_error(error);
	g_assert_false(sgp_gpgme_verify_detached(gpg->home, data, signature, two, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	g_clear_error(&error);
	g_assert_false(sgp_gpgme_verify_detached(gpg->home, other, signature, one, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	g_clear_error(&error);
	g_assert_false(sgp_gpgme_verify_detached(gpg->home, data, "", one, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	g_clear_error(&error);
	g_assert_true(sgp_gpgme_certify(gpg->home, one, two, NULL, FALSE, &error));
	g_assert_no_error(error);
	g_autofree char *exported = sgp_gpgme_export(gpg->home, two, FALSE, &error);
	g_autoptr(GBytes) key = g_bytes_new(exported, strlen(exported));
	g_autoptr(ScratchGpg) elsewhere = scratch_gpg_new();
	g_autofree char *imported = sgp_gpgme_import(elsewhere->home, key, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(imported, ==, two);
	g_autofree char *both = scratch_gpg_run(gpg, NULL, 0, "--armor --export");
	g_autoptr(GBytes) keys = g_bytes_new(both, strlen(both));
	g_assert_null(sgp_gpgme_import(elsewhere->home, keys, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
}

static void test_cancelled(void)
{
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autofree char *to = sgp_gpgme_generate(gpg->home, "<erika@kunde.example>", NULL);
	const char *recipients[] = { to, NULL };
	g_autoptr(GCancellable) cancellable = g_cancellable_new();
	g_cancellable_cancel(cancellable);
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	g_autoptr(GError) error = NULL;
	g_assert_false(sgp_gpgme_encrypt(gpg->home, recipients, NULL, TRUE, feed_text,
		(gpointer)TEXT, out, cancellable, &error));
	g_assert_error(error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void write_script(const char *directory, const char *name, const char *text)
{
	g_autofree char *path = g_build_filename(directory, name, NULL);
	g_assert_true(
		g_file_set_contents_full(path, text, -1, G_FILE_SET_CONTENTS_NONE, 0700, NULL));
}

/* A gpg that does everything but list keys once there is a file "broken" beside it. */
static void put_flaky_gpg(const char *directory)
{
	g_autofree char *gpg = g_find_program_in_path("gpg");
	g_autofree char *gpgconf = g_find_program_in_path("gpgconf");
	g_autofree char *list = g_strdup_printf(
		"#!/bin/sh\n'%s' \"$@\" | sed 's|:%s|:%s/gpg|'\n", gpgconf, gpg, directory);
	g_autofree char *run = g_strdup_printf(
		"#!/bin/sh\n"
		"if test -e '%s/broken'; then case \" $* \" in *' --list-keys '*)\n"
		"fd=$(echo \" $* \" | sed 's/.* --status-fd \\([0-9]*\\) .*/\\1/')\n"
		"eval \"echo '[GNUPG:] ERROR keydb_search 33554445' >&$fd\"; exit 2;; esac; fi\n"
		"exec '%s' \"$@\"\n",
		directory, gpg);
	write_script(directory, "gpgconf", list);
	write_script(directory, "gpg", run);
	g_autofree char *path = g_strdup_printf("%s:%s", directory, g_getenv("PATH"));
	g_assert_true(g_setenv("PATH", path, TRUE));
}

/* "Nobody signed" would let the caller drop what a colleague did sign. */
static void test_signer_unknown(void)
{
	if (!g_test_subprocess()) { /* GPGME looks for gpg once in a process */
		g_test_trap_subprocess(NULL, 0, G_TEST_SUBPROCESS_INHERIT_STDERR);
		g_test_trap_assert_passed();
		return;
	}
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	put_flaky_gpg(gpg->directory);
	g_autofree char *me = sgp_gpgme_generate(gpg->home, "<anna@agentur.example>", NULL);
	const char *recipients[] = { me, NULL };
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) cipher = encrypt(gpg, recipients, NULL, me, feed_text, &error);
	g_assert_no_error(error);
	g_autoptr(GBytes) data = g_bytes_new_static(TEXT, strlen(TEXT));
	g_autofree char *signature = sgp_gpgme_sign_detached(gpg->home, data, me, &error);
	g_assert_no_error(error);
	g_autofree char *signer = NULL;
	write_script(gpg->directory, "broken", "");
	g_assert_null(sgp_gpgme_decrypt(gpg->home, cipher, &signer, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
	g_clear_error(&error);
	g_assert_false(sgp_gpgme_verify_detached(gpg->home, data, signature, me, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/gpgme/what-was-sealed-opens-and-names-its-signer", test_round_trip);
	g_test_add_func("/gpgme/a-key-that-nobody-certified-can-be-used", test_stranger);
	g_test_add_func("/gpgme/a-changed-message-gives-no-byte", test_tampered);
	g_test_add_func("/gpgme/half-a-mail-is-no-mail", test_feed_fails);
	g_test_add_func("/gpgme/only-whole-fingerprints-name-a-key", test_names);
	g_test_add_func("/gpgme/an-expired-or-missing-key-is-a-conflict", test_unusable);
	g_test_add_func("/gpgme/a-mailbox-key-never-enters-the-keyring", test_certificate);
	g_test_add_func("/gpgme/a-signature-is-by-whom-it-should-be", test_signatures);
	g_test_add_func("/gpgme/a-compressed-bomb-is-refused", test_bomb);
	g_test_add_func(
		"/gpgme/a-signer-that-cannot-be-looked-up-is-an-error", test_signer_unknown);
	g_test_add_func("/gpgme/cancelled-is-cancelled", test_cancelled);
	return g_test_run();
}
