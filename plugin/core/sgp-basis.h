/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Why we may write to somebody (03-policy 1, seed S1 to S4). Zero: there is no basis. In order of
 * precedence. */
typedef enum {
	SGP_BASIS_NONE = 0,
	SGP_BASIS_INTERNAL,
	SGP_BASIS_PARTNER,
	SGP_BASIS_INQUIRY,
	SGP_BASIS_PHONE,
	SGP_BASIS_LETTER,
	SGP_BASIS_AGREEMENT,
} SgpBasis;

/* Why we may not, or cannot tell. Zero: could not look. In 03-policy's order of nicks ("first that
 * fits"). */
typedef enum {
	SGP_REFUSAL_UNKNOWN = 0,
	SGP_REFUSAL_NONE, /* not refused */
	SGP_REFUSAL_WITHDRAWN,
	SGP_REFUSAL_OPTED_OUT,
	SGP_REFUSAL_FORGED,
	SGP_REFUSAL_NOT_THE_AUTHOR,
	SGP_REFUSAL_NOT_PERSONAL,
	SGP_REFUSAL_UNAUTHENTICATED,
	SGP_REFUSAL_INQUIRY_TOO_OLD,
	SGP_REFUSAL_EXPIRED,
	SGP_REFUSAL_OTHER_MATTER,
	SGP_REFUSAL_NO_BASIS,
	SGP_REFUSAL_NO_USABLE_CHANNEL,
} SgpRefusal;

const char *sgp_basis_get_nick(SgpBasis basis);       /* NONE is NULL */
const char *sgp_refusal_get_nick(SgpRefusal refusal); /* NONE is NULL */

G_END_DECLS
