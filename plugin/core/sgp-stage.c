/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of what a job is doing. Owns the nicks that the bus shows; never decides when a stage
 * begins. */
#include "sgp-stage.h"

const char *sgp_stage_get_nick(SgpStage stage)
{
	switch (stage) {
	case SGP_STAGE_NONE:
		return "";
	case SGP_STAGE_DECIDING:
		return "deciding";
	case SGP_STAGE_SEALING:
		return "sealing";
	case SGP_STAGE_SPOOLING:
		return "spooling";
	case SGP_STAGE_CHECKING:
		return "checking";
	case SGP_STAGE_MAKING_KEYS:
		return "making-keys";
	case SGP_STAGE_ENROLLING:
		return "enrolling";
	}
	return "";
}
