/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mail's bytes: where nobody can change them any more, and what they add up to. It never reads
 * what is in them. */
#include "sgp-mime-private.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sgp-error.h"

#define SEALS (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

gboolean sgp_mime_set_io_error(GError **error, const char *what)
{
	int cause = errno;
	g_set_error(
		error, G_IO_ERROR, g_io_error_from_errno(cause), "%s: %s", what, g_strerror(cause));
	return FALSE;
}

/* A descriptor with an offset of its own: one mail is read by several threads, and by the program
 * that gave it to us. */
int sgp_mime_reopen(int fd, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	int own = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0)
		sgp_mime_set_io_error(error, "reopen mail");
	return own;
}

/* Nobody can change what this descriptor shows, by whatever other descriptor. */
gboolean sgp_mime_is_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);
	return seals >= 0 && (seals & SEALS) == SEALS;
}

static gboolean copy_bytes(int from, int to)
{
	g_autofree char *buffer = g_malloc(SGP_MIME_BUFFER_SIZE);
	gint64 at = 0;
	ssize_t got;
	while ((got = pread(from, buffer, SGP_MIME_BUFFER_SIZE, at)) > 0) {
		for (ssize_t done = 0, written; done < got; done += written) {
			written = write(to, buffer + done, (gsize)(got - done));
			if (written < 0)
				return FALSE;
		}
		at += got;
	}
	return got == 0;
}

/* What was assessed is what leaves: the mail is read more than once, and whoever could write to it
 * in between would send what nobody assessed (tests /mime/what-was-frozen-does-not-follow-its-file,
 * /mime/what-cannot-be-sealed-is-copied). A memfd is sealed where it lies; everything else is
 * copied into one: memory, for a copy on a disk would be clear text there. */
int sgp_mime_open_sealed(int fd, GError **error)
{
	if (sgp_mime_is_sealed(fd) ||
		(fcntl(fd, F_ADD_SEALS, SEALS) == 0 && sgp_mime_is_sealed(fd)))
		return sgp_mime_reopen(fd, error);
	int memory = memfd_create("mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memory >= 0 && copy_bytes(fd, memory) && fcntl(memory, F_ADD_SEALS, SEALS) == 0)
		return memory;
	sgp_mime_set_io_error(error, "mail");
	if (memory >= 0)
		close(memory);
	return -1;
}

/* libgcrypt makes itself ready at its first use, and two threads that come first at once find it
 * half made: the one gets no hash, and ends with it ("scan" of eight mails did, once in a hundred
 * calls). So it is made ready while there is one thread. libsecret finishes the rest its own way.
 */
static void __attribute__((constructor)) ready_libgcrypt(void)
{
	gcry_check_version(NULL);
}

char *sgp_mime_dup_sum(gcry_md_hd_t hash)
{
	const guint8 *sum = gcry_md_read(hash, GCRY_MD_SHA256);
	GString *hex = g_string_new(NULL);
	for (guint i = 0; i < 32; i++)
		g_string_append_printf(hex, "%02x", sum[i]);
	return g_string_free(hex, FALSE);
}

/* SHA-256 of what fd holds. */
char *sgp_mime_digest_fd(int fd, GError **error)
{
	g_autofree guint8 *buffer = g_malloc(SGP_MIME_BUFFER_SIZE);
	gcry_md_hd_t hash;
	gcry_md_open(&hash, GCRY_MD_SHA256, 0);
	gint64 at = 0;
	ssize_t got;
	while ((got = pread(fd, buffer, SGP_MIME_BUFFER_SIZE, at)) > 0) {
		gcry_md_write(hash, buffer, (gsize)got);
		at += got;
	}
	g_autofree char *hex = sgp_mime_dup_sum(hash);
	gcry_md_close(hash);
	if (got < 0) {
		sgp_mime_set_io_error(error, "read mail");
		return NULL;
	}
	return g_steal_pointer(&hex);
}

/**
 * sgp_mime_check_unchanged:
 *
 * What was assessed is what leaves: its bytes are sealed, so that there is nothing to compare.
 * Errors: CONFLICT (they could be changed)
 */
gboolean sgp_mime_check_unchanged(const SgpMail *mail, GError **error)
{
	if (sgp_mime_is_sealed(mail->fd))
		return TRUE;
	g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "the mail can be changed meanwhile");
	return FALSE;
}
