/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The table of all requests that PROTOCOL.md knows: who may send them, how large they may be, who
 * answers. A request that is not in it does not exist. */

#include "sgp-router.h"

#include "sgp-api.h"

#include <string.h>

#define SMALL   (16 * 1024)
#define KEYS    (512 * 1024)
#define ENTRY   (128 * 1024)
#define MESSAGE (SGP_PROTOCOL_MANIFEST_LIMIT * 2 + 64 * 1024)
#define DRAFT   (SGP_PROTOCOL_DRAFT_LIMIT / 3 * 4 + SMALL)
#define TUS_CALLS(base, who)                                                                       \
	{ "POST", base, who, SMALL, sgp_upload_create },                                           \
		{ "HEAD", base "/{}", who, 0, sgp_upload_head },                                   \
		{ "PATCH", base "/{}", who, 0, NULL, .streams = TRUE },                            \
	{                                                                                          \
		"DELETE", base "/{}", who, SMALL, sgp_upload_delete                                \
	}

static const SgpRoute routes[] = {
	{ "GET", "/readyz", SGP_CALLER_ANYBODY, 0, sgp_page_get_ready },
	{ "HEAD", "/readyz", SGP_CALLER_ANYBODY, 0, sgp_page_get_ready },
	{ "GET", "/p/v1/office", SGP_CALLER_ANYBODY, 0, sgp_page_get_office },
	{ "POST", "/p/v1/register/open", SGP_CALLER_PAGE, SMALL, sgp_page_open_registration,
		.is_door = TRUE },
	{ "POST", "/p/v1/register/start", SGP_CALLER_PAGE, SMALL, sgp_page_start_registration,
		.is_door = TRUE },
	{ "POST", "/p/v1/register/finish", SGP_CALLER_PAGE, KEYS, sgp_page_finish_registration },
	{ "POST", "/p/v1/login/start", SGP_CALLER_PAGE, SMALL, sgp_page_start_login,
		.is_door = TRUE },
	{ "POST", "/p/v1/login/finish", SGP_CALLER_PAGE, SMALL, sgp_page_finish_login,
		.is_once = TRUE },
	{ "POST", "/p/v1/logout", SGP_CALLER_CUSTOMER, SMALL, sgp_page_log_out },
	{ "GET", "/p/v1/session", SGP_CALLER_CUSTOMER, 0, sgp_page_get_session, .is_idle = TRUE },
	{ "POST", "/p/v1/recover/request", SGP_CALLER_PAGE, SMALL, sgp_page_request_recovery,
		.is_door = TRUE },
	{ "POST", "/p/v1/recover/help", SGP_CALLER_PAGE, SMALL, sgp_page_ask_for_help,
		.is_door = TRUE },
	{ "POST", "/p/v1/recover/open", SGP_CALLER_PAGE, SMALL, sgp_page_open_recovery,
		.is_door = TRUE, .is_once = TRUE },
	{ "POST", "/p/v1/recover/start", SGP_CALLER_PAGE, SMALL, sgp_page_start_recovery,
		.is_door = TRUE, .is_once = TRUE },
	{ "POST", "/p/v1/recover/finish", SGP_CALLER_PAGE, SMALL, sgp_page_finish_recovery,
		.is_once = TRUE },
	{ "POST", "/p/v1/recover/code", SGP_CALLER_PAGE, SMALL, sgp_page_recover_by_code,
		.is_door = TRUE, .is_once = TRUE },
	{ "POST", "/p/v1/credentials/start", SGP_CALLER_PAGE, SMALL, sgp_page_start_credentials },
	{ "POST", "/p/v1/credentials/finish", SGP_CALLER_PAGE, SMALL, sgp_page_finish_credentials },
	{ "GET", "/p/v1/sessions", SGP_CALLER_CUSTOMER, 0, sgp_page_list_sessions },
	{ "DELETE", "/p/v1/sessions", SGP_CALLER_CUSTOMER, SMALL, sgp_page_end_other_sessions },
	{ "DELETE", "/p/v1/sessions/{}", SGP_CALLER_CUSTOMER, SMALL, sgp_page_end_session },
	{ "GET", "/p/v1/keys", SGP_CALLER_CUSTOMER, 0, sgp_page_list_keys },
	{ "PUT", "/p/v1/keys/{}", SGP_CALLER_CUSTOMER, KEYS, sgp_page_put_key },
	{ "DELETE", "/p/v1/keys/{}", SGP_CALLER_CUSTOMER, SMALL, sgp_page_delete_key },
	{ "PUT", "/p/v1/account/language", SGP_CALLER_CUSTOMER, SMALL, sgp_page_set_language },
	{ "POST", "/p/v1/account/delete", SGP_CALLER_CUSTOMER, SMALL, sgp_page_delete_account },
	{ "GET", "/p/v1/messages", SGP_CALLER_CUSTOMER, 0, sgp_page_list_messages },
	{ "GET", "/p/v1/messages/{}", SGP_CALLER_CUSTOMER, 0, sgp_page_get_message },
	{ "PUT", "/p/v1/messages/{}", SGP_CALLER_CUSTOMER, MESSAGE, sgp_page_put_message },
	{ "GET", "/p/v1/messages/{}/blobs/{}", SGP_CALLER_CUSTOMER, 0, sgp_page_get_blob },
	{ "POST", "/p/v1/messages/{}/read", SGP_CALLER_CUSTOMER, SMALL, sgp_page_mark_read },
	{ "GET", "/p/v1/drafts", SGP_CALLER_CUSTOMER, 0, sgp_page_list_drafts },
	{ "GET", "/p/v1/drafts/{}", SGP_CALLER_CUSTOMER, 0, sgp_page_get_draft },
	{ "PUT", "/p/v1/drafts/{}", SGP_CALLER_CUSTOMER, DRAFT, sgp_page_put_draft },
	{ "DELETE", "/p/v1/drafts/{}", SGP_CALLER_CUSTOMER, SMALL, sgp_page_delete_draft },
	TUS_CALLS("/p/v1/uploads", SGP_CALLER_CUSTOMER),
	{ "POST", "/api/v1/devices:check", SGP_CALLER_STAFF, SMALL, sgp_api_check_token,
		.is_door = TRUE },
	{ "POST", "/api/v1/devices:enrol", SGP_CALLER_STAFF, KEYS, sgp_api_enrol, .is_door = TRUE },
	{ "GET", "/api/v1/office", SGP_CALLER_DEVICE, 0, sgp_api_get_office, .may_wait = TRUE },
	{ "GET", "/api/v1/devices", SGP_CALLER_DEVICE, 0, sgp_api_list_devices },
	{ "GET", "/api/v1/devices/self", SGP_CALLER_DEVICE, 0, sgp_api_get_own_device,
		.may_wait = TRUE },
	{ "POST", "/api/v1/devices/{}:approve", SGP_CALLER_DEVICE, KEYS, sgp_api_approve_device },
	{ "POST", "/api/v1/devices/{}:revoke", SGP_CALLER_DEVICE, SMALL, sgp_api_revoke_device },
	{ "PUT", "/api/v1/ledger/{}", SGP_CALLER_DEVICE, ENTRY, sgp_api_put_entry },
	{ "GET", "/api/v1/ledger", SGP_CALLER_DEVICE, 0, sgp_api_get_entries },
	{ "PUT", "/api/v1/roster", SGP_CALLER_DEVICE, KEYS, sgp_api_put_roster },
	{ "POST", "/api/v1/directory:lookup", SGP_CALLER_DEVICE, 64 * 1024, sgp_api_lookup },
	{ "PUT", "/api/v1/customers/{}", SGP_CALLER_DEVICE, KEYS, sgp_api_put_customer },
	{ "GET", "/api/v1/customers", SGP_CALLER_DEVICE, 0, sgp_api_list_customers },
	{ "POST", "/api/v1/customers/{}:renew-invitation", SGP_CALLER_DEVICE, KEYS,
		sgp_api_renew_invitation },
	{ "POST", "/api/v1/customers/{}:reset", SGP_CALLER_DEVICE, KEYS, sgp_api_reset },
	{ "POST", "/api/v1/customers/{}:freeze", SGP_CALLER_DEVICE, SMALL, sgp_api_freeze },
	{ "POST", "/api/v1/customers/{}:unfreeze", SGP_CALLER_DEVICE, SMALL, sgp_api_unfreeze },
	{ "POST", "/api/v1/customers/{}:language", SGP_CALLER_DEVICE, SMALL, sgp_api_set_language },
	{ "POST", "/api/v1/customers/{}:erase", SGP_CALLER_DEVICE, SMALL, sgp_api_erase },
	TUS_CALLS("/api/v1/uploads", SGP_CALLER_DEVICE),
	{ "PUT", "/api/v1/messages/{}", SGP_CALLER_DEVICE, MESSAGE, sgp_api_put_message },
	{ "GET", "/api/v1/messages/{}", SGP_CALLER_DEVICE, 0, sgp_api_get_message },
	{ "DELETE", "/api/v1/messages/{}", SGP_CALLER_DEVICE, SMALL, sgp_api_revoke },
	{ "POST", "/api/v1/messages/{}:publish", SGP_CALLER_DEVICE, SMALL, sgp_api_publish },
	{ "POST", "/api/v1/messages/{}:extend", SGP_CALLER_DEVICE, SMALL, sgp_api_extend },
	{ "GET", "/api/v1/events", SGP_CALLER_DEVICE, 0, sgp_api_get_events },
};

/* "{}" takes at least one character, and neither a slash nor a colon. */
static gboolean matches(const char *pattern, const char *path, char *params[2])
{
	g_autofree char *first = NULL;
	g_autofree char *second = NULL;

	while (*pattern != '\0') {
		gsize length = 0;

		if (pattern[0] != '{') {
			if (*pattern++ != *path++)
				return FALSE;
			continue;
		}
		pattern += 2;
		length = strcspn(path, "/:");
		if (length == 0)
			return FALSE;
		if (first == NULL)
			first = g_strndup(path, length);
		else
			second = g_strndup(path, length);
		path += length;
	}
	if (*path != '\0')
		return FALSE;
	params[0] = g_steal_pointer(&first);
	params[1] = g_steal_pointer(&second);
	return TRUE;
}

/**
 * sgp_router_find:
 * @params: (out): (transfer full): what stood in the place of "{}"
 * @other_method: (out): whether the path exists with another method
 *
 * Returns: (transfer none) (nullable): the route.
 */
const SgpRoute *sgp_router_find(
	const char *method, const char *path, char *params[2], gboolean *other_method)
{
	*other_method = FALSE;
	for (gsize i = 0; i < G_N_ELEMENTS(routes); i++) {
		if (!matches(routes[i].path, path, params))
			continue;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
		*other_method = TRUE;
		g_clear_pointer(&params[0], g_free);
		g_clear_pointer(&params[1], g_free);
	}
	return NULL;
}
