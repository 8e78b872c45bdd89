/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Numbers in the Prometheus text format: what this process did, and what the store holds. No
 * address, no id and nothing a client chose is in a label (threat 35). It decides nothing. */

#include "sgp-metrics.h"

#include <string.h>

#define CLASSES 6 /* by the first digit of the status; 0 for connections that went away */

static const double bounds[] = { 0.005, 0.025, 0.1, 0.5, 2.5, 10 };

typedef struct {
	guint64 by_class[CLASSES];
	guint64 buckets[G_N_ELEMENTS(bounds)];
	guint64 count;
	double seconds;
} Route;

struct _SgpMetrics {
	GMutex lock;
	GHashTable *routes; /* (owned) (element-type utf8 Route): by labels */
	gint64 swept[SGP_SWEPT_KINDS];
	gint64 last_sweep;
};

/**
 * sgp_metrics_new:
 *
 * Returns: (transfer full): all zero.
 */
SgpMetrics *sgp_metrics_new(void)
{
	SgpMetrics *metrics = g_new0(SgpMetrics, 1);

	g_mutex_init(&metrics->lock);
	metrics->routes = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return metrics;
}

/**
 * sgp_metrics_free:
 * @metrics: (transfer full) (nullable):
 */
void sgp_metrics_free(SgpMetrics *metrics)
{
	if (metrics == NULL)
		return;
	g_hash_table_unref(metrics->routes);
	g_mutex_clear(&metrics->lock);
	g_free(metrics);
}

static Route *find_route(SgpMetrics *metrics, const char *method, const char *route)
{
	/* A client may invent methods and paths; each would be a time series for ever. */
	g_autofree char *labels =
		route != NULL ? g_strdup_printf("method=\"%s\",route=\"%s\"", method, route)
			      : g_strdup("method=\"-\",route=\"-\"");
	Route *found = g_hash_table_lookup(metrics->routes, labels);

	if (found == NULL) {
		found = g_new0(Route, 1);
		g_hash_table_insert(metrics->routes, g_steal_pointer(&labels), found);
	}
	return found;
}

/**
 * sgp_metrics_count_request:
 * @route: (nullable): the pattern from the router's table; %NULL for pages and what does not exist
 * @status: of the answer; 0 if there was none
 * @microseconds: from the header to the end of the answer
 */
void sgp_metrics_count_request(SgpMetrics *metrics, const char *method, const char *route,
	guint status, gint64 microseconds)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&metrics->lock);
	Route *found = find_route(metrics, method, route);
	double seconds = (double)microseconds / G_USEC_PER_SEC;

	found->by_class[status < CLASSES * 100 ? status / 100 : 0]++;
	found->count++;
	found->seconds += seconds;
	for (gsize i = 0; i < G_N_ELEMENTS(bounds); i++) {
		if (seconds <= bounds[i])
			found->buckets[i]++;
	}
}

/**
 * sgp_metrics_count_sweep:
 * @swept: what the janitor took away this time
 */
void sgp_metrics_count_sweep(SgpMetrics *metrics, gint64 now, const gint64 swept[SGP_SWEPT_KINDS])
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&metrics->lock);

	metrics->last_sweep = now;
	for (guint i = 0; i < SGP_SWEPT_KINDS; i++)
		metrics->swept[i] += swept[i];
}

/**
 * sgp_swept_get_word:
 *
 * Returns: (transfer none): its word in log and metrics.
 */
const char *sgp_swept_get_word(SgpSwept what)
{
	switch (what) {
	case SGP_SWEPT_MESSAGES:
		return "messages";
	case SGP_SWEPT_BLOBS:
		return "blobs";
	case SGP_SWEPT_BYTES:
		return "bytes";
	case SGP_SWEPT_UPLOADS:
		return "uploads";
	case SGP_SWEPT_ORPHANS:
		return "orphans";
	case SGP_SWEPT_KINDS:
		break;
	}
	g_return_val_if_reached("-");
}

static void add_head(GString *text, const char *name, const char *type, const char *help)
{
	g_string_append_printf(
		text, "# HELP siegelpost_%s %s\n# TYPE siegelpost_%s %s\n", name, help, name, type);
}

/* With a point, whatever the locale says. */
static void add_double(GString *text, double value)
{
	char buffer[G_ASCII_DTOSTR_BUF_SIZE];

	g_string_append(text, g_ascii_formatd(buffer, sizeof buffer, "%.6g", value));
}

static void add_requests(GString *text, const SgpMetrics *metrics)
{
	GHashTableIter iterator;
	gpointer labels = NULL;
	gpointer value = NULL;

	add_head(text, "requests_total", "counter",
		"Requests answered, by route and class of status.");
	g_hash_table_iter_init(&iterator, metrics->routes);
	while (g_hash_table_iter_next(&iterator, &labels, &value)) {
		const Route *route = value;

		for (guint i = 0; i < CLASSES; i++) {
			if (route->by_class[i] > 0)
				g_string_append_printf(text,
					"siegelpost_requests_total{%s,status=\"%uxx\"} "
					"%" G_GUINT64_FORMAT "\n",
					(const char *)labels, i, route->by_class[i]);
		}
	}
}

static void add_latency_of(GString *text, const char *labels, const Route *route)
{
	for (gsize i = 0; i < G_N_ELEMENTS(bounds); i++) {
		g_string_append_printf(text, "siegelpost_request_seconds_bucket{%s,le=\"", labels);
		add_double(text, bounds[i]);
		g_string_append_printf(text, "\"} %" G_GUINT64_FORMAT "\n", route->buckets[i]);
	}
	g_string_append_printf(text,
		"siegelpost_request_seconds_bucket{%s,le=\"+Inf\"} %" G_GUINT64_FORMAT "\n"
		"siegelpost_request_seconds_count{%s} %" G_GUINT64_FORMAT "\n"
		"siegelpost_request_seconds_sum{%s} ",
		labels, route->count, labels, route->count, labels);
	add_double(text, route->seconds);
	g_string_append_c(text, '\n');
}

static void add_latency(GString *text, const SgpMetrics *metrics)
{
	GHashTableIter iterator;
	gpointer labels = NULL;
	gpointer value = NULL;

	add_head(text, "request_seconds", "histogram",
		"Seconds from the header of a request to the end of its answer; events wait on "
		"purpose.");
	g_hash_table_iter_init(&iterator, metrics->routes);
	while (g_hash_table_iter_next(&iterator, &labels, &value))
		add_latency_of(text, labels, value);
}

static void add_sweeps(GString *text, const SgpMetrics *metrics)
{
	add_head(text, "janitor_deleted_total", "counter", "What the janitor deleted for good.");
	for (guint i = 0; i < SGP_SWEPT_KINDS; i++)
		g_string_append_printf(text,
			"siegelpost_janitor_deleted_total{what=\"%s\"} %" G_GINT64_FORMAT "\n",
			sgp_swept_get_word((SgpSwept)i), metrics->swept[i]);
	add_head(text, "janitor_last_seconds", "gauge",
		"When the janitor last finished, since 1970.");
	g_string_append_printf(text, "siegelpost_janitor_last_seconds %" G_GINT64_FORMAT "\n",
		metrics->last_sweep);
}

typedef struct {
	const char *name;
	const char *help;
	const char *label; /* (nullable): then the statement gives a word and a number a row */
	const char *sql;   /* $1: now */
} Gauge;

static const Gauge gauges[] = {
	{ "customers", "Customers, by state.", "state",
		"SELECT CASE WHEN state = 'invited' AND invitation_expires <= $1 THEN 'expired' "
		"ELSE state END AS word, COUNT(*) FROM customers GROUP BY word ORDER BY word" },
	{ "messages", "Messages, by folder and state.", "state",
		"SELECT folder || '-' || state AS word, COUNT(*) FROM messages WHERE created <= $1 "
		"GROUP BY word ORDER BY word" },
	{ "messages_unread", "Published messages that nobody has read.", NULL,
		"SELECT COUNT(*) FROM messages WHERE folder = 'inbox' AND state = 'published' "
		"AND read_at IS NULL AND created <= $1" },
	{ "outbox_mails", "Mails, by state.", "state",
		"SELECT state AS word, COUNT(*) FROM outbox WHERE queued <= $1 GROUP BY word "
		"ORDER BY word" },
	{ "outbox_oldest_due_seconds", "How long the oldest mail that is due has waited.", NULL,
		"SELECT COALESCE(MAX($1 - queued), 0) FROM outbox WHERE state = 'queued' "
		"AND due <= $1" },
	{ "uploads_open", "Uploads that no message has taken yet.", NULL,
		"SELECT COUNT(*) FROM uploads WHERE created <= $1" },
	{ "devices", "Devices, by state.", "state",
		"SELECT CASE WHEN revoked <> 0 THEN 'revoked' ELSE state END AS word, COUNT(*) "
		"FROM devices WHERE created <= $1 GROUP BY word ORDER BY word" },
	{ "sessions", "Customers who are logged in.", NULL,
		"SELECT COUNT(*) FROM sessions WHERE created <= $1" },
};

static gboolean add_gauge(GString *text, const Gauge *gauge, SgpDatabase *database, gint64 now)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, NULL, gauge->sql, "i", now);

	if (rows == NULL)
		return FALSE;
	add_head(text, gauge->name, "gauge", gauge->help);
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		g_string_append_printf(text, "siegelpost_%s", gauge->name);
		if (gauge->label != NULL)
			g_string_append_printf(
				text, "{%s=\"%s\"}", gauge->label, sgp_rows_get_text(rows, i, 0));
		g_string_append_printf(text, " %" G_GINT64_FORMAT "\n",
			sgp_rows_get_integer(rows, i, gauge->label != NULL ? 1 : 0));
	}
	return TRUE;
}

/**
 * sgp_metrics_dup_text:
 * @database: (nullable): %NULL if the store cannot be reached, which is then what is said
 *
 * Returns: (transfer full): the answer to a scrape.
 */
char *sgp_metrics_dup_text(SgpMetrics *metrics, SgpDatabase *database, gint64 now)
{
	g_autoptr(GString) text = g_string_new(NULL);
	gboolean up = database != NULL;

	g_mutex_lock(&metrics->lock);
	add_requests(text, metrics);
	add_latency(text, metrics);
	add_sweeps(text, metrics);
	g_mutex_unlock(&metrics->lock);
	/* A number that could not be read is not there, and is not zero. */
	for (gsize i = 0; up && i < G_N_ELEMENTS(gauges); i++)
		up = add_gauge(text, &gauges[i], database, now);
	add_head(text, "store_up", "gauge", "Whether the store answers.");
	g_string_append_printf(text, "siegelpost_store_up %d\n", up);
	return g_string_free(g_steal_pointer(&text), FALSE);
}
