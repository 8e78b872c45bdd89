/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cuts the header of a mail into its fields without reading them: what a sealed copy repeats it
 * repeats as it was written. Decodes nothing, and refuses bytes that programs cut differently. */
#include "sgp-mail-head.h"

#include <errno.h>
#include <gio/gio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sgp-address.h"
#include "sgp-error.h"

#define MAXIMAL_HEAD (1024 * 1024)
#define STEP         16384

static void free_field(gpointer data)
{
	SgpMailField *field = data;
	g_free(field->name);
	g_free(field->raw);
	g_free(field);
}

void sgp_mail_head_free(SgpMailHead *self)
{
	if (self == NULL)
		return;
	g_ptr_array_unref(self->fields);
	g_free(self);
}

static gboolean set_invalid(GError **error, const char *why)
{
	g_set_error_literal(error, SGP_ERROR, SGP_ERROR_INVALID, why);
	return FALSE;
}

/* The end of the header in what was read so far: offset of the body, or -1. */
static gssize find_body(const GByteArray *bytes, gsize from)
{
	const guint8 *start = bytes->data;
	for (gsize at = from; at < bytes->len; at++) {
		if (start[at] != '\n')
			continue;
		if (at == 0 || (at == 1 && start[0] == '\r'))
			return (gssize)at + 1; /* no header at all */
		if (at + 1 < bytes->len && start[at + 1] == '\n')
			return (gssize)at + 2;
		if (at + 2 < bytes->len && start[at + 1] == '\r' && start[at + 2] == '\n')
			return (gssize)at + 3;
	}
	return -1;
}

static GByteArray *read_head(int fd, gint64 size, gint64 *body, GError **error)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	guint8 buffer[STEP];
	while (bytes->len < MAXIMAL_HEAD) {
		ssize_t got = pread(fd, buffer, sizeof(buffer), bytes->len);
		if (got < 0) {
			g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "read mail");
			return NULL;
		}
		gsize from = bytes->len > 3 ? bytes->len - 3 : 0;
		g_byte_array_append(bytes, buffer, (guint)got);
		gssize end = find_body(bytes, from);
		if (end >= 0 || got == 0) {
			*body = end >= 0 ? end : size; /* a mail without a body */
			g_byte_array_set_size(bytes, (guint)MIN(*body, (gint64)bytes->len));
			return g_steal_pointer(&bytes);
		}
	}
	set_invalid(error, "the mail's header is too long");
	return NULL;
}

/* Takes a line and those that continue it, in one go: a field may have half a million of them.
 * (transfer full) */
static char *take_field(GStrv lines, gsize *at)
{
	GString *field = g_string_new(lines[*at]);
	while (lines[*at + 1] != NULL && (*lines[*at + 1] == ' ' || *lines[*at + 1] == '\t')) {
		*at += 1;
		g_string_append(field, "\r\n");
		g_string_append(field, lines[*at]);
	}
	return g_string_free(field, FALSE);
}

static gboolean add_field(SgpMailHead *self, const char *line, GError **error)
{
	if (*line == ' ' || *line == '\t')
		return set_invalid(error, "the mail's header begins with a continuation");
	gsize length = strcspn(line, ": \t");
	if (length == 0 || line[length + strspn(line + length, " \t")] != ':') {
		/* "From " of an mbox may stand before the first field. */
		if (self->fields->len == 0 && g_str_has_prefix(line, "From ") &&
			strchr(line, '\n') == NULL)
			return TRUE;
		return set_invalid(error, "a line of the mail's header is no field");
	}
	SgpMailField *field = g_new0(SgpMailField, 1);
	field->name = g_strndup(line, length);
	field->raw = g_strconcat(line, "\r\n", NULL);
	g_ptr_array_add(self->fields, field);
	return TRUE;
}

/**
 * sgp_mail_head_read:
 * @fd: seekable; its offset is left alone
 *
 * A lone CR or a zero byte ends a line for some programs and not for others: such a header could
 * hide a field from us that the recipient's program obeys, so it is refused.
 *
 * Returns: (transfer full): the fields
 */
SgpMailHead *sgp_mail_head_read(int fd, GError **error)
{
	struct stat status;
	if (fstat(fd, &status) != 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "mail");
		return NULL;
	}
	gint64 body;
	g_autoptr(GByteArray) bytes = read_head(fd, status.st_size, &body, error);
	if (bytes == NULL)
		return NULL;
	if (bytes->len > 0 && memchr(bytes->data, '\0', bytes->len) != NULL) {
		set_invalid(error, "the mail's header has a zero byte");
		return NULL;
	}
	g_autoptr(SgpMailHead) self = g_new0(SgpMailHead, 1);
	self->fields = g_ptr_array_new_with_free_func(free_field);
	self->body = body;
	self->size = status.st_size;
	g_byte_array_append(bytes, (const guint8 *)"", 1);
	const char *text = (const char *)bytes->data;
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (gsize i = 0; lines[i] != NULL; i++) {
		gsize length = strlen(lines[i]);
		if (length > 0 && lines[i][length - 1] == '\r')
			lines[i][length - 1] = '\0';
		if (strchr(lines[i], '\r') != NULL) {
			set_invalid(error, "the mail's header has a lone CR");
			return NULL;
		}
	}
	for (gsize i = 0; lines[i] != NULL; i++) {
		g_autofree char *field = take_field(lines, &i);
		if (*field != '\0' && !add_field(self, field, error))
			return NULL;
	}
	return g_steal_pointer(&self);
}

const SgpMailField *sgp_mail_head_lookup(const SgpMailHead *self, const char *name)
{
	for (guint i = 0; i < self->fields->len; i++) {
		const SgpMailField *field = g_ptr_array_index(self->fields, i);
		if (g_ascii_strcasecmp(field->name, name) == 0)
			return field;
	}
	return NULL;
}

static char *dup_value(const SgpMailField *field)
{
	g_autofree char *flat = g_strdup(strchr(field->raw, ':') + 1);
	g_strdelimit(flat, "\r\n", ' ');
	return g_strdup(g_strstrip(flat));
}

static gboolean check_people(const SgpMailField *field, GError **error)
{
	g_autofree char *value = dup_value(field);
	g_autoptr(GPtrArray) people = sgp_address_parse_list(value, error);
	if (people == NULL)
		return FALSE;
	if (g_ascii_strcasecmp(field->name, "From") == 0 && people->len != 1)
		return set_invalid(error, "not exactly one From address");
	return TRUE;
}

/**
 * sgp_mail_head_check_people:
 *
 * A second To field, or a recipient that we cannot read, would be a reader that nobody decided on,
 * or one who gets nothing: what goes out has to be read by every program alike. Errors: INVALID
 */
gboolean sgp_mail_head_check_people(const SgpMailHead *self, GError **error)
{
	static const char *const ONCE[] = { "From", "To", "Cc", "Bcc", "Sender", "Reply-To",
		"Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version",
		"Content-Type", "Content-Transfer-Encoding" };
	enum { N_PEOPLE = 6 };
	guint seen[G_N_ELEMENTS(ONCE)] = { 0 };
	for (guint i = 0; i < self->fields->len; i++) {
		const SgpMailField *field = g_ptr_array_index(self->fields, i);
		for (gsize n = 0; n < G_N_ELEMENTS(ONCE); n++) {
			if (g_ascii_strcasecmp(field->name, ONCE[n]) != 0)
				continue;
			if (++seen[n] > 1)
				return set_invalid(
					error, "a field of the mail's header is there twice");
			if (n < N_PEOPLE && !check_people(field, error))
				return FALSE;
		}
	}
	return seen[0] == 1 ? TRUE : set_invalid(error, "the mail has no From");
}
