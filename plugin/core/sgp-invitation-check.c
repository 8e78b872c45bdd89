/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether what a portal shows is still what the office made: mailbox keys by fingerprint or escrow,
 * signature keys by the code that was given to the customer. What was once found right is
 * remembered, and never given up for something older. */

#include "sgp-invitation-private.h"

#include "sgp-customer-keys.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-registration-code.h"

#include <string.h>

#define SIGNATURE_PIN "signature-key:"

gboolean sgp_invitation_set_tampered(GError **error, const char *what)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "%s", what);
	return FALSE;
}

gboolean sgp_invitation_pin(SgpStore *store, const char *kind, const char *handle,
	const char *fingerprint, gint64 generation, GError **error)
{
	g_autofree char *name = g_strconcat(kind, handle, NULL);
	g_autofree char *value = g_strdup_printf("%s %" G_GINT64_FORMAT, fingerprint, generation);

	return sgp_store_set_value(store, name, value, error);
}

/* NULL and no error: nothing is remembered. generation: (out) 0 of what an earlier version
 * remembered. */
static char *lookup_pin(
	SgpStore *store, const char *kind, const char *handle, gint64 *generation, GError **error)
{
	g_autofree char *name = g_strconcat(kind, handle, NULL);
	g_autofree char *value = sgp_store_lookup_value(store, name, error);
	g_auto(GStrv) words = value ? g_strsplit(value, " ", 2) : NULL;

	*generation = words && words[0] && words[1] ? g_ascii_strtoll(words[1], NULL, 10) : 0;
	return words ? g_strdup(words[0]) : NULL;
}

char *sgp_invitation_lookup_signer(
	SgpStore *store, const char *handle, gint64 generation, GError **error)
{
	gint64 accepted = 0;
	g_autofree char *fingerprint = lookup_pin(store, SIGNATURE_PIN, handle, &accepted, error);

	return fingerprint && accepted == generation ? g_steal_pointer(&fingerprint) : NULL;
}

static char *certificate_fingerprint(const char *home, const char *armored, GError **error)
{
	g_autoptr(GBytes) bytes = g_bytes_new(armored, strlen(armored));
	SgpKeyRecord *record = sgp_gpgme_read_certificate(home, bytes, error);
	char *fingerprint = record ? g_strdup(record->fingerprint) : NULL;

	g_clear_pointer(&record, sgp_key_record_unref);
	return fingerprint;
}

/* The fingerprint of a private key, and its public part, by way of a throw-away home. */
gboolean sgp_invitation_read_private_key(
	const char *armored, char **fingerprint, char **certificate, GError **error)
{
	char *home = sgp_gpgme_home_new_temporary(error);
	g_autoptr(GBytes) bytes = g_bytes_new_with_free_func(armored, strlen(armored), NULL, NULL);
	g_autofree char *found = home ? sgp_gpgme_import(home, bytes, error) : NULL;
	g_autofree char *text = found ? sgp_gpgme_export(home, found, FALSE, error) : NULL;

	if (home)
		sgp_gpgme_home_destroy(home);
	if (!text)
		return FALSE;
	if (certificate)
		*certificate = g_steal_pointer(&text);
	*fingerprint = g_steal_pointer(&found);
	return TRUE;
}

gboolean sgp_invitation_check_mailbox_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, GCancellable *cancellable, GError **error)
{
	g_autofree char *fingerprint = NULL;
	g_autofree char *expected = NULL;
	gint64 generation = 0;
	g_autoptr(GError) local = NULL;

	if (!mailbox->mailbox_key)
		return sgp_invitation_set_tampered(
			error, "the portal shows a mailbox without a key");
	fingerprint = certificate_fingerprint(context->home, mailbox->mailbox_key, error);
	if (!fingerprint)
		return FALSE;
	expected = lookup_pin(
		context->store, SGP_INVITATION_MAILBOX_PIN, mailbox->handle, &generation, &local);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	/* A colleague invited this customer, or erased and invited them anew. What was remembered
	 * is never given up for an older escrow: a portal keeps those, too. */
	if (!expected ||
		(!g_str_equal(expected, fingerprint) && mailbox->generation > generation)) {
		g_autoptr(SgpEscrow) escrow =
			sgp_invitation_open_escrow(context, mailbox, cancellable, error);

		g_clear_pointer(&expected, g_free);
		if (!escrow ||
			!sgp_invitation_read_private_key(
				escrow->mailbox_key, &expected, NULL, error) ||
			(g_str_equal(expected, fingerprint) &&
				!sgp_invitation_pin(context->store, SGP_INVITATION_MAILBOX_PIN,
					mailbox->handle, expected, mailbox->generation, error)))
			return FALSE;
	}
	return g_str_equal(expected, fingerprint) ||
	       sgp_invitation_set_tampered(
		       error, "the portal shows another mailbox key than the office made");
}

/* The signature key that the portal shows, if somebody who knew the escrow's code made it. */
GBytes *sgp_invitation_read_signature_key(
	const SgpEscrow *escrow, const SgpPortalMailbox *mailbox, GError **error)
{
	g_autoptr(GBytes) key =
		mailbox->signature_key ? sgp_base64url_decode(mailbox->signature_key) : NULL;
	g_autoptr(GBytes) mac =
		mailbox->signature_mac ? sgp_base64url_decode(mailbox->signature_mac) : NULL;
	SgpCodeKeys keys;
	gboolean fits;

	if (!key || !mac) {
		sgp_invitation_set_tampered(
			error, "the portal shows no signature key for a registered customer");
		return NULL;
	}
	if (!sgp_registration_code_derive(
		    escrow->code, g_bytes_get_data(escrow->salt, NULL), &keys, error))
		return NULL;
	fits = sgp_registration_code_verify_signature_key(
		&keys, mailbox->handle, mailbox->generation, key, mac, error);
	explicit_bzero(&keys, sizeof(keys));
	return fits ? g_steal_pointer(&key) : NULL;
}

/* The customer chooses this key, and could write anybody's address into it: a colleague's, another
 * customer's. Certified by us it would sign as theirs, and what is written to them would be sealed
 * to it (test /invitation/a-key-that-names-somebody-else-is-not-accepted). So only the one that
 * says
 * "<address>" and nothing else is taken (PROTOCOL.md, CS), and only that user id is certified: the
 * keyring may know more of them. Returns the fingerprint. */
static char *take_signature_key(const SgpInvitationContext *context, const SgpEscrow *escrow,
	GBytes *key, GCancellable *cancellable, GError **error)
{
	g_autofree char *user_id = g_strdup_printf("<%s>", escrow->address);
	g_autofree char *fingerprint = NULL;
	gboolean is_theirs = FALSE;

	if (!sgp_gpgme_has_only_user_id(context->home, key, user_id, &is_theirs, error))
		return NULL;
	if (!is_theirs) {
		sgp_invitation_set_tampered(
			error, "the signature key names somebody else than the customer");
		return NULL;
	}
	fingerprint = sgp_customer_keys_import(
		context->store, context->home, escrow->handle, key, cancellable, error);
	if (!fingerprint || !sgp_gpgme_certify(context->home, context->account->staff_fingerprint,
				    fingerprint, user_id, TRUE, error))
		return NULL;
	return g_steal_pointer(&fingerprint);
}

/* So that what a customer signed before a reset still verifies here. They are vouched for by the
 * colleague who signed the escrow; one that gpg does not take only leaves old mail unverified. */
static void accept_former(
	const SgpInvitationContext *context, const SgpEscrow *escrow, GCancellable *cancellable)
{
	for (guint i = 0; i < escrow->former->len; i++) {
		g_autoptr(GBytes) key = sgp_base64url_decode(g_ptr_array_index(escrow->former, i));
		g_autoptr(GError) error = NULL;
		g_autofree char *fingerprint =
			key ? take_signature_key(context, escrow, key, cancellable, &error) : NULL;

		if (!fingerprint)
			g_message("a former signature key was not taken: %s",
				error ? error->message : "it is no key");
	}
}

gboolean sgp_invitation_accept_registration_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpEscrow) escrow =
		sgp_invitation_open_escrow(context, mailbox, cancellable, error);
	g_autoptr(GBytes) key =
		escrow ? sgp_invitation_read_signature_key(escrow, mailbox, error) : NULL;
	g_autofree char *fingerprint =
		key ? take_signature_key(context, escrow, key, cancellable, error) : NULL;

	if (!fingerprint)
		return FALSE;
	accept_former(context, escrow, cancellable);
	return sgp_invitation_pin(context->store, SIGNATURE_PIN, mailbox->handle, fingerprint,
		mailbox->generation, error);
}
