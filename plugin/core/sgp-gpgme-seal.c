/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Encrypts by gpg what a feed writes, to exactly the keys it is told. Never keeps the clear text,
 * and decides nothing about whom to encrypt to. */
#include "sgp-gpgme-private.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define IO_SIZE_TEXT "65536" /* GPGME's own default of 512 bytes costs half of the speed */
#define PIPE_SIZE    (1024 * 1024)

typedef struct {
	SgpGpgmeFeedFunc feed;
	gpointer user_data;
	GOutputStream *to; /* (owned) the writing end of the pipe */
	GCancellable *cancellable;
	GError *error; /* (owned) (nullable) */
} Feed;

static gpointer run_feed(gpointer data)
{
	Feed *feed = data;
	/* gpg may stop reading at any time (a passphrase refused): then write() shall fail, not
	 * kill. */
	sigset_t set;
	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	if (!feed->feed(feed->to, feed->user_data, feed->cancellable, &feed->error) &&
		feed->error == NULL)
		g_set_error(&feed->error, SGP_ERROR, SGP_ERROR_FAILED, "nothing to encrypt");
	/* Closing is what tells gpg that the message is complete; without it gpg waits for ever. */
	g_output_stream_close(feed->to, NULL, feed->error == NULL ? &feed->error : NULL);
	return NULL;
}

typedef struct {
	GOutputStream *out;
	GCancellable *cancellable;
	GError *error; /* (owned) (nullable) */
} Sink;

static ssize_t write_to_sink(void *handle, const void *buffer, size_t size)
{
	Sink *sink = handle;
	if (!g_output_stream_write_all(
		    sink->out, buffer, size, NULL, sink->cancellable, &sink->error)) {
		errno = EIO;
		return -1;
	}
	return (ssize_t)size;
}

/* Recipients as GPGME wants them in one text: whole fingerprints, and then files. */
static char *dup_recipients(
	const char *const *fingerprints, const GArray *certificate_fds, GError **error)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (gsize i = 0; fingerprints != NULL && fingerprints[i] != NULL; i++) {
		const char *hex = fingerprints[i];
		gsize length = strlen(hex);
		/* Anything but a whole fingerprint would be matched by substring. */
		if ((length != 40 && length != 64) ||
			strspn(hex, "0123456789ABCDEFabcdef") != length) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "not a whole fingerprint");
			return NULL;
		}
		g_string_append_printf(text, "%s\n", hex);
	}
	if (certificate_fds->len > 0)
		g_string_append(text, "--file\n"); /* holds for all that follow */
	for (guint i = 0; i < certificate_fds->len; i++)
		g_string_append_printf(text, "/proc/%ld/fd/%d\n", (long)getpid(),
			g_array_index(certificate_fds, int, i));
	if (text->len == 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "nobody to encrypt to");
		return NULL;
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static int certificate_to_memfd(GBytes *certificate, GError **error)
{
	gsize size;
	const char *start = g_bytes_get_data(certificate, &size);
	int fd = memfd_create("certificate", MFD_CLOEXEC);
	if (fd < 0 || write(fd, start, size) != (ssize_t)size) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "memfd");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static gpgme_error_t run_encryption(
	gpgme_ctx_t context, const char *recipients, gboolean is_signed, int plain_fd, Sink *sink)
{
	static struct gpgme_data_cbs callbacks = { .write = write_to_sink };
	g_auto(gpgme_data_t) plain = NULL;
	g_auto(gpgme_data_t) cipher = NULL;
	gpgme_error_t cause = gpgme_data_new_from_fd(&plain, plain_fd);
	if (cause == 0)
		cause = gpgme_data_new_from_cbs(&cipher, &callbacks, sink);
	if (cause == 0)
		cause = gpgme_data_set_flag(plain, "io-buffer-size", IO_SIZE_TEXT);
	if (cause == 0)
		cause = gpgme_data_set_flag(cipher, "io-buffer-size", IO_SIZE_TEXT);
	if (cause != 0)
		return cause;
	gpgme_data_set_encoding(plain, GPGME_DATA_ENCODING_BINARY);
	/* NO_ENCRYPT_TO: an encrypt-to in the user's gpg.conf would add readers nobody decided on.
	 * ALWAYS_TRUST: which keys are good enough was decided before, key by key. */
	gpgme_encrypt_flags_t flags = GPGME_ENCRYPT_ALWAYS_TRUST | GPGME_ENCRYPT_NO_ENCRYPT_TO |
				      GPGME_ENCRYPT_NO_COMPRESS;
	return is_signed
		       ? gpgme_op_encrypt_sign_ext(context, NULL, recipients, flags, plain, cipher)
		       : gpgme_op_encrypt_ext(context, NULL, recipients, flags, plain, cipher);
}

static gpgme_error_t pump(
	gpgme_ctx_t context, const char *recipients, gboolean is_signed, Feed *feed, Sink *sink)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return gpgme_error_from_errno(errno);
	fcntl(ends[1], F_SETPIPE_SZ, PIPE_SIZE); /* a wish, not a need */
	feed->to = g_unix_output_stream_new(ends[1], TRUE);
	GThread *thread = g_thread_new("sgp-seal", run_feed, feed);
	gulong watched = sgp_gpgme_watch(sink->cancellable, context);
	gpgme_error_t cause = run_encryption(context, recipients, is_signed, ends[0], sink);
	g_cancellable_disconnect(sink->cancellable, watched);
	close(ends[0]); /* a feed that is still writing gets EPIPE */
	g_thread_join(thread);
	g_clear_object(&feed->to);
	return cause;
}

static gboolean encrypt(gpgme_ctx_t context, const char *recipients, const char *signer, Feed *feed,
	Sink *sink, GError **error)
{
	if (signer != NULL) {
		g_auto(gpgme_key_t) key =
			sgp_gpgme_find_key(context, signer, TRUE, sink->cancellable, error);
		if (key == NULL)
			return FALSE;
		gpgme_error_t cause = gpgme_signers_add(context, key);
		if (cause != 0)
			return sgp_gpgme_set_error(error, "signer", cause, NULL);
	}
	gpgme_error_t cause = pump(context, recipients, signer != NULL, feed, sink);
	g_autoptr(GError) feed_error = g_steal_pointer(&feed->error);
	g_autoptr(GError) sink_error = g_steal_pointer(&sink->error);
	if (g_cancellable_set_error_if_cancelled(sink->cancellable, error))
		return FALSE;
	if (sink_error != NULL) {
		g_propagate_error(error, g_steal_pointer(&sink_error));
		return FALSE;
	}
	/* A feed that failed half-way leaves gpg with a shorter but well-formed message: only its
	 * own word tells. A feed that got EPIPE failed because gpg did. */
	gboolean is_pipe = g_error_matches(feed_error, G_IO_ERROR, G_IO_ERROR_BROKEN_PIPE);
	if (feed_error != NULL && (cause == 0 || !is_pipe)) {
		g_propagate_error(error, g_steal_pointer(&feed_error));
		return FALSE;
	}
	gpgme_encrypt_result_t result = gpgme_op_encrypt_result(context);
	if (result != NULL && result->invalid_recipients != NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "gpg: a key is not usable");
		return FALSE;
	}
	if (cause != 0)
		return sgp_gpgme_set_error(error, "encrypt", cause, sink->cancellable);
	return TRUE;
}

static void close_fd(gpointer data)
{
	close(*(int *)data);
}

/* (element-type int) Their file descriptors are memory; their keys get into no ring. */
static GArray *open_certificates(const GPtrArray *certificates, GError **error)
{
	g_autoptr(GArray) fds = g_array_new(FALSE, FALSE, sizeof(int));
	g_array_set_clear_func(fds, close_fd);
	for (guint i = 0; certificates != NULL && i < certificates->len; i++) {
		int fd = certificate_to_memfd(g_ptr_array_index(certificates, i), error);
		if (fd < 0)
			return NULL;
		g_array_append_val(fds, fd);
	}
	return g_steal_pointer(&fds);
}

/**
 * sgp_gpgme_encrypt_with_certificates:
 * @fingerprints: (nullable): whole fingerprints of keys in the keyring
 * @certificates: (nullable) (element-type GBytes): keys more, one in each
 * @signer: (nullable): fingerprint
 * @feed: writes the clear text; runs in a thread of its own
 * @out: gets the message; worthless after an error
 *
 * RFC 9580 section 11.3. What came out has to be checked by sgp_openpgp_packets_check().
 */
gboolean sgp_gpgme_encrypt_with_certificates(const char *home, const char *const *fingerprints,
	const GPtrArray *certificates, const char *signer, gboolean armor, SgpGpgmeFeedFunc feed,
	gpointer user_data, GOutputStream *out, GCancellable *cancellable, GError **error)
{
	g_auto(gpgme_ctx_t) context = sgp_gpgme_context_new(home, error);
	if (context == NULL)
		return FALSE;
	gpgme_set_armor(context, armor);
	g_autoptr(GArray) fds = open_certificates(certificates, error);
	if (fds == NULL)
		return FALSE;
	g_autofree char *recipients = dup_recipients(fingerprints, fds, error);
	if (recipients == NULL)
		return FALSE;
	Feed source = { .feed = feed, .user_data = user_data, .cancellable = cancellable };
	Sink sink = { .out = out, .cancellable = cancellable };
	return encrypt(context, recipients, signer, &source, &sink, error);
}

gboolean sgp_gpgme_encrypt_with_certificate(const char *home, const char *const *fingerprints,
	GBytes *certificate, const char *signer, gboolean armor, SgpGpgmeFeedFunc feed,
	gpointer user_data, GOutputStream *out, GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) certificates = g_ptr_array_new();
	if (certificate != NULL)
		g_ptr_array_add(certificates, certificate);
	return sgp_gpgme_encrypt_with_certificates(home, fingerprints, certificates, signer, armor,
		feed, user_data, out, cancellable, error);
}

gboolean sgp_gpgme_encrypt(const char *home, const char *const *fingerprints, const char *signer,
	gboolean armor, SgpGpgmeFeedFunc feed, gpointer user_data, GOutputStream *out,
	GCancellable *cancellable, GError **error)
{
	return sgp_gpgme_encrypt_with_certificate(
		home, fingerprints, NULL, signer, armor, feed, user_data, out, cancellable, error);
}
