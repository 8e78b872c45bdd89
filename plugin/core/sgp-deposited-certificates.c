/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Certificates that customers deposit in the portal, on their way into the keybox, where gpgsm
 * judges them: issuer, revocation, usage. It owns the list of what came that way, so that it can
 * leave again; what was in the keybox before never does. It trusts nobody. */

#include "sgp-deposited-certificates.h"
#include "sgp-error.h"
#include "sgp-gpgsm.h"
#include "sgp-key-intake.h"

#include <string.h>

#define LIST          "deposited-certificates:" /* with the handle; whole fingerprints */
#define LIMIT_SECONDS 30

static char *lookup_list(SgpStore *store, const char *handle, GError **error)
{
	g_autofree char *name = g_strconcat(LIST, handle, NULL);

	return sgp_store_lookup_value(store, name, error);
}

/* fingerprints: (element-type utf8) */
static gboolean set_list(
	SgpStore *store, const char *handle, const GPtrArray *fingerprints, GError **error)
{
	g_autofree char *name = g_strconcat(LIST, handle, NULL);
	g_autoptr(GString) text = g_string_new(NULL);

	for (guint i = 0; i < fingerprints->len; i++)
		g_string_append_printf(text, "%s%s", i > 0 ? " " : "",
			(const char *)g_ptr_array_index(fingerprints, i));
	return sgp_store_set_value(store, name, text->str, error);
}

/* (transfer full) (nullable) NULL: it is no certificate, or names somebody else. */
static char *fingerprint_of(const SgpPortalMailbox *mailbox, const SgpDepositedKey *key)
{
	g_autoptr(GPtrArray) found =
		g_str_equal(key->kind, "smime") ? sgp_key_intake_read_certificate(key->key) : NULL;
	const SgpKeyIntake *first = found && found->len > 0 ? g_ptr_array_index(found, 0) : NULL;

	return first && sgp_key_record_has_address(first->record, mailbox->address)
		       ? g_strdup(first->record->fingerprint)
		       : NULL;
}

static gboolean look_in_keybox(const char *home, const char *fingerprint, gboolean *is_there,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(GBytes) der = sgp_gpgsm_load_certificate(home, fingerprint, cancellable, &local);

	*is_there = der != NULL;
	if (!local || g_error_matches(local, SGP_ERROR, SGP_ERROR_NOT_FOUND))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

/* What gpgsm refuses to take (a critical extension, say) is none for us: the error is not told. */
static gboolean import(
	const char *home, const SgpDepositedKey *key, GCancellable *cancellable, GError **error)
{
	const char *options[] = { "--import", NULL };
	g_autoptr(GBytes) pem = g_bytes_new(key->key, strlen(key->key));
	g_autoptr(GError) local = NULL;
	g_autoptr(GBytes) output =
		sgp_gpgsm_run(home, options, pem, LIMIT_SECONDS, cancellable, &local);

	if (output || g_error_matches(local, SGP_ERROR, SGP_ERROR_FAILED))
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

/* With a secret part it is the user's own, whoever deposited it. */
static gboolean remove_one(
	const char *home, const char *fingerprint, GCancellable *cancellable, GError **error)
{
	const char *options[] = { "--yes", "--delete-keys", fingerprint, NULL };
	g_autoptr(GError) local = NULL;
	g_autoptr(GBytes) output = NULL;
	gboolean is_there = FALSE, has_secret = TRUE;

	if (!look_in_keybox(home, fingerprint, &is_there, cancellable, error))
		return FALSE;
	if (!is_there)
		return TRUE;
	if (!sgp_gpgsm_has_secret(home, fingerprint, &has_secret, cancellable, error))
		return FALSE;
	if (has_secret)
		return TRUE;
	output = sgp_gpgsm_run(home, options, NULL, LIMIT_SECONDS, cancellable, error);
	return output != NULL;
}

static gboolean has(const GPtrArray *list, const char *fingerprint)
{
	return g_ptr_array_find_with_equal_func((GPtrArray *)list, fingerprint, g_str_equal, NULL);
}

/* Adds what came by this to `ours`, which is on disk before the keybox changes. */
static gboolean take_one(SgpStore *store, const char *home, const SgpPortalMailbox *mailbox,
	const SgpDepositedKey *key, GPtrArray *wanted, GPtrArray *ours, GCancellable *cancellable,
	GError **error)
{
	g_autofree char *fingerprint = fingerprint_of(mailbox, key);
	gboolean is_there = FALSE;

	if (!fingerprint)
		return TRUE;
	g_ptr_array_add(wanted, g_strdup(fingerprint));
	if (!look_in_keybox(home, fingerprint, &is_there, cancellable, error))
		return FALSE;
	if (is_there)
		return TRUE;
	if (!has(ours, fingerprint)) {
		g_ptr_array_add(ours, g_strdup(fingerprint));
		if (!set_list(store, mailbox->handle, ours, error))
			return FALSE;
	}
	return import(home, key, cancellable, error);
}

/* wanted: (nullable) what stays. */
static gboolean drop_others(SgpStore *store, const char *home, const char *handle,
	const GPtrArray *wanted, GPtrArray *ours, GCancellable *cancellable, GError **error)
{
	guint n_before = ours->len;

	for (guint i = ours->len; i-- > 0;) {
		const char *one = g_ptr_array_index(ours, i);

		if (wanted && has(wanted, one))
			continue;
		if (!remove_one(home, one, cancellable, error))
			return FALSE;
		g_ptr_array_remove_index(ours, i);
	}
	return ours->len == n_before || set_list(store, handle, ours, error);
}

/* (transfer full) (element-type utf8) NULL: could not look */
static GPtrArray *load_ours(SgpStore *store, const char *handle, GError **error)
{
	g_autoptr(GPtrArray) ours = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(GError) local = NULL;
	g_autofree char *list = lookup_list(store, handle, &local);
	g_auto(GStrv) words = g_strsplit(list ? list : "", " ", -1);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	for (char **one = words; *one; one++)
		if (**one != '\0')
			g_ptr_array_add(ours, g_strdup(*one));
	return g_steal_pointer(&ours);
}

static gboolean has_certificate(const GPtrArray *verified)
{
	for (guint i = 0; verified && i < verified->len; i++)
		if (g_str_equal(((SgpDepositedKey *)g_ptr_array_index(verified, i))->kind, "smime"))
			return TRUE;
	return FALSE;
}

gboolean sgp_deposited_certificates_sync(SgpStore *store, const char *home,
	const SgpPortalMailbox *mailbox, const GPtrArray *verified, gboolean *is_done,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) ours = load_ours(store, mailbox->handle, error);
	g_autoptr(GPtrArray) wanted = g_ptr_array_new_with_free_func(g_free);

	*is_done = TRUE;
	if (!ours)
		return FALSE;
	if (ours->len == 0 && !has_certificate(verified))
		return TRUE;
	if (!sgp_gpgsm_is_available()) {
		*is_done = FALSE;
		return TRUE;
	}
	for (guint i = 0; verified && i < verified->len; i++)
		if (!take_one(store, home, mailbox, g_ptr_array_index(verified, i), wanted, ours,
			    cancellable, error))
			return FALSE;
	return drop_others(store, home, mailbox->handle, wanted, ours, cancellable, error);
}

gboolean sgp_deposited_certificates_forget(SgpStore *store, const char *home, const char *handle,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GPtrArray) ours = load_ours(store, handle, error);

	if (!ours || ours->len == 0 || !sgp_gpgsm_is_available())
		return ours != NULL;
	return drop_others(store, home, handle, NULL, ours, cancellable, error);
}
