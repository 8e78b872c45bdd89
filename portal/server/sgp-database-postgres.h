/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-database.h"

G_BEGIN_DECLS

/* How transactions of several nodes stay apart. */
typedef enum {
	/* One after the other, over all nodes: for counters, where nobody may be told to try
	 * again. */
	SGP_POSTGRES_IN_TURN = 0,
	/* At once; one that cannot stand beside another fails, and its caller repeats it. */
	SGP_POSTGRES_SERIALIZABLE,
} SgpPostgresMode;

SgpDatabase *sgp_database_postgres_open(const char *url, const char *schema, const char *migrations,
	SgpPostgresMode mode, GError **error);

G_END_DECLS
