/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Ciphertext as rows of at most 1 MiB, where several nodes share one database. Owns the table
 * blob_parts; knows no message. Never holds a whole blob in memory: who reads one gets a mapped
 * file without a name. */

#include "sgp-blob-rows.h"

#include "sgp-protocol.h"

#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAXIMAL_TRIES 6

/* One piece after the other; FALSE ends it. */
typedef gboolean (*PieceFunc)(const guint8 *data, gsize size, gpointer user_data);

static SgpRows *load_piece(SgpDatabase *database, const char *name, gint64 start, GError **error)
{
	return sgp_database_query(database, error,
		"SELECT data FROM blob_parts WHERE blob = $1 AND start = $2", "si", name, start);
}

/* A hole would end the reading early, and so would a blob that is taken away meanwhile: the hash
 * tells. */
static gint64 read_pieces(
	SgpDatabase *database, const char *name, PieceFunc func, gpointer user_data, GError **error)
{
	gint64 offset = 0;

	for (;;) {
		g_autoptr(SgpRows) rows = load_piece(database, name, offset, error);
		g_autoptr(GBytes) piece = NULL;
		gsize size = 0;
		const guint8 *data = NULL;

		if (rows == NULL)
			return -1;
		if (sgp_rows_get_count(rows) == 0)
			return offset;
		piece = sgp_rows_dup_bytes(rows, 0, 0);
		data = g_bytes_get_data(piece, &size);
		if (size == 0 || !func(data, size, user_data))
			return -1;
		offset += (gint64)size;
	}
}

static gint64 read_blob(
	SgpPortal *portal, const char *name, PieceFunc func, gpointer user_data, GError **error)
{
	SgpDatabase *database = sgp_portal_borrow_database(portal, error);
	gint64 size = -1;

	if (database != NULL)
		size = read_pieces(database, name, func, user_data, error);
	sgp_portal_return_database(portal, database);
	return size;
}

/**
 * sgp_blob_rows_get_size:
 *
 * Returns: bytes that are there, on disk; -1 if the store could not be asked.
 */
gint64 sgp_blob_rows_get_size(SgpPortal *portal, const char *name)
{
	SgpDatabase *database = sgp_portal_borrow_database(portal, NULL);
	g_autoptr(SgpRows) rows = NULL;

	if (database != NULL)
		rows = sgp_database_query(database, NULL,
			"SELECT CAST(COALESCE(MAX(start + LENGTH(data)), 0) AS BIGINT) "
			"FROM blob_parts WHERE blob = $1",
			"s", name);
	sgp_portal_return_database(portal, database);
	return rows != NULL ? sgp_rows_get_integer(rows, 0, 0) : -1;
}

static gboolean hash_piece(const guint8 *data, gsize size, gpointer user_data)
{
	return crypto_hash_sha256_update(user_data, data, size) == 0;
}

/**
 * sgp_blob_rows_hash:
 *
 * Returns: (transfer full) (nullable): SHA-256 in hexadecimal; %NULL with @error if it cannot be
 * read.
 */
char *sgp_blob_rows_hash(SgpPortal *portal, const char *name, GError **error)
{
	crypto_hash_sha256_state state;
	guint8 hash[crypto_hash_sha256_BYTES];

	crypto_hash_sha256_init(&state);
	if (read_blob(portal, name, hash_piece, &state, error) < 0) {
		if (error != NULL && *error == NULL)
			g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
				"a blob in the store is damaged");
		return NULL;
	}
	crypto_hash_sha256_final(&state, hash);
	return sgp_protocol_encode_hex(hash, sizeof hash);
}

static gboolean write_piece(const guint8 *data, gsize size, gpointer user_data)
{
	const int *file = user_data;

	while (size > 0) {
		gssize wrote = write(*file, data, size);

		if (wrote <= 0)
			return FALSE;
		data += wrote;
		size -= (gsize)wrote;
	}
	return TRUE;
}

/**
 * sgp_blob_rows_map:
 *
 * Returns: (transfer full) (nullable): the blob's content, mapped from a file without a name on
 * this node.
 */
GBytes *sgp_blob_rows_map(SgpPortal *portal, const char *name, GError **error)
{
	int file = open(portal->blob_directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	g_autoptr(GMappedFile) mapped = NULL;

	if (file >= 0 && read_blob(portal, name, write_piece, &file, error) > 0)
		mapped = g_mapped_file_new_from_fd(file, FALSE, NULL);
	if (file >= 0)
		close(file);
	if (mapped != NULL)
		return g_mapped_file_get_bytes(mapped);
	if (error != NULL && *error == NULL)
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_INTERNAL,
			"a blob is missing in the store");
	return NULL;
}

typedef gboolean (*ChangeFunc)(SgpDatabase *database, gpointer user_data, GError **error);

static gboolean change_once(
	SgpDatabase *database, ChangeFunc func, gpointer user_data, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);

	return transaction != NULL && func(database, user_data, error) &&
	       sgp_transaction_commit(transaction, error);
}

/* Again where another node was in the way. */
static gboolean change(SgpPortal *portal, ChangeFunc func, gpointer user_data, GError **error)
{
	SgpDatabase *database = sgp_portal_borrow_database(portal, error);
	gboolean done = FALSE;

	for (guint tries = 1; database != NULL && !done; tries++) {
		g_autoptr(GError) local = NULL;

		done = change_once(database, func, user_data, &local);
		if (done)
			break;
		if (!database->can_repeat || tries == MAXIMAL_TRIES) {
			g_propagate_error(error, g_steal_pointer(&local));
			break;
		}
		g_usleep(g_random_int_range(1000, 10000) * (gulong)tries * tries);
	}
	sgp_portal_return_database(portal, database);
	return done;
}

typedef struct {
	const char *name;
	gint64 start;
	GBytes *data;
} Piece;

static gboolean refuse(GError **error, SgpProblem problem, const char *why)
{
	g_set_error_literal(error, SGP_PROBLEM_ERROR, problem, why);
	return FALSE;
}

/* The upload is looked at in the same transaction: once a message has taken it, nobody adds to
 * it, from whatever node. */
static gboolean is_upload(SgpDatabase *database, const char *name, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(
		database, error, "SELECT 1 FROM uploads WHERE id = $1", "s", name);

	if (rows == NULL)
		return FALSE;
	return sgp_rows_get_count(rows) == 1 ||
	       refuse(error, SGP_PROBLEM_BUSY, "a message has taken this upload");
}

static gboolean add_piece(SgpDatabase *database, gpointer user_data, GError **error)
{
	const Piece *piece = user_data;
	g_autoptr(SgpRows) same = NULL;
	gint64 changed = 0;

	if (!is_upload(database, piece->name, error) ||
		!sgp_database_run(database, error, &changed,
			"INSERT INTO blob_parts (blob, start, data, written) "
			"VALUES ($1, $2, $3, $4) ON CONFLICT (blob, start) DO NOTHING",
			"sibi", piece->name, piece->start, piece->data, sgp_portal_get_time()))
		return FALSE;
	if (changed == 1)
		return TRUE;
	/* Ours from a commit whose answer was lost, or another node's, who was faster. */
	same = sgp_database_query(database, error,
		"SELECT 1 FROM blob_parts WHERE blob = $1 AND start = $2 AND data = $3", "sib",
		piece->name, piece->start, piece->data);
	if (same == NULL)
		return FALSE;
	return sgp_rows_get_count(same) == 1 ||
	       refuse(error, SGP_PROBLEM_BUSY, "a newer request continues this upload");
}

/**
 * sgp_blob_rows_append:
 * @start: where the upload stands
 *
 * Returns: whether the piece is in the store, durably.
 */
gboolean sgp_blob_rows_append(
	SgpPortal *portal, const char *name, gint64 start, GBytes *data, GError **error)
{
	Piece piece = { name, start, data };

	return change(portal, add_piece, &piece, error);
}

static gboolean cut(SgpDatabase *database, gpointer user_data, GError **error)
{
	const Piece *piece = user_data;

	return is_upload(database, piece->name, error) &&
	       sgp_database_run(database, error, NULL,
		       "DELETE FROM blob_parts WHERE blob = $1 AND start >= $2", "si", piece->name,
		       piece->start);
}

/**
 * sgp_blob_rows_truncate:
 * @size: where a piece begins
 *
 * Returns: whether nothing is left from there on.
 */
gboolean sgp_blob_rows_truncate(SgpPortal *portal, const char *name, gint64 size, GError **error)
{
	Piece piece = { name, size, NULL };

	return change(portal, cut, &piece, error);
}

/**
 * sgp_blob_rows_is_whole:
 *
 * Within the transaction that takes the blob, so that one which changes it at the same time, on
 * another node, fails or makes this one fail.
 *
 * Returns: whether exactly @size bytes are there; otherwise %SGP_PROBLEM_UPLOAD_INCOMPLETE.
 */
gboolean sgp_blob_rows_is_whole(
	SgpDatabase *database, const char *name, gint64 size, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT CAST(COALESCE(SUM(LENGTH(data)), 0) AS BIGINT) FROM blob_parts "
		"WHERE blob = $1",
		"s", name);

	if (rows == NULL)
		return FALSE;
	return sgp_rows_get_integer(rows, 0, 0) == size ||
	       refuse(error, SGP_PROBLEM_UPLOAD_INCOMPLETE, "an upload is not complete");
}

static gboolean drop(SgpDatabase *database, gpointer user_data, GError **error)
{
	return sgp_database_run(
		database, error, NULL, "DELETE FROM blob_parts WHERE blob = $1", "s", user_data);
}

/**
 * sgp_blob_rows_remove:
 *
 * Removes the blob; what stays behind is an orphan and the janitor's.
 */
void sgp_blob_rows_remove(SgpPortal *portal, const char *name)
{
	g_autoptr(GError) error = NULL;

	if (!change(portal, drop, (gpointer)name, &error))
		g_printerr("warning blob=\"%s\"\n", error->message);
}

/**
 * sgp_blob_rows_is_cold:
 *
 * Returns: whether nothing was written since @before; not if it cannot be known.
 */
gboolean sgp_blob_rows_is_cold(SgpPortal *portal, const char *name, gint64 before)
{
	SgpDatabase *database = sgp_portal_borrow_database(portal, NULL);
	g_autoptr(SgpRows) rows = NULL;

	if (database != NULL)
		rows = sgp_database_query(database, NULL,
			"SELECT 1 FROM blob_parts WHERE blob = $1 AND written > $2 LIMIT 1", "si",
			name, before);
	sgp_portal_return_database(portal, database);
	return rows != NULL && sgp_rows_get_count(rows) == 0;
}

/* $1: nobody has written to it since */
#define IS_ORPHAN                                                                                  \
	"written <= $1 AND NOT EXISTS (SELECT 1 FROM uploads WHERE id = blob_parts.blob) "         \
	"AND NOT EXISTS (SELECT 1 FROM blobs WHERE file = blob_parts.blob)"

/**
 * sgp_blob_rows_count_orphans:
 *
 * Returns: how many blobs sgp_blob_rows_remove_orphans() would remove, or -1 on error.
 */
gint64 sgp_blob_rows_count_orphans(SgpDatabase *database, gint64 before, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT COUNT(DISTINCT blob) FROM blob_parts WHERE " IS_ORPHAN, "i", before);

	return rows != NULL ? sgp_rows_get_integer(rows, 0, 0) : -1;
}

/**
 * sgp_blob_rows_remove_orphans:
 *
 * Removes what neither an upload nor a message names and nobody has written to since @before.
 * Within the caller's transaction.
 *
 * Returns: whether it could be looked at.
 */
gboolean sgp_blob_rows_remove_orphans(SgpDatabase *database, gint64 before, GError **error)
{
	return sgp_database_run(
		database, error, NULL, "DELETE FROM blob_parts WHERE " IS_ORPHAN, "i", before);
}
