/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-facts.h"
#include "sgp-store.h"

G_BEGIN_DECLS

/* What is remembered of providers: answers for a while, and MTA-STS policies for as long as they
 * bind. Tables of the store. Times are seconds UTC. Thread-safe. */

/* YES or NO that still holds; UNKNOWN: nothing is remembered. */
SgpKnowledge sgp_provider_cache_lookup(SgpStore *store, const char *domain, gint64 now);
/* answer: YES or NO. Errors: STORAGE. */
gboolean sgp_provider_cache_remember(SgpStore *store, const char *domain, SgpKnowledge answer,
	gint64 now, gint64 until, GError **error);
/* The policy file that was fetched last, with the id it had; NULL: none, or it has ended.
 * (transfer full) (nullable) */
char *sgp_provider_cache_lookup_policy(SgpStore *store, const char *domain, gint64 now, char **id);
/* text: the policy file. until: seconds UTC. Errors: STORAGE. */
gboolean sgp_provider_cache_remember_policy(SgpStore *store, const char *domain, const char *id,
	const char *text, gint64 until, GError **error);

G_END_DECLS
