/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Gives up, for the rest of this process, everything that reading bytes in memory does not need.
 * FALSE: it could not be given up; then nothing must be read. */
gboolean sgp_extract_confine(void);

G_END_DECLS
