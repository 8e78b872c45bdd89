/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SMTP line by line over GIO, whose TLS is the one that portal and policies use. It owns that no
 * mail and no password goes to another machine before TLS with a verified certificate stands, and
 * that a server cannot make it wait or read for ever. It decides nothing about mail.
 *
 * Why not libcurl: it tells neither which recipient was refused nor whether the end of the mail was
 * sent, and has no REQUIRETLS; the first two decide whether a mail may be sent once more. */
#include "sgp-smtp-session.h"

#include <string.h>

#include "sgp-error.h"

#define IDLE_SECONDS  30  /* of one read or write */
#define WHOLE_SECONDS 900 /* of the conversation */
#define LINE_AT_MOST  2048
#define LINES_AT_MOST 100
#define IMPLICIT_TLS  465

struct _SgpSmtpSession {
	GSocketConnection *connection; /* (owned) */
	GIOStream *stream;             /* (owned) the connection, or TLS over it */
	GBufferedInputStream *in;      /* (owned) */
	GCancellable *cancellable;     /* (owned) (nullable) */
	SgpSmtpOffer offer;
	gint64 end; /* monotonic */
	gboolean is_encrypted;
	gboolean is_in_order; /* every reply so far was read */
};

gboolean sgp_smtp_session_fail(guint code, const char *what, GError **error)
{
	SgpError kind = code >= 500 && code < 600   ? SGP_ERROR_REFUSED
			: code >= 400 && code < 500 ? SGP_ERROR_UNREACHABLE
						    : SGP_ERROR_FAILED;
	g_set_error(error, SGP_ERROR, kind, "the submission service answered %u to %s", code, what);
	return FALSE;
}

/* GIO's errors mean: no conversation. Only the caller's own cancelling is that. */
static gboolean explain(GError *from, GError **error)
{
	g_autoptr(GError) reason = from;
	if (g_error_matches(reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		g_propagate_error(error, g_steal_pointer(&reason));
	else
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"the submission service does not answer: %s", reason->message);
	return FALSE;
}

/* ---- lines ---- */

static gboolean read_line(SgpSmtpSession *self, GString *line, GError **error)
{
	g_string_set_size(line, 0);
	while (line->len < LINE_AT_MOST) {
		g_autoptr(GError) local = NULL;
		if (g_get_monotonic_time() > self->end) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
				"the submission service does not answer in time");
			return FALSE;
		}
		int byte = g_buffered_input_stream_read_byte(self->in, self->cancellable, &local);
		if (byte < 0 && local == NULL)
			g_set_error(&local, G_IO_ERROR, G_IO_ERROR_CLOSED, "it hung up");
		if (byte < 0)
			return explain(g_steal_pointer(&local), error);
		if (byte == '\n') {
			if (line->len > 0 && line->str[line->len - 1] == '\r')
				g_string_truncate(line, line->len - 1);
			return TRUE;
		}
		g_string_append_c(line, (char)byte);
	}
	g_set_error(
		error, SGP_ERROR, SGP_ERROR_FAILED, "the submission service's line is too long");
	return FALSE;
}

/* "250-text" goes on, "250 text" and "250" end. The first digit is 2 to 5 (RFC 5321, 4.2.1): "000"
 * would be taken for no reply at all (test /submission/a-code-that-is-none-is-no-answer). */
static gboolean is_reply(const GString *line)
{
	return line->len >= 3 && line->str[0] >= '2' && line->str[0] <= '5' &&
	       g_ascii_isdigit(line->str[1]) && g_ascii_isdigit(line->str[2]) &&
	       (line->str[3] == '\0' || line->str[3] == ' ' || line->str[3] == '-');
}

typedef void (*LineFunc)(SgpSmtpSession *self, const char *text);

static guint read_reply(SgpSmtpSession *self, LineFunc func, char **text, GError **error)
{
	g_autoptr(GString) line = g_string_new(NULL);
	self->is_in_order = FALSE;
	for (guint i = 0; i < LINES_AT_MOST; i++) {
		if (!read_line(self, line, error))
			return 0;
		if (!is_reply(line))
			break;
		const char *rest = line->len > 3 ? line->str + 4 : "";
		if (func != NULL && i > 0)
			func(self, rest);
		if (line->str[3] == '-')
			continue;
		self->is_in_order = TRUE;
		if (text != NULL)
			*text = g_strdup(rest);
		return (guint)g_ascii_strtoull(line->str, NULL, 10);
	}
	g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "the submission service speaks no SMTP");
	return 0;
}

gboolean sgp_smtp_session_write(
	SgpSmtpSession *self, const void *data, gsize length, GError **error)
{
	g_autoptr(GError) local = NULL;
	self->is_in_order = FALSE;
	if (g_output_stream_write_all(g_io_stream_get_output_stream(self->stream), data, length,
		    NULL, self->cancellable, &local))
		return TRUE;
	return explain(g_steal_pointer(&local), error);
}

guint sgp_smtp_session_say(SgpSmtpSession *self, const char *line, char **text, GError **error)
{
	if (line != NULL) {
		g_autofree char *whole = g_strconcat(line, "\r\n", NULL);
		gboolean done = sgp_smtp_session_write(self, whole, strlen(whole), error);
		explicit_bzero(whole, strlen(whole)); /* it may be a password */
		if (!done)
			return 0;
	}
	return read_reply(self, NULL, text, error);
}

static gboolean expect(
	SgpSmtpSession *self, const char *line, guint wanted, const char *what, GError **error)
{
	guint code = sgp_smtp_session_say(self, line, NULL, error);
	if (code == wanted)
		return TRUE;
	return code != 0 ? sgp_smtp_session_fail(code, what, error) : FALSE;
}

/* ---- EHLO ---- */

static gboolean has_word(const char *text, const char *word)
{
	g_auto(GStrv) words = g_strsplit(text, " ", -1);
	for (gsize i = 1; words[0] != NULL && words[i] != NULL; i++) {
		if (g_ascii_strcasecmp(words[i], word) == 0)
			return TRUE;
	}
	return FALSE;
}

static gboolean names(const char *text, const char *keyword)
{
	gsize length = strlen(keyword);
	return g_ascii_strncasecmp(text, keyword, length) == 0 &&
	       (text[length] == '\0' || text[length] == ' ');
}

static void take_offer(SgpSmtpSession *self, const char *text)
{
	SgpSmtpOffer *offer = &self->offer;
	offer->has_starttls = offer->has_starttls || names(text, "STARTTLS");
	offer->has_8bitmime = offer->has_8bitmime || names(text, "8BITMIME");
	offer->has_smtputf8 = offer->has_smtputf8 || names(text, "SMTPUTF8");
	offer->has_requiretls = offer->has_requiretls || names(text, "REQUIRETLS");
	offer->has_size = offer->has_size || names(text, "SIZE");
	if (names(text, "AUTH")) {
		offer->has_plain = offer->has_plain || has_word(text, "PLAIN");
		offer->has_login = offer->has_login || has_word(text, "LOGIN");
	}
}

/* An address literal: a host name of this machine is nobody's business. */
static char *dup_hello(SgpSmtpSession *self)
{
	g_autoptr(GSocketAddress) local =
		g_socket_connection_get_local_address(self->connection, NULL);
	GInetAddress *address =
		G_IS_INET_SOCKET_ADDRESS(local)
			? g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(local))
			: NULL;
	g_autofree char *text = address != NULL ? g_inet_address_to_string(address) : NULL;
	gboolean is_v6 =
		address != NULL && g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6;
	return g_strdup_printf(
		"EHLO [%s%s]", is_v6 ? "IPv6:" : "", text != NULL ? text : "127.0.0.1");
}

static gboolean greet(SgpSmtpSession *self, GError **error)
{
	g_autofree char *hello = dup_hello(self);
	g_autofree char *line = g_strconcat(hello, "\r\n", NULL);
	memset(&self->offer, 0, sizeof(self->offer));
	if (!sgp_smtp_session_write(self, line, strlen(line), error))
		return FALSE;
	guint code = read_reply(self, take_offer, NULL, error);
	if (code == 250)
		return TRUE;
	return code != 0 ? sgp_smtp_session_fail(code, "EHLO", error) : FALSE;
}

/* ---- TLS ---- */

static void use_stream(SgpSmtpSession *self, GIOStream *stream)
{
	g_clear_object(&self->in);
	g_set_object(&self->stream, stream);
	self->in = G_BUFFERED_INPUT_STREAM(
		g_buffered_input_stream_new(g_io_stream_get_input_stream(stream)));
	g_filter_input_stream_set_close_base_stream(G_FILTER_INPUT_STREAM(self->in), FALSE);
}

/* The certificate must be valid, and name the host that the administrator named. */
static gboolean start_tls(SgpSmtpSession *self, const SgpSubmissionService *service, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(GSocketConnectable) identity =
		g_network_address_new(service->host, service->port);
	g_autoptr(GTlsDatabase) database = NULL;
	g_autoptr(GIOStream) tls = NULL;
	if (service->ca_file != NULL) {
		database = g_tls_file_database_new(service->ca_file, &local);
		if (database == NULL) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "submission-ca-file: %s",
				local->message);
			return FALSE;
		}
	}
	/* What came in clear behind the reply to STARTTLS could be an attacker's, taken for the
	 * service's own inside TLS (test /submission/words-before-tls-...). */
	if (g_buffered_input_stream_get_available(self->in) > 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"the submission service spoke before TLS stood");
		return FALSE;
	}
	tls = g_tls_client_connection_new(G_IO_STREAM(self->connection), identity, &local);
	if (tls != NULL && database != NULL)
		g_tls_connection_set_database(G_TLS_CONNECTION(tls), database);
	if (tls == NULL ||
		!g_tls_connection_handshake(G_TLS_CONNECTION(tls), self->cancellable, &local))
		return explain(g_steal_pointer(&local), error);
	use_stream(self, tls);
	self->is_encrypted = TRUE;
	return TRUE;
}

static gboolean is_this_machine(SgpSmtpSession *self)
{
	g_autoptr(GSocketAddress) remote =
		g_socket_connection_get_remote_address(self->connection, NULL);
	return G_IS_INET_SOCKET_ADDRESS(remote) &&
	       g_inet_address_get_is_loopback(
		       g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote)));
}

/* Attack stopped: somebody in between who takes STARTTLS out of the offer (test
 * /submission/no-mail-and-no-password-without-tls). On this machine nobody is in between; where an
 * authority is set, TLS is meant even there. */
static gboolean secure(SgpSmtpSession *self, const SgpSubmissionService *service, GError **error)
{
	gboolean must = !is_this_machine(self) || service->ca_file != NULL;
	if (self->is_encrypted || (!must && !self->offer.has_starttls))
		return TRUE;
	if (!must) /* its certificate may be a made-up one: clear is as good on this machine */
		return TRUE;
	if (!self->offer.has_starttls) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"the submission service offers no TLS");
		return FALSE;
	}
	return expect(self, "STARTTLS", 220, "STARTTLS", error) &&
	       start_tls(self, service, error) && greet(self, error);
}

/* ---- AUTH ---- */

static gboolean log_in_plain(
	SgpSmtpSession *self, const SgpSubmissionService *service, GError **error)
{
	g_autoptr(GByteArray) secret = g_byte_array_new();
	g_byte_array_append(secret, (const guint8 *)"", 1);
	g_byte_array_append(
		secret, (const guint8 *)service->user, (guint)strlen(service->user) + 1);
	g_byte_array_append(
		secret, (const guint8 *)service->password, (guint)strlen(service->password));
	char *base64 = g_base64_encode(secret->data, secret->len);
	char *line = g_strconcat("AUTH PLAIN ", base64, NULL);
	gboolean done = expect(self, line, 235, "AUTH", error);
	explicit_bzero(secret->data, secret->len);
	explicit_bzero(base64, strlen(base64));
	explicit_bzero(line, strlen(line));
	g_free(base64);
	g_free(line);
	return done;
}

static gboolean log_in_stepwise(
	SgpSmtpSession *self, const SgpSubmissionService *service, GError **error)
{
	g_autofree char *user =
		g_base64_encode((const guchar *)service->user, strlen(service->user));
	char *password =
		g_base64_encode((const guchar *)service->password, strlen(service->password));
	gboolean done = expect(self, "AUTH LOGIN", 334, "AUTH", error) &&
			expect(self, user, 334, "AUTH", error) &&
			expect(self, password, 235, "AUTH", error);
	explicit_bzero(password, strlen(password));
	g_free(password);
	return done;
}

static gboolean log_in(SgpSmtpSession *self, const SgpSubmissionService *service, GError **error)
{
	if (service->user == NULL)
		return TRUE;
	if (service->password == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_LOCKED,
			"there is no password for the submission service");
		return FALSE;
	}
	if (self->offer.has_plain)
		return log_in_plain(self, service, error);
	if (self->offer.has_login)
		return log_in_stepwise(self, service, error);
	g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED,
		"the submission service offers no log-in by password");
	return FALSE;
}

/* ---- the session ---- */

SgpSmtpSession *sgp_smtp_session_open(
	const SgpSubmissionService *service, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpSmtpSession) self = g_new0(SgpSmtpSession, 1);
	g_autoptr(GSocketClient) client = g_socket_client_new();
	g_autoptr(GError) local = NULL;
	self->end = g_get_monotonic_time() + WHOLE_SECONDS * G_USEC_PER_SEC;
	g_set_object(&self->cancellable, cancellable);
	g_socket_client_set_timeout(client, IDLE_SECONDS);
	g_socket_client_set_enable_proxy(client, FALSE);
	self->connection = g_socket_client_connect_to_host(
		client, service->host, service->port, cancellable, &local);
	if (self->connection == NULL) {
		explain(g_steal_pointer(&local), error);
		return NULL;
	}
	use_stream(self, G_IO_STREAM(self->connection));
	if (service->port == IMPLICIT_TLS && !start_tls(self, service, error))
		return NULL;
	if (!expect(self, NULL, 220, "the greeting", error) || !greet(self, error) ||
		!secure(self, service, error) || !log_in(self, service, error))
		return NULL;
	return g_steal_pointer(&self);
}

void sgp_smtp_session_free(SgpSmtpSession *self)
{
	if (self == NULL)
		return;
	if (self->is_in_order)
		sgp_smtp_session_write(self, "QUIT\r\n", 6, NULL);
	g_clear_object(&self->in);
	if (self->connection != NULL)
		g_io_stream_close(G_IO_STREAM(self->connection), NULL, NULL);
	g_clear_object(&self->stream);
	g_clear_object(&self->connection);
	g_clear_object(&self->cancellable);
	g_free(self);
}

const SgpSmtpOffer *sgp_smtp_session_get_offer(const SgpSmtpSession *self)
{
	return &self->offer;
}

gboolean sgp_smtp_session_is_encrypted(const SgpSmtpSession *self)
{
	return self->is_encrypted;
}

void sgp_smtp_session_set_patience(SgpSmtpSession *self, guint seconds)
{
	g_socket_set_timeout(g_socket_connection_get_socket(self->connection), seconds);
	/* A large mail over a slow line may have used up the conversation's time: its reply would
	 * not be waited for, though the mail is there. */
	self->end = g_get_monotonic_time() + seconds * G_USEC_PER_SEC;
}
