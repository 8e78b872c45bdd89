/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What gpg said of a whole keyring, kept between two processes. Off until a directory is named;
 * NULL switches it off. Not for several threads at once: call it before they start. */
void sgp_key_cache_set_directory(const char *directory);
/* name: whose keyring; stamp: what it must look like (sgp_key_source_dup_stamp). NULL: nothing is
 * kept, or not of this state. (transfer full) */
char *sgp_key_cache_lookup(const char *name, const char *stamp);
/* Failing is no error: the next process asks gpg again. */
void sgp_key_cache_keep(const char *name, const char *stamp, const char *text);
/* Deletes whatever is kept, as an erasure asks for. */
void sgp_key_cache_forget(void);

G_END_DECLS
