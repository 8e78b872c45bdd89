/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The running portal: opens its data directory, lends database connections to threads and wakes
 * those that wait for events or mail. It answers no request itself. */

#include "sgp-portal.h"

#include "sgp-database-postgres.h"
#include "sgp-database-sqlite.h"
#include "sgp-protocol.h"
#include "sgp-scope.h"

#include <glib/gstdio.h>
#include <sodium.h>
#include <string.h>

#define MIGRATIONS          "/org/siegelpost/portal/sql/sqlite/"
#define POSTGRES_MIGRATIONS "/org/siegelpost/portal/sql/postgres/"

static gboolean make_directory(const char *path, GError **error)
{
	if (g_mkdir_with_parents(path, 0700) == 0)
		return TRUE;
	g_set_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
		"the directory %s cannot be made", path);
	return FALSE;
}

static SgpDatabase *open_database(const SgpPortal *portal, GError **error)
{
	g_autofree char *path = NULL;

	if (portal->config->database != NULL)
		return sgp_database_postgres_open(portal->config->database, "siegelpost",
			POSTGRES_MIGRATIONS, SGP_POSTGRES_SERIALIZABLE, error);
	path = g_build_filename(portal->config->data_directory, "portal.db", NULL);
	return sgp_database_sqlite_open(path, MIGRATIONS, error);
}

/**
 * sgp_portal_open:
 * @config: kept as long as the portal
 *
 * Opens the data directory, which is made if it is missing, readable by its owner only.
 *
 * Returns: (transfer full) (nullable): the portal, or %NULL on error.
 */
SgpPortal *sgp_portal_open(const SgpPortalConfig *config, GError **error)
{
	g_autoptr(SgpPortal) portal = g_new0(SgpPortal, 1);
	SgpDatabase *database = NULL;

	g_mutex_init(&portal->mail_lock);
	g_cond_init(&portal->mail_cond);
	portal->config = config;
	portal->metrics = sgp_metrics_new();
	portal->connections = g_async_queue_new_full((GDestroyNotify)sgp_database_close);
	portal->blob_directory = g_build_filename(config->data_directory, "blobs", NULL);
	if (sodium_init() < 0) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
			"the system has no randomness");
		return NULL;
	}
	if (!make_directory(config->data_directory, error) ||
		!make_directory(portal->blob_directory, error))
		return NULL;
	portal->guard = sgp_guard_open(config->data_directory, config->database, error);
	database = portal->guard != NULL ? open_database(portal, error) : NULL;
	if (database == NULL)
		return NULL;
	g_async_queue_push(portal->connections, database);
	if (!sgp_scope_check(portal, database, error))
		return NULL;
	if (config->origin != NULL)
		sgp_portal_set_origin(portal, config->origin);
	return g_steal_pointer(&portal);
}

/**
 * sgp_portal_free:
 * @portal: (transfer full) (nullable): no thread may use it any more
 */
void sgp_portal_free(SgpPortal *portal)
{
	if (portal == NULL)
		return;
	g_clear_pointer(&portal->connections, g_async_queue_unref);
	sgp_guard_free(portal->guard);
	sgp_metrics_free(portal->metrics);
	g_free(portal->blob_directory);
	g_free(portal->origin);
	g_cond_clear(&portal->mail_cond);
	g_mutex_clear(&portal->mail_lock);
	g_free(portal);
}

/**
 * sgp_portal_set_origin:
 * @origin: what the customers' browsers see, scheme, host and perhaps port
 */
void sgp_portal_set_origin(SgpPortal *portal, const char *origin)
{
	char *copy = g_strdup(origin);

	if (g_str_has_suffix(copy, "/"))
		copy[strlen(copy) - 1] = '\0';
	g_free(portal->origin);
	portal->origin = copy;
	portal->secure = g_str_has_prefix(copy, "https://");
}

/**
 * sgp_portal_dup_host:
 *
 * Returns: (transfer full): the host name of the origin, for Message-IDs.
 */
char *sgp_portal_dup_host(const SgpPortal *portal)
{
	g_autoptr(GUri) uri = g_uri_parse(portal->origin, G_URI_FLAGS_NONE, NULL);
	const char *host = uri != NULL ? g_uri_get_host(uri) : NULL;

	return g_strdup(host != NULL && *host != '\0' ? host : "portal.invalid");
}

/**
 * sgp_portal_borrow_database:
 *
 * Returns: (transfer full) (nullable): a connection for this thread until
 * sgp_portal_return_database(), for the whole office's rows, or %NULL on error.
 */
SgpDatabase *sgp_portal_borrow_database(SgpPortal *portal, GError **error)
{
	SgpDatabase *database = g_async_queue_try_pop(portal->connections);

	if (database != NULL)
		database->saw_what_was_lost = FALSE;
	if (database == NULL)
		database = open_database(portal, error);
	if (database != NULL)
		sgp_scope_enter(portal, database, SGP_SCOPE_OFFICE);
	return database;
}

/**
 * sgp_portal_return_database:
 * @database: (transfer full) (nullable): no transaction may be open on it
 */
void sgp_portal_return_database(SgpPortal *portal, SgpDatabase *database)
{
	if (database != NULL)
		g_async_queue_push(portal->connections, database);
}

/**
 * sgp_portal_announce_event:
 *
 * Wakes the agents that wait for events; call it after the commit. From any thread.
 */
void sgp_portal_announce_event(SgpPortal *portal)
{
	if (portal->events_changed != NULL)
		portal->events_changed(portal->events_data);
}

/**
 * sgp_portal_announce_mail:
 *
 * Wakes the mailer; call it after the commit. From any thread.
 */
void sgp_portal_announce_mail(SgpPortal *portal)
{
	g_mutex_lock(&portal->mail_lock);
	portal->mail_waiting = TRUE;
	g_cond_signal(&portal->mail_cond);
	g_mutex_unlock(&portal->mail_lock);
}

/**
 * sgp_portal_run_in_main:
 * @destroy: (nullable): for @data
 *
 * Runs @function in the main thread, soon. g_main_context_invoke() is not for this: while nobody
 * iterates the context, as during shutdown, it runs the function in the calling thread.
 */
void sgp_portal_run_in_main(GSourceFunc function, gpointer data, GDestroyNotify destroy)
{
	g_autoptr(GSource) source = g_idle_source_new();

	g_source_set_priority(source, G_PRIORITY_DEFAULT);
	g_source_set_callback(source, function, data, destroy);
	g_source_attach(source, NULL);
}

/**
 * sgp_portal_get_time:
 *
 * Returns: seconds since 1970.
 */
gint64 sgp_portal_get_time(void)
{
	return g_get_real_time() / G_USEC_PER_SEC;
}
