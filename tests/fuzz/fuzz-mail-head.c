/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of a mail, byte for byte. What must hold: each field begins with its name and ends
 * with CRLF, holds no zero byte and no CR but at line ends, and goes on only in lines that begin
 * with a blank; the body lies inside the mail; a header that all programs read alike has exactly
 * one From. */
#include "sgp-mail-head.h"

#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

static void check_field(const SgpMailField *field)
{
	const gsize length = strlen(field->raw);
	FUZZ_HOLDS(field->name[0] != '\0');
	FUZZ_HOLDS(g_ascii_strncasecmp(field->raw, field->name, strlen(field->name)) == 0);
	FUZZ_HOLDS(g_str_has_suffix(field->raw, "\r\n"));
	for (gsize i = 0; i < length; i++) {
		FUZZ_HOLDS(field->raw[i] != '\r' || field->raw[i + 1] == '\n');
		FUZZ_HOLDS(field->raw[i] != '\n' || (i > 0 && field->raw[i - 1] == '\r'));
		if (field->raw[i] == '\n' && i + 1 < length)
			FUZZ_HOLDS(field->raw[i + 1] == ' ' || field->raw[i + 1] == '\t');
	}
}

static guint count(const SgpMailHead *head, const char *name)
{
	guint n = 0;
	for (guint i = 0; i < head->fields->len; i++) {
		const SgpMailField *field = g_ptr_array_index(head->fields, i);
		n += g_ascii_strcasecmp(field->name, name) == 0 ? 1 : 0;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const int fd = memfd_create("mail", MFD_CLOEXEC);
	FUZZ_HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	g_autoptr(SgpMailHead) head = sgp_mail_head_read(fd, NULL);
	close(fd);
	if (head == NULL)
		return 0;
	FUZZ_HOLDS(head->size == (gint64)size);
	FUZZ_HOLDS(head->body >= 0 && head->body <= head->size);
	for (guint i = 0; i < head->fields->len; i++)
		check_field(g_ptr_array_index(head->fields, i));
	if (sgp_mail_head_check_people(head, NULL))
		FUZZ_HOLDS(count(head, "From") == 1 && count(head, "To") <= 1);
	return 0;
}
