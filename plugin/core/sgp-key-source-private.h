/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What the sources that are files share: a text that changes whenever one of these files did.
 * files: names in directory, or absolute paths; NULL ends them. (transfer full) */
char *sgp_key_source_dup_files_stamp(const char *directory, const char *const *files);

G_END_DECLS
