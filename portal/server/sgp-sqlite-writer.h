/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-sqlite-connection.h"

G_BEGIN_DECLS

/**
 * SgpSqliteWriter:
 *
 * The one that writes to a file; all threads of the process share it, each in its turn.
 */
typedef struct _SgpSqliteWriter SgpSqliteWriter;
/* One thread's transaction, from its turn to the disk. */
typedef struct _SgpSqliteTurn SgpSqliteTurn;

SgpSqliteWriter *sgp_sqlite_writer_ref(const char *path);
void sgp_sqlite_writer_unref(SgpSqliteWriter *writer);

SgpSqliteTurn *sgp_sqlite_writer_begin(SgpSqliteWriter *writer, GError **error);
SgpSqliteConnection *sgp_sqlite_turn_get_connection(SgpSqliteTurn *turn);
gboolean sgp_sqlite_turn_commit(SgpSqliteTurn *turn, GError **error);
gboolean sgp_sqlite_turn_roll_back(SgpSqliteTurn *turn);

G_END_DECLS
