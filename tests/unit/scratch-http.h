/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

/* A SoupServer that is called by this computer only, at a free port. libsoup 3.2.3's own listener
 * loses a GSocket with each connection that it accepts, and LeakSanitizer says so: so the
 * connections are accepted here, as the portal does it. */

static inline gboolean scratch_http_on_incoming(
	GSocketService *service, GSocketConnection *connection, GObject *source, gpointer user_data)
{
	SoupServer *server = user_data;
	GTlsCertificate *certificate = soup_server_get_tls_certificate(server);
	GIOStream *plain = G_IO_STREAM(connection);
	g_autoptr(GError) error = NULL;
	g_autoptr(GSocketAddress) local = g_socket_connection_get_local_address(connection, NULL);
	g_autoptr(GSocketAddress) remote = g_socket_connection_get_remote_address(connection, NULL);
	g_autoptr(GIOStream) stream =
		certificate != NULL ? g_tls_server_connection_new(plain, certificate, &error)
				    : g_object_ref(plain);
	g_assert_no_error(error);
	soup_server_accept_iostream(server, stream, local, remote, NULL);
	return TRUE;
}

/* In the thread's default context. port: (out). (transfer full) */
static inline GSocketService *scratch_http_listen(SoupServer *server, guint16 *port)
{
	GSocketService *service = g_socket_service_new();
	g_autoptr(GInetAddress) loopback = g_inet_address_new_loopback(G_SOCKET_FAMILY_IPV4);
	g_autoptr(GSocketAddress) any = g_inet_socket_address_new(loopback, 0);
	g_autoptr(GSocketAddress) taken = NULL;
	g_autoptr(GError) error = NULL;
	g_signal_connect(service, "incoming", G_CALLBACK(scratch_http_on_incoming), server);
	g_socket_listener_add_address(G_SOCKET_LISTENER(service), any, G_SOCKET_TYPE_STREAM,
		G_SOCKET_PROTOCOL_TCP, NULL, &taken, &error);
	g_assert_no_error(error);
	*port = g_inet_socket_address_get_port(G_INET_SOCKET_ADDRESS(taken));
	return service;
}

/* From inside the context: nobody is let in any more, and who is in is put out. service: (transfer
 * full) */
static inline void scratch_http_close(
	SoupServer *server, GSocketService *service, GMainContext *context)
{
	g_socket_service_stop(service);
	g_socket_listener_close(G_SOCKET_LISTENER(service));
	g_object_unref(service);
	soup_server_disconnect(server);
	while (g_main_context_iteration(context, FALSE))
		; /* what is still held of connections goes with their last events */
}
