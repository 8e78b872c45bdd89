/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The escrow: what a colleague needs to invite the same customer again, sealed for the office and
 * signed by who made it. One that is not about its mailbox, or signed by nobody of the office, is
 * refused: a server must not be able to make one. */

#include "sgp-invitation-private.h"

#include "sgp-gpgme.h"
#include "sgp-portal-roster.h"
#include "sgp-protocol.h"

#include <string.h>

void sgp_invitation_free_secret(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	g_free(text);
}

void sgp_escrow_free(SgpEscrow *self)
{
	g_free(self->address);
	g_free(self->handle);
	sgp_invitation_free_secret(self->mailbox_key);
	sgp_invitation_free_secret(self->code);
	g_clear_pointer(&self->salt, g_bytes_unref);
	g_clear_pointer(&self->former, g_ptr_array_unref);
	g_free(self);
}

SgpEscrow *sgp_escrow_new(void)
{
	SgpEscrow *self = g_new0(SgpEscrow, 1);

	self->former = g_ptr_array_new_with_free_func(g_free);
	return self;
}

static gboolean feed_bytes(
	GOutputStream *to, gpointer bytes, GCancellable *cancellable, GError **error)
{
	gsize length = 0;
	const void *data = g_bytes_get_data(bytes, &length);

	return g_output_stream_write_all(to, data, length, NULL, cancellable, error);
}

char *sgp_invitation_json_text(JsonObject *object)
{
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), object);

	return json_to_string(node, FALSE);
}

void sgp_escrow_set_former(JsonObject *object, const GPtrArray *former)
{
	JsonArray *list = json_array_new();

	for (guint i = 0; i < former->len; i++)
		json_array_add_string_element(list, g_ptr_array_index(former, i));
	json_object_set_array_member(object, SGP_ESCROW_FORMER, list);
}

/* An escrow from before there were resets has none. */
static void get_former(JsonObject *object, GPtrArray *former)
{
	JsonNode *node = json_object_get_member(object, SGP_ESCROW_FORMER);
	JsonArray *list = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	for (guint i = 0; list && i < json_array_get_length(list); i++) {
		JsonNode *one = json_array_get_element(list, i);

		if (JSON_NODE_HOLDS_VALUE(one) && json_node_get_value_type(one) == G_TYPE_STRING)
			g_ptr_array_add(former, json_node_dup_string(one));
	}
}

char *sgp_invitation_seal_escrow(const SgpInvitationContext *context, const SgpEscrow *escrow,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(JsonObject) object = json_object_new();
	const char *readers[] = { context->account->office_fingerprint, NULL };
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();

	json_object_set_int_member(object, "v", SGP_PROTOCOL_VERSION);
	sgp_protocol_set_text(object, "address", escrow->address);
	sgp_protocol_set_text(object, "handle", escrow->handle);
	json_object_set_int_member(object, "generation", escrow->generation);
	sgp_protocol_set_text(object, "mailbox_key", escrow->mailbox_key);
	sgp_protocol_set_text(object, "code", escrow->code);
	sgp_protocol_set_b64u(object, "salt", escrow->salt);
	sgp_escrow_set_former(object, escrow->former);
	char *text = sgp_invitation_json_text(object);
	g_autoptr(GBytes) bytes = g_bytes_new_with_free_func(
		text, strlen(text), (GDestroyNotify)sgp_invitation_free_secret, text);

	if (!sgp_gpgme_encrypt(context->home, readers, context->account->staff_fingerprint, TRUE,
		    feed_bytes, bytes, out, cancellable, error) ||
		!g_output_stream_close(out, NULL, error))
		return NULL;
	g_autoptr(GBytes) sealed =
		g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
	gsize length = 0;
	const char *data = g_bytes_get_data(sealed, &length);

	return g_strndup(data, length);
}

SgpEscrow *sgp_escrow_parse(GBytes *plain)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(plain, &length);
	g_autoptr(JsonObject) object = sgp_protocol_parse_object(data, length);
	g_autoptr(SgpEscrow) escrow = sgp_escrow_new();

	if (!object || !sgp_protocol_get_integer(object, "generation", &escrow->generation))
		return NULL;
	escrow->address = g_strdup(sgp_protocol_get_text(object, "address"));
	escrow->handle = g_strdup(sgp_protocol_get_text(object, "handle"));
	escrow->mailbox_key = g_strdup(sgp_protocol_get_text(object, "mailbox_key"));
	escrow->code = g_strdup(sgp_protocol_get_text(object, "code"));
	escrow->salt = sgp_protocol_dup_b64u(object, "salt");
	get_former(object, escrow->former);
	if (!escrow->address || !escrow->handle || !escrow->mailbox_key || !escrow->code ||
		!escrow->salt || g_bytes_get_size(escrow->salt) != SGP_ESCROW_SALT_BYTES)
		return NULL;
	return g_steal_pointer(&escrow);
}

/* Whether this signer is named by the office's roster; one who left vouches for what they made
 * before: they had the office key, which signs rosters, so that to refuse them would only keep
 * customers out. */
static gboolean is_in_roster(const SgpInvitationContext *context, const char *signer,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPortalOffice) office =
		sgp_portal_client_load_office_sync(context->client, cancellable, error);

	if (!office || !sgp_portal_office_verify(office, context->home,
			       context->account->office_fingerprint,
			       context->account->roster_version, error))
		return FALSE;
	return sgp_portal_roster_knows(office->roster, signer) ||
	       sgp_invitation_set_tampered(error, "an escrow is signed by nobody of the office");
}

/* A colleague's key that is not here yet comes with the roster. */
static gboolean take_colleagues_keys(
	const SgpInvitationContext *context, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpPortalOffice) office =
		sgp_portal_client_load_office_sync(context->client, cancellable, error);

	return office &&
	       sgp_portal_office_verify(office, context->home, context->account->office_fingerprint,
		       context->account->roster_version, error) &&
	       sgp_portal_roster_take_keys(office->roster, context->home, cancellable, error);
}

/* signer: (out) (nullable) */
static GBytes *decrypt(const SgpInvitationContext *context, GBytes *sealed, char **signer,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(GBytes) plain =
		sgp_gpgme_decrypt(context->home, sealed, signer, cancellable, error);

	if (!plain || *signer)
		return g_steal_pointer(&plain);
	if (!take_colleagues_keys(context, cancellable, error))
		return NULL;
	return sgp_gpgme_decrypt(context->home, sealed, signer, cancellable, error);
}

/* Opens the mailbox's escrow with the office key. It must be about this very mailbox and signed by
 * staff: else a server could make a mailbox of its own, with a key of its own, to which we would
 * then encrypt. */
SgpEscrow *sgp_invitation_open_escrow(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, GCancellable *cancellable, GError **error)
{
	g_autofree char *signer = NULL;
	g_autoptr(SgpEscrow) escrow = NULL;

	if (!mailbox->escrow) {
		sgp_invitation_set_tampered(error, "the portal shows a mailbox without an escrow");
		return NULL;
	}
	g_autoptr(GBytes) sealed = g_bytes_new(mailbox->escrow, strlen(mailbox->escrow));
	g_autoptr(GBytes) plain = decrypt(context, sealed, &signer, cancellable, error);

	if (!plain)
		return NULL;
	escrow = sgp_escrow_parse(plain);
	if (!escrow || !signer || !g_str_equal(escrow->address, mailbox->address) ||
		!g_str_equal(escrow->handle, mailbox->handle) ||
		escrow->generation != mailbox->generation) {
		sgp_invitation_set_tampered(error, "an escrow is not that of its mailbox");
		return NULL;
	}
	if (g_strcmp0(signer, context->account->staff_fingerprint) != 0 &&
		!is_in_roster(context, signer, cancellable, error))
		return NULL;
	return g_steal_pointer(&escrow);
}
