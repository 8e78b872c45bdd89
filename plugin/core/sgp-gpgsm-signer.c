/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One gpgsm that makes a detached signature over what passes through. Its secret key stays in the
 * agent; nothing of the mail is kept. */
#include "sgp-gpgsm-signer.h"

#include <fcntl.h>
#include <gio/gunixoutputstream.h>

#include "sgp-error.h"
#include "sgp-gpgsm-private.h"

#define PIPE_SIZE      (1024 * 1024)
#define MAXIMAL_REPORT 65536
#define MAXIMAL_RESULT (1024 * 1024)

struct _SgpGpgsmSigner {
	GSubprocess *process; /* (owned) */
};

/**
 * sgp_gpgsm_signer_new:
 * @fingerprint: whole
 *
 * The digest is named, because the mail's header names it before the signature is made. Revocation
 * is not looked at again here: whether the certificate may sign was decided before, those who read
 * the mail look for themselves, and an issuer that does not answer would hold up every mail.
 *
 * Returns: (transfer full)
 */
SgpGpgsmSigner *sgp_gpgsm_signer_new(const char *home, const char *fingerprint, GError **error)
{
	const char *options[] = { "--disable-crl-checks", "--disable-ocsp", "--digest-algo",
		"SHA256", "--local-user", fingerprint, "--detach-sign", NULL };
	if (!sgp_gpgsm_check_fingerprint(fingerprint, error))
		return NULL;
	sgp_gpgsm_block_sigpipe();
	GSubprocess *process = sgp_gpgsm_start(home, options, TRUE, error);
	if (process == NULL)
		return NULL;
	SgpGpgsmSigner *self = g_new0(SgpGpgsmSigner, 1);
	self->process = process;
	GOutputStream *stream = g_subprocess_get_stdin_pipe(process);
	fcntl(g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(stream)), F_SETPIPE_SZ,
		PIPE_SIZE); /* a wish, not a need */
	return self;
}

GOutputStream *sgp_gpgsm_signer_get_stream(SgpGpgsmSigner *self)
{
	return g_subprocess_get_stdin_pipe(self->process);
}

static GBytes *read_pipe(GInputStream *pipe, gsize limit, GCancellable *cancellable, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	guint8 buffer[4096];
	gssize got;
	while ((got = g_input_stream_read(pipe, buffer, sizeof(buffer), cancellable, error)) > 0)
		if (bytes->len + (gsize)got <= limit)
			g_byte_array_append(bytes, buffer, (guint)got);
	return got < 0 ? NULL : g_byte_array_free_to_bytes(g_steal_pointer(&bytes));
}

/**
 * sgp_gpgsm_signer_finish:
 *
 * Returns: (transfer full): the signature
 */
GBytes *sgp_gpgsm_signer_finish(SgpGpgsmSigner *self, GCancellable *cancellable, GError **error)
{
	if (!g_output_stream_close(sgp_gpgsm_signer_get_stream(self), cancellable, error))
		return NULL;
	g_autoptr(GBytes) signature = read_pipe(
		g_subprocess_get_stdout_pipe(self->process), MAXIMAL_RESULT, cancellable, error);
	if (signature == NULL)
		return NULL;
	g_autoptr(GBytes) report = read_pipe(
		g_subprocess_get_stderr_pipe(self->process), MAXIMAL_REPORT, cancellable, error);
	if (report == NULL || !g_subprocess_wait(self->process, cancellable, error))
		return NULL;
	if (!g_subprocess_get_successful(self->process) || g_bytes_get_size(signature) == 0) {
		sgp_gpgsm_set_signing_failure(error, report);
		return NULL;
	}
	return g_steal_pointer(&signature);
}

void sgp_gpgsm_signer_free(SgpGpgsmSigner *self)
{
	if (self == NULL)
		return;
	g_subprocess_force_exit(self->process);
	g_object_unref(self->process);
	g_free(self);
}
