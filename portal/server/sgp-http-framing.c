/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where a request ends. Whoever stands in front of the portal must not read two requests where we
 * read one: libsoup takes a length beside chunks, several lengths, sizes of chunks that are no
 * numbers, and blanks before a colon, and goes on with the next request on the same connection
 * (RFC 9112, 5.1, 6.1 and 6.3). It looks at the head only and answers nothing. */

#include "sgp-http-framing.h"

#define TOKEN  "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"

typedef struct {
	guint lengths;
	guint codings;
	gboolean is_malformed;
} Framing;

static gboolean consists_of(const char *text, const char *characters)
{
	return *text != '\0' && text[strspn(text, characters)] == '\0';
}

static gboolean is_value(const char *value)
{
	for (const char *c = value; *c != '\0'; c++) {
		if (g_ascii_iscntrl(*c) && *c != '\t')
			return FALSE;
	}
	return TRUE;
}

static void look_at_field(const char *name, const char *value, gpointer data)
{
	Framing *self = data;

	if (!consists_of(name, TOKEN) || !is_value(value))
		self->is_malformed = TRUE;
	if (g_ascii_strcasecmp(name, "Content-Length") == 0) {
		self->lengths++;
		self->is_malformed = self->is_malformed || !consists_of(value, DIGITS);
	} else if (g_ascii_strcasecmp(name, "Transfer-Encoding") == 0) {
		self->codings++;
		self->is_malformed =
			self->is_malformed || g_ascii_strcasecmp(value, "chunked") != 0;
	}
}

/**
 * sgp_http_framing_settle:
 * @message: whose head has come
 *
 * Where the end is in doubt, or told by chunks, nothing that follows on the connection is taken for
 * a request (test "the end of a body is not a matter of opinion"). Our clients send lengths.
 *
 * Returns: whether the request may be looked at.
 */
gboolean sgp_http_framing_settle(SoupServerMessage *message)
{
	gboolean is_old = soup_server_message_get_http_version(message) == SOUP_HTTP_1_0;
	Framing found = { 0 };
	gboolean is_clear = FALSE;

	soup_message_headers_foreach(
		soup_server_message_get_request_headers(message), look_at_field, &found);
	is_clear = !found.is_malformed && found.lengths + found.codings <= 1 &&
		   !(is_old && found.codings > 0);
	if (!is_clear || found.codings > 0)
		soup_message_headers_replace(
			soup_server_message_get_response_headers(message), "Connection", "close");
	return is_clear;
}
