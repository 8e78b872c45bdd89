/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Keys that customers deposit in the portal. It owns the check of the customer's signature over
 * each, by the signature key that was accepted at the registration: the portal's word makes no key
 * anybody's (test /deposited-keys/a-key-of-the-portal-s-own-is-no-channel). What a key is good for
 * is judged elsewhere. */

#include "sgp-deposited-keys.h"
#include "sgp-deposited-certificates.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"

#include <string.h>

/* "sgp1 key" 00 handle 00 generation 00 kind 00 key (PROTOCOL.md). */
static GBytes *signed_bytes(const SgpPortalMailbox *mailbox, const SgpDepositedKey *key)
{
	GByteArray *bytes = g_byte_array_new();
	g_autofree char *generation = g_strdup_printf("%" G_GINT64_FORMAT, mailbox->generation);
	const char *parts[] = { "sgp1 key", mailbox->handle, generation, key->kind };

	for (gsize i = 0; i < G_N_ELEMENTS(parts); i++)
		g_byte_array_append(bytes, (const guint8 *)parts[i], (guint)strlen(parts[i]) + 1);
	g_byte_array_append(bytes, (const guint8 *)key->key, (guint)strlen(key->key));
	return g_byte_array_free_to_bytes(bytes);
}

/* Whether to look again later; what else gpg says is that the signature is none. */
static gboolean is_passing(const GError *error)
{
	return g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
	       g_error_matches(error, SGP_ERROR, SGP_ERROR_UNREACHABLE) ||
	       g_error_matches(error, SGP_ERROR, SGP_ERROR_LOCKED) ||
	       g_error_matches(error, SGP_ERROR, SGP_ERROR_STORAGE);
}

typedef struct {
	const SgpInvitationContext *context;
	const SgpPortalMailbox *mailbox;
	char *signer;        /* (owned) (nullable) */
	GPtrArray *verified; /* (owned) (element-type SgpDepositedKey) (borrowed elements) */
	GPtrArray *claimed;  /* (owned) the same */
	gboolean is_certain; /* no need to look again until something changes */
} Look;

static void look_clear(Look *self)
{
	g_free(self->signer);
	g_clear_pointer(&self->verified, g_ptr_array_unref);
	g_clear_pointer(&self->claimed, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Look, look_clear)

/* What was looked at: the same again needs no gpg. */
static char *digest_of(const Look *self)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autofree char *head = g_strdup_printf("%s %" G_GINT64_FORMAT " %s",
		sgp_mailbox_state_get_nick(self->mailbox->state), self->mailbox->generation,
		self->signer ? self->signer : "-");

	g_checksum_update(sum, (const guchar *)head, (gssize)strlen(head) + 1);
	for (guint i = 0; i < self->mailbox->keys->len; i++) {
		const SgpDepositedKey *key = g_ptr_array_index(self->mailbox->keys, i);
		const char *signature = key->signature ? key->signature : "";

		g_checksum_update(sum, (const guchar *)key->kind, (gssize)strlen(key->kind) + 1);
		g_checksum_update(sum, (const guchar *)key->key, (gssize)strlen(key->key) + 1);
		g_checksum_update(sum, (const guchar *)signature, (gssize)strlen(signature) + 1);
	}
	return g_strdup(g_checksum_get_string(sum));
}

/* Who signs for this customer, as this device accepted it. */
static gboolean find_signer(Look *self, gboolean may_ask, GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;
	const SgpPortalMailbox *mailbox = self->mailbox;

	self->signer = sgp_invitation_lookup_signer(
		self->context->store, mailbox->handle, mailbox->generation, &local);
	if (!local && !self->signer && may_ask && mailbox->keys->len > 0 &&
		mailbox->state == SGP_MAILBOX_STATE_REGISTERED) {
		if (sgp_invitation_accept_registration_sync(
			    self->context, mailbox, cancellable, &local))
			self->signer = sgp_invitation_lookup_signer(
				self->context->store, mailbox->handle, mailbox->generation, &local);
		else if (!is_passing(local))
			g_clear_error(&local); /* a colleague's business, or a lie: no signer */
	}
	if (!local)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

static gboolean verify(Look *self, const SgpDepositedKey *key, gboolean *is_signed, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(GBytes) bytes = signed_bytes(self->mailbox, key);

	*is_signed = self->signer && key->signature &&
		     sgp_gpgme_verify_detached(
			     self->context->home, bytes, key->signature, self->signer, &local);
	if (is_passing(local)) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (local && !g_error_matches(local, SGP_ERROR, SGP_ERROR_TAMPERED))
		self->is_certain = FALSE;
	return TRUE;
}

/* A frozen or an invited customer deposits nothing; what they had is not what anybody vouches for
 * at present. */
static gboolean sort_keys(Look *self, GError **error)
{
	for (guint i = 0; i < self->mailbox->keys->len; i++) {
		SgpDepositedKey *key = g_ptr_array_index(self->mailbox->keys, i);
		gboolean is_signed = FALSE;

		if (self->mailbox->state == SGP_MAILBOX_STATE_REGISTERED &&
			!verify(self, key, &is_signed, error))
			return FALSE;
		g_ptr_array_add(is_signed ? self->verified : self->claimed, key);
	}
	return TRUE;
}

gboolean sgp_deposited_keys_take_sync(const SgpInvitationContext *context,
	SgpKeyCandidates *candidates, const SgpPortalMailbox *mailbox, gboolean may_ask, gint64 now,
	gboolean *is_learnt, GCancellable *cancellable, GError **error)
{
	g_auto(Look) self = { context, mailbox, NULL, g_ptr_array_new(), g_ptr_array_new(), TRUE };
	g_autofree char *name = g_strconcat("deposited-keys:", mailbox->handle, NULL);
	gboolean is_done = TRUE;
	g_autoptr(GError) local = NULL;
	g_autofree char *known = sgp_store_lookup_value(context->store, name, &local);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (mailbox->state == SGP_MAILBOX_STATE_UNKNOWN || (!known && mailbox->keys->len == 0))
		return TRUE;
	if (!find_signer(&self, may_ask, cancellable, error))
		return FALSE;
	g_autofree char *digest = digest_of(&self);

	if (g_strcmp0(known, digest) == 0)
		return TRUE;
	if (!sort_keys(&self, error) ||
		!sgp_key_candidates_set_deposited(
			candidates, mailbox->address, self.verified, self.claimed, now, error) ||
		!sgp_deposited_certificates_sync(context->store, context->home, mailbox,
			self.verified, &is_done, cancellable, error))
		return FALSE;
	self.is_certain = self.is_certain && is_done;
	*is_learnt = TRUE;
	return sgp_store_set_value(context->store, name, self.is_certain ? digest : "", error);
}
