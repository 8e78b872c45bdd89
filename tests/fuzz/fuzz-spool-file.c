/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What lies in the spool when an agent starts: a copy's file and the key's file, whole, half
 * written, or changed by whoever has the disk. What must hold: a file opens only under its own key
 * and name, and is then as long as its head and tag make it; one bit more, and it does not; what
 * does not open says so by the error that it has to be. */
#include "sgp-error.h"
#include "sgp-spool-cipher.h"
#include "sgp-spool-key.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz-scratch.h"

#define ID       "01a20cc2-6755-7318-a172-26a33e716ba3"
#define OVERHEAD (5 + 12 + 16)

static const guint8 KEY[SGP_SPOOL_KEY_BYTES] = { 7, 7, 7 };

static int memory_of(const void *data, gsize size)
{
	int fd = memfd_create("copy", MFD_CLOEXEC);
	FUZZ_HOLDS(fd >= 0 && sgp_spool_write_all(fd, data, size, NULL));
	FUZZ_HOLDS(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

/* Its plain size; -1 where it does not open. */
static gint64 open_copy(const void *data, gsize size, const char *id)
{
	g_autoptr(GError) error = NULL;
	int from = memory_of(data, size);
	int plain = sgp_spool_cipher_open(KEY, id, from, &error);
	gint64 length = plain >= 0 ? (gint64)lseek(plain, 0, SEEK_END) : -1;
	FUZZ_HOLDS((plain < 0) == (error != NULL));
	FUZZ_HOLDS(error == NULL || g_error_matches(error, SGP_ERROR, SGP_ERROR_TAMPERED));
	close(from);
	if (plain >= 0)
		close(plain);
	return length;
}

static void check_sealed(const uint8_t *data, size_t size)
{
	int from = memory_of(data, size);
	int to = memfd_create("sealed", MFD_CLOEXEC);
	FUZZ_HOLDS(sgp_spool_cipher_seal(KEY, ID, from, to, NULL));
	const gsize length = (gsize)lseek(to, 0, SEEK_END);
	g_autofree guint8 *sealed = g_malloc(length);
	FUZZ_HOLDS(length == size + OVERHEAD);
	FUZZ_HOLDS(pread(to, sealed, length, 0) == (ssize_t)length);
	close(from);
	close(to);
	FUZZ_HOLDS(open_copy(sealed, length, ID) == (gint64)size);
	FUZZ_HOLDS(open_copy(sealed, length, "another") == -1);
	FUZZ_HOLDS(open_copy(sealed, length - 1, ID) == -1);
	sealed[size > 0 ? data[0] % length : 0] ^= 1;
	FUZZ_HOLDS(open_copy(sealed, length, ID) == -1);
}

static void check_key_file(const uint8_t *data, size_t size)
{
	guint8 key[SGP_SPOOL_KEY_BYTES] = { 0 };
	g_autoptr(GError) error = NULL;
	int directory = open(fuzz_scratch_get(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = openat(directory, ".key", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	FUZZ_HOLDS(fd >= 0 && sgp_spool_write_all(fd, data, size, NULL));
	close(fd);
	const gboolean is_read =
		sgp_spool_key_load(directory, fuzz_scratch_get(), FALSE, TRUE, key, &error);
	close(directory);
	FUZZ_HOLDS(is_read == (error == NULL) && is_read == (size == sizeof key));
	FUZZ_HOLDS(!is_read || memcmp(key, data, size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	open_copy(data, size, ID);
	check_sealed(data, size);
	check_key_file(data, size);
	return 0;
}
