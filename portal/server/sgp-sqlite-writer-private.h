/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-sqlite-writer.h"

G_BEGIN_DECLS

/* For tests only. */
guint sgp_sqlite_writer_count_waiting(SgpSqliteWriter *writer);

G_END_DECLS
