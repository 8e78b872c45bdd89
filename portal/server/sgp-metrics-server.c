/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A listener of its own for Prometheus, on loopback: a reverse proxy passes everything on that the
 * portal's own address answers, so that numbers about an office are not there. It reads the store
 * in a thread of its own and changes nothing. */

#include "sgp-metrics-server.h"

#include "sgp-http-headers.h"
#include "sgp-http-listener.h"
#include "sgp-metrics.h"

#include <string.h>

struct _SgpMetricsServer {
	SgpPortal *portal;         /* (borrowed) */
	SoupServer *soup;          /* (owned) */
	SgpHttpListener *listener; /* (owned) */
	GThreadPool *reader;       /* (owned): one thread, one scrape at a time */
};

typedef struct {
	SoupServerMessage *message; /* (owned) */
	char *text;                 /* (owned) (nullable) */
} Scrape;

static void scrape_free(gpointer data)
{
	Scrape *scrape = data;

	g_object_unref(scrape->message);
	g_free(scrape->text);
	g_free(scrape);
}

static gboolean on_read(gpointer data)
{
	Scrape *scrape = data;

	soup_server_message_set_status(scrape->message, SOUP_STATUS_OK, NULL);
	soup_server_message_set_response(scrape->message,
		"text/plain; version=0.0.4; charset=utf-8", SOUP_MEMORY_COPY, scrape->text,
		strlen(scrape->text));
	soup_server_message_unpause(scrape->message);
	return G_SOURCE_REMOVE;
}

static void read_numbers(gpointer data, gpointer user_data)
{
	Scrape *scrape = data;
	SgpMetricsServer *server = user_data;
	SgpDatabase *database = sgp_portal_borrow_database(server->portal, NULL);

	scrape->text =
		sgp_metrics_dup_text(server->portal->metrics, database, sgp_portal_get_time());
	sgp_portal_return_database(server->portal, database);
	sgp_portal_run_in_main(on_read, scrape, scrape_free);
}

static void on_request(SoupServer *soup, SoupServerMessage *message, const char *path,
	GHashTable *query, gpointer data)
{
	SgpMetricsServer *server = data;
	Scrape *scrape = NULL;

	sgp_http_headers_secure(soup_server_message_get_response_headers(message), NULL, FALSE);
	if (strcmp(path, "/metrics") != 0 ||
		strcmp(soup_server_message_get_method(message), "GET") != 0) {
		soup_server_message_set_status(message, SOUP_STATUS_NOT_FOUND, NULL);
		return;
	}
	scrape = g_new0(Scrape, 1);
	scrape->message = g_object_ref(message);
	soup_server_message_pause(message);
	g_thread_pool_push(server->reader, scrape, NULL);
}

/**
 * sgp_metrics_server_start:
 *
 * Returns: (transfer full) (nullable): the running server, or %NULL with a sentence for the
 * administrator.
 */
SgpMetricsServer *sgp_metrics_server_start(SgpPortal *portal, GError **error)
{
	/* Without a certificate the listener takes loopback only. */
	SgpPortalConfig plain = { .listen = portal->config->metrics_listen };
	SgpMetricsServer *server = g_new0(SgpMetricsServer, 1);

	server->portal = portal;
	server->soup = soup_server_new(NULL, NULL);
	server->reader = g_thread_pool_new(read_numbers, server, 1, FALSE, NULL);
	soup_server_add_handler(server->soup, NULL, on_request, server, NULL);
	server->listener = sgp_http_listener_start(server->soup, &plain, error);
	if (server->listener == NULL) {
		sgp_metrics_server_stop(server);
		return NULL;
	}
	return server;
}

/**
 * sgp_metrics_server_dup_address:
 *
 * Returns: (transfer full): scheme, address and port that it listens on.
 */
char *sgp_metrics_server_dup_address(SgpMetricsServer *server)
{
	return sgp_http_listener_dup_address(server->listener);
}

/**
 * sgp_metrics_server_stop:
 * @server: (transfer full) (nullable): a scrape that is being read gets no answer
 */
void sgp_metrics_server_stop(SgpMetricsServer *server)
{
	if (server == NULL)
		return;
	soup_server_disconnect(server->soup);
	g_thread_pool_free(server->reader, FALSE, TRUE);
	g_clear_pointer(&server->listener, sgp_http_listener_free);
	g_object_unref(server->soup);
	g_free(server);
}
