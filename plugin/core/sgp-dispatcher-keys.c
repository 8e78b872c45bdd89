/* SPDX-License-Identifier: GPL-3.0-or-later */

/* When keys are looked for elsewhere: at a domain's key directory before sealing, and in received
 * mail. It owns the moment (never while typing, and only for people who may be written to); what is
 * found is kept as a candidate, and what that is worth is the look-up's. */

#include "sgp-dispatcher-private.h"
#include "sgp-deposited-keys.h"
#include "sgp-error.h"
#include "sgp-key-harvest.h"
#include "sgp-wkd.h"

static gboolean is_trusting_directories(SgpDispatcher *self)
{
	g_auto(GStrv) trust = sgp_settings_dup_strv(self->settings, "openpgp-trust");

	return trust && g_strv_contains((const char *const *)trust, "wkd");
}

static gboolean ask(SgpDispatcher *self, const char *addr_spec, gint64 now,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GBytes) keys = NULL;

	return sgp_wkd_lookup_sync(self->settings, addr_spec, &keys, cancellable, error) &&
	       sgp_key_candidates_set_wkd(
		       sgp_key_lookup_get_candidates(self->keys), addr_spec, keys, now, error);
}

/* Whether a key that counts more is known: then the domain need not hear of this mail. */
static gboolean has_better_key(SgpDispatcher *self, const char *addr_spec, gint64 now)
{
	g_autoptr(SgpKeyAnswer) answer = sgp_key_lookup_run(self->keys, addr_spec, now, NULL);

	for (guint i = 0; i < answer->keys->len; i++) {
		const SgpKey *key = g_ptr_array_index(answer->keys, i);

		if (key->channel == SGP_CHANNEL_OPENPGP && key->state == SGP_KEY_STATE_USABLE &&
			key->standing > SGP_KEY_STANDING_WKD)
			return TRUE;
	}
	return FALSE;
}

static gboolean is_known(
	SgpDispatcher *self, const char *addr_spec, gint64 now, gboolean *known, GError **error)
{
	SgpWkdState state = SGP_WKD_STATE_UNKNOWN;

	if (!sgp_key_candidates_lookup_wkd(
		    sgp_key_lookup_get_candidates(self->keys), addr_spec, now, &state, error))
		return FALSE;
	*known = state != SGP_WKD_STATE_UNKNOWN;
	return TRUE;
}

gboolean sgp_dispatcher_ask_key_directory_sync(SgpDispatcher *self, const char *addr_spec,
	gboolean even_if_untrusted, gint64 now, GCancellable *cancellable, GError **error)
{
	gboolean known = FALSE;

	if (even_if_untrusted)
		return ask(self, addr_spec, now, cancellable, error);
	if (!is_trusting_directories(self) || has_better_key(self, addr_spec, now))
		return TRUE;
	if (!is_known(self, addr_spec, now, &known, error))
		return FALSE;
	return known || ask(self, addr_spec, now, cancellable, error);
}

gboolean sgp_dispatcher_ask_key_directories_sync(
	SgpDispatcher *self, const SgpVerdict *verdict, gint64 now, GCancellable *cancellable)
{
	gboolean is_learnt = FALSE;

	if (!is_trusting_directories(self))
		return FALSE;
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);
		const char *addr_spec = sgp_address_get_addr_spec(one->address);
		g_autoptr(GError) error = NULL;
		gboolean known = TRUE;

		/* Whoever may not be written to is asked nothing, not even where their keys are. */
		if (one->basis == SGP_BASIS_NONE || one->channel == SGP_CHANNEL_PLAIN ||
			has_better_key(self, addr_spec, now))
			continue;
		if (is_known(self, addr_spec, now, &known, &error) && !known &&
			ask(self, addr_spec, now, cancellable, &error))
			is_learnt = TRUE;
		if (error)
			g_debug("keys: a directory: %s", error->message);
	}
	return is_learnt;
}

gboolean sgp_dispatcher_take_deposited_keys_sync(SgpDispatcher *self, const GPtrArray *mailboxes,
	gboolean may_ask, gint64 now, GCancellable *cancellable)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpPortalAccount) account = NULL;
	g_autofree char *language = NULL;
	gboolean is_learnt = FALSE;
	g_autoptr(SgpPortalClient) client =
		mailboxes && mailboxes->len > 0
			? sgp_dispatcher_open_portal_sync(self, &account, cancellable, &error)
			: NULL;
	SgpInvitationContext context;

	if (!client)
		return FALSE;
	sgp_dispatcher_fill_context(self, client, account, &language, &context);
	/* What could not be looked at stays as it is, and is looked at the next time. */
	for (guint i = 0; i < mailboxes->len; i++) {
		g_autoptr(GError) local = NULL;

		if (!sgp_deposited_keys_take_sync(&context,
			    sgp_key_lookup_get_candidates(self->keys),
			    g_ptr_array_index(mailboxes, i), may_ask, now, &is_learnt, cancellable,
			    &local))
			g_debug("keys: deposited ones: %s", local->message);
	}
	return is_learnt;
}

void sgp_dispatcher_harvest_keys(SgpDispatcher *self, const SgpMail *mail)
{
	sgp_key_harvest(sgp_key_lookup_get_candidates(self->keys), self->settings, mail);
}
