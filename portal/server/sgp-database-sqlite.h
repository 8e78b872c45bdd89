/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-database.h"

G_BEGIN_DECLS

SgpDatabase *sgp_database_sqlite_open(const char *path, const char *migrations, GError **error);
gboolean sgp_database_sqlite_check(SgpDatabase *database, GError **error);
gboolean sgp_database_sqlite_copy(SgpDatabase *database, const char *path, GError **error);
gboolean sgp_database_sqlite_checkpoint(SgpDatabase *database, GError **error);

G_END_DECLS
