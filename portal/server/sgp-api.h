/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-call.h"

G_BEGIN_DECLS

/* sgp-api-office.c */
gboolean sgp_api_check_token(SgpCall *call, GError **error);
gboolean sgp_api_enrol(SgpCall *call, GError **error);
gboolean sgp_api_get_office(SgpCall *call, GError **error);
gboolean sgp_api_put_roster(SgpCall *call, GError **error);
gboolean sgp_page_get_ready(SgpCall *call, GError **error);
gboolean sgp_page_get_office(SgpCall *call, GError **error);
gboolean sgp_api_add_roster(JsonObject *answer, SgpDatabase *database, GError **error);

gboolean sgp_api_store_roster(SgpCall *call, JsonObject *object, GError **error);

/* sgp-api-devices.c */
gboolean sgp_api_list_devices(SgpCall *call, GError **error);
gboolean sgp_api_get_own_device(SgpCall *call, GError **error);
gboolean sgp_api_approve_device(SgpCall *call, GError **error);
gboolean sgp_api_revoke_device(SgpCall *call, GError **error);
gboolean sgp_device_revoke(SgpDatabase *database, const char *device, gint64 *changed,
	GPtrArray *files, GError **error);

/* sgp-api-ledger.c */
gboolean sgp_api_put_entry(SgpCall *call, GError **error);
gboolean sgp_api_get_entries(SgpCall *call, GError **error);

/* sgp-api-customers.c */
gboolean sgp_api_lookup(SgpCall *call, GError **error);
gboolean sgp_api_put_customer(SgpCall *call, GError **error);

/* sgp-api-messages.c */
gboolean sgp_api_put_message(SgpCall *call, GError **error);
gboolean sgp_api_publish(SgpCall *call, GError **error);
gboolean sgp_api_get_message(SgpCall *call, GError **error);
gboolean sgp_api_revoke(SgpCall *call, GError **error);
gboolean sgp_api_get_events(SgpCall *call, GError **error);

/* sgp-page-account.c */
gboolean sgp_page_open_registration(SgpCall *call, GError **error);
gboolean sgp_page_start_registration(SgpCall *call, GError **error);
gboolean sgp_page_finish_registration(SgpCall *call, GError **error);
gboolean sgp_page_start_login(SgpCall *call, GError **error);
gboolean sgp_page_finish_login(SgpCall *call, GError **error);
gboolean sgp_page_log_out(SgpCall *call, GError **error);
gboolean sgp_page_get_session(SgpCall *call, GError **error);

/* sgp-page-recovery.c */
gboolean sgp_page_request_recovery(SgpCall *call, GError **error);
gboolean sgp_page_ask_for_help(SgpCall *call, GError **error);
gboolean sgp_page_open_recovery(SgpCall *call, GError **error);
gboolean sgp_page_start_recovery(SgpCall *call, GError **error);
gboolean sgp_page_finish_recovery(SgpCall *call, GError **error);
gboolean sgp_page_recover_by_code(SgpCall *call, GError **error);

/* sgp-page-credentials.c */
gboolean sgp_page_load_fresh_login(SgpCall *call, GError **error);
gboolean sgp_page_check_session(SgpCall *call, const char *handle, GError **error);
gboolean sgp_page_start_credentials(SgpCall *call, GError **error);
gboolean sgp_page_finish_credentials(SgpCall *call, GError **error);

/* sgp-page-care.c */
gboolean sgp_page_list_sessions(SgpCall *call, GError **error);
gboolean sgp_page_end_session(SgpCall *call, GError **error);
gboolean sgp_page_end_other_sessions(SgpCall *call, GError **error);
gboolean sgp_page_list_keys(SgpCall *call, GError **error);
gboolean sgp_page_put_key(SgpCall *call, GError **error);
gboolean sgp_page_delete_key(SgpCall *call, GError **error);
gboolean sgp_page_erase(SgpCall *call, const char *handle, GError **error);
gboolean sgp_page_delete_account(SgpCall *call, GError **error);

/* sgp-api-language.c */
gboolean sgp_page_set_language(SgpCall *call, GError **error);
gboolean sgp_api_set_language(SgpCall *call, GError **error);

/* sgp-api-care.c */
gboolean sgp_api_renew_invitation(SgpCall *call, GError **error);
gboolean sgp_api_reset(SgpCall *call, GError **error);
gboolean sgp_api_freeze(SgpCall *call, GError **error);
gboolean sgp_api_unfreeze(SgpCall *call, GError **error);
gboolean sgp_api_erase(SgpCall *call, GError **error);
gboolean sgp_api_list_customers(SgpCall *call, GError **error);
gboolean sgp_api_extend(SgpCall *call, GError **error);

/* sgp-page-mail.c */
gboolean sgp_page_list_messages(SgpCall *call, GError **error);
gboolean sgp_page_get_message(SgpCall *call, GError **error);
gboolean sgp_page_get_blob(SgpCall *call, GError **error);
gboolean sgp_page_mark_read(SgpCall *call, GError **error);
gboolean sgp_page_put_message(SgpCall *call, GError **error);
gboolean sgp_page_put_draft(SgpCall *call, GError **error);
gboolean sgp_page_get_draft(SgpCall *call, GError **error);
gboolean sgp_page_delete_draft(SgpCall *call, GError **error);
gboolean sgp_page_list_drafts(SgpCall *call, GError **error);

/* sgp-upload.c */
gboolean sgp_upload_create(SgpCall *call, GError **error);
gboolean sgp_upload_head(SgpCall *call, GError **error);
gboolean sgp_upload_delete(SgpCall *call, GError **error);

G_END_DECLS
