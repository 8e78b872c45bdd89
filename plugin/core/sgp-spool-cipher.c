/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What keeps an internal plain copy unreadable while it waits in the spool ("nothing unsealed is
 * written to a disk by us"; test: tests/crash, canary search). It owns the file's format; it knows
 * neither keyring nor database. GCM's tag comes last, so that a reader gets nothing before all of
 * it was checked. */

#include "sgp-spool-cipher.h"
#include "sgp-error.h"

#include <errno.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC       "SGPS1"
#define MAGIC_BYTES 5
#define NONCE_BYTES 12
#define TAG_BYTES   16
#define PIECE_BYTES 65536

static gboolean fail_storage(GError **error, const char *what)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE, "%s: %s", what, g_strerror(errno));
	return FALSE;
}

gboolean sgp_spool_write_all(int fd, const void *data, gsize length, GError **error)
{
	const guint8 *next = data;

	while (length > 0) {
		gssize n = write(fd, next, length);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail_storage(error, "cannot write to the spool");
		next += n;
		length -= (gsize)n;
	}
	return TRUE;
}

gssize sgp_spool_read_some(int fd, void *data, gsize length, GError **error)
{
	gsize have = 0;

	while (have < length) {
		gssize n = read(fd, (guint8 *)data + have, length - have);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fail_storage(error, "cannot read a sealed copy");
			return -1;
		}
		if (n == 0)
			break;
		have += (gsize)n;
	}
	return (gssize)have;
}

static gcry_cipher_hd_t new_cipher(
	const guint8 *key, const guint8 *nonce, const char *copy_id, GError **error)
{
	gcry_cipher_hd_t cipher = NULL;

	if (gcry_cipher_open(&cipher, GCRY_CIPHER_AES256, GCRY_CIPHER_MODE_GCM, 0) ||
		gcry_cipher_setkey(cipher, key, SGP_SPOOL_KEY_BYTES) ||
		gcry_cipher_setiv(cipher, nonce, NONCE_BYTES) ||
		gcry_cipher_authenticate(cipher, copy_id, strlen(copy_id))) {
		gcry_cipher_close(cipher);
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "libgcrypt gave no AES-256-GCM");
		return NULL;
	}
	return cipher;
}

/* The ciphertext after the header. libgcrypt wants to know where GCM ends. */
static gboolean seal_pieces(gcry_cipher_hd_t cipher, int from, int to, GError **error)
{
	g_autofree guint8 *piece = g_malloc(PIECE_BYTES);
	guint8 tag[TAG_BYTES];
	gssize n;

	do {
		n = sgp_spool_read_some(from, piece, PIECE_BYTES, error);
		if (n < 0)
			return FALSE;
		if (n < PIECE_BYTES)
			gcry_cipher_final(cipher);
		if (gcry_cipher_encrypt(cipher, piece, (gsize)n, NULL, 0)) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "AES-256-GCM failed");
			return FALSE;
		}
		if (!sgp_spool_write_all(to, piece, (gsize)n, error))
			return FALSE;
	} while (n == PIECE_BYTES);
	if (gcry_cipher_gettag(cipher, tag, sizeof(tag))) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "AES-256-GCM failed");
		return FALSE;
	}
	return sgp_spool_write_all(to, tag, sizeof(tag), error);
}

gboolean sgp_spool_cipher_seal(const guint8 key[SGP_SPOOL_KEY_BYTES], const char *copy_id, int from,
	int to, GError **error)
{
	guint8 nonce[NONCE_BYTES];
	gcry_cipher_hd_t cipher;
	gboolean done;

	gcry_create_nonce(nonce, sizeof(nonce));
	if (lseek(from, 0, SEEK_SET) < 0)
		return fail_storage(error, "cannot read a copy");
	cipher = new_cipher(key, nonce, copy_id, error);
	if (!cipher)
		return FALSE;
	done = sgp_spool_write_all(to, MAGIC, MAGIC_BYTES, error) &&
	       sgp_spool_write_all(to, nonce, sizeof(nonce), error) &&
	       seal_pieces(cipher, from, to, error);
	gcry_cipher_close(cipher);
	return done;
}

static gboolean tampered(GError **error)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "a copy in the spool was changed");
	return FALSE;
}

static gboolean open_pieces(
	gcry_cipher_hd_t cipher, int from, goffset length, int to, GError **error)
{
	g_autofree guint8 *piece = g_malloc(PIECE_BYTES);
	guint8 tag[TAG_BYTES];

	while (length > 0) {
		gsize wanted = (gsize)MIN(length, PIECE_BYTES);
		gssize n = sgp_spool_read_some(from, piece, wanted, error);

		if (n < 0)
			return FALSE;
		length -= n;
		if (length == 0)
			gcry_cipher_final(cipher);
		if ((gsize)n != wanted || gcry_cipher_decrypt(cipher, piece, wanted, NULL, 0))
			return tampered(error);
		if (!sgp_spool_write_all(to, piece, wanted, error))
			return FALSE;
	}
	if (sgp_spool_read_some(from, tag, sizeof(tag), NULL) != sizeof(tag) ||
		gcry_cipher_checktag(cipher, tag, sizeof(tag)))
		return tampered(error);
	return TRUE;
}

int sgp_spool_cipher_open(
	const guint8 key[SGP_SPOOL_KEY_BYTES], const char *copy_id, int from, GError **error)
{
	guint8 header[MAGIC_BYTES + NONCE_BYTES];
	struct stat info;
	gcry_cipher_hd_t cipher;
	gboolean done;
	int memory;

	if (fstat(from, &info) != 0 || info.st_size < (goffset)sizeof(header) + TAG_BYTES ||
		sgp_spool_read_some(from, header, sizeof(header), NULL) != sizeof(header) ||
		memcmp(header, MAGIC, MAGIC_BYTES) != 0) {
		tampered(error);
		return -1;
	}
	memory = memfd_create("siegelpost-copy", MFD_CLOEXEC);
	if (memory < 0) {
		fail_storage(error, "no memory for a copy");
		return -1;
	}
	cipher = new_cipher(key, header + MAGIC_BYTES, copy_id, error);
	done = cipher && open_pieces(cipher, from,
				 info.st_size - (goffset)sizeof(header) - TAG_BYTES, memory, error);
	gcry_cipher_close(cipher);
	if (done && lseek(memory, 0, SEEK_SET) == 0)
		return memory;
	close(memory);
	return -1;
}
