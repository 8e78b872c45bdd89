/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The only file that knows libsecret: keeps the device token and the spool's key in the user's
 * keyring. It never writes a secret anywhere else, never logs one, and never opens a prompt from
 * the background: a locked keyring is reported as LOCKED, which is neither "no secret" nor "no
 * service". */

#include "sgp-secret-store.h"
#include "sgp-error.h"

#include <libsecret/secret.h>

static const SecretSchema *get_schema(void)
{
	static const SecretSchema schema = {
		"org.siegelpost.Secret",
		SECRET_SCHEMA_NONE,
		{
			{ "kind", SECRET_SCHEMA_ATTRIBUTE_STRING },
			{ "scope", SECRET_SCHEMA_ATTRIBUTE_STRING },
			{ NULL, 0 },
		},
	};

	return &schema;
}

/* libsecret's and D-Bus's errors, as what the user can do about them. */
static gboolean explain(GError *from, GError **error)
{
	g_autoptr(GError) reason = from;

	if (g_error_matches(reason, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		g_propagate_error(error, g_steal_pointer(&reason));
	else if (g_error_matches(reason, SECRET_ERROR, SECRET_ERROR_IS_LOCKED))
		g_set_error(error, SGP_ERROR, SGP_ERROR_LOCKED, "the keyring is locked");
	else
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"the keyring did not answer: %s", reason->message);
	return FALSE;
}

static SecretService *open_service(GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;
	SecretService *service =
		secret_service_get_sync(SECRET_SERVICE_OPEN_SESSION, cancellable, &local);

	if (!service)
		explain(g_steal_pointer(&local), error);
	return service;
}

/* The entry, or NULL; TRUE for "looked". A search without SECRET_SEARCH_UNLOCK never prompts. */
static gboolean search(SecretService *service, const char *kind, const char *scope,
	SecretItem **item, GCancellable *cancellable, GError **error)
{
	g_autoptr(GHashTable) attributes =
		secret_attributes_build(get_schema(), "kind", kind, "scope", scope, NULL);
	g_autoptr(GError) local = NULL;
	GList *found = secret_service_search_sync(
		service, get_schema(), attributes, SECRET_SEARCH_NONE, cancellable, &local);

	if (local)
		return explain(g_steal_pointer(&local), error);
	*item = found ? g_object_ref(found->data) : NULL;
	g_list_free_full(found, g_object_unref);
	return TRUE;
}

char *sgp_secret_store_lookup_sync(
	const char *kind, const char *scope, GCancellable *cancellable, GError **error)
{
	g_autoptr(SecretService) service = open_service(cancellable, error);
	g_autoptr(SecretItem) item = NULL;
	g_autoptr(GError) local = NULL;

	if (!service || !search(service, kind, scope, &item, cancellable, error) || !item)
		return NULL;
	if (secret_item_get_locked(item)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_LOCKED, "the keyring is locked");
		return NULL;
	}
	if (!secret_item_load_secret_sync(item, cancellable, &local)) {
		explain(g_steal_pointer(&local), error);
		return NULL;
	}
	SecretValue *value = secret_item_get_secret(item);
	char *text = value ? g_strdup(secret_value_get_text(value)) : NULL;

	g_clear_pointer(&value, secret_value_unref);
	if (!text)
		g_set_error(error, SGP_ERROR, SGP_ERROR_LOCKED,
			"the keyring keeps the secret to itself");
	return text;
}

/* Storing into a locked collection would open a prompt: look first. No default collection at all is
 * "unreachable": making one needs a person, too. */
static gboolean check_unlocked(SecretService *service, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(SecretCollection) collection = secret_collection_for_alias_sync(
		service, SECRET_COLLECTION_DEFAULT, SECRET_COLLECTION_NONE, cancellable, &local);

	if (local)
		return explain(g_steal_pointer(&local), error);
	if (!collection) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "there is no default keyring");
		return FALSE;
	}
	if (secret_collection_get_locked(collection)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_LOCKED, "the keyring is locked");
		return FALSE;
	}
	return TRUE;
}

gboolean sgp_secret_store_save_sync(const char *kind, const char *scope, const char *label,
	const char *secret, GCancellable *cancellable, GError **error)
{
	g_autoptr(SecretService) service = open_service(cancellable, error);
	g_autoptr(GError) local = NULL;

	if (!service || !check_unlocked(service, cancellable, error))
		return FALSE;
	if (!secret_password_store_sync(get_schema(), SECRET_COLLECTION_DEFAULT, label, secret,
		    cancellable, &local, "kind", kind, "scope", scope, NULL))
		return explain(g_steal_pointer(&local), error);
	return TRUE;
}

gboolean sgp_secret_store_clear_sync(
	const char *kind, const char *scope, GCancellable *cancellable, GError **error)
{
	g_autoptr(SecretService) service = open_service(cancellable, error);
	g_autoptr(SecretItem) item = NULL;
	g_autoptr(GError) local = NULL;

	if (!service || !search(service, kind, scope, &item, cancellable, error))
		return FALSE;
	if (!item)
		return TRUE;
	if (secret_item_get_locked(item)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_LOCKED, "the keyring is locked");
		return FALSE;
	}
	if (!secret_item_delete_sync(item, cancellable, &local))
		return explain(g_steal_pointer(&local), error);
	return TRUE;
}

void sgp_secret_free(char *secret)
{
	secret_password_free(secret);
}
