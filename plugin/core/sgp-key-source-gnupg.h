/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-key-source.h"

G_BEGIN_DECLS

#define SGP_TYPE_KEY_SOURCE_GNUPG (sgp_key_source_gnupg_get_type())
G_DECLARE_FINAL_TYPE(SgpKeySourceGnupg, sgp_key_source_gnupg, SGP, KEY_SOURCE_GNUPG, GObject)

/* home: (nullable) as for sgp_gpgme_visit_keys(). */
SgpKeySource *sgp_key_source_gnupg_new(const char *home);

G_END_DECLS
