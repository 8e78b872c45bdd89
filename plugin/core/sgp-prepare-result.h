/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-invitation.h"
#include "sgp-verdict.h"

G_BEGIN_DECLS

/* How Prepare ended. Zero: nothing happened. */
typedef enum {
	SGP_PREPARE_FAILED = 0,
	SGP_PREPARE_HOLD,
	SGP_PREPARE_ASK,
	SGP_PREPARE_COMMITTED, /* every copy is sealed, on disk, in ledger and history */
} SgpPrepareStatus;

const char *sgp_prepare_status_get_nick(SgpPrepareStatus status);

typedef struct {
	SgpPrepareStatus status;
	SgpVerdict *verdict;    /* (owned) (nullable) */
	GPtrArray *copies;      /* (owned) (nullable) (element-type SgpCopy) only when committed or
				   sealed */
	GPtrArray *invitations; /* (owned) (element-type SgpInvitation) */
} SgpPrepareResult;

SgpPrepareResult *sgp_prepare_result_new(void);
void sgp_prepare_result_free(SgpPrepareResult *self);
/* The JSON of Agent1.Prepare. error: (nullable) why it failed, then result may be NULL. (transfer
 * full) */
char *sgp_prepare_result_dup_json(const SgpPrepareResult *self, const GError *error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpPrepareResult, sgp_prepare_result_free)

G_END_DECLS
