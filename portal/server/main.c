/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The program siegelpost-portal: reads its options, then serves or runs one admin command. */

#include "sgp-admin.h"
#include "sgp-config.h"
#include "sgp-contact.h"
#include "sgp-http-server.h"
#include "sgp-janitor.h"
#include "sgp-mailer.h"
#include "sgp-metrics-server.h"
#include "sgp-portal.h"
#include "sgp-protocol.h"

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>

#define SWEEP_SECONDS 3600
/* After so many looks around the office's contact is read again: an administrator may change it. */
#define CONTACT_LOOKS 10

typedef struct {
	SgpPortal *portal;  /* (borrowed) */
	SgpWebFiles *files; /* (borrowed) */
	GMainLoop *loop;    /* (borrowed) */
	GThread *sweeper;   /* (owned) (nullable) */
	GThread *reader;    /* (owned) (nullable): of the contact */
	gboolean has_contact;
	guint looks;
} Service;

typedef struct {
	Service *service;
	SgpContact *contact; /* (owned) (nullable) */
} Reading;

static void reading_free(gpointer data)
{
	Reading *reading = data;

	sgp_contact_free(reading->contact);
	g_free(reading);
}

static gboolean on_contact_read(gpointer data)
{
	Reading *reading = data;
	Service *service = reading->service;

	g_clear_pointer(&service->reader, g_thread_join);
	if (reading->contact == NULL)
		return G_SOURCE_REMOVE;
	sgp_web_files_set_contact(service->files, reading->contact);
	service->has_contact = TRUE;
	return G_SOURCE_REMOVE;
}

static gpointer read_contact(gpointer data)
{
	Reading *reading = g_new0(Reading, 1);
	SgpDatabase *database = NULL;

	reading->service = data;
	database = sgp_portal_borrow_database(reading->service->portal, NULL);
	/* A store that is away is no news of the office. */
	if (database != NULL)
		reading->contact = sgp_contact_load(database, NULL);
	sgp_portal_return_database(reading->service->portal, database);
	sgp_portal_run_in_main(on_contact_read, reading, reading_free);
	return NULL;
}

static gboolean on_signal(gpointer data)
{
	g_main_loop_quit(data);
	return G_SOURCE_CONTINUE;
}

static gpointer sweep(gpointer data)
{
	Service *service = data;
	g_autoptr(GError) error = NULL;

	if (!sgp_janitor_sweep_sync(service->portal, sgp_portal_get_time(), &error))
		g_printerr("error janitor=\"%s\"\n", error->message);
	return NULL;
}

static gboolean on_sweep(gpointer data)
{
	Service *service = data;

	g_clear_pointer(&service->sweeper, g_thread_join);
	service->sweeper = g_thread_new("janitor", sweep, service);
	return G_SOURCE_CONTINUE;
}

static char *find_web_directory(const SgpPortalConfig *config)
{
	g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = program != NULL ? g_path_get_dirname(program) : NULL;
	g_autofree char *built = NULL;

	if (config->web_directory != NULL)
		return g_strdup(config->web_directory);
	if (folder != NULL)
		built = g_build_filename(folder, "..", "web", "dist", NULL);
	if (built != NULL && g_file_test(built, G_FILE_TEST_IS_DIR))
		return g_steal_pointer(&built);
	return g_strdup(SGP_WEBDIR);
}

/* What another node did, or an admin command, cannot wake those who wait here. */
static gboolean on_look_around(gpointer data)
{
	Service *service = data;

	sgp_portal_announce_event(service->portal);
	if (service->reader == NULL &&
		(!service->has_contact || ++service->looks % CONTACT_LOOKS == 0))
		service->reader = g_thread_new("contact", read_contact, service);
	return G_SOURCE_CONTINUE;
}

static void run(Service *service)
{
	guint watch = g_timeout_add_seconds(1, on_look_around, service);
	guint timer = g_timeout_add_seconds(SWEEP_SECONDS, on_sweep, service);
	GThread *mailer = sgp_mailer_start(service->portal);

	on_sweep(service);
	g_main_loop_run(service->loop);
	g_source_remove(timer);
	g_source_remove(watch);
	sgp_mailer_stop(service->portal, mailer);
	g_clear_pointer(&service->sweeper, g_thread_join);
	g_clear_pointer(&service->reader, g_thread_join);
}

/* Says where, as the main listener does: with port 0 nobody could know. */
static gboolean start_metrics(SgpPortal *portal, SgpMetricsServer **metrics, GError **error)
{
	g_autofree char *address = NULL;

	if (portal->config->metrics_listen == NULL)
		return TRUE;
	*metrics = sgp_metrics_server_start(portal, error);
	if (*metrics == NULL)
		return FALSE;
	address = sgp_metrics_server_dup_address(*metrics);
	g_printerr("metrics at=%s/metrics\n", address);
	return TRUE;
}

/* Before anybody asks for a page. */
static void read_first_contact(Service *service)
{
	SgpDatabase *database = sgp_portal_borrow_database(service->portal, NULL);
	g_autoptr(SgpContact) contact = database != NULL ? sgp_contact_load(database, NULL) : NULL;

	sgp_portal_return_database(service->portal, database);
	service->has_contact = contact != NULL;
	if (contact != NULL)
		sgp_web_files_set_contact(service->files, contact);
}

static gboolean serve(SgpPortal *portal, GError **error)
{
	g_autofree char *web = find_web_directory(portal->config);
	g_autoptr(SgpWebFiles) files = sgp_web_files_load(web);
	g_autoptr(GMainLoop) loop = g_main_loop_new(NULL, FALSE);
	Service service = { .portal = portal, .files = files, .loop = loop };
	/* Before anybody is told the address: from then on a signal is a wish, not an accident. */
	guint term = g_unix_signal_add(SIGTERM, on_signal, loop);
	guint interrupt = g_unix_signal_add(SIGINT, on_signal, loop);
	SgpMetricsServer *metrics = NULL;
	SgpHttpServer *server = start_metrics(portal, &metrics, error)
					? sgp_http_server_start(portal, files, error)
					: NULL;
	g_autofree char *address = NULL;

	read_first_contact(&service);
	if (server != NULL) {
		address = sgp_http_server_dup_address(server);
		if (portal->origin == NULL)
			sgp_portal_set_origin(portal, address);
		g_print("listening on %s\n", address);
		fflush(stdout);
		run(&service);
	}
	sgp_metrics_server_stop(metrics);
	sgp_http_server_stop(server);
	g_source_remove(term);
	g_source_remove(interrupt);
	return server != NULL;
}

static gboolean run_command(
	SgpPortal *portal, const SgpAdminOptions *admin, int argc, char **argv, GError **error)
{
	if (argc == 1 || (argc == 2 && strcmp(argv[1], "serve") == 0))
		return serve(portal, error);
	if (strcmp(argv[1], "admin") == 0)
		return sgp_admin_run_sync(portal, admin, argc - 2, argv + 2, error);
	g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST,
		_("The commands are serve and admin; --help tells more."));
	return FALSE;
}

/* A mistyped directory must not become an empty portal that knows nobody. */
static gboolean check_directory(
	const SgpPortalConfig *config, int argc, char **argv, GError **error)
{
	g_autofree char *store = g_build_filename(config->data_directory, "portal.db", NULL);

	if (argc < 3 || config->database != NULL || strcmp(argv[1], "admin") != 0 ||
		strcmp(argv[2], "init") == 0 || g_file_test(store, G_FILE_TEST_EXISTS))
		return TRUE;
	g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST,
		_("There is no portal in this directory; run admin init first."));
	return FALSE;
}

/* A mail server that pipes a report to us must keep it and come again, whatever failed: any other
 * code would send the report back to nobody. */
static int get_failure(int argc, char **argv)
{
	return argc >= 3 && strcmp(argv[1], "admin") == 0 && strcmp(argv[2], "bounce") == 0
		       ? EX_TEMPFAIL
		       : 1;
}

int main(int argc, char **argv)
{
	g_auto(SgpPortalConfig) config = { 0 };
	g_auto(SgpAdminOptions) admin = { 0 };
	g_autoptr(SgpPortal) portal = NULL;
	g_autoptr(GError) error = NULL;

	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, SGP_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	/* Everything that is made here is for the portal's own user only. */
	umask(077);
	if (!sgp_config_parse(&argc, &argv, &config, &admin, &error)) {
		g_printerr("%s\n", error->message);
		return 2;
	}
	if (check_directory(&config, argc, argv, &error))
		portal = sgp_portal_open(&config, &error);
	if (portal == NULL || !run_command(portal, &admin, argc, argv, &error)) {
		g_printerr("%s\n", error->message);
		return get_failure(argc, argv);
	}
	return 0;
}
