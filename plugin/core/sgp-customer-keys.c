/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Which keys of the keyring are there because of a portal's mailbox. It owns the list of them and
 * their removal. A customer chooses the key that is registered, and could choose somebody else's:
 * so what was in the keyring before is never on the list (test
 * /customer-keys/a-key-that-was-there-before-stays). Who signs for whom is sgp-invitation's. */

#include "sgp-customer-keys.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"

#define LIST "customer-keys:" /* with the handle; whole fingerprints, a blank between */

static char *lookup_list(SgpStore *store, const char *handle, GError **error)
{
	g_autofree char *name = g_strconcat(LIST, handle, NULL);

	return sgp_store_lookup_value(store, name, error);
}

static gboolean set_list(SgpStore *store, const char *handle, const char *list, GError **error)
{
	g_autofree char *name = g_strconcat(LIST, handle, NULL);

	return sgp_store_set_value(store, name, list, error);
}

static gboolean is_listed(const char *list, const char *fingerprint)
{
	g_auto(GStrv) words = g_strsplit(list ? list : "", " ", -1);

	return g_strv_contains((const char *const *)words, fingerprint);
}

static gboolean note(SgpStore *store, const char *handle, const char *fingerprint, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *list = lookup_list(store, handle, &local);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (is_listed(list, fingerprint))
		return TRUE;
	g_autofree char *longer = list && list[0] != '\0' ? g_strjoin(" ", list, fingerprint, NULL)
							  : g_strdup(fingerprint);

	return set_list(store, handle, longer, error);
}

/* is_there: (out) */
static gboolean look_in_keyring(const char *home, const char *fingerprint, gboolean *is_there,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;
	SgpKeyRecord *record = sgp_gpgme_load_record(home, fingerprint, cancellable, &local);

	*is_there = record != NULL;
	g_clear_pointer(&record, sgp_key_record_unref);
	if (!local || g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

char *sgp_customer_keys_import(SgpStore *store, const char *home, const char *handle, GBytes *key,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpKeyRecord) record = sgp_gpgme_read_certificate(home, key, error);
	gboolean is_there = TRUE;

	if (!record || !look_in_keyring(home, record->fingerprint, &is_there, cancellable, error))
		return NULL;
	/* Before it is there: a crash in between leaves nothing that nobody removes. */
	if (!is_there && !note(store, handle, record->fingerprint, error))
		return NULL;
	return sgp_gpgme_import(home, key, error);
}

/* One that is gone already is as good. One with a secret part is the user's own, whoever named it.
 */
static gboolean remove_key(
	const char *home, const char *fingerprint, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;

	if (sgp_gpgme_delete_public(home, fingerprint, cancellable, &local) ||
		g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND) ||
		g_error_matches(local, SGP_ERROR, SGP_ERROR_CONFLICT))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

gboolean sgp_customer_keys_forget(SgpStore *store, const char *home, const char *handle,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *list = lookup_list(store, handle, &local);
	g_auto(GStrv) words = g_strsplit(list ? list : "", " ", -1);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	for (char **one = words; *one; one++)
		if (**one != '\0' && !remove_key(home, *one, cancellable, error))
			return FALSE;
	return !list || list[0] == '\0' || set_list(store, handle, "", error);
}
