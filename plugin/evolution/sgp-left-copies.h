/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Which copies the mail server has accepted: Evolution notes that only later, and a crash in
 * between would send them twice. Worker threads. */
gboolean sgp_left_copies_contain(const char *copy_id);
/* Durable when it returns. */
void sgp_left_copies_add(const char *copy_id);
/* Those that no outbox can hold any more. */
void sgp_left_copies_forget_old(gint64 now);

G_END_DECLS
