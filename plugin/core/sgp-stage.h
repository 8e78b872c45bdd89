/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a job is doing. Zero: nothing yet. */
typedef enum {
	SGP_STAGE_NONE = 0,
	SGP_STAGE_DECIDING,
	SGP_STAGE_SEALING,
	SGP_STAGE_SPOOLING,
	SGP_STAGE_CHECKING,
	SGP_STAGE_MAKING_KEYS,
	SGP_STAGE_ENROLLING,
} SgpStage;

const char *sgp_stage_get_nick(SgpStage stage); /* "sealing", ...; NONE is "" */

G_END_DECLS
