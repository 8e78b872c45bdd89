/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Mailbox keys and registration codes: how they are made and wrapped. The private mailbox key is in
 * memory only for as long as it takes; the code leaves only to be shown to staff. Neither is ever
 * logged, and the server gets only wraps, a hash and the escrow. */

#include "sgp-invitation-private.h"

#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-protocol.h"
#include "sgp-registration-code.h"

#include <gcrypt.h>
#include <string.h>

void sgp_invitation_free(SgpInvitation *self)
{
	g_free(self->address);
	sgp_invitation_free_secret(self->code);
	g_free(self);
}

static SgpInvitation *invitation_new(const char *address, const char *code, gint64 valid_until)
{
	SgpInvitation *self = g_new0(SgpInvitation, 1);

	self->address = g_strdup(address);
	self->code = g_strdup(code);
	self->valid_until = valid_until;
	return self;
}

/* Making */

static gboolean generate_mailbox_key(const char *address, char **private_key, GError **error)
{
	char *home = sgp_gpgme_home_new_temporary(error);
	g_autofree char *uid = g_strdup_printf("<%s>", address);
	g_autofree char *fingerprint = home ? sgp_gpgme_generate(home, uid, error) : NULL;
	char *text = fingerprint ? sgp_gpgme_export(home, fingerprint, TRUE, error) : NULL;

	if (home)
		sgp_gpgme_home_destroy(home);
	*private_key = text;
	return text != NULL;
}

/* The plaintext of the code wrap, padded so that its length says nothing about the address. */
static GBytes *wrap_plain(const SgpInvitationContext *context, const SgpEscrow *escrow)
{
	g_autoptr(JsonObject) object = json_object_new();

	json_object_set_int_member(object, "v", SGP_PROTOCOL_VERSION);
	sgp_protocol_set_text(object, "portal", context->account->origin);
	sgp_protocol_set_text(object, "address", escrow->address);
	sgp_protocol_set_text(object, "handle", escrow->handle);
	json_object_set_int_member(object, "generation", escrow->generation);
	sgp_protocol_set_text(object, "mailbox_key", escrow->mailbox_key);
	sgp_protocol_set_text(object, "office", context->account->office_fingerprint);
	if (escrow->former->len > 0)
		sgp_escrow_set_former(object, escrow->former);
	char *text = sgp_invitation_json_text(object);
	gsize length = strlen(text);
	gsize padded = (length + SGP_PROTOCOL_WRAP_PAGE - 1) / SGP_PROTOCOL_WRAP_PAGE *
		       SGP_PROTOCOL_WRAP_PAGE;
	char *page = g_malloc(padded + 1);

	memset(page, ' ', padded);
	page[padded] = '\0';
	memcpy(page, text, length);
	sgp_invitation_free_secret(text);
	return g_bytes_new_with_free_func(
		page, padded, (GDestroyNotify)sgp_invitation_free_secret, page);
}

static GBytes *auth_hash(const SgpCodeKeys *keys)
{
	guint8 digest[32];

	gcry_md_hash_buffer(GCRY_MD_SHA256, digest, keys->auth, sizeof(keys->auth));
	return g_bytes_new(digest, sizeof(digest));
}

/* Tells the portal. Only after it said yes does this device remember the key. */
static SgpInvitation *publish(const SgpInvitationContext *context, const SgpEscrow *escrow,
	const SgpCodeKeys *keys, SgpInviting inviting, const char *identity_record,
	GCancellable *cancellable, GError **error)
{
	g_autofree char *fingerprint = NULL;
	g_autofree char *certificate = NULL;
	g_autoptr(GBytes) plain = wrap_plain(context, escrow);
	g_autoptr(GBytes) wrap =
		sgp_wrap_seal(keys->kek, "code", escrow->handle, escrow->generation, plain, error);
	g_autofree char *sealed =
		wrap ? sgp_invitation_seal_escrow(context, escrow, cancellable, error) : NULL;
	g_autoptr(GBytes) hash = auth_hash(keys);
	gint64 expires = 0;

	if (!sealed || !sgp_invitation_read_private_key(
			       escrow->mailbox_key, &fingerprint, &certificate, error))
		return NULL;
	SgpPortalCustomer customer = { escrow->handle, escrow->address, context->language,
		escrow->generation, certificate, wrap, escrow->salt, hash, sealed, inviting,
		identity_record };

	if (!sgp_portal_client_put_customer_sync(
		    context->client, &customer, &expires, cancellable, error) ||
		!sgp_invitation_pin(context->store, SGP_INVITATION_MAILBOX_PIN, escrow->handle,
			fingerprint, escrow->generation, error))
		return NULL;
	return invitation_new(escrow->address, escrow->code, expires);
}

/* last: (nullable) the escrow of so far, whose mailbox key is kept; NULL: a new mailbox. */
static SgpInvitation *invite(const SgpInvitationContext *context, const SgpPortalMailbox *mailbox,
	const SgpEscrow *last, SgpInviting inviting, const char *identity_record,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpEscrow) escrow = sgp_escrow_new();
	guint8 salt[SGP_ESCROW_SALT_BYTES];
	SgpCodeKeys keys;
	SgpInvitation *invitation;

	escrow->mailbox_key = last ? g_strdup(last->mailbox_key) : NULL;
	if (!last && !generate_mailbox_key(mailbox->address, &escrow->mailbox_key, error))
		return NULL;
	for (guint i = 0; last && i < last->former->len; i++)
		g_ptr_array_add(escrow->former, g_strdup(g_ptr_array_index(last->former, i)));
	gcry_randomize(salt, sizeof(salt), GCRY_STRONG_RANDOM);
	escrow->address = g_strdup(mailbox->address);
	escrow->handle = g_strdup(mailbox->handle);
	escrow->generation = mailbox->generation + 1;
	escrow->code = sgp_registration_code_new();
	escrow->salt = g_bytes_new(salt, sizeof(salt));
	if (!sgp_registration_code_derive(escrow->code, salt, &keys, error))
		return NULL;
	invitation = publish(context, escrow, &keys, inviting, identity_record, cancellable, error);
	explicit_bzero(&keys, sizeof(keys));
	return invitation;
}

/* Only the code's presence depends on the office key being here; a swapped escrow is told, not
 * hidden. */
static SgpInvitation *show(const SgpInvitationContext *context, const SgpPortalMailbox *mailbox,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpEscrow) escrow =
		sgp_invitation_open_escrow(context, mailbox, cancellable, &local);

	if (!escrow && (g_error_matches(local, SGP_ERROR, SGP_ERROR_TAMPERED) ||
			       g_error_matches(local, G_IO_ERROR, G_IO_ERROR_CANCELLED))) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	return invitation_new(
		mailbox->address, escrow ? escrow->code : NULL, mailbox->invitation_expires);
}

SgpInvitation *sgp_invitation_ensure_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, GCancellable *cancellable, GError **error)
{
	switch (mailbox->state) {
	case SGP_MAILBOX_STATE_NONE:
		return invite(context, mailbox, NULL, SGP_INVITING_FIRST, NULL, cancellable, error);
	case SGP_MAILBOX_STATE_EXPIRED: {
		g_autoptr(SgpEscrow) escrow =
			sgp_invitation_open_escrow(context, mailbox, cancellable, error);

		return escrow ? invite(context, mailbox, escrow, SGP_INVITING_FIRST, NULL,
					cancellable, error)
			      : NULL;
	}
	case SGP_MAILBOX_STATE_INVITED:
		return show(context, mailbox, cancellable, error);
	case SGP_MAILBOX_STATE_UNKNOWN:
	case SGP_MAILBOX_STATE_REGISTERED:
	case SGP_MAILBOX_STATE_FROZEN:
		return NULL;
	}
	return NULL;
}

/* Renewal and reset */

static gboolean is_state(
	const SgpPortalMailbox *mailbox, SgpMailboxState one, SgpMailboxState other, GError **error)
{
	if (mailbox->state == one || mailbox->state == other)
		return TRUE;
	g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "the mailbox is not in a state for that");
	return FALSE;
}

SgpInvitation *sgp_invitation_renew_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpEscrow) last = NULL;

	/* The key first: a portal that goes back to an older escrow would else have it signed
	 * anew. */
	if (!is_state(mailbox, SGP_MAILBOX_STATE_INVITED, SGP_MAILBOX_STATE_EXPIRED, error) ||
		!sgp_invitation_check_mailbox_sync(context, mailbox, cancellable, error))
		return NULL;
	last = sgp_invitation_open_escrow(context, mailbox, cancellable, error);
	return last ? invite(context, mailbox, last, SGP_INVITING_RENEWAL, NULL, cancellable, error)
		    : NULL;
}

SgpInvitation *sgp_invitation_reset_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, const char *identity_record, GCancellable *cancellable,
	GError **error)
{
	g_autoptr(SgpEscrow) last = NULL;
	g_autoptr(GBytes) key = NULL;
	char *text;

	/* Whoever talks staff into a reset gets the mailbox: nobody may do it without having
	 * written down whom they asked what (test
	 * /invitation/nobody-is-reset-without-a-record-of-who-they-are). */
	if (!identity_record || identity_record[0] == '\0') {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
			"a reset needs a record of how the customer was identified");
		return NULL;
	}
	if (!is_state(mailbox, SGP_MAILBOX_STATE_REGISTERED, SGP_MAILBOX_STATE_FROZEN, error) ||
		!sgp_invitation_check_mailbox_sync(context, mailbox, cancellable, error))
		return NULL;
	last = sgp_invitation_open_escrow(context, mailbox, cancellable, error);
	key = last ? sgp_invitation_read_signature_key(last, mailbox, error) : NULL;
	if (!key)
		return NULL;
	text = sgp_base64url_encode(g_bytes_get_data(key, NULL), g_bytes_get_size(key));
	g_ptr_array_add(last->former, text);
	return invite(
		context, mailbox, last, SGP_INVITING_RESET, identity_record, cancellable, error);
}
