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
