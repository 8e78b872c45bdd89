/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

G_BEGIN_DECLS

typedef struct _SgpMetricsServer SgpMetricsServer;

SgpMetricsServer *sgp_metrics_server_start(SgpPortal *portal, GError **error);
char *sgp_metrics_server_dup_address(SgpMetricsServer *server);
void sgp_metrics_server_stop(SgpMetricsServer *server);

G_END_DECLS
