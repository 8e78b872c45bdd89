/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"
#include "sgp-web-files.h"

G_BEGIN_DECLS

typedef struct _SgpHttpServer SgpHttpServer;

SgpHttpServer *sgp_http_server_start(SgpPortal *portal, SgpWebFiles *files, GError **error);
char *sgp_http_server_dup_address(SgpHttpServer *server);
void sgp_http_server_stop(SgpHttpServer *server);

G_END_DECLS
