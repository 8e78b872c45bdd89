/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-facts.h"
#include "sgp-verdict.h"

G_BEGIN_DECLS

/* The one decision for a mail: strip, Prepare, command line and sendmail face call this and nothing
 * else. Pure: no I/O, no clock, no settings objects. now: seconds UTC. needs and is left empty (the
 * assessor knows folders). (transfer full) */
SgpVerdict *sgp_policy_decide(const SgpFacts *facts, gint64 now);

G_END_DECLS
