/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* For calls that ask gpg and the portal, and perhaps somebody for a passphrase. */
#define SGP_CARE_TIMEOUT_MS (300 * 1000)

/* Sentences about customers, computers and codes of the portal, beside those of sgp-words. What is
 * not known is named, never left out. (transfer full) unless said otherwise. */

/* State of a customer at the portal: "invited", "registered", ... */
char *sgp_care_words_dup_customer_state(const char *nick);
/* One member of ListCustomers, below its address: "registered, 2 messages unread since ...". */
char *sgp_care_words_dup_customer(JsonObject *customer);
/* State of a colleague's computer: "pending", "approved", "revoked". */
char *sgp_care_words_dup_device_state(const char *nick);
/* "ABCD EFGH …": read out and compared in fours. */
char *sgp_care_words_dup_fingerprint(const char *hex);
/* One member of SpoolList in a line: to whom, by which way. */
char *sgp_care_words_dup_copy(JsonObject *copy);
/* Since when, what happens to it, and what keeps it. */
char *sgp_care_words_dup_copy_state(JsonObject *copy);
/* Why one of these calls failed, and what to do. */
char *sgp_care_words_dup_error(const GError *error);

G_END_DECLS
