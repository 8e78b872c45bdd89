/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MTA-STS (RFC 8461): the TXT record and the policy file of a stranger's domain. What must hold: an
 * id is 1 to 32 letters and digits, and two records are none; a policy lasts at most a year, and
 * one that enforces names a host; it covers no name that none of its lines ends with. */
#include "sgp-mta-sts.h"

#include "fuzz.h"

#define A_YEAR 31557600

static void check_policy(const SgpMtaStsPolicy *policy)
{
	FUZZ_HOLDS(policy->max_age >= 0 && policy->max_age <= A_YEAR);
	FUZZ_HOLDS(policy->mode != SGP_MTA_STS_MODE_ENFORCE || policy->mx->len > 0);
	FUZZ_HOLDS(sgp_mta_sts_mode_get_nick(policy->mode) != NULL);
	for (guint i = 0; i < policy->mx->len; i++)
		FUZZ_HOLDS(fuzz_is_one_line(g_ptr_array_index(policy->mx, i)));
	FUZZ_HOLDS(!sgp_mta_sts_policy_covers(policy, ""));
	FUZZ_HOLDS(!sgp_mta_sts_policy_covers(policy, "."));
	FUZZ_HOLDS(!sgp_mta_sts_policy_covers(policy, "a.b.c.d.e.f.mx.nobody.invalid"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(GPtrArray) records =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_ptr_array_add(records, g_bytes_new(data, size));
	g_autofree char *id = sgp_mta_sts_dup_id(records);
	if (id != NULL) {
		FUZZ_HOLDS(strlen(id) >= 1 && strlen(id) <= 32);
		for (const char *p = id; *p != '\0'; p++)
			FUZZ_HOLDS(g_ascii_isalnum(*p));
		g_ptr_array_add(records, g_bytes_new(data, size));
		g_autofree char *of_two = sgp_mta_sts_dup_id(records);
		FUZZ_HOLDS(of_two == NULL);
	}
	g_autofree char *exact = g_memdup2(data, size);
	g_autoptr(SgpMtaStsPolicy) policy = sgp_mta_sts_policy_parse(exact, size);
	if (policy != NULL)
		check_policy(policy);
	return 0;
}
