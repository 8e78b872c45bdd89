/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <libsoup/soup.h>

G_BEGIN_DECLS

void sgp_slow_client_watch(GSocket *socket, guint seconds);
void sgp_slow_client_hand_over(GSocket *socket, GSocketAddress *remote);
void sgp_slow_client_await_head(SoupServerMessage *message);
void sgp_slow_client_got_head(SoupServerMessage *message);
void sgp_slow_client_cut(SoupServerMessage *message);

G_END_DECLS
