/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of bases and refusals. Owns the nicks; never decides whether one holds
 * (sgp-reactive-rule does). */
#include "sgp-basis.h"

const char *sgp_basis_get_nick(SgpBasis basis)
{
	switch (basis) {
	case SGP_BASIS_NONE:
		return NULL;
	case SGP_BASIS_INTERNAL:
		return "internal";
	case SGP_BASIS_PARTNER:
		return "partner";
	case SGP_BASIS_INQUIRY:
		return "inquiry";
	case SGP_BASIS_PHONE:
		return "phone";
	case SGP_BASIS_LETTER:
		return "letter";
	case SGP_BASIS_AGREEMENT:
		return "agreement";
	}
	return NULL;
}

const char *sgp_refusal_get_nick(SgpRefusal refusal)
{
	switch (refusal) {
	case SGP_REFUSAL_UNKNOWN:
		return "unknown";
	case SGP_REFUSAL_NONE:
		return NULL;
	case SGP_REFUSAL_WITHDRAWN:
		return "withdrawn";
	case SGP_REFUSAL_OPTED_OUT:
		return "opted-out";
	case SGP_REFUSAL_FORGED:
		return "forged";
	case SGP_REFUSAL_NOT_THE_AUTHOR:
		return "not-the-author";
	case SGP_REFUSAL_NOT_PERSONAL:
		return "not-personal";
	case SGP_REFUSAL_UNAUTHENTICATED:
		return "unauthenticated";
	case SGP_REFUSAL_INQUIRY_TOO_OLD:
		return "inquiry-too-old";
	case SGP_REFUSAL_EXPIRED:
		return "expired";
	case SGP_REFUSAL_OTHER_MATTER:
		return "other-matter";
	case SGP_REFUSAL_NO_BASIS:
		return "no-basis";
	case SGP_REFUSAL_NO_USABLE_CHANNEL:
		return "no-usable-channel";
	}
	return "unknown";
}
