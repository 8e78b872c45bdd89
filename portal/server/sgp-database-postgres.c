/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The PostgreSQL driver, over libpq. It owns one connection, which it makes anew when it was lost,
 * and its prepared statements, and brings the schema up to date; it knows no table. A commit counts
 * when the server says so with synchronous_commit on: where a standby is synchronous, it has it
 * too, so that no failover rolls a counter back (threat 36). */

#include "sgp-database-postgres.h"

#include "sgp-protocol.h"

#include <gio/gio.h>
#include <libpq-fe.h>
#include <string.h>

#define MAXIMAL_VALUES 32

/* From server/catalog/pg_type_d.h, which is not installed with libpq. */
enum {
	TYPE_BYTEA = 17,
	TYPE_INT8 = 20,
	TYPE_INT2 = 21,
	TYPE_INT4 = 23,
	TYPE_TEXT = 25,
};

typedef struct {
	SgpDatabase parent;
	char *url;    /* (owned) */
	char *schema; /* (owned) */
	SgpPostgresMode mode;
	PGconn *connection;     /* (owned) (nullable) */
	GHashTable *statements; /* (owned) (element-type utf8 utf8): SQL to its name */
	gboolean in_transaction;
	gboolean leads;    /* of this connection: the server ends it with it */
	char *scope;       /* (owned) (nullable): whose rows the next statement is about */
	char *scope_told;  /* (owned) (nullable): what this connection's server knows of that */
	gboolean unscoped; /* this connection's role sees everything anyway */
} PostgresDatabase;

/* The values of one statement, as libpq wants them. */
typedef struct {
	int count;
	Oid types[MAXIMAL_VALUES];
	const char *values[MAXIMAL_VALUES];
	int lengths[MAXIMAL_VALUES];
	int formats[MAXIMAL_VALUES];
	guint64 numbers[MAXIMAL_VALUES]; /* in network order */
} Values;

static void free_result(PGresult *result)
{
	PQclear(result);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PGresult, free_result)

/* Serialisation failures and deadlocks (class 40), and whatever a dying server says (classes 08 and
 * 57), go away when everything is done again. So does a duplicate key (23505): two at once that
 * both saw nothing are told so before their serialisation failure, and the second try sees the
 * first (test "everything sent three times happens once"). */
static gboolean is_passing(const PostgresDatabase *self, const PGresult *result)
{
	const char *state = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;

	if (self->connection == NULL || PQstatus(self->connection) != CONNECTION_OK)
		return TRUE;
	return state != NULL && (strncmp(state, "40", 2) == 0 || strncmp(state, "08", 2) == 0 ||
					strncmp(state, "57", 2) == 0 ||
					strcmp(state, "25006") == 0 || strcmp(state, "23505") == 0);
}

/* The message never holds values: they travel apart from the statement, and the server's DETAIL,
 * which may quote them, is not taken. */
static gboolean fail(
	PostgresDatabase *self, const PGresult *result, const char *doing, GError **error)
{
	const char *message =
		result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	self->parent.can_repeat = is_passing(self, result);
	g_set_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL, "the store failed while %s: %s",
		doing, message != NULL ? message : "no connection");
	return FALSE;
}

static gboolean is_good(const PGresult *result)
{
	ExecStatusType status = PQresultStatus(result);

	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static gboolean execute(PostgresDatabase *self, const char *sql, GError **error)
{
	g_autoptr(PGresult) result = PQexec(self->connection, sql);

	return is_good(result) || fail(self, result, "executing", error);
}

static void ignore_notice(void *data, const PGresult *result)
{
	/* "relation exists, skipping" is no line for an operator's log. */
}

/* What the address names comes last and wins. A server that vanished is noticed within seconds. */
static PGconn *connect_to(const char *url)
{
	const char *const names[] = { "connect_timeout", "keepalives_idle", "keepalives_interval",
		"keepalives_count", "tcp_user_timeout", "application_name", "client_encoding",
		"dbname", NULL };
	const char *const values[] = { "5", "5", "2", "3", "10000", "siegelpost-portal", "UTF8",
		url, NULL };

	return PQconnectdbParams(names, values, TRUE);
}

static gboolean reconnect(PostgresDatabase *self, GError **error)
{
	g_autofree char *path = g_strdup_printf("SET search_path TO %s", self->schema);

	g_clear_pointer(&self->connection, PQfinish);
	g_hash_table_remove_all(self->statements);
	self->in_transaction = FALSE;
	self->leads = FALSE;
	self->unscoped = FALSE;
	g_clear_pointer(&self->scope_told, g_free);
	self->connection = connect_to(self->url);
	if (PQstatus(self->connection) != CONNECTION_OK)
		return fail(self, NULL, "connecting", error);
	PQsetNoticeReceiver(self->connection, ignore_notice, NULL);
	/* An administrator's "off" would answer before anything is on disk; stronger than "on"
	 * (remote_apply) stays. */
	return execute(self, path, error) &&
	       execute(self,
		       "SELECT set_config('synchronous_commit', 'on', false) "
		       "WHERE current_setting('synchronous_commit') IN ('off', 'local')",
		       error);
}

static gboolean ready(PostgresDatabase *self, GError **error)
{
	self->parent.can_repeat = FALSE;
	if (self->connection != NULL && PQstatus(self->connection) == CONNECTION_OK)
		return TRUE;
	/* A transaction that lost its connection is over; going on with a new one would commit half
	 * of it. */
	if (self->in_transaction)
		return fail(self, NULL, "going on", error);
	return reconnect(self, error);
}

static void close_postgres(SgpDatabase *database)
{
	PostgresDatabase *self = (PostgresDatabase *)database;

	g_clear_pointer(&self->connection, PQfinish);
	g_clear_pointer(&self->statements, g_hash_table_unref);
	g_free(self->url);
	g_free(self->schema);
	g_free(self->scope);
	g_free(self->scope_told);
	g_free(self);
}

static const char *get_beginning(SgpPostgresMode mode)
{
	switch (mode) {
	case SGP_POSTGRES_IN_TURN:
		return "BEGIN";
	case SGP_POSTGRES_SERIALIZABLE:
		return "BEGIN ISOLATION LEVEL SERIALIZABLE";
	}
	return "BEGIN";
}

/* The lock is named after the schema, and ends with the transaction. */
static gboolean wait_in_turn(PostgresDatabase *self, GError **error)
{
	const char *values[] = { self->schema };
	g_autoptr(PGresult) result = PQexecParams(self->connection,
		"SELECT pg_advisory_xact_lock(hashtext('siegelpost'), hashtext($1))", 1, NULL,
		values, NULL, NULL, 1);

	return is_good(result) || fail(self, result, "waiting", error);
}

static gboolean begin_postgres(SgpDatabase *database, GError **error)
{
	PostgresDatabase *self = (PostgresDatabase *)database;

	if (!ready(self, error))
		return FALSE;
	/* A connection that died while it was idle shows it now: once more with a new one. */
	if (!execute(self, get_beginning(self->mode), NULL) &&
		(!reconnect(self, error) || !execute(self, get_beginning(self->mode), error)))
		return FALSE;
	self->in_transaction = TRUE;
	if (self->mode == SGP_POSTGRES_IN_TURN && !wait_in_turn(self, error)) {
		database->driver->roll_back(database);
		return FALSE;
	}
	return TRUE;
}

static void roll_back_postgres(SgpDatabase *database)
{
	PostgresDatabase *self = (PostgresDatabase *)database;

	if (!self->in_transaction)
		return;
	self->in_transaction = FALSE;
	/* The server forgets with the transaction what it was told in it. */
	g_clear_pointer(&self->scope_told, g_free);
	if (PQstatus(self->connection) == CONNECTION_OK) {
		g_autoptr(PGresult) result = PQexec(self->connection, "ROLLBACK");

		if (is_good(result))
			return;
	}
	/* What cannot be rolled back is left behind. */
	g_clear_pointer(&self->connection, PQfinish);
}

static gboolean commit_postgres(SgpDatabase *database, GError **error)
{
	PostgresDatabase *self = (PostgresDatabase *)database;
	g_autoptr(PGresult) result = PQexec(self->connection, "COMMIT");

	/* COMMIT of a transaction in which a statement failed answers ROLLBACK, as a success. */
	if (is_good(result) && strcmp(PQcmdStatus(result), "COMMIT") == 0) {
		self->in_transaction = FALSE;
		return TRUE;
	}
	fail(self, result, "committing", error);
	roll_back_postgres(database);
	return FALSE;
}

static gboolean read_values(Values *to, const char *types, va_list values)
{
	for (int i = 0; types[i] != '\0'; i++) {
		g_return_val_if_fail(i < MAXIMAL_VALUES, FALSE);
		to->count = i + 1;
		if (types[i] == 's') {
			to->types[i] = TYPE_TEXT;
			to->values[i] = va_arg(values, const char *);
		} else if (types[i] == 'i') {
			to->types[i] = TYPE_INT8;
			to->numbers[i] = GUINT64_TO_BE((guint64)va_arg(values, gint64));
			to->values[i] = (const char *)&to->numbers[i];
			to->lengths[i] = sizeof to->numbers[i];
			to->formats[i] = 1;
		} else {
			GBytes *bytes = va_arg(values, GBytes *);
			gsize size = 0;
			const char *data = bytes != NULL ? g_bytes_get_data(bytes, &size) : NULL;

			g_return_val_if_fail(size <= G_MAXINT, FALSE);
			to->types[i] = TYPE_BYTEA;
			to->values[i] = bytes != NULL && data == NULL ? "" : data;
			to->lengths[i] = (int)size;
			to->formats[i] = 1;
		}
	}
	return TRUE;
}

/* Prepared once for each connection: planning costs more than most of our statements. */
static const char *prepare(
	PostgresDatabase *self, const char *sql, const Values *values, GError **error)
{
	const char *known = g_hash_table_lookup(self->statements, sql);
	g_autofree char *name = NULL;
	g_autoptr(PGresult) result = NULL;

	if (known != NULL)
		return known;
	name = g_strdup_printf("s%u", g_hash_table_size(self->statements));
	result = PQprepare(self->connection, name, sql, values->count, values->types);
	if (!is_good(result)) {
		fail(self, result, sql, error);
		return NULL;
	}
	g_hash_table_insert(self->statements, g_strdup(sql), name);
	return g_steal_pointer(&name);
}

static gint64 read_integer(const char *data, int length)
{
	guint64 value = 0;

	/* Two's complement in network order; shorter ones are extended by their sign. */
	for (int i = 0; i < length; i++)
		value = value << 8 | (guchar)data[i];
	if (length < (int)sizeof value && length > 0 && (data[0] & 0x80) != 0)
		value |= ~G_GUINT64_CONSTANT(0) << (8 * length);
	return (gint64)value;
}

static gboolean read_rows(const PGresult *result, SgpRows *rows, GError **error)
{
	for (int i = 0; i < PQntuples(result); i++) {
		sgp_rows_begin(rows);
		for (int k = 0; k < PQnfields(result); k++) {
			Oid type = PQftype(result, k);

			if (PQgetisnull(result, i, k)) {
				sgp_rows_add_null(rows);
			} else if (type == TYPE_INT8 || type == TYPE_INT4 || type == TYPE_INT2) {
				sgp_rows_add_integer(rows, read_integer(PQgetvalue(result, i, k),
								   PQgetlength(result, i, k)));
			} else if (type == TYPE_BYTEA || type == TYPE_TEXT) {
				sgp_rows_add_bytes(rows, PQgetvalue(result, i, k),
					(gsize)PQgetlength(result, i, k));
			} else {
				/* numeric of SUM, for instance: its binary form is not ours to
				 * read. */
				g_set_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
					"the store answered with type %u in column %d", type, k);
				return FALSE;
			}
		}
	}
	return TRUE;
}

static void set_scope_postgres(SgpDatabase *database, const char *scope)
{
	PostgresDatabase *self = (PostgresDatabase *)database;

	if (g_strcmp0(self->scope, scope) == 0)
		return;
	g_free(self->scope);
	self->scope = g_strdup(scope);
}

/* An owner or superuser is not held by policies: telling would be a question for nothing each time.
 */
static gboolean look_for_policies(PostgresDatabase *self, GError **error)
{
	g_autoptr(PGresult) result =
		PQexec(self->connection, "SELECT row_security_active('customers')");

	if (!is_good(result) || PQntuples(result) != 1)
		return fail(self, result, "looking for policies", error);
	self->unscoped = strcmp(PQgetvalue(result, 0, 0), "t") != 0;
	return TRUE;
}

/* Before the statement that it is about, and only if the server does not know it yet. */
static gboolean tell_scope(PostgresDatabase *self, GError **error)
{
	const char *values[] = { self->scope };
	g_autoptr(PGresult) result = NULL;

	if (self->unscoped || g_strcmp0(self->scope, self->scope_told) == 0)
		return TRUE;
	if (self->scope_told == NULL && !look_for_policies(self, error))
		return FALSE;
	if (self->unscoped)
		return TRUE;
	result = PQexecParams(self->connection, "SELECT set_config('siegelpost.scope', $1, false)",
		1, NULL, values, NULL, NULL, 0);
	if (!is_good(result))
		return fail(self, result, "saying whose rows", error);
	g_free(self->scope_told);
	self->scope_told = g_strdup(self->scope);
	return TRUE;
}

static PGresult *run_once(
	PostgresDatabase *self, const char *sql, const Values *values, GError **error)
{
	const char *name = tell_scope(self, error) ? prepare(self, sql, values, error) : NULL;
	g_autoptr(PGresult) result = NULL;

	if (name == NULL)
		return NULL;
	result = PQexecPrepared(self->connection, name, values->count, values->values,
		values->lengths, values->formats, 1);
	if (!is_good(result)) {
		fail(self, result, sql, error);
		return NULL;
	}
	return g_steal_pointer(&result);
}

static SgpRows *run_postgres(SgpDatabase *database, GError **error, gint64 *changed,
	const char *sql, const char *types, va_list arguments)
{
	PostgresDatabase *self = (PostgresDatabase *)database;
	g_autoptr(SgpRows) rows = sgp_rows_new();
	g_autoptr(PGresult) result = NULL;
	g_autoptr(GError) first = NULL;
	Values values = { 0 };

	if (!read_values(&values, types, arguments) || !ready(self, error))
		return NULL;
	result = run_once(self, sql, &values, &first);
	/* Outside a transaction a question may be asked again; a change may have happened. */
	if (result == NULL && !self->in_transaction && database->can_repeat &&
		g_str_has_prefix(sql, "SELECT") && reconnect(self, NULL)) {
		g_clear_error(&first);
		result = run_once(self, sql, &values, &first);
	}
	if (result == NULL) {
		g_propagate_error(error, g_steal_pointer(&first));
		return NULL;
	}
	if (changed != NULL)
		*changed = g_ascii_strtoll(PQcmdTuples(result), NULL, 10);
	return read_rows(result, rows, error) ? g_steal_pointer(&rows) : NULL;
}

/* A lock of the session: a node that dies lets go of it without being asked. */
static gboolean lead_postgres(
	SgpDatabase *database, const char *task, gboolean *leads, GError **error)
{
	PostgresDatabase *self = (PostgresDatabase *)database;
	const char *values[] = { task };
	g_autoptr(PGresult) result = NULL;

	if (!ready(self, error))
		return FALSE;
	/* Held already? Only a living connection can say so. */
	result = self->leads ? PQexecParams(self->connection, "SELECT TRUE", 0, NULL, NULL, NULL,
				       NULL, 0)
			     : PQexecParams(self->connection,
				       "SELECT pg_try_advisory_lock(hashtext('siegelpost'), "
				       "hashtext($1))",
				       1, NULL, values, NULL, NULL, 0);
	if (!is_good(result) || PQntuples(result) != 1)
		return fail(self, result, "choosing a leader", error);
	self->leads = strcmp(PQgetvalue(result, 0, 0), "t") == 0;
	*leads = self->leads;
	return TRUE;
}

static const SgpDatabaseClass postgres_driver = {
	.close = close_postgres,
	.begin = begin_postgres,
	.commit = commit_postgres,
	.roll_back = roll_back_postgres,
	.lead = lead_postgres,
	.run = run_postgres,
	.set_scope = set_scope_postgres,
};

/* ---- the schema ---- */

static gboolean make_schema(PostgresDatabase *self, GError **error)
{
	g_autofree char *sql = g_strdup_printf("CREATE SCHEMA %s", self->schema);
	g_autoptr(SgpRows) rows = sgp_database_query(&self->parent, error,
		"SELECT 1 WHERE to_regnamespace($1) IS NOT NULL", "s", self->schema);

	/* Asked first: "IF NOT EXISTS" wants a right even where there is nothing to do. */
	if (rows == NULL || (sgp_rows_get_count(rows) == 0 && !execute(self, sql, error)))
		return FALSE;
	return execute(
		self, "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL)", error);
}

static gboolean read_version(PostgresDatabase *self, gint64 *version, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(
		&self->parent, error, "SELECT COALESCE(MAX(version), 0) FROM schema_version", "");

	if (rows == NULL)
		return FALSE;
	*version = sgp_rows_get_integer(rows, 0, 0);
	return TRUE;
}

static gboolean apply_step(
	PostgresDatabase *self, const char *migrations, const char *name, GError **error)
{
	g_autofree char *path = g_strconcat(migrations, name, NULL);
	g_autoptr(GBytes) sql = g_resources_lookup_data(path, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

	return sql != NULL && execute(self, g_bytes_get_data(sql, NULL), error) &&
	       sgp_database_run(&self->parent, error, NULL,
		       "INSERT INTO schema_version (version) VALUES ($1)", "i",
		       g_ascii_strtoll(name, NULL, 10));
}

static int compare_names(gconstpointer a, gconstpointer b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The steps in their order; NULL on error. */
static GStrv list_steps(const char *migrations, gint64 *last, GError **error)
{
	GStrv names =
		g_resources_enumerate_children(migrations, G_RESOURCE_LOOKUP_FLAGS_NONE, error);

	*last = 0;
	if (names == NULL)
		return NULL;
	qsort(names, g_strv_length(names), sizeof *names, compare_names);
	for (guint i = 0; names[i] != NULL; i++)
		*last = g_ascii_strtoll(names[i], NULL, 10);
	return names;
}

static gboolean apply_steps(
	PostgresDatabase *self, const char *migrations, const GStrv names, GError **error)
{
	gint64 version = 0;

	if (!make_schema(self, error) || !read_version(self, &version, error))
		return FALSE;
	for (guint i = 0; names[i] != NULL; i++) {
		if (g_ascii_strtoll(names[i], NULL, 10) > version &&
			!apply_step(self, migrations, names[i], error))
			return FALSE;
	}
	return TRUE;
}

typedef enum {
	SCHEMA_UNKNOWN,
	SCHEMA_CURRENT,
	SCHEMA_OLDER,
	SCHEMA_OLDER_AND_NOT_OURS, /* this connection's role may not change it */
} SchemaState;

/* Found without changing anything. */
static gboolean look_at_schema(
	PostgresDatabase *self, gint64 last, SchemaState *state, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(&self->parent, error,
		"SELECT CAST(to_regclass('schema_version') IS NOT NULL AS INTEGER), "
		"CAST(CASE WHEN to_regnamespace($1) IS NULL "
		"THEN has_database_privilege(current_database(), 'CREATE') "
		"ELSE has_schema_privilege($1, 'CREATE') END AS INTEGER)",
		"s", self->schema);
	gint64 version = 0;

	if (rows == NULL ||
		(sgp_rows_get_integer(rows, 0, 0) == 1 && !read_version(self, &version, error)))
		return FALSE;
	if (version > last) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
			"the store was written by a newer version of the portal");
		return FALSE;
	}
	if (version == last)
		*state = SCHEMA_CURRENT;
	else if (sgp_rows_get_integer(rows, 0, 1) == 1)
		*state = SCHEMA_OLDER;
	else
		*state = SCHEMA_OLDER_AND_NOT_OURS;
	return TRUE;
}

/* All steps and their stamps commit together, one node at a time. */
static gboolean migrate(PostgresDatabase *self, const char *migrations, GError **error)
{
	SgpPostgresMode mode = self->mode;
	gint64 last = 0;
	SchemaState state = SCHEMA_UNKNOWN;
	g_auto(GStrv) names = list_steps(migrations, &last, error);
	g_autoptr(SgpTransaction) transaction = NULL;

	if (names == NULL || !look_at_schema(self, last, &state, error))
		return FALSE;
	if (state == SCHEMA_CURRENT)
		return TRUE;
	if (state == SCHEMA_OLDER_AND_NOT_OURS) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
			"the store is older than this program, and this role may not change it; "
			"run admin migrate ROLE with the role that owns it");
		return FALSE;
	}
	self->mode = SGP_POSTGRES_IN_TURN;
	transaction = sgp_transaction_begin(&self->parent, error);
	self->mode = mode;
	return transaction != NULL && apply_steps(self, migrations, names, error) &&
	       sgp_transaction_commit(transaction, error);
}

/**
 * sgp_database_postgres_open:
 * @url: postgresql://HOST1,HOST2/NAME?target_session_attrs=read-write&...
 * @schema: where the tables are; made if it is missing. A name of ours, never of a stranger's
 * @migrations: resource folder of numbered steps, with a slash at its end
 *
 * Returns: (transfer full) (nullable): a connection whose schema is up to date, or %NULL on error.
 */
SgpDatabase *sgp_database_postgres_open(const char *url, const char *schema, const char *migrations,
	SgpPostgresMode mode, GError **error)
{
	PostgresDatabase *self = g_new0(PostgresDatabase, 1);
	g_autoptr(SgpDatabase) database = &self->parent;

	self->parent.driver = &postgres_driver;
	self->url = g_strdup(url);
	self->schema = g_strdup(schema);
	self->mode = mode;
	self->statements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (!reconnect(self, error) || !migrate(self, migrations, error))
		return NULL;
	return g_steal_pointer(&database);
}
