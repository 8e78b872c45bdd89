/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads one copy of a message and how it was judged, as whoever asks trusts servers and relays now.
 * Owns which columns that takes; never decides which messages are asked for. */
#include "sgp-history-copy-private.h"

#include "sgp-inquiry-scan.h"

void sgp_history_trust_clear(SgpHistoryTrust *self)
{
	g_strfreev(self->relays);
	g_strfreev(self->authserv_ids);
}

gboolean sgp_history_trust_is_relay(const SgpHistoryTrust *trust, const char *author)
{
	return author != NULL && g_strv_contains((const char *const *)trust->relays, author);
}

SgpHistoryTrust sgp_history_trust_read(SgpHistory *history)
{
	g_auto(GStrv) raw =
		sgp_settings_dup_strv(sgp_history_get_settings(history), "inquiry-relays");
	g_autoptr(GPtrArray) relays = g_ptr_array_new();
	for (guint i = 0; raw != NULL && raw[i] != NULL; i++) {
		g_autoptr(SgpAddress) relay = sgp_address_new(raw[i], NULL);
		if (relay != NULL)
			g_ptr_array_add(relays, g_strdup(sgp_address_get_addr_spec(relay)));
	}
	g_ptr_array_add(relays, NULL);
	SgpHistoryTrust trust = {
		.relays = (GStrv)g_ptr_array_free(g_steal_pointer(&relays), FALSE),
		.authserv_ids =
			sgp_settings_dup_strv(sgp_history_get_settings(history), "authserv-ids"),
		.needs_authentication = sgp_settings_get_boolean(
			sgp_history_get_settings(history), "require-authenticated-inquiry"),
	};
	return trust;
}

SgpHistoryCopy sgp_history_copy_read(sqlite3_stmt *row)
{
	SgpHistoryCopy copy = {
		.key = sqlite3_column_int64(row, 0),
		.date = sqlite3_column_int64(row, 2),
		.id = (guint64)sqlite3_column_int64(row, 1),
		.author = sgp_store_column_text(row, 3),
		.role = (SgpFolderRole)sqlite3_column_int(row, 4),
		.uri = sgp_store_column_text(row, 5),
		.uid = sgp_store_column_text(row, 6),
		.is_judged = sqlite3_column_int(row, 7) != 0,
	};
	return copy;
}

/* Relays are exempt from Auto-Submitted, and from nothing else. */
const char *sgp_history_copy_get_not_personal(
	const SgpHistoryTrust *trust, sqlite3_stmt *row, const SgpHistoryCopy *copy)
{
	const char *nick = sgp_store_column_text(row, 9);
	gboolean is_exempt = g_strcmp0(nick, "auto-submitted") == 0 &&
			     sgp_history_trust_is_relay(trust, copy->author);
	return is_exempt ? NULL : nick;
}

SgpAuthentication sgp_history_copy_get_authentication(
	const SgpHistoryTrust *trust, sqlite3_stmt *row)
{
	const char *kept = sgp_store_column_text(row, 10);
	return sgp_inquiry_scan_choose_authentication(
		kept != NULL ? kept : "", (const char *const *)trust->authserv_ids);
}

static GStrv split_addresses(const char *joined)
{
	return g_strsplit(joined != NULL ? joined : "", ",", -1);
}

SgpMessageFact *sgp_history_copy_dup_fact(
	const SgpHistoryTrust *trust, sqlite3_stmt *row, const SgpHistoryCopy *copy)
{
	SgpMessageFact *fact = sgp_message_fact_new();
	const char *message_id = sgp_store_column_text(row, 8);
	const char *reply_to = sgp_store_column_text(row, 13);
	fact->message_id = message_id != NULL && *message_id != '\0' ? g_strdup(message_id) : NULL;
	fact->author = g_strdup(copy->author);
	if (fact->author == NULL)
		fact->authors = split_addresses(sgp_store_column_text(row, 18));
	fact->reply_to = split_addresses(reply_to);
	fact->is_judged = TRUE;
	fact->is_received = copy->role == SGP_FOLDER_ROLE_MAIL;
	fact->not_personal = g_strdup(sgp_history_copy_get_not_personal(trust, row, copy));
	fact->authentication = sgp_history_copy_get_authentication(trust, row);
	fact->opt_out = (SgpOptOut)sqlite3_column_int(row, 11);
	fact->sentence = g_strdup(sgp_store_column_text(row, 12));
	fact->date = sqlite3_column_int64(row, 14);
	fact->subject = g_strdup(sgp_store_column_text(row, 15));
	fact->protocol = (SgpChannel)sqlite3_column_int(row, 16);
	return fact;
}
