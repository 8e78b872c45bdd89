/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The settings of org.siegelpost: GSettings (schema looked up first: installed, then beside the
 * executable's ../data), over which a key file may lie (--settings). Without any schema the
 * defaults of the schema text built in hold. Thread-safe reads. */
#define SGP_TYPE_SETTINGS (sgp_settings_get_type())
G_DECLARE_FINAL_TYPE(SgpSettings, sgp_settings, SGP, SETTINGS, GObject)

/* key_file_path: (nullable). Errors: SGP_ERROR_INVALID with the bad key's name; REFUSED if the file
 * sets what the administrator locked. */
SgpSettings *sgp_settings_new(const char *key_file_path, GError **error);
GStrv sgp_settings_dup_strv(SgpSettings *self,
	const char *key); /* own-domains, own-addresses, partner-addresses, inquiry-relays,
			     authserv-ids, openpgp-trust, sendmail-command */
char *sgp_settings_dup_string(SgpSettings *self,
	const char *key); /* policy-profile, portal-url, portal-ca-file, internal-encryption,
			     prefer-protocol, verified-submission, language */
gboolean sgp_settings_get_boolean(SgpSettings *self,
	const char *key); /* protect-subject, require-authenticated-inquiry, allow-plain */
int sgp_settings_get_int(SgpSettings *self,
	const char *key); /* inquiry-valid-days 365, phone-valid-days 90, letter-valid-days 180 */
/* The setting gnupg-home, else $GNUPGHOME, else NULL: GnuPG's own default. (transfer full)
 * (nullable) */
char *sgp_settings_dup_gnupg_home(SgpSettings *self);
/* Everything, for the preferences page: key -> (value, writable). (transfer full) floating a{s(vb)}
 */
GVariant *sgp_settings_ref_all(SgpSettings *self);
/* Written to the key file where there is one (it lies on top), else to GSettings. Errors: REFUSED
 * (locked down, no schema), INVALID (unknown key, wrong type, not a choice, out of range), STORAGE.
 * Emits "changed" (key). */
gboolean sgp_settings_set(SgpSettings *self, const char *key, GVariant *value, GError **error);
/* For tests and the command line: one value over everything else. */
void sgp_settings_override(SgpSettings *self, const char *key, GVariant *value);

G_END_DECLS
