/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A small SMTP client (RFC 5321) for one mail at a time, in the mailer's thread. Off this host it
 * speaks TLS with a verified certificate or not at all, unless the configuration says otherwise. */

#include "sgp-smtp.h"

#include "sgp-protocol.h"

#include <gio/gio.h>
#include <string.h>

#define TIMEOUT_SECONDS 60
#define SMTPS_PORT      465
#define BUFFER_SIZE     (64 * 1024)
#define LINE_LIMIT      4096 /* RFC 5321 has 512 */

typedef struct {
	GIOStream *stream;       /* (owned) */
	GDataInputStream *input; /* (owned) */
	GOutputStream *output;   /* (owned): buffered */
	GString *answer;         /* (owned): the last answer, all lines */
	int code;
	gboolean reports; /* the server knows RFC 3461 */
} Session;

static void session_clear(Session *self)
{
	g_clear_object(&self->input);
	g_clear_object(&self->output);
	if (self->stream != NULL)
		g_io_stream_close(self->stream, NULL, NULL);
	g_clear_object(&self->stream);
	if (self->answer != NULL)
		g_string_free(self->answer, TRUE);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Session, session_clear)

static gboolean fail(GError **error, const char *what)
{
	g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BUSY, what);
	return FALSE;
}

static void use_stream(Session *self, GIOStream *stream)
{
	g_clear_object(&self->input);
	g_clear_object(&self->output);
	self->input = g_data_input_stream_new(g_io_stream_get_input_stream(stream));
	g_filter_input_stream_set_close_base_stream(G_FILTER_INPUT_STREAM(self->input), FALSE);
	self->output = g_buffered_output_stream_new_sized(
		g_io_stream_get_output_stream(stream), BUFFER_SIZE);
	g_filter_output_stream_set_close_base_stream(G_FILTER_OUTPUT_STREAM(self->output), FALSE);
}

/* A line with its end cut off. GIO's own reader would fill the memory with a line that never ends,
 * and before STARTTLS anybody on the way can send one (threat 18; test "a mail server whose line
 * never ends fills no memory"). */
static gboolean read_line(Session *self, GString *line, GError **error)
{
	g_autoptr(GError) broken = NULL;

	g_string_truncate(line, 0);
	while (line->len <= LINE_LIMIT) {
		guchar byte = g_data_input_stream_read_byte(self->input, NULL, &broken);

		if (broken != NULL)
			return fail(error, broken->message);
		if (byte == '\n')
			return TRUE;
		g_string_append_c(line, (char)byte);
	}
	return fail(error, "the mail server does not speak SMTP");
}

static gboolean read_answer(Session *self, GError **error)
{
	g_autoptr(GString) line = g_string_new(NULL);
	gboolean more = TRUE;

	g_string_truncate(self->answer, 0);
	while (more) {
		if (!read_line(self, line, error))
			return FALSE;
		if (line->len < 3 || self->answer->len > 16 * 1024)
			return fail(error, "the mail server does not speak SMTP");
		self->code = (int)g_ascii_strtoll(line->str, NULL, 10);
		more = line->str[3] == '-';
		g_string_append_printf(self->answer, "%s\n", line->str);
	}
	return TRUE;
}

static gboolean say(Session *self, int expected, GError **error, const char *format, ...)
	G_GNUC_PRINTF(4, 5);

/* Says a line and reads the answer. The codes are logged, what was said is not: it has addresses.
 */
static gboolean say(Session *self, int expected, GError **error, const char *format, ...)
{
	g_autofree char *line = NULL;
	g_autofree char *ended = NULL;
	va_list arguments;

	va_start(arguments, format);
	line = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	ended = g_strconcat(line, "\r\n", NULL);
	if (!g_output_stream_write_all(self->output, ended, strlen(ended), NULL, NULL, error) ||
		!g_output_stream_flush(self->output, NULL, error) || !read_answer(self, error))
		return FALSE;
	if (self->code / 100 == expected)
		return TRUE;
	g_set_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BUSY, "the mail server answered %d",
		self->code);
	return FALSE;
}

static gboolean start_tls(
	Session *self, GSocketConnectable *server, GIOStream *plain, GError **error)
{
	g_autoptr(GIOStream) secure = NULL;

	/* The default validation: a certificate of a known authority, for this very name (threat
	 * 18). */
	secure = g_tls_client_connection_new(plain, server, error);
	if (secure == NULL || !g_tls_connection_handshake(G_TLS_CONNECTION(secure), NULL, error))
		return FALSE;
	g_set_object(&self->stream, secure);
	use_stream(self, secure);
	return TRUE;
}

/**
 * sgp_smtp_may_be_plain:
 * @address: (nullable): of the mail server; %NULL if it is not known
 *
 * Returns: whether mail may go there without TLS: on this computer, or if the administrator said
 * so.
 */
gboolean sgp_smtp_may_be_plain(const SgpPortalConfig *config, GInetAddress *address)
{
	return config->smtp_plain || (address != NULL && g_inet_address_get_is_loopback(address));
}

static GInetAddress *dup_remote_address(GSocketConnection *connection)
{
	g_autoptr(GSocketAddress) address =
		g_socket_connection_get_remote_address(connection, NULL);

	if (!G_IS_INET_SOCKET_ADDRESS(address))
		return NULL;
	return g_object_ref(g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(address)));
}

static gboolean offers(const Session *self, const char *keyword)
{
	g_auto(GStrv) lines = g_strsplit(self->answer->str, "\n", -1);

	for (guint i = 0; lines[i] != NULL; i++) {
		if (strlen(lines[i]) > 4 &&
			g_ascii_strncasecmp(lines[i] + 4, keyword, strlen(keyword)) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean greet(Session *self, const char *helo, GError **error)
{
	gboolean good = say(self, 2, error, "EHLO %s", helo);

	self->reports = good && offers(self, "DSN");
	return good;
}

static gboolean log_in(Session *self, const SgpPortalConfig *config, GError **error)
{
	g_autofree char *password = NULL;
	g_autofree char *base64 = NULL;
	g_autoptr(GByteArray) plain = g_byte_array_new();

	if (config->smtp_user == NULL || config->smtp_password_file == NULL)
		return TRUE;
	if (!g_file_get_contents(config->smtp_password_file, &password, NULL, error))
		return FALSE;
	g_strchomp(password);
	g_byte_array_append(plain, (const guint8 *)"", 1);
	g_byte_array_append(
		plain, (const guint8 *)config->smtp_user, strlen(config->smtp_user) + 1);
	g_byte_array_append(plain, (const guint8 *)password, strlen(password));
	base64 = g_base64_encode(plain->data, plain->len);
	return say(self, 2, error, "AUTH PLAIN %s", base64);
}

static gboolean connect_session(
	Session *self, const SgpPortalConfig *config, const char *helo, GError **error)
{
	g_autoptr(GSocketClient) client = g_socket_client_new();
	g_autoptr(GSocketConnectable) server = g_network_address_parse(config->smtp, 25, error);
	g_autoptr(GSocketConnection) connection = NULL;
	g_autoptr(GInetAddress) address = NULL;
	gboolean tls_from_start = FALSE;
	gboolean plain = FALSE;

	if (server == NULL)
		return FALSE;
	g_socket_client_set_timeout(client, TIMEOUT_SECONDS);
	connection = g_socket_client_connect(client, server, NULL, error);
	if (connection == NULL)
		return FALSE;
	self->answer = g_string_new(NULL);
	self->stream = G_IO_STREAM(g_object_ref(connection));
	address = dup_remote_address(connection);
	plain = sgp_smtp_may_be_plain(config, address);
	tls_from_start = g_network_address_get_port(G_NETWORK_ADDRESS(server)) == SMTPS_PORT;
	use_stream(self, self->stream);
	if (tls_from_start && !start_tls(self, server, G_IO_STREAM(connection), error))
		return FALSE;
	if (!read_answer(self, error))
		return FALSE;
	if (self->code / 100 != 2)
		return fail(error, "the mail server is busy");
	if (!greet(self, helo, error))
		return FALSE;
	if (tls_from_start || plain)
		return log_in(self, config, error);
	if (!offers(self, "STARTTLS"))
		return fail(error, "the mail server offers no TLS");
	return say(self, 2, error, "STARTTLS") &&
	       start_tls(self, server, G_IO_STREAM(connection), error) &&
	       greet(self, helo, error) && log_in(self, config, error);
}

/* Writes text with CRLF at the ends of lines and dots doubled (RFC 5321, 4.5.2). @start: whether a
 * line begins here. */
static gboolean write_text(
	Session *self, const char *data, gsize size, gboolean *start, GError **error)
{
	gsize from = 0;

	for (gsize i = 0; i <= size; i++) {
		gsize end = i;

		if (i < size && data[i] != '\n')
			continue;
		if (i > from && data[i - 1] == '\r' && i < size)
			end--;
		if (*start && from < end && data[from] == '.' &&
			!g_output_stream_write_all(self->output, ".", 1, NULL, NULL, error))
			return FALSE;
		if (end > from && !g_output_stream_write_all(
					  self->output, data + from, end - from, NULL, NULL, error))
			return FALSE;
		if (i < size &&
			!g_output_stream_write_all(self->output, "\r\n", 2, NULL, NULL, error))
			return FALSE;
		*start = i < size || (*start && end == from);
		from = i + 1;
	}
	return TRUE;
}

static gboolean write_letter(Session *self, const SgpLetter *letter, GError **error)
{
	gboolean start = TRUE;
	gsize size = 0;
	const char *body = letter->body != NULL ? g_bytes_get_data(letter->body, &size) : NULL;

	if (!write_text(self, letter->head->str, letter->head->len, &start, error))
		return FALSE;
	if (body != NULL && !write_text(self, body, size, &start, error))
		return FALSE;
	if (!write_text(self, letter->tail->str, letter->tail->len, &start, error))
		return FALSE;
	return say(self, 2, error, start ? "." : "\r\n.");
}

static gboolean send_letter(Session *self, const SgpLetter *letter, GError **error)
{
	/* A report of failure brings the envelope's id back and need not quote the mail. */
	if (self->reports && letter->envelope_id != NULL) {
		if (!say(self, 2, error, "MAIL FROM:<%s> RET=HDRS ENVID=%s", letter->sender,
			    letter->envelope_id) ||
			!say(self, 2, error, "RCPT TO:<%s> NOTIFY=FAILURE", letter->recipient))
			return FALSE;
	} else if (!say(self, 2, error, "MAIL FROM:<%s>", letter->sender) ||
		   !say(self, 2, error, "RCPT TO:<%s>", letter->recipient)) {
		return FALSE;
	}
	return say(self, 3, error, "DATA") && write_letter(self, letter, error);
}

/**
 * sgp_smtp_send_sync:
 * @helo: our name
 *
 * Returns: what became of the mail; unless it was sent, @error says why, for the log.
 */
SgpSmtpResult sgp_smtp_send_sync(
	const SgpPortalConfig *config, const char *helo, const SgpLetter *letter, GError **error)
{
	g_auto(Session) session = { 0 };

	if (!connect_session(&session, config, helo, error))
		return SGP_SMTP_LATER;
	session.code = 0;
	if (!send_letter(&session, letter, error))
		return session.code / 100 == 5 ? SGP_SMTP_NEVER : SGP_SMTP_LATER;
	/* Sent is sent, whatever the server says to the farewell. */
	say(&session, 2, NULL, "QUIT");
	return SGP_SMTP_SENT;
}
