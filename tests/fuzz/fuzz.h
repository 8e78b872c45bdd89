/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One parser, fed with any bytes by libFuzzer. A target ends the program where something does not
 * hold; tests/fuzz/run adds the sanitizers, a limit of time for each input, and a limit of memory.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FUZZ_HOLDS(condition)                                                                      \
	G_STMT_START                                                                               \
	{                                                                                          \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__,          \
				#condition);                                                       \
			abort();                                                                   \
		}                                                                                  \
	}                                                                                          \
	G_STMT_END

static inline void fuzz_on_trap(int number)
{
	abort();
}

/* A warning of GLib traps (G_DEBUG=fatal-warnings), which libFuzzer would not take for a finding.
 */
__attribute__((constructor)) static inline void fuzz_begin(void)
{
	signal(SIGTRAP, fuzz_on_trap);
}

/* The bytes up to the first zero as a string, in memory that ends behind it: reading on is seen.
 * (transfer full) */
static inline char *fuzz_dup_raw(const uint8_t *data, size_t size)
{
	return g_strndup((const char *)data, size);
}

/* The same as valid UTF-8, as SgpMail hands texts out. (transfer full) */
static inline char *fuzz_dup_text(const uint8_t *data, size_t size)
{
	g_autofree char *valid = g_utf8_make_valid((const char *)data, (gssize)size);
	return g_strdup(valid);
}

/* Takes what stands before the first line break; the rest stays in data and size. (transfer full)
 */
static inline char *fuzz_take_line(const uint8_t **data, size_t *size)
{
	const uint8_t *end = *size > 0 ? memchr(*data, '\n', *size) : NULL;
	size_t length = end != NULL ? (size_t)(end - *data) : *size;
	size_t used = end != NULL ? length + 1 : length;
	char *line = fuzz_dup_text(*data, length);
	*data += used;
	*size -= used;
	return line;
}

static inline gboolean fuzz_is_text(const char *text)
{
	return text != NULL && g_utf8_validate(text, -1, NULL);
}

/* Can stand in one line of a header, a log or a protocol. */
static inline gboolean fuzz_is_one_line(const char *text)
{
	return text != NULL && strpbrk(text, "\r\n") == NULL;
}

static inline gboolean fuzz_is_hex(const char *text, gsize length)
{
	return text != NULL && strlen(text) == length && strspn(text, "0123456789ABCDEF") == length;
}
