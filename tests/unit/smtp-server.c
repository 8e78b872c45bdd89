/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The other end of sgp-submission in tests: one thread, one conversation after the other. */
#include "smtp-server.h"

#include <string.h>

struct _SmtpServer {
	GSocketListener *listener;    /* (owned) */
	GThread *thread;              /* (owned) */
	GCancellable *cancellable;    /* (owned) */
	GTlsCertificate *certificate; /* (owned) (nullable) */
	SmtpServerFunc func;
	gpointer user_data;
	guint16 port;
	GMutex lock;
	GCond changed;
	GString *heard; /* (owned) under the lock */
	char *offer;    /* (owned) */
};

typedef struct {
	SmtpServer *server;
	GIOStream *stream;    /* (owned) */
	GDataInputStream *in; /* (owned) */
	gboolean is_encrypted, is_in_data;
} Talk;

static void hear(SmtpServer *self, const char *line)
{
	g_mutex_lock(&self->lock);
	g_string_append_printf(self->heard, "%s\n", line);
	g_cond_broadcast(&self->changed);
	g_mutex_unlock(&self->lock);
}

static void use(Talk *talk, GIOStream *stream)
{
	g_clear_object(&talk->in);
	g_set_object(&talk->stream, stream);
	talk->in = g_data_input_stream_new(g_io_stream_get_input_stream(stream));
	g_data_input_stream_set_newline_type(talk->in, G_DATA_STREAM_NEWLINE_TYPE_CR_LF);
	g_filter_input_stream_set_close_base_stream(G_FILTER_INPUT_STREAM(talk->in), FALSE);
}

static gboolean say(Talk *talk, const char *text)
{
	return *text != '\0' &&
	       g_output_stream_write_all(g_io_stream_get_output_stream(talk->stream), text,
		       strlen(text), NULL, talk->server->cancellable, NULL);
}

static gboolean start_tls(Talk *talk)
{
	g_autoptr(GIOStream) tls =
		g_tls_server_connection_new(talk->stream, talk->server->certificate, NULL);
	if (tls == NULL ||
		!g_tls_connection_handshake(G_TLS_CONNECTION(tls), talk->server->cancellable, NULL))
		return FALSE;
	use(talk, tls);
	talk->is_encrypted = TRUE;
	hear(talk->server, "[tls]");
	return TRUE;
}

static char *dup_answer(Talk *talk, const char *line)
{
	const char *told = talk->server->func != NULL
				   ? talk->server->func(line, talk->server->user_data)
				   : NULL;
	if (told != NULL)
		return g_strdup(told);
	if (g_str_has_prefix(line, "EHLO"))
		return g_strdup_printf("250-test\r\n%s%s250 8BITMIME\r\n",
			talk->server->certificate != NULL && !talk->is_encrypted
				? "250-STARTTLS\r\n"
				: "",
			talk->server->offer);
	if (g_str_equal(line, "STARTTLS"))
		return g_strdup("220 go on\r\n");
	if (g_str_equal(line, "DATA"))
		return g_strdup("354 go on\r\n");
	if (g_str_equal(line, "QUIT"))
		return g_strdup("221 bye\r\n");
	if (g_str_has_prefix(line, "AUTH"))
		return g_strdup("235 welcome\r\n");
	return g_strdup("250 ok\r\n");
}

static gboolean take_line(Talk *talk, const char *line)
{
	hear(talk->server, line);
	if (talk->is_in_data && !g_str_equal(line, "."))
		return TRUE;
	talk->is_in_data = FALSE;
	g_autofree char *answer = dup_answer(talk, line);
	if (!say(talk, answer))
		return FALSE;
	talk->is_in_data = g_str_has_prefix(answer, "354");
	if (g_str_equal(line, "STARTTLS") && g_str_has_prefix(answer, "220"))
		return start_tls(talk);
	return !g_str_equal(line, "QUIT");
}

static void talk_to(SmtpServer *self, GSocketConnection *connection)
{
	Talk talk = { .server = self };
	use(&talk, G_IO_STREAM(connection));
	gboolean goes_on = say(&talk, "220 test\r\n");
	while (goes_on) {
		g_autofree char *line =
			g_data_input_stream_read_line(talk.in, NULL, self->cancellable, NULL);
		goes_on = line != NULL && take_line(&talk, line);
	}
	hear(self, "[end]");
	g_io_stream_close(G_IO_STREAM(connection), NULL, NULL);
	g_clear_object(&talk.in);
	g_clear_object(&talk.stream);
}

static gpointer run(gpointer user_data)
{
	SmtpServer *self = user_data;
	while (!g_cancellable_is_cancelled(self->cancellable)) {
		g_autoptr(GSocketConnection) connection =
			g_socket_listener_accept(self->listener, NULL, self->cancellable, NULL);
		if (connection != NULL)
			talk_to(self, connection);
	}
	return NULL;
}

SmtpServer *smtp_server_new(const char *certificate, SmtpServerFunc func, gpointer user_data)
{
	SmtpServer *self = g_new0(SmtpServer, 1);
	g_autoptr(GSocketAddress) address = g_inet_socket_address_new_from_string("127.0.0.1", 0);
	g_autoptr(GSocketAddress) bound = NULL;
	g_autoptr(GError) error = NULL;
	g_mutex_init(&self->lock);
	g_cond_init(&self->changed);
	self->heard = g_string_new(NULL);
	self->offer = g_strdup("");
	self->func = func;
	self->user_data = user_data;
	self->cancellable = g_cancellable_new();
	self->listener = g_socket_listener_new();
	if (certificate != NULL)
		self->certificate = g_tls_certificate_new_from_file(certificate, &error);
	g_assert_no_error(error);
	g_socket_listener_add_address(self->listener, address, G_SOCKET_TYPE_STREAM,
		G_SOCKET_PROTOCOL_TCP, NULL, &bound, &error);
	g_assert_no_error(error);
	self->port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(bound));
	self->thread = g_thread_new("smtp", run, self);
	return self;
}

void smtp_server_free(SmtpServer *self)
{
	g_cancellable_cancel(self->cancellable);
	g_thread_join(self->thread);
	g_clear_object(&self->listener);
	g_clear_object(&self->cancellable);
	g_clear_object(&self->certificate);
	g_string_free(self->heard, TRUE);
	g_free(self->offer);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->changed);
	g_free(self);
}

guint16 smtp_server_get_port(SmtpServer *self)
{
	return self->port;
}

void smtp_server_offer(SmtpServer *self, const char *lines)
{
	g_free(self->offer);
	self->offer = g_strdup(lines);
}

/* A conversation that ended is heard to its end. */
char *smtp_server_dup_heard(SmtpServer *self)
{
	gint64 end = g_get_monotonic_time() + 5 * G_USEC_PER_SEC;
	g_mutex_lock(&self->lock);
	while (!g_str_has_suffix(self->heard->str, "[end]\n"))
		g_assert_true(g_cond_wait_until(&self->changed, &self->lock, end));
	char *heard = g_strdup(self->heard->str);
	g_mutex_unlock(&self->lock);
	return heard;
}

char *smtp_server_dup_certificate(const char *directory, const char *file, const char *alternatives)
{
	g_autofree char *path = g_strdup_printf("%s/%s.pem", directory, file);
	g_autofree char *command =
		g_strdup_printf("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256"
				" -nodes -days 2 -subj /CN=test -addext subjectAltName=%s"
				" -keyout %s -out %s.crt",
			alternatives, path, path);
	g_autofree char *certificate = NULL;
	g_autofree char *key = NULL;
	g_autofree char *crt = g_strconcat(path, ".crt", NULL);
	g_autoptr(GError) error = NULL;
	g_spawn_command_line_sync(command, NULL, NULL, NULL, &error);
	g_assert_no_error(error);
	g_file_get_contents(crt, &certificate, NULL, &error);
	g_assert_no_error(error);
	g_file_get_contents(path, &key, NULL, &error);
	g_assert_no_error(error);
	g_autofree char *both = g_strconcat(certificate, key, NULL);
	g_file_set_contents(path, both, -1, &error);
	g_assert_no_error(error);
	return g_steal_pointer(&path);
}
