/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Writers of this process take turns here, one queue for each file: SQLite's own waiting sleeps and
 * is not fair. Those who wait while another one works join its transaction, each behind a savepoint
 * of its own, and the last one commits for all: one fdatasync for many. Nobody is told that
 * something is done before that commit, and nobody sees what is not on disk and says so: whoever
 * rolls back waits for it too. It runs no statement of anybody's. */

#include "sgp-sqlite-writer-private.h"

#include "sgp-protocol.h"

/* So that the first one waits for a bounded time. */
#define GROUP_LIMIT 32

#define SAVEPOINT "member"

/* Transactions that become durable together. Under the writer's lock. */
typedef struct {
	guint references;
	guint members;
	gboolean ended;
	gboolean failed;
} Group;

struct _SgpSqliteWriter {
	char *path;                      /* (owned) */
	guint references;                /* under table_lock */
	SgpSqliteConnection *connection; /* (owned) (nullable): of whose turn it is */
	GMutex lock;
	GCond turn;
	GCond ended;
	guint waiting;
	gboolean taken;
	Group *group; /* (owned) (nullable): whose transaction is open */
};

struct _SgpSqliteTurn {
	SgpSqliteWriter *writer; /* (borrowed) */
	Group *group;            /* (owned) */
	gboolean joined;         /* behind others, and so behind a savepoint */
};

static GMutex table_lock;
static GHashTable *table; /* (owned) (element-type utf8 SgpSqliteWriter) */

/**
 * sgp_sqlite_writer_ref:
 *
 * Returns: (transfer full): the writer of the file; it opens it when the first one writes.
 */
SgpSqliteWriter *sgp_sqlite_writer_ref(const char *path)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&table_lock);
	SgpSqliteWriter *writer = NULL;

	if (table == NULL)
		table = g_hash_table_new(g_str_hash, g_str_equal);
	writer = g_hash_table_lookup(table, path);
	if (writer == NULL) {
		writer = g_new0(SgpSqliteWriter, 1);
		writer->path = g_strdup(path);
		g_mutex_init(&writer->lock);
		g_cond_init(&writer->turn);
		g_cond_init(&writer->ended);
		g_hash_table_insert(table, writer->path, writer);
	}
	writer->references++;
	return writer;
}

/**
 * sgp_sqlite_writer_unref:
 * @writer: (transfer full): with no turn of the caller's
 */
void sgp_sqlite_writer_unref(SgpSqliteWriter *writer)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&table_lock);

	if (--writer->references > 0)
		return;
	g_hash_table_remove(table, writer->path);
	if (g_hash_table_size(table) == 0)
		g_clear_pointer(&table, g_hash_table_unref);
	sgp_sqlite_connection_free(writer->connection);
	g_mutex_clear(&writer->lock);
	g_cond_clear(&writer->turn);
	g_cond_clear(&writer->ended);
	g_free(writer->path);
	g_free(writer);
}

/**
 * sgp_sqlite_writer_count_waiting:
 *
 * Returns: how many wait for their turn.
 */
guint sgp_sqlite_writer_count_waiting(SgpSqliteWriter *writer)
{
	G_GNUC_UNUSED g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&writer->lock);

	return writer->waiting;
}

/* With the writer's lock held, and the turn. */
static void end_group(SgpSqliteWriter *writer, gboolean failed)
{
	Group *group = g_steal_pointer(&writer->group);

	group->ended = TRUE;
	group->failed = failed;
	g_cond_broadcast(&writer->ended);
	if (--group->references == 0)
		g_free(group);
}

static void pass_turn(SgpSqliteWriter *writer)
{
	writer->taken = FALSE;
	g_cond_signal(&writer->turn);
}

static void take_turn(SgpSqliteWriter *writer)
{
	g_mutex_lock(&writer->lock);
	writer->waiting++;
	while (writer->taken)
		g_cond_wait(&writer->turn, &writer->lock);
	writer->waiting--;
	writer->taken = TRUE;
	g_mutex_unlock(&writer->lock);
}

/* Everything that was done since BEGIN, or nothing of it. Without the lock: this takes its time. */
static gboolean close_transaction(SgpSqliteWriter *writer, GError **error)
{
	if (sgp_sqlite_connection_execute(writer->connection, "COMMIT", error))
		return TRUE;
	if (!sqlite3_get_autocommit(writer->connection->handle))
		sgp_sqlite_connection_execute(writer->connection, "ROLLBACK", NULL);
	return FALSE;
}

/* Gives the turn to the next one who joins, or ends the group if there is none. Returns whether
 * the group is on disk. */
static gboolean leave(SgpSqliteWriter *writer, Group *group, GError **error)
{
	gboolean good = FALSE;

	g_mutex_lock(&writer->lock);
	if (writer->waiting > 0 && group->members < GROUP_LIMIT) {
		pass_turn(writer);
		while (!group->ended)
			g_cond_wait(&writer->ended, &writer->lock);
	} else {
		g_mutex_unlock(&writer->lock);
		good = close_transaction(writer, error);
		g_mutex_lock(&writer->lock);
		end_group(writer, !good);
		pass_turn(writer);
	}
	good = !group->failed;
	if (--group->references == 0)
		g_free(group);
	g_mutex_unlock(&writer->lock);
	if (!good && error != NULL && *error == NULL)
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
			"the store failed while committing for several");
	return good;
}

static gboolean open_transaction(SgpSqliteWriter *writer, GError **error)
{
	if (writer->connection == NULL)
		writer->connection = sgp_sqlite_connection_open(writer->path, error);
	return writer->connection != NULL &&
	       sgp_sqlite_connection_execute(writer->connection, "BEGIN IMMEDIATE", error);
}

/* The first of a group. */
static Group *begin_group(SgpSqliteWriter *writer, GError **error)
{
	gboolean good = open_transaction(writer, error);
	Group *group = NULL;

	g_mutex_lock(&writer->lock);
	if (good) {
		group = g_new0(Group, 1);
		group->references = 2; /* the writer's and the caller's */
		group->members = 1;
		writer->group = group;
	} else {
		pass_turn(writer);
	}
	g_mutex_unlock(&writer->lock);
	return group;
}

static Group *join_group(SgpSqliteWriter *writer, GError **error)
{
	Group *group = writer->group;
	gboolean good =
		sgp_sqlite_connection_execute(writer->connection, "SAVEPOINT " SAVEPOINT, error);

	g_mutex_lock(&writer->lock);
	group->references++;
	group->members++;
	g_mutex_unlock(&writer->lock);
	if (good)
		return group;
	/* The others wait for somebody to commit. */
	leave(writer, group, NULL);
	return NULL;
}

/**
 * sgp_sqlite_writer_begin:
 *
 * Waits for the caller's turn.
 *
 * Returns: (transfer full) (nullable): the turn, for sgp_sqlite_turn_commit() or
 * sgp_sqlite_turn_roll_back(); %NULL on error.
 */
SgpSqliteTurn *sgp_sqlite_writer_begin(SgpSqliteWriter *writer, GError **error)
{
	SgpSqliteTurn *turn = NULL;
	gboolean joined = FALSE;
	Group *group = NULL;

	take_turn(writer);
	joined = writer->group != NULL;
	group = joined ? join_group(writer, error) : begin_group(writer, error);
	if (group == NULL)
		return NULL;
	turn = g_new0(SgpSqliteTurn, 1);
	turn->writer = writer;
	turn->group = group;
	turn->joined = joined;
	return turn;
}

/**
 * sgp_sqlite_turn_get_connection:
 *
 * Returns: (transfer none): where the statements of this turn are run.
 */
SgpSqliteConnection *sgp_sqlite_turn_get_connection(SgpSqliteTurn *turn)
{
	return turn->writer->connection;
}

/**
 * sgp_sqlite_turn_commit:
 * @turn: (transfer full): over in any case
 *
 * Waits until it is on disk, with those who came meanwhile.
 *
 * Returns: whether it is.
 */
gboolean sgp_sqlite_turn_commit(SgpSqliteTurn *turn, GError **error)
{
	SgpSqliteWriter *writer = turn->writer;
	Group *group = turn->group;

	if (turn->joined &&
		!sgp_sqlite_connection_execute(writer->connection, "RELEASE " SAVEPOINT, error)) {
		sgp_sqlite_turn_roll_back(turn);
		return FALSE;
	}
	g_free(turn);
	return leave(writer, group, error);
}

/* What the others did must go too if it cannot be told apart from this. */
static gboolean undo_member(SgpSqliteWriter *writer)
{
	return !sqlite3_get_autocommit(writer->connection->handle) &&
	       sgp_sqlite_connection_execute(
		       writer->connection, "ROLLBACK TO " SAVEPOINT "; RELEASE " SAVEPOINT, NULL);
}

/**
 * sgp_sqlite_turn_roll_back:
 * @turn: (transfer full): over in any case
 *
 * Undoes what was done in this turn. Waits for those whose changes it could see.
 *
 * Returns: whether all that it saw is on disk.
 */
gboolean sgp_sqlite_turn_roll_back(SgpSqliteTurn *turn)
{
	SgpSqliteWriter *writer = turn->writer;
	Group *group = turn->group;
	gboolean joined = turn->joined;

	g_free(turn);
	if (joined && undo_member(writer))
		return leave(writer, group, NULL);
	if (!sqlite3_get_autocommit(writer->connection->handle))
		sgp_sqlite_connection_execute(writer->connection, "ROLLBACK", NULL);
	g_mutex_lock(&writer->lock);
	end_group(writer, TRUE);
	if (--group->references == 0)
		g_free(group);
	pass_turn(writer);
	g_mutex_unlock(&writer->lock);
	return !joined;
}
