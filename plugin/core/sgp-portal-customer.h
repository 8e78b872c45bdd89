/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-dispatcher.h"

G_BEGIN_DECLS

/* What staff do with one customer of the portal. Zero: nothing that anybody asked for. */
typedef enum {
	SGP_CUSTOMER_ACTION_UNKNOWN = 0,
	SGP_CUSTOMER_ACTION_RENEW,
	SGP_CUSTOMER_ACTION_RESET,
	SGP_CUSTOMER_ACTION_FREEZE,
	SGP_CUSTOMER_ACTION_UNFREEZE,
	SGP_CUSTOMER_ACTION_ERASE,
	SGP_CUSTOMER_ACTION_LANGUAGE,
} SgpCustomerAction;

typedef struct {
	SgpCustomerAction action;
	const char *address;
	const char *by;    /* (nullable) of RESET: who checked the customer's identity */
	const char *words; /* (nullable) of RESET: how; of ERASE: why; of LANGUAGE: de or en */
} SgpCustomerOrder;

/* Does it, and answers as sgp_dispatcher_dup_customer_json_sync(): after RENEW and RESET with the
 * new code. A reset is recorded in the ledger (identity-check) before it is asked for, an erasure
 * (mailbox-erased) too. Worker threads only. Errors: INVALID (words are missing), CONFLICT (not in
 * that state), NOT_FOUND (no such customer; the office key is not here), REFUSED (this device is
 * not approved, or not in the roster); as the portal client. (transfer full) */
char *sgp_portal_customer_act_sync(SgpDispatcher *dispatcher, const SgpCustomerOrder *order,
	gint64 now, GCancellable *cancellable, GError **error);
/* {"customers":[{"address","handle","state","language","registered","seen","unread",
 * "oldest_unread","invitation_expires","keys":N}]}. (transfer full) */
char *sgp_portal_customer_list_json_sync(
	SgpDispatcher *dispatcher, GCancellable *cancellable, GError **error);
/* {"id","state":"published","expires"} or {"id","state":"revoked"}. days: 0 revokes. (transfer
 * full) */
char *sgp_portal_customer_change_message_sync(SgpDispatcher *dispatcher, const char *id,
	gint64 days, GCancellable *cancellable, GError **error);
/* code: (nullable). (transfer full) */
char *sgp_portal_customer_dup_json(
	const char *address, SgpMailboxState state, const char *code, gint64 valid_until);

G_END_DECLS
