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
#include "sgp-gpgme.h"
#include "sgp-gpgsm-private.h"

#define LOCAL_LIMIT    30                  /* seconds, for what needs nobody but this machine */
#define MAXIMAL_CIPHER (16u * 1024 * 1024) /* what is decrypted in memory */

/* One process that is being waited for. */
typedef struct {
	GSubprocess *process; /* (owned) */
	GBytes *out, *report; /* (owned) (nullable) */
	GError *error;        /* (owned) (nullable) */
	gboolean is_done, is_late;
} Run;

static void run_clear(Run *run)
{
	g_clear_object(&run->process);
	g_clear_pointer(&run->out, g_bytes_unref);
	g_clear_pointer(&run->report, g_bytes_unref);
	g_clear_error(&run->error);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Run, run_clear)

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

static gboolean has_status(GBytes *report, const char *line)
{
	gsize size = 0;
	const char *start = report == NULL ? NULL : g_bytes_get_data(report, &size);
	g_autofree char *text = g_strndup(start != NULL ? start : "", size);
	return strstr(text, line) != NULL;
}

/* gpgsm has no code for it: a certificate that it does not want to sign with is reported; what is
 * left is the agent that did not do it (no passphrase, cancelled, the card is not there). */
void sgp_gpgsm_set_signing_failure(GError **error, GBytes *report)
{
	gboolean is_unwanted = has_status(report, "[GNUPG:] INV_SGNR ");
	g_set_error(error, SGP_ERROR, is_unwanted ? SGP_ERROR_CONFLICT : SGP_ERROR_LOCKED,
		is_unwanted ? "gpgsm: the certificate cannot sign" : "gpgsm: nothing was signed");
}

static void on_communicated(GObject *source, GAsyncResult *result, gpointer user_data)
{
	Run *run = user_data;
	g_subprocess_communicate_finish(
		G_SUBPROCESS(source), result, &run->out, &run->report, &run->error);
	run->is_done = TRUE;
}

static gboolean on_late(gpointer user_data)
{
	Run *run = user_data;
	run->is_late = TRUE;
	g_subprocess_force_exit(run->process);
	return G_SOURCE_REMOVE;
}

/* In a main context of this thread's own, so that a limit can be kept. */
static void communicate(Run *run, GBytes *input, guint limit, GCancellable *cancellable)
{
	g_autoptr(GMainContext) context = g_main_context_new();
	g_autoptr(GSource) timer = limit > 0 ? g_timeout_source_new_seconds(limit) : NULL;
	g_main_context_push_thread_default(context);
	if (timer != NULL) {
		g_source_set_callback(timer, on_late, run, NULL);
		g_source_attach(timer, context);
	}
	g_subprocess_communicate_async(run->process, input, cancellable, on_communicated, run);
	while (!run->is_done)
		g_main_context_iteration(context, TRUE);
	if (timer != NULL)
		g_source_destroy(timer);
	g_main_context_pop_thread_default(context);
	if (run->error != NULL)
		g_subprocess_force_exit(run->process);
	g_subprocess_wait(run->process, NULL, NULL);
}

/* Runs it to its end; what it says in report is there even if it failed. */
static gboolean run_to_end(Run *run, const char *home, const char *const *options, GBytes *input,
	guint limit, GCancellable *cancellable, GError **error)
{
	sgp_gpgsm_block_sigpipe(); /* gpgsm may stop reading: an error, not a signal */
	run->process = sgp_gpgsm_start(home, options, input != NULL, error);
	if (run->process == NULL)
		return FALSE;
	communicate(run, input, limit, cancellable);
	if (g_cancellable_set_error_if_cancelled(cancellable, error))
		return FALSE;
	if (run->is_late) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "gpgsm: no answer in time");
		return FALSE;
	}
	/* A pipe that gpgsm closed early is gpgsm's failure, told below by its exit. */
	if (g_subprocess_get_if_signaled(run->process)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "gpgsm: died");
		return FALSE;
	}
	return TRUE;
}

GBytes *sgp_gpgsm_run(const char *home, const char *const *options, GBytes *input, guint limit,
	GCancellable *cancellable, GError **error)
{
	g_auto(Run) run = { 0 };
	if (!run_to_end(&run, home, options, input, limit, cancellable, error))
		return NULL;
	if (!g_subprocess_get_successful(run.process) || run.out == NULL) {
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
	g_auto(Run) run = { 0 };
	if (!run_to_end(&run, home, options, NULL, LOCAL_LIMIT, cancellable, error))
		return NULL;
	gboolean is_good = g_subprocess_get_successful(run.process) && run.out != NULL;
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
	g_auto(Run) run = { 0 };
	if (!run_to_end(&run, home, options, ciphertext, LOCAL_LIMIT, cancellable, error))
		return NULL;
	/* Not its exit: that is a failure, too, if one of several readers is somebody else. */
	if (run.out == NULL || !has_status(run.report, "[GNUPG:] DECRYPTION_OKAY")) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "gpgsm: not opened");
		return NULL;
	}
	return g_steal_pointer(&run.out);
}
