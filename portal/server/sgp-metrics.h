/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-database.h"

G_BEGIN_DECLS

/* What the janitor took away. */
typedef enum {
	SGP_SWEPT_MESSAGES = 0,
	SGP_SWEPT_BLOBS,
	SGP_SWEPT_BYTES,
	SGP_SWEPT_UPLOADS,
	SGP_SWEPT_ORPHANS,
	SGP_SWEPT_KINDS,
} SgpSwept;

/* Counters of one process since it started. From any thread. */
typedef struct _SgpMetrics SgpMetrics;

SgpMetrics *sgp_metrics_new(void);
void sgp_metrics_free(SgpMetrics *metrics);
void sgp_metrics_count_request(SgpMetrics *metrics, const char *method, const char *route,
	guint status, gint64 microseconds);
void sgp_metrics_count_sweep(SgpMetrics *metrics, gint64 now, const gint64 swept[SGP_SWEPT_KINDS]);
const char *sgp_swept_get_word(SgpSwept what);
char *sgp_metrics_dup_text(SgpMetrics *metrics, SgpDatabase *database, gint64 now);

G_END_DECLS
