/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The interface of the places where keys are. Dispatches; knows no keyring and judges nothing. */
#include "sgp-key-source.h"

G_DEFINE_INTERFACE(SgpKeySource, sgp_key_source, G_TYPE_OBJECT)

static void sgp_key_source_default_init(SgpKeySourceInterface *interface)
{
}

char *sgp_key_source_dup_stamp(SgpKeySource *self)
{
	return SGP_KEY_SOURCE_GET_IFACE(self)->dup_stamp(self);
}

gboolean sgp_key_source_visit(SgpKeySource *self, SgpKeySourceFunc func, gpointer user_data,
	GCancellable *cancellable, GError **error)
{
	return SGP_KEY_SOURCE_GET_IFACE(self)->visit(self, func, user_data, cancellable, error);
}

SgpKeyRecord *sgp_key_source_load(
	SgpKeySource *self, const char *fingerprint, GCancellable *cancellable, GError **error)
{
	return SGP_KEY_SOURCE_GET_IFACE(self)->load(self, fingerprint, cancellable, error);
}

gboolean sgp_key_source_has_secret(SgpKeySource *self, const char *fingerprint,
	gboolean *has_secret, GCancellable *cancellable, GError **error)
{
	return SGP_KEY_SOURCE_GET_IFACE(self)->has_secret(
		self, fingerprint, has_secret, cancellable, error);
}

void sgp_key_source_check(SgpKeySource *self, const SgpKeyRecord *record, SgpKey *key, gint64 now,
	gboolean is_last_look, GCancellable *cancellable)
{
	SgpKeySourceInterface *interface = SGP_KEY_SOURCE_GET_IFACE(self);
	if (key->state == SGP_KEY_STATE_USABLE && interface->check != NULL)
		interface->check(self, record, key, now, is_last_look, cancellable);
}
