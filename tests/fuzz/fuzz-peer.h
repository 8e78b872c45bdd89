/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"

/* The other end of a connection: a server on the loopback that says the same bytes to whoever
 * connects, whatever they say, and then waits until they hang up. */
typedef struct {
	int fd;
	guint16 port;
	GMutex lock;
	GByteArray *words; /* (owned) */
} FuzzPeer;

static inline gpointer fuzz_peer_run(gpointer data)
{
	FuzzPeer *self = data;
	for (;;) {
		int client = accept(self->fd, NULL, NULL);
		char sink[4096];
		if (client < 0)
			continue;
		g_mutex_lock(&self->lock);
		g_autofree guint8 *words = g_memdup2(self->words->data, self->words->len);
		gsize length = self->words->len;
		g_mutex_unlock(&self->lock);
		for (gsize done = 0; done < length;) {
			ssize_t sent = send(client, words + done, length - done, MSG_NOSIGNAL);
			if (sent <= 0)
				break;
			done += (gsize)sent;
		}
		shutdown(client, SHUT_WR);
		while (read(client, sink, sizeof(sink)) > 0)
			;
		close(client);
	}
	return NULL;
}

/* One for the program: it ends with it. */
static inline FuzzPeer *fuzz_peer_get(void)
{
	static FuzzPeer *self;
	struct sockaddr_in address = { .sin_family = AF_INET };
	socklen_t size = sizeof(address);
	if (self != NULL)
		return self;
	self = g_new0(FuzzPeer, 1);
	self->words = g_byte_array_new();
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	self->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FUZZ_HOLDS(bind(self->fd, (struct sockaddr *)&address, size) == 0);
	FUZZ_HOLDS(listen(self->fd, 16) == 0);
	FUZZ_HOLDS(getsockname(self->fd, (struct sockaddr *)&address, &size) == 0);
	self->port = ntohs(address.sin_port);
	g_thread_unref(g_thread_new("peer", fuzz_peer_run, self));
	return self;
}

static inline void fuzz_peer_set(FuzzPeer *self, const char *head, const void *data, gsize size)
{
	g_mutex_lock(&self->lock);
	g_byte_array_set_size(self->words, 0);
	g_byte_array_append(self->words, (const guint8 *)head, (guint)strlen(head));
	if (size > 0)
		g_byte_array_append(self->words, data, (guint)size);
	g_mutex_unlock(&self->lock);
}
