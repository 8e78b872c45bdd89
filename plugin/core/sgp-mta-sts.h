/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* MTA-STS (RFC 8461) as it is written: the TXT record and the policy file. Pure, over bytes of
 * strangers. Zero: not enforced. */
typedef enum {
	SGP_MTA_STS_MODE_NONE = 0,
	SGP_MTA_STS_MODE_TESTING,
	SGP_MTA_STS_MODE_ENFORCE,
} SgpMtaStsMode;

typedef struct {
	SgpMtaStsMode mode;
	gint64 max_age; /* seconds, at most a year */
	GPtrArray *mx;  /* (owned) (element-type utf8) patterns in lower case, as they stand */
} SgpMtaStsPolicy;

const char *sgp_mta_sts_mode_get_nick(SgpMtaStsMode mode); /* "none", "testing", "enforce" */
/* The id of the one record among the TXT records of _mta-sts.DOMAIN. records: (element-type GBytes)
 * each with its strings joined. NULL: there is no usable record (none, several, or a broken one;
 * RFC 8461, 3.1). (transfer full) (nullable) */
char *sgp_mta_sts_dup_id(const GPtrArray *records);
/* The policy file (3.2). NULL: it is none. (transfer full) (nullable) */
SgpMtaStsPolicy *sgp_mta_sts_policy_parse(const char *data, gsize length);
void sgp_mta_sts_policy_free(SgpMtaStsPolicy *self);
/* Whether the policy names this MX host (4.1): the whole name, or one left-most label for "*".
 * host: A-labels, without the dot at the end, in any case. */
gboolean sgp_mta_sts_policy_covers(const SgpMtaStsPolicy *self, const char *host);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpMtaStsPolicy, sgp_mta_sts_policy_free)

G_END_DECLS
