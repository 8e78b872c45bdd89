/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How long a connection may take for a TLS handshake and for the head of a request: absolutely, not
 * since the last byte. A timeout of the socket begins anew with each byte, so that a thousand
 * clients who send one every few seconds would hold a thousand connections for ever (threat 16;
 * test "a head that trickles is cut off"). A connection on which nothing has begun may rest; bodies
 * are watched where they are read. It reads nothing itself. */

#include "sgp-slow-client.h"

#define CLIENT_KEY "sgp-slow-client"
#define SOCKET_KEY "sgp-slow-client-socket"

typedef struct {
	GSocket *socket; /* (borrowed): it owns this */
	GSource *first;  /* (owned) (nullable): waits for the first byte of a head */
	guint deadline;
	guint seconds;
} SlowClient;

static void stop(SlowClient *self)
{
	if (self->first != NULL) {
		g_source_destroy(self->first);
		g_clear_pointer(&self->first, g_source_unref);
	}
	if (self->deadline != 0)
		g_source_remove(self->deadline);
	self->deadline = 0;
}

static void slow_client_free(gpointer data)
{
	stop(data);
	g_free(data);
}

/* Whoever reads gets an end, and clears up as after any client that left. */
static gboolean on_deadline(gpointer data)
{
	SlowClient *self = data;

	self->deadline = 0;
	g_socket_shutdown(self->socket, TRUE, TRUE, NULL);
	return G_SOURCE_REMOVE;
}

static void begin_deadline(SlowClient *self)
{
	stop(self);
	self->deadline = g_timeout_add_seconds(self->seconds, on_deadline, self);
}

/* A socket that was closed meanwhile comes here too, and then the deadline closes nothing. */
static gboolean on_first_byte(GSocket *socket, GIOCondition condition, gpointer data)
{
	SlowClient *self = data;

	if (g_socket_is_closed(socket))
		stop(self);
	else
		begin_deadline(self);
	return G_SOURCE_REMOVE;
}

/**
 * sgp_slow_client_watch:
 * @seconds: for the handshake, and for each head
 *
 * Begins with the handshake's deadline.
 */
void sgp_slow_client_watch(GSocket *socket, guint seconds)
{
	SlowClient *self = g_new0(SlowClient, 1);

	self->socket = socket;
	self->seconds = seconds;
	g_object_set_data_full(G_OBJECT(socket), CLIENT_KEY, self, slow_client_free);
	begin_deadline(self);
}

/**
 * sgp_slow_client_hand_over:
 * @remote: by which the messages of the connection find it; SoupServer is not told of a socket
 *
 * The handshake is over.
 */
void sgp_slow_client_hand_over(GSocket *socket, GSocketAddress *remote)
{
	SlowClient *self = g_object_get_data(G_OBJECT(socket), CLIENT_KEY);

	if (self == NULL || remote == NULL)
		return;
	stop(self);
	g_object_set_data_full(G_OBJECT(remote), SOCKET_KEY, g_object_ref(socket), g_object_unref);
}

static SlowClient *find(SoupServerMessage *message)
{
	GSocketAddress *remote = soup_server_message_get_remote_address(message);
	GSocket *socket = remote != NULL ? g_object_get_data(G_OBJECT(remote), SOCKET_KEY) : NULL;

	return socket != NULL ? g_object_get_data(G_OBJECT(socket), CLIENT_KEY) : NULL;
}

/**
 * sgp_slow_client_await_head:
 *
 * The next request may begin whenever it likes; then its head has a deadline.
 */
void sgp_slow_client_await_head(SoupServerMessage *message)
{
	SlowClient *self = find(message);

	if (self == NULL || g_socket_is_closed(self->socket))
		return;
	stop(self);
	self->first = g_socket_create_source(self->socket, G_IO_IN, NULL);
	g_source_set_callback(self->first, G_SOURCE_FUNC(on_first_byte), self, NULL);
	g_source_attach(self->first, NULL);
}

/**
 * sgp_slow_client_got_head:
 *
 * The head is complete.
 */
void sgp_slow_client_got_head(SoupServerMessage *message)
{
	SlowClient *self = find(message);

	if (self != NULL)
		stop(self);
}

/**
 * sgp_slow_client_cut:
 *
 * Ends the connection of @message.
 */
void sgp_slow_client_cut(SoupServerMessage *message)
{
	SlowClient *self = find(message);

	if (self != NULL)
		g_socket_shutdown(self->socket, TRUE, TRUE, NULL);
}
