/* SPDX-License-Identifier: GPL-3.0-or-later */
/* siegelpost-extract: reads one attachment on standard input and writes its text to standard
 * output. A process of its own for each attachment, because parsers of foreign files do not belong
 * into the agent, which holds keys. Knows no settings, no files and no network; decides nothing. */
#include <string.h>
#include <unistd.h>

#include "sgp-extract-confine.h"
#include "sgp-extract.h"

#if SGP_EXTRACT_HAS_SANITIZER
/* Looking for leaks needs calls that are given up; its readers are looked at by their fuzzer. */
int __lsan_is_turned_off(void);
int __lsan_is_turned_off(void)
{
	return 1;
}
#endif

static GByteArray *read_all(void)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	char buffer[65536];
	for (;;) {
		ssize_t n = read(STDIN_FILENO, buffer, sizeof buffer);
		if (n == 0)
			return g_steal_pointer(&bytes);
		if (n < 0 || bytes->len + (gsize)n > SGP_EXTRACT_MAX_INPUT)
			return NULL;
		g_byte_array_append(bytes, (const guint8 *)buffer, (guint)n);
	}
}

static gboolean write_all(const char *text, gsize length)
{
	while (length > 0) {
		ssize_t n = write(STDOUT_FILENO, text, length);
		if (n <= 0)
			return FALSE;
		text += n;
		length -= (gsize)n;
	}
	return TRUE;
}

int main(int argc, char **argv)
{
	if (argc != 1 || !sgp_extract_confine())
		return SGP_EXTRACT_EXIT_PART;
	g_autoptr(GByteArray) bytes = read_all();
	if (bytes == NULL)
		return SGP_EXTRACT_EXIT_PART;
	g_autoptr(SgpExtract) extract = sgp_extract_new();
	if (bytes->len > 0)
		sgp_extract_read(extract, (const char *)bytes->data, bytes->len);
	g_autofree char *valid = g_utf8_make_valid(extract->text->str, (gssize)extract->text->len);
	if (!write_all(valid, strlen(valid)) || extract->is_incomplete)
		return SGP_EXTRACT_EXIT_PART;
	return SGP_EXTRACT_EXIT_ALL;
}
