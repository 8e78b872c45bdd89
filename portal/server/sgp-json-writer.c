/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Strings of JSON, straight into a buffer. json-glib builds every answer but the long list of
 * messages, where its copies and its character by character escaping cost most of the request. */

#include "sgp-json-writer.h"

static gboolean needs_escape(char c)
{
	return (guchar)c < ' ' || c == '"' || c == '\\' || c == 127;
}

/**
 * sgp_json_writer_add_text:
 * @text: (nullable): valid UTF-8; %NULL becomes null
 *
 * Appends a JSON string with its quotes (RFC 8259, section 7).
 */
void sgp_json_writer_add_text(GString *out, const char *text)
{
	if (text == NULL) {
		g_string_append(out, "null");
		return;
	}
	g_string_append_c(out, '"');
	while (*text != '\0') {
		const char *end = text;

		while (*end != '\0' && !needs_escape(*end))
			end++;
		g_string_append_len(out, text, end - text);
		if (*end == '\n')
			g_string_append(out, "\\n");
		else if (*end == '"' || *end == '\\')
			g_string_append_printf(out, "\\%c", *end);
		else if (*end != '\0')
			g_string_append_printf(out, "\\u%04x", (guint)(guchar)*end);
		text = *end != '\0' ? end + 1 : end;
	}
	g_string_append_c(out, '"');
}
