/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-spool-cipher.h"

G_BEGIN_DECLS

/* The key that internal plain copies lie under while they wait (sgp-spool-cipher): in the user's
 * keyring for the user's own state directory, in a file of the directory for one that was named
 * (--state-dir). Blocks. */

/* directory: the spool's. state_dir: names the key in the keyring. is_own: it is the user's own
 * state directory. is_waiting: copies lie there under a key already, so that a new one would make
 * them unreadable. Makes a key where there is none. Errors: LOCKED, UNREACHABLE (the keyring),
 * STORAGE (also for a key file that others can read), FAILED. */
gboolean sgp_spool_key_load(int directory, const char *state_dir, gboolean is_own,
	gboolean is_waiting, guint8 key[SGP_SPOOL_KEY_BYTES], GError **error);

G_END_DECLS
