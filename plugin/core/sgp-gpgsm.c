/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs gpgsm by its command line rather than through GPGME: only so can a call say which digest is
 * used and that revocation is looked at, whatever the user's gpgsm.conf says, and only so does the
 * exit status tell a listing that ended from one that broke off (see sgp-gnupg-listing.c). Never
 * writes a configuration, names nobody by address, keeps nothing. */
#include "sgp-gpgsm.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "sgp-error.h"
#include "sgp-gnupg-run.h"
#include "sgp-gpgme.h"
#include "sgp-gpgsm-private.h"

#define LOCAL_LIMIT    30                  /* seconds, for what needs nobody but this machine */
#define MAXIMAL_CIPHER (16u * 1024 * 1024) /* what is decrypted in memory */

gboolean sgp_gpgsm_is_available(void)
{
	g_autofree char *name = sgp_gpgme_dup_gpgsm_program();
	g_autofree char *path = g_find_program_in_path(name);
	return path != NULL;
}

void sgp_gpgsm_block_sigpipe(void)
{
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}

GSubprocess *sgp_gpgsm_start(
	const char *home, const char *const *options, gboolean has_input, GError **error)
{
	g_autoptr(GError) local_error = NULL;
	g_autofree char *program = sgp_gpgme_dup_gpgsm_program();
	g_autofree char *directory = sgp_gpgme_dup_home(home);
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_strv_builder_add_many(builder, program, "--homedir", directory, "--batch", "--no-tty",
		"--status-fd", "2", NULL);
	g_strv_builder_addv(builder, (const char **)options);
	g_auto(GStrv) arguments = g_strv_builder_end(builder);
	GSubprocess *process = g_subprocess_newv((const char *const *)arguments,
		G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE |
			(has_input ? G_SUBPROCESS_FLAGS_STDIN_PIPE : G_SUBPROCESS_FLAGS_NONE),
		&local_error);
	if (process == NULL)
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "gpgsm: %s", local_error->message);
	return process;
}

/* gpgsm has no code for it: a certificate that it does not want to sign with is reported; what is
 * left is the agent that did not do it (no passphrase, cancelled, the card is not there). */
void sgp_gpgsm_set_signing_failure(GError **error, GBytes *report)
{
	SgpGnupgRun run = { .report = report };
	gboolean is_unwanted = sgp_gnupg_run_has_status(&run, "[GNUPG:] INV_SGNR ");
	g_set_error(error, SGP_ERROR, is_unwanted ? SGP_ERROR_CONFLICT : SGP_ERROR_LOCKED,
		is_unwanted ? "gpgsm: the certificate cannot sign" : "gpgsm: nothing was signed");
}

/* Runs it to its end; what it says in its report is there even if it failed. */
static gboolean run_to_end(SgpGnupgRun *run, const char *home, const char *const *options,
	GBytes *input, guint limit, GCancellable *cancellable, GError **error)
{
	sgp_gpgsm_block_sigpipe(); /* gpgsm may stop reading: an error, not a signal */
	g_autoptr(GSubprocess) process = sgp_gpgsm_start(home, options, input != NULL, error);
	return process != NULL &&
	       sgp_gnupg_run_finish(run, process, "gpgsm", input, limit, cancellable, error);
}

GBytes *sgp_gpgsm_run(const char *home, const char *const *options, GBytes *input, guint limit,
	GCancellable *cancellable, GError **error)
{
	g_auto(SgpGnupgRun) run = { 0 };
	if (!run_to_end(&run, home, options, input, limit, cancellable, error))
		return NULL;
	if (!run.is_successful || run.out == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "gpgsm: failed");
		return NULL;
	}
	return g_steal_pointer(&run.out);
}

gboolean sgp_gpgsm_check_fingerprint(const char *fingerprint, GError **error)
{
	/* Anything but a whole fingerprint would be matched by substring. */
	if (strlen(fingerprint) == 40 && strspn(fingerprint, "0123456789ABCDEFabcdef") == 40)
		return TRUE;
	g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "not a whole fingerprint");
	return FALSE;
}

/**
 * sgp_gpgsm_load_certificate:
 * @fingerprint: whole
 *
 * Returns: (transfer full): the certificate, DER; its fingerprint was compared
 */
GBytes *sgp_gpgsm_load_certificate(
	const char *home, const char *fingerprint, GCancellable *cancellable, GError **error)
{
	const char *options[] = { "--export", fingerprint, NULL };
	if (!sgp_gpgsm_check_fingerprint(fingerprint, error))
		return NULL;
	g_auto(SgpGnupgRun) run = { 0 };
	if (!run_to_end(&run, home, options, NULL, LOCAL_LIMIT, cancellable, error))
		return NULL;
	gboolean is_good = run.is_successful && run.out != NULL;
	g_autofree char *found =
		is_good ? g_compute_checksum_for_bytes(G_CHECKSUM_SHA1, run.out) : NULL;
	if (found == NULL || g_ascii_strcasecmp(found, fingerprint) != 0) {
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "no such certificate in the keybox");
		return NULL;
	}
	return g_steal_pointer(&run.out);
}

/**
 * sgp_gpgsm_has_secret:
 * @has_secret: (out): whether the secret half is at hand (in the agent, or on a card)
 */
gboolean sgp_gpgsm_has_secret(const char *home, const char *fingerprint, gboolean *has_secret,
	GCancellable *cancellable, GError **error)
{
	const char *options[] = { "--with-colons", "--list-secret-keys", fingerprint, NULL };
	if (!sgp_gpgsm_check_fingerprint(fingerprint, error))
		return FALSE;
	g_autoptr(GBytes) out = sgp_gpgsm_run(home, options, NULL, LOCAL_LIMIT, cancellable, error);
	if (out == NULL)
		return FALSE;
	gsize size = 0;
	const char *start = g_bytes_get_data(out, &size);
	g_autofree char *text = g_strndup(start != NULL ? start : "", size);
	*has_secret = strstr(text, "\ncrs:") != NULL || g_str_has_prefix(text, "crs:");
	return TRUE;
}

/**
 * sgp_gpgsm_decrypt_quietly:
 * @ciphertext: DER
 *
 * No pinentry appears over somebody's work. Without integrity protection in the format, what comes
 * out is whatever somebody made of it: it is read for the scans, and never shown or quoted.
 *
 * Returns: (transfer full): the clear text. Errors: TOO_LARGE; FAILED (locked, or not ours)
 */
GBytes *sgp_gpgsm_decrypt_quietly(
	const char *home, GBytes *ciphertext, GCancellable *cancellable, GError **error)
{
	const char *options[] = { "--pinentry-mode", "cancel", "--decrypt", NULL };
	if (g_bytes_get_size(ciphertext) > MAXIMAL_CIPHER) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_TOO_LARGE, "gpgsm: too large");
		return NULL;
	}
	g_auto(SgpGnupgRun) run = { 0 };
	if (!run_to_end(&run, home, options, ciphertext, LOCAL_LIMIT, cancellable, error))
		return NULL;
	/* Not its exit: that is a failure, too, if one of several readers is somebody else. */
	if (run.out == NULL || !sgp_gnupg_run_has_status(&run, "[GNUPG:] DECRYPTION_OKAY")) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "gpgsm: not opened");
		return NULL;
	}
	return g_steal_pointer(&run.out);
}
