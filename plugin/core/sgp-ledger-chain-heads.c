/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The hash of every entry, noted once more in a file beside the database: ledger.heads, one line
 * "ENTRY HASH" each, only ever appended to. Whoever edits the database can write a whole new chain
 * that fits, or cut off its end; these notes then name the first entry that is not what it was. A
 * database brought back from an older backup is found too. Never decides what follows from that,
 * and holds nothing personal.
 *
 * It is written after the commit: a crash in between leaves notes that are behind, and the next
 * append makes up for it; notes ahead of the database never come from a crash. Whoever can write
 * this file as well can make it fit: against that only a head helps that was kept elsewhere (every
 * export carries it, siegelpost ledger verify --head). */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "sgp-error.h"
#include "sgp-ledger-chain-private.h"
#include "sgp-store-private.h"

#define HEADS_NAME "ledger.heads"
#define TAIL_SIZE  256 /* holds at least one whole line */

static char *dup_path(SgpStore *store)
{
	return g_build_filename(sgp_store_get_directory(store), HEADS_NAME, NULL);
}

/* One line without its end. FALSE: none of ours, for instance half of one. */
static gboolean parse_line(const char *line, gsize length, gint64 *entry, SgpLedgerHash *hash)
{
	g_autofree char *text = g_strndup(line, length);
	char *end = NULL;
	*entry = g_ascii_strtoll(text, &end, 10);
	if (*entry <= 0 || *end != ' ' || strlen(end + 1) != 2 * sizeof hash->bytes)
		return FALSE;
	for (gsize i = 0; i < sizeof hash->bytes; i++) {
		int high = g_ascii_xdigit_value(end[1 + 2 * i]);
		int low = g_ascii_xdigit_value(end[2 + 2 * i]);
		if (high < 0 || low < 0)
			return FALSE;
		hash->bytes[i] = (guint8)(high << 4 | low);
	}
	return TRUE;
}

/* The last whole line. FALSE: there is none. */
static gboolean read_last(int fd, gint64 *entry, SgpLedgerHash *hash, gboolean *is_torn)
{
	char tail[TAIL_SIZE];
	off_t size = lseek(fd, 0, SEEK_END);
	off_t from = size > TAIL_SIZE ? size - TAIL_SIZE : 0;
	gssize n = size > 0 ? pread(fd, tail, (gsize)(size - from), from) : 0;
	*is_torn = n > 0 && tail[n - 1] != '\n';
	while (n > 0 && tail[n - 1] != '\n')
		n--;
	if (n <= 0)
		return FALSE;
	const char *line = memrchr(tail, '\n', (gsize)n - 1);
	line = line != NULL ? line + 1 : tail;
	return parse_line(line, (gsize)(tail + n - 1 - line), entry, hash);
}

static gboolean dup_lines_after(SgpStore *store, gint64 entry, GString *lines, GError **error)
{
	GError *local = NULL;
	sqlite3_stmt *rows = sgp_store_prepare(
		store, "SELECT entry, hash FROM ledger WHERE entry > ? ORDER BY entry", error);
	if (rows == NULL)
		return FALSE;
	sqlite3_bind_int64(rows, 1, entry);
	while (sgp_store_step(store, rows, &local)) {
		SgpLedgerHash hash;
		if (!sgp_ledger_chain_read_hash(rows, 1, &hash))
			continue; /* damaged: what verify is for */
		g_autofree char *note =
			sgp_ledger_chain_dup_note(sqlite3_column_int64(rows, 0), &hash);
		g_string_append_printf(lines, "%s\n", note);
	}
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return TRUE;
}

static gboolean write_lines(int fd, SgpStore *store, GError **error)
{
	gint64 last = 0;
	SgpLedgerHash hash;
	gboolean is_torn = FALSE;
	g_autoptr(GString) lines = g_string_new(NULL);
	if (!read_last(fd, &last, &hash, &is_torn))
		last = 0;
	if (is_torn)
		g_string_append_c(lines, '\n');
	if (!dup_lines_after(store, last, lines, error))
		return FALSE;
	if (write(fd, lines->str, lines->len) == (gssize)lines->len && fdatasync(fd) == 0)
		return TRUE;
	g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE, HEADS_NAME ": %s", g_strerror(errno));
	return FALSE;
}

/* The append is committed already: what goes wrong here is no reason to call it failed. The notes
 * are behind then, which the next append mends. */
void sgp_ledger_heads_write(SgpStore *store)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *path = dup_path(store);
	int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		g_set_error(
			&error, SGP_ERROR, SGP_ERROR_STORAGE, HEADS_NAME ": %s", g_strerror(errno));
	else
		write_lines(fd, store, &error);
	if (fd >= 0)
		close(fd);
	if (error != NULL)
		g_warning("the ledger's new end could not be noted: %s", error->message);
}

/* --- Checking --- */

/* Has the chain this hash at this place? FALSE without error: it has another, or none (*is_there).
 */
static gboolean has_head(SgpStore *store, gint64 entry, const SgpLedgerHash *hash,
	gboolean *is_there, GError **error)
{
	SgpLedgerHash found;
	gboolean is_same = FALSE;
	*is_there = FALSE;
	sqlite3_stmt *row =
		sgp_store_prepare(store, "SELECT hash FROM ledger WHERE entry = ?", error);
	if (row == NULL)
		return FALSE;
	sqlite3_bind_int64(row, 1, entry);
	if (sgp_store_step(store, row, error)) {
		*is_there = TRUE;
		is_same = sgp_ledger_chain_read_hash(row, 0, &found) &&
			  sgp_ledger_chain_is_same(&found, hash);
		sgp_store_end(row);
	}
	return is_same;
}

const char *sgp_ledger_heads_check(SgpStore *store, gint64 *bad_entry, GError **error)
{
	g_autofree char *path = dup_path(store);
	g_autofree char *text = NULL;
	gsize length = 0;
	const char *why = NULL;
	GError *local = NULL;
	if (!g_file_get_contents(path, &text, &length, &local)) {
		if (g_error_matches(local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			g_clear_error(&local); /* none was noted yet */
		else
			g_set_error_literal(error, SGP_ERROR, SGP_ERROR_STORAGE, HEADS_NAME);
		g_clear_error(&local);
		return NULL;
	}
	for (const char *line = text, *end; local == NULL; line = end + 1) {
		gint64 entry = 0;
		SgpLedgerHash hash;
		gboolean is_there = FALSE;
		end = memchr(line, '\n', length - (gsize)(line - text));
		if (end == NULL)
			break;
		if (!parse_line(line, (gsize)(end - line), &entry, &hash) ||
			has_head(store, entry, &hash, &is_there, &local) || local != NULL)
			continue;
		if (why == NULL || entry < *bad_entry) {
			*bad_entry = entry;
			why = is_there ? "replaced" : "cut-off";
		}
	}
	if (local != NULL)
		g_propagate_error(error, local);
	return why;
}

gboolean sgp_ledger_heads_check_last(SgpStore *store, gboolean *is_there, GError **error)
{
	g_autofree char *path = dup_path(store);
	gint64 entry = 0;
	SgpLedgerHash hash;
	gboolean is_torn = FALSE, is_known = FALSE;
	GError *local = NULL;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	*is_there = TRUE;
	if (fd < 0 && errno == ENOENT)
		return TRUE;
	if (fd < 0) {
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_STORAGE, HEADS_NAME ": %s", g_strerror(errno));
		return FALSE;
	}
	if (read_last(fd, &entry, &hash, &is_torn))
		*is_there = has_head(store, entry, &hash, &is_known, &local);
	close(fd);
	if (local != NULL) {
		g_propagate_error(error, local);
		return FALSE;
	}
	return TRUE;
}
