/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Mailbox keys and registration codes. It owns how they are made, wrapped and escrowed, and the
 * check that what a portal shows later is still that. The private mailbox key is in memory only for
 * as long as it takes; the code leaves this file only to be shown to staff. Neither is ever logged,
 * and the server gets only wraps, a hash and the escrow. */

#include "sgp-invitation.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-portal-roster.h"
#include "sgp-protocol.h"
#include "sgp-registration-code.h"

#include <gcrypt.h>
#include <string.h>

#define SALT_BYTES 16

/* What an escrow holds, or is about to hold. */
typedef struct {
	char *address; /* (owned) */
	char *handle;  /* (owned) */
	gint64 generation;
	char *mailbox_key; /* (owned) armored private key */
	char *code;        /* (owned) */
	GBytes *salt;      /* (owned) */
	GPtrArray *former; /* (owned) (element-type utf8) b64u: signature keys from before resets */
} Escrow;

static void free_secret(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	g_free(text);
}

static void escrow_free(Escrow *self)
{
	g_free(self->address);
	g_free(self->handle);
	free_secret(self->mailbox_key);
	free_secret(self->code);
	g_clear_pointer(&self->salt, g_bytes_unref);
	g_clear_pointer(&self->former, g_ptr_array_unref);
	g_free(self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Escrow, escrow_free)

static Escrow *escrow_new(void)
{
	Escrow *self = g_new0(Escrow, 1);

	self->former = g_ptr_array_new_with_free_func(g_free);
	return self;
}

void sgp_invitation_free(SgpInvitation *self)
{
	g_free(self->address);
	free_secret(self->code);
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

/* Remembered fingerprints, each with its generation */

#define MAILBOX_PIN   "mailbox-key:"
#define SIGNATURE_PIN "signature-key:"

static gboolean pin(SgpStore *store, const char *kind, const char *handle, const char *fingerprint,
	gint64 generation, GError **error)
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

/* Escrow */

static gboolean feed_bytes(
	GOutputStream *to, gpointer bytes, GCancellable *cancellable, GError **error)
{
	gsize length = 0;
	const void *data = g_bytes_get_data(bytes, &length);

	return g_output_stream_write_all(to, data, length, NULL, cancellable, error);
}

static char *json_text(JsonObject *object)
{
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), object);

	return json_to_string(node, FALSE);
}

#define FORMER "former_signature_keys"

static void set_former(JsonObject *object, const GPtrArray *former)
{
	JsonArray *list = json_array_new();

	for (guint i = 0; i < former->len; i++)
		json_array_add_string_element(list, g_ptr_array_index(former, i));
	json_object_set_array_member(object, FORMER, list);
}

/* An escrow from before there were resets has none. */
static void get_former(JsonObject *object, GPtrArray *former)
{
	JsonNode *node = json_object_get_member(object, FORMER);
	JsonArray *list = node && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;

	for (guint i = 0; list && i < json_array_get_length(list); i++) {
		JsonNode *one = json_array_get_element(list, i);

		if (JSON_NODE_HOLDS_VALUE(one) && json_node_get_value_type(one) == G_TYPE_STRING)
			g_ptr_array_add(former, json_node_dup_string(one));
	}
}

static char *seal_escrow(const SgpInvitationContext *context, const Escrow *escrow,
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
	set_former(object, escrow->former);
	char *text = json_text(object);
	g_autoptr(GBytes) bytes =
		g_bytes_new_with_free_func(text, strlen(text), (GDestroyNotify)free_secret, text);

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

static Escrow *parse_escrow(GBytes *plain)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(plain, &length);
	g_autoptr(JsonObject) object = sgp_protocol_parse_object(data, length);
	g_autoptr(Escrow) escrow = escrow_new();

	if (!object || !sgp_protocol_get_integer(object, "generation", &escrow->generation))
		return NULL;
	escrow->address = g_strdup(sgp_protocol_get_text(object, "address"));
	escrow->handle = g_strdup(sgp_protocol_get_text(object, "handle"));
	escrow->mailbox_key = g_strdup(sgp_protocol_get_text(object, "mailbox_key"));
	escrow->code = g_strdup(sgp_protocol_get_text(object, "code"));
	escrow->salt = sgp_protocol_dup_b64u(object, "salt");
	get_former(object, escrow->former);
	if (!escrow->address || !escrow->handle || !escrow->mailbox_key || !escrow->code ||
		!escrow->salt || g_bytes_get_size(escrow->salt) != SALT_BYTES)
		return NULL;
	return g_steal_pointer(&escrow);
}

static gboolean tampered(GError **error, const char *what)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_TAMPERED, "%s", what);
	return FALSE;
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
	       tampered(error, "an escrow is signed by nobody of the office");
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
static Escrow *open_escrow(const SgpInvitationContext *context, const SgpPortalMailbox *mailbox,
	GCancellable *cancellable, GError **error)
{
	g_autofree char *signer = NULL;
	g_autoptr(Escrow) escrow = NULL;

	if (!mailbox->escrow) {
		tampered(error, "the portal shows a mailbox without an escrow");
		return NULL;
	}
	g_autoptr(GBytes) sealed = g_bytes_new(mailbox->escrow, strlen(mailbox->escrow));
	g_autoptr(GBytes) plain = decrypt(context, sealed, &signer, cancellable, error);

	if (!plain)
		return NULL;
	escrow = parse_escrow(plain);
	if (!escrow || !signer || !g_str_equal(escrow->address, mailbox->address) ||
		!g_str_equal(escrow->handle, mailbox->handle) ||
		escrow->generation != mailbox->generation) {
		tampered(error, "an escrow is not that of its mailbox");
		return NULL;
	}
	if (g_strcmp0(signer, context->account->staff_fingerprint) != 0 &&
		!is_in_roster(context, signer, cancellable, error))
		return NULL;
	return g_steal_pointer(&escrow);
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
static gboolean read_private_key(
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
		return tampered(error, "the portal shows a mailbox without a key");
	fingerprint = certificate_fingerprint(context->home, mailbox->mailbox_key, error);
	if (!fingerprint)
		return FALSE;
	expected = lookup_pin(context->store, MAILBOX_PIN, mailbox->handle, &generation, &local);
	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	/* A colleague invited this customer, or erased and invited them anew. What was remembered
	 * is never given up for an older escrow: a portal keeps those, too. */
	if (!expected ||
		(!g_str_equal(expected, fingerprint) && mailbox->generation > generation)) {
		g_autoptr(Escrow) escrow = open_escrow(context, mailbox, cancellable, error);

		g_clear_pointer(&expected, g_free);
		if (!escrow || !read_private_key(escrow->mailbox_key, &expected, NULL, error) ||
			(g_str_equal(expected, fingerprint) &&
				!pin(context->store, MAILBOX_PIN, mailbox->handle, expected,
					mailbox->generation, error)))
			return FALSE;
	}
	return g_str_equal(expected, fingerprint) ||
	       tampered(error, "the portal shows another mailbox key than the office made");
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
static GBytes *wrap_plain(const SgpInvitationContext *context, const Escrow *escrow)
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
		set_former(object, escrow->former);
	char *text = json_text(object);
	gsize length = strlen(text);
	gsize padded = (length + SGP_PROTOCOL_WRAP_PAGE - 1) / SGP_PROTOCOL_WRAP_PAGE *
		       SGP_PROTOCOL_WRAP_PAGE;
	char *page = g_malloc(padded + 1);

	memset(page, ' ', padded);
	page[padded] = '\0';
	memcpy(page, text, length);
	free_secret(text);
	return g_bytes_new_with_free_func(page, padded, (GDestroyNotify)free_secret, page);
}

static GBytes *auth_hash(const SgpCodeKeys *keys)
{
	guint8 digest[32];

	gcry_md_hash_buffer(GCRY_MD_SHA256, digest, keys->auth, sizeof(keys->auth));
	return g_bytes_new(digest, sizeof(digest));
}

/* Tells the portal. Only after it said yes does this device remember the key. */
static SgpInvitation *publish(const SgpInvitationContext *context, const Escrow *escrow,
	const SgpCodeKeys *keys, SgpInviting inviting, const char *identity_record,
	GCancellable *cancellable, GError **error)
{
	g_autofree char *fingerprint = NULL;
	g_autofree char *certificate = NULL;
	g_autoptr(GBytes) plain = wrap_plain(context, escrow);
	g_autoptr(GBytes) wrap =
		sgp_wrap_seal(keys->kek, "code", escrow->handle, escrow->generation, plain, error);
	g_autofree char *sealed = wrap ? seal_escrow(context, escrow, cancellable, error) : NULL;
	g_autoptr(GBytes) hash = auth_hash(keys);
	gint64 expires = 0;

	if (!sealed || !read_private_key(escrow->mailbox_key, &fingerprint, &certificate, error))
		return NULL;
	SgpPortalCustomer customer = { escrow->handle, escrow->address, context->language,
		escrow->generation, certificate, wrap, escrow->salt, hash, sealed, inviting,
		identity_record };

	if (!sgp_portal_client_put_customer_sync(
		    context->client, &customer, &expires, cancellable, error) ||
		!pin(context->store, MAILBOX_PIN, escrow->handle, fingerprint, escrow->generation,
			error))
		return NULL;
	return invitation_new(escrow->address, escrow->code, expires);
}

/* last: (nullable) the escrow of so far, whose mailbox key is kept; NULL: a new mailbox. */
static SgpInvitation *invite(const SgpInvitationContext *context, const SgpPortalMailbox *mailbox,
	const Escrow *last, SgpInviting inviting, const char *identity_record,
	GCancellable *cancellable, GError **error)
{
	g_autoptr(Escrow) escrow = escrow_new();
	guint8 salt[SALT_BYTES];
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
	g_autoptr(Escrow) escrow = open_escrow(context, mailbox, cancellable, &local);

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
		g_autoptr(Escrow) escrow = open_escrow(context, mailbox, cancellable, error);

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
	g_autoptr(Escrow) last = NULL;

	/* The key first: a portal that goes back to an older escrow would else have it signed
	 * anew. */
	if (!is_state(mailbox, SGP_MAILBOX_STATE_INVITED, SGP_MAILBOX_STATE_EXPIRED, error) ||
		!sgp_invitation_check_mailbox_sync(context, mailbox, cancellable, error))
		return NULL;
	last = open_escrow(context, mailbox, cancellable, error);
	return last ? invite(context, mailbox, last, SGP_INVITING_RENEWAL, NULL, cancellable, error)
		    : NULL;
}

/* The signature key that the portal shows, if somebody who knew the escrow's code made it. */
static GBytes *read_signature_key(
	const Escrow *escrow, const SgpPortalMailbox *mailbox, GError **error)
{
	g_autoptr(GBytes) key =
		mailbox->signature_key ? sgp_base64url_decode(mailbox->signature_key) : NULL;
	g_autoptr(GBytes) mac =
		mailbox->signature_mac ? sgp_base64url_decode(mailbox->signature_mac) : NULL;
	SgpCodeKeys keys;
	gboolean fits;

	if (!key || !mac) {
		tampered(error, "the portal shows no signature key for a registered customer");
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

SgpInvitation *sgp_invitation_reset_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, const char *identity_record, GCancellable *cancellable,
	GError **error)
{
	g_autoptr(Escrow) last = NULL;
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
	last = open_escrow(context, mailbox, cancellable, error);
	key = last ? read_signature_key(last, mailbox, error) : NULL;
	if (!key)
		return NULL;
	text = sgp_base64url_encode(g_bytes_get_data(key, NULL), g_bytes_get_size(key));
	g_ptr_array_add(last->former, text);
	return invite(
		context, mailbox, last, SGP_INVITING_RESET, identity_record, cancellable, error);
}

/* Registrations */

/* So that what a customer signed before a reset still verifies here. They are vouched for by the
 * colleague who signed the escrow; one that gpg does not take only leaves old mail unverified. */
static void accept_former(const SgpInvitationContext *context, const Escrow *escrow)
{
	for (guint i = 0; i < escrow->former->len; i++) {
		g_autoptr(GBytes) key = sgp_base64url_decode(g_ptr_array_index(escrow->former, i));
		g_autoptr(GError) error = NULL;
		g_autofree char *fingerprint =
			key ? sgp_gpgme_import(context->home, key, &error) : NULL;

		if (!fingerprint ||
			!sgp_gpgme_certify(context->home, context->account->staff_fingerprint,
				fingerprint, TRUE, &error))
			g_message("a former signature key was not taken: %s",
				error ? error->message : "it is no key");
	}
}

gboolean sgp_invitation_accept_registration_sync(const SgpInvitationContext *context,
	const SgpPortalMailbox *mailbox, GCancellable *cancellable, GError **error)
{
	g_autoptr(Escrow) escrow = open_escrow(context, mailbox, cancellable, error);
	g_autoptr(GBytes) key = escrow ? read_signature_key(escrow, mailbox, error) : NULL;
	g_autofree char *fingerprint = key ? sgp_gpgme_import(context->home, key, error) : NULL;

	if (!fingerprint || !sgp_gpgme_certify(context->home, context->account->staff_fingerprint,
				    fingerprint, TRUE, error))
		return FALSE;
	accept_former(context, escrow);
	return pin(context->store, SIGNATURE_PIN, mailbox->handle, fingerprint, mailbox->generation,
		error);
}
