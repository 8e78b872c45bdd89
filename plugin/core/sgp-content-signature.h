/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Does this line close a mail: "Mit freundlichen Grüßen", "Ihre Agentur Sommer", "-- "? Pure. */
gboolean sgp_content_signature_is_closing(const char *line);
/* Does this line do little else than list branches: "Leben | Unfall | Kranken | Kfz"? Says so of
 * the contracts of a customer as well: ask it only below a closing. Pure. */
gboolean sgp_content_signature_is_list(const char *line);

G_END_DECLS
