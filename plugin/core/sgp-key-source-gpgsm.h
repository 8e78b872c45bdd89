/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-key-source.h"

G_BEGIN_DECLS

#define SGP_TYPE_KEY_SOURCE_GPGSM (sgp_key_source_gpgsm_get_type())
G_DECLARE_FINAL_TYPE(SgpKeySourceGpgsm, sgp_key_source_gpgsm, SGP, KEY_SOURCE_GPGSM, GObject)

/* home: (nullable) as for sgp_gpgsm. Without gpgsm it holds nothing. */
SgpKeySource *sgp_key_source_gpgsm_new(const char *home);

G_END_DECLS
