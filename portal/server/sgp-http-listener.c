/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Where the portal can be reached: plain HTTP on loopback only, or TLS 1.2 and later. It hands
 * connections to libsoup and looks at no request. */

#include "sgp-http-listener.h"

#include "sgp-protocol.h"
#include "sgp-slow-client.h"

#include <glib/gi18n.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_PORT      8480
#define BACKLOG           1024
#define HANDSHAKE_SECONDS 20
/* Longer than a long poll, and than what a body may stand still. */
#define IDLE_SECONDS       75
#define RETRY_MILLISECONDS 100

struct _SgpHttpListener {
	SoupServer *soup;             /* (borrowed) */
	GSocket *socket;              /* (owned) */
	GTlsCertificate *certificate; /* (owned) (nullable) */
	GSocketListener *accepting;   /* (owned) */
	guint retry_timer;
	int silent; /* (owned): see keep_connections(); -1 if there is none */
	guint head_seconds;
	GCancellable *stopped; /* (owned) */
};

static gboolean fail(GError **error, const char *sentence)
{
	g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST, sentence);
	return FALSE;
}

static GSocketAddress *parse_address(const SgpPortalConfig *config, GError **error)
{
	g_autoptr(GSocketConnectable) network =
		g_network_address_parse(config->listen, DEFAULT_PORT, error);
	g_autoptr(GInetAddress) address = NULL;
	const char *host = NULL;

	if (network == NULL)
		return NULL;
	host = g_network_address_get_hostname(G_NETWORK_ADDRESS(network));
	address = strcmp(host, "localhost") == 0 ? g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4)
						 : g_inet_address_new_from_string(host);
	if (address == NULL) {
		fail(error,
			_("--listen needs the number of an address, for instance 127.0.0.1:8480."));
		return NULL;
	}
	/* Cookies, device tokens and addresses would cross the network in the clear (threat 17;
	 * test "without tls the portal listens on this computer only"). */
	if (config->tls_certificate == NULL && !g_inet_address_get_is_loopback(address)) {
		fail(error, _("Without TLS the portal listens on this computer only. Give it "
			      "--tls-cert "
			      "and "
			      "--tls-key, or let a reverse proxy with TLS stand in front of "
			      "127.0.0.1."));
		return NULL;
	}
	return g_inet_socket_address_new(
		address, g_network_address_get_port(G_NETWORK_ADDRESS(network)));
}

static GSocket *open_socket(GSocketAddress *address, GError **error)
{
	g_autoptr(GSocket) socket = g_socket_new(g_socket_address_get_family(address),
		G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_TCP, error);

	if (socket == NULL || !g_socket_bind(socket, address, TRUE, error))
		return NULL;
	/* GLib's ten would make the eleventh of a burst wait for seconds. */
	g_socket_set_listen_backlog(socket, BACKLOG);
	return g_socket_listen(socket, error) ? g_steal_pointer(&socket) : NULL;
}

static gboolean is_modern(GTlsConnection *connection)
{
	switch (g_tls_connection_get_protocol_version(connection)) {
	case G_TLS_PROTOCOL_VERSION_TLS_1_2:
	case G_TLS_PROTOCOL_VERSION_TLS_1_3:
		return TRUE;
	case G_TLS_PROTOCOL_VERSION_UNKNOWN:
	case G_TLS_PROTOCOL_VERSION_SSL_3_0:
	case G_TLS_PROTOCOL_VERSION_TLS_1_0:
	case G_TLS_PROTOCOL_VERSION_TLS_1_1:
	case G_TLS_PROTOCOL_VERSION_DTLS_1_0:
	case G_TLS_PROTOCOL_VERSION_DTLS_1_2:
		break;
	}
	return FALSE;
}

static void hand_over(SgpHttpListener *self, GIOStream *stream, GSocketConnection *plain)
{
	GSocket *socket = g_socket_connection_get_socket(plain);
	g_autoptr(GSocketAddress) local = g_socket_get_local_address(socket, NULL);
	g_autoptr(GSocketAddress) remote = g_socket_get_remote_address(socket, NULL);

	/* Who says nothing at all must not keep a descriptor for ever (threat 16). */
	g_socket_set_timeout(socket, IDLE_SECONDS);
	/* Head and body of an answer are two writes; Nagle would hold the second one back until the
	 * client's delayed acknowledgement of the first, for 40 milliseconds. */
	g_socket_set_option(socket, IPPROTO_TCP, TCP_NODELAY, TRUE, NULL);
	sgp_slow_client_hand_over(socket, remote);
	soup_server_accept_iostream(self->soup, stream, local, remote, NULL);
}

/* GLib lets the system's policy decide on TLS 1.0 and 1.1; ours is firm, so SoupServer, which never
 * asks, gets the connection only after this (test "https with a certificate of its own"). */
static void on_handshake(GObject *source, GAsyncResult *result, gpointer data)
{
	GTlsConnection *secure = G_TLS_CONNECTION(source);
	g_autoptr(GIOStream) owned = G_IO_STREAM(secure);
	g_autoptr(GIOStream) plain = NULL;

	g_object_get(secure, "base-io-stream", &plain, NULL);
	if (!g_tls_connection_handshake_finish(secure, result, NULL) || !is_modern(secure)) {
		g_io_stream_close_async(owned, G_PRIORITY_DEFAULT, NULL, NULL, NULL);
		return;
	}
	hand_over(data, owned, G_SOCKET_CONNECTION(plain));
}

static void begin_accepting(SgpHttpListener *self);

static gboolean on_retry(gpointer data)
{
	SgpHttpListener *self = data;

	self->retry_timer = 0;
	begin_accepting(self);
	return G_SOURCE_REMOVE;
}

/* SoupServer's own listener gives up for good at the first failure; whoever made the portal run out
 * of descriptors once would have switched it off (threat 16; test "the portal comes back when it
 * ran out of connections"). */
static void on_accepted(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GSocketConnection) plain =
		g_socket_listener_accept_finish(G_SOCKET_LISTENER(source), result, NULL, &error);
	g_autoptr(GIOStream) secure = NULL;
	SgpHttpListener *self = data;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	if (plain == NULL) {
		self->retry_timer = g_timeout_add(RETRY_MILLISECONDS, on_retry, self);
		return;
	}
	begin_accepting(self);
	sgp_slow_client_watch(g_socket_connection_get_socket(plain), self->head_seconds);
	if (self->certificate == NULL) {
		hand_over(self, G_IO_STREAM(plain), plain);
		return;
	}
	secure = g_tls_server_connection_new(G_IO_STREAM(plain), self->certificate, NULL);
	if (secure == NULL)
		return;
	g_socket_set_timeout(g_socket_connection_get_socket(plain), HANDSHAKE_SECONDS);
	g_tls_connection_handshake_async(G_TLS_CONNECTION(g_steal_pointer(&secure)),
		G_PRIORITY_DEFAULT, self->stopped, on_handshake, self);
}

static void begin_accepting(SgpHttpListener *self)
{
	g_socket_listener_accept_async(self->accepting, self->stopped, on_accepted, self);
}

static gboolean attach(SgpHttpListener *self, const SgpPortalConfig *config, GError **error)
{
	if (config->tls_certificate != NULL) {
		self->certificate = g_tls_certificate_new_from_files(config->tls_certificate,
			config->tls_key != NULL ? config->tls_key : config->tls_certificate, error);
		if (self->certificate == NULL)
			return FALSE;
	}
	self->accepting = g_socket_listener_new();
	if (!g_socket_listener_add_socket(self->accepting, self->socket, NULL, error))
		return FALSE;
	begin_accepting(self);
	return TRUE;
}

/* SoupServer hangs up after each answer unless it has a listener of its own (request_finished() of
 * libsoup 3.2 to 3.6): so it gets one at which nobody can call, the end of a pair whose other end
 * we keep (test "a connection is kept for the next request"). */
static gboolean keep_connections(SgpHttpListener *self, GError **error)
{
	g_autoptr(GSocket) socket = NULL;
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return fail(error, "There are no sockets left.");
	self->silent = ends[0];
	socket = g_socket_new_from_fd(ends[1], error);
	if (socket == NULL)
		close(ends[1]);
	return socket != NULL && soup_server_listen_socket(self->soup, socket, 0, error);
}

/**
 * sgp_http_listener_start:
 * @soup: gets the connections
 *
 * Returns: (transfer full) (nullable): the listener, or %NULL with a sentence for the
 * administrator.
 */
SgpHttpListener *sgp_http_listener_start(
	SoupServer *soup, const SgpPortalConfig *config, GError **error)
{
	g_autoptr(SgpHttpListener) self = g_new0(SgpHttpListener, 1);
	g_autoptr(GSocketAddress) address = parse_address(config, error);

	self->soup = soup;
	self->head_seconds = (guint)config->head_seconds;
	self->silent = -1;
	self->stopped = g_cancellable_new();
	self->socket = address != NULL ? open_socket(address, error) : NULL;
	if (self->socket == NULL || !keep_connections(self, error) || !attach(self, config, error))
		return NULL;
	return g_steal_pointer(&self);
}

/**
 * sgp_http_listener_dup_address:
 *
 * Returns: (transfer full): scheme, address and port.
 */
char *sgp_http_listener_dup_address(const SgpHttpListener *listener)
{
	g_autoptr(GSocketAddress) address = g_socket_get_local_address(listener->socket, NULL);
	GInetSocketAddress *inet = G_INET_SOCKET_ADDRESS(address);
	g_autofree char *number = g_inet_address_to_string(g_inet_socket_address_get_address(inet));
	gboolean six = g_socket_address_get_family(address) == G_SOCKET_FAMILY_IPV6;

	return g_strdup_printf("%s://%s%s%s:%u", listener->certificate != NULL ? "https" : "http",
		six ? "[" : "", number, six ? "]" : "", g_inet_socket_address_get_port(inet));
}

/**
 * sgp_http_listener_free:
 * @listener: (transfer full) (nullable): takes no more connections
 */
void sgp_http_listener_free(SgpHttpListener *listener)
{
	if (listener == NULL)
		return;
	g_cancellable_cancel(listener->stopped);
	if (listener->retry_timer != 0)
		g_source_remove(listener->retry_timer);
	g_clear_object(&listener->accepting);
	g_clear_object(&listener->certificate);
	g_clear_object(&listener->socket);
	g_clear_object(&listener->stopped);
	if (listener->silent >= 0)
		close(listener->silent);
	g_free(listener);
}
