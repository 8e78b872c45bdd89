/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the portal's copy of a mail (PROTOCOL.md, Messages): a signed manifest, and the body and
 * each attachment as blobs that the manifest pins. Encrypts to the customer's mailbox key, which
 * never gets into the user's keyring, to the staff key and to the office key. Uploads nothing. */
#include <gio/gunixoutputstream.h>
#include <json-glib/json-glib.h>
#include <sgp-protocol.h>
#include <string.h>

#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-mime.h"
#include "sgp-sealed-stream.h"
#include "sgp-sealer-private.h"

#define MAXIMAL_REFERENCES 50 /* as many as the pages keep */

typedef struct {
	const SgpSealing *sealing;
	const SgpPortalMailbox *mailbox;
	GBytes *certificate; /* (owned) MK */
	SgpReaders *readers; /* (owned) staff and office by fingerprint; key ids of MK too */
	const char *staff;   /* (borrowed) fingerprint of the key that signs */
} PortalSealing;

static void portal_sealing_clear(PortalSealing *self)
{
	g_clear_pointer(&self->certificate, g_bytes_unref);
	sgp_readers_free(self->readers);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PortalSealing, portal_sealing_clear)

static gboolean fail(GError **error, SgpError code, const char *why)
{
	g_set_error(error, SGP_ERROR, code, "portal copy: %s", why);
	return FALSE;
}

/* ---- readers ---- */

static const SgpPortalMailbox *find_mailbox(GPtrArray *mailboxes, const char *addr_spec)
{
	for (guint i = 0; mailboxes != NULL && i < mailboxes->len; i++) {
		const SgpPortalMailbox *mailbox = g_ptr_array_index(mailboxes, i);
		if (g_str_equal(mailbox->address, addr_spec))
			return mailbox;
	}
	return NULL;
}

static gboolean is_fit(const SgpKey *key)
{
	return key->state == SGP_KEY_STATE_USABLE || key->state == SGP_KEY_STATE_NOT_VERIFIED;
}

/* Staff and office key are known by fingerprint from the enrolment; nobody else vouches for them.
 */
static gboolean add_own_reader(PortalSealing *self, const char *fingerprint, GError **error)
{
	const SgpSealing *sealing = self->sealing;
	g_autoptr(GError) local_error = NULL;
	g_autoptr(SgpKey) key = sgp_gpgme_load_key(
		sealing->home, fingerprint, sealing->now, sealing->cancellable, &local_error);
	if (g_error_matches(local_error, SGP_ERROR, SGP_ERROR_NOT_FOUND))
		return fail(error, SGP_ERROR_CONFLICT, "staff or office key is gone");
	if (key == NULL) {
		g_propagate_error(error, g_steal_pointer(&local_error));
		return FALSE;
	}
	if (!is_fit(key))
		return fail(error, SGP_ERROR_CONFLICT, "staff or office key is not usable");
	sgp_readers_add(self->readers, key);
	return TRUE;
}

/* The server hands out MK; that it is this customer's the caller has checked by the escrow. Here:
 * that it is one key, names the address, and is strong enough. */
static gboolean add_mailbox(PortalSealing *self, GError **error)
{
	const SgpPortalMailbox *mailbox = self->mailbox;
	self->certificate = g_bytes_new(mailbox->mailbox_key, strlen(mailbox->mailbox_key));
	g_autoptr(SgpKeyRecord) record =
		sgp_gpgme_read_certificate(self->sealing->home, self->certificate, error);
	if (record == NULL)
		return FALSE;
	g_autoptr(SgpKey) key = sgp_key_record_judge(record, mailbox->address, self->sealing->now);
	if (!is_fit(key))
		return fail(error, SGP_ERROR_CONFLICT, "the mailbox key is not usable");
	for (gsize i = 0; key->encryption_key_ids[i] != NULL; i++)
		g_ptr_array_add(self->readers->key_ids, g_strdup(key->encryption_key_ids[i]));
	return TRUE;
}

static gboolean find_readers(
	PortalSealing *self, const SgpRecipientVerdict *recipient, GError **error)
{
	const SgpSealing *sealing = self->sealing;
	if (sealing->portal == NULL || sealing->portal->office_fingerprint == NULL)
		return fail(error, SGP_ERROR_NOT_ENROLLED, "no portal");
	self->staff = sealing->portal->staff_fingerprint;
	if (self->staff == NULL && sealing->own != NULL)
		self->staff = sealing->own->fingerprint;
	if (self->staff == NULL)
		return fail(error, SGP_ERROR_CONFLICT, "no staff key to sign with");
	self->mailbox =
		find_mailbox(sealing->mailboxes, sgp_address_get_addr_spec(recipient->address));
	if (self->mailbox == NULL || self->mailbox->mailbox_key == NULL)
		return fail(error, SGP_ERROR_CONFLICT, "no mailbox key");
	self->readers = sgp_readers_new();
	if (!add_own_reader(self, self->staff, error) ||
		!add_own_reader(self, sealing->portal->office_fingerprint, error) ||
		!add_mailbox(self, error))
		return FALSE;
	g_ptr_array_add(self->readers->fingerprints, NULL);
	g_ptr_array_add(self->readers->key_ids, NULL);
	return TRUE;
}

/* ---- blobs ---- */

static gboolean encrypt(PortalSealing *self, const char *signer, SgpGpgmeFeedFunc feed,
	gpointer feed_data, SgpSealedStream *sealed, GError **error)
{
	const SgpSealing *sealing = self->sealing;
	return sgp_gpgme_encrypt_with_certificate(sealing->home,
		       (const char *const *)self->readers->fingerprints->pdata, self->certificate,
		       signer, FALSE, feed, feed_data, G_OUTPUT_STREAM(sealed),
		       sealing->cancellable, error) &&
	       sgp_sealed_stream_finish(sealed, (const char *const *)self->readers->key_ids->pdata,
		       sealing->cancellable, error);
}

static SgpBlob *make_blob(
	PortalSealing *self, SgpGpgmeFeedFunc feed, gpointer feed_data, GError **error)
{
	g_autoptr(SgpBlob) blob = g_new0(SgpBlob, 1);
	blob->fd = sgp_sealer_open_file(FALSE, error);
	if (blob->fd < 0)
		return NULL;
	g_autoptr(GOutputStream) file = g_unix_output_stream_new(blob->fd, FALSE);
	g_autoptr(SgpSealedStream) sealed = sgp_sealed_stream_new(file, FALSE);
	if (!encrypt(self, NULL, feed, feed_data, sealed, error))
		return NULL;
	lseek(blob->fd, 0, SEEK_SET);
	blob->sha256 = sgp_sealed_stream_dup_sha256(sealed);
	blob->size = sgp_sealed_stream_get_size(sealed);
	return g_steal_pointer(&blob);
}

static gboolean feed_text(
	GOutputStream *to, gpointer user_data, GCancellable *cancellable, GError **error)
{
	return g_output_stream_write_all(
		to, user_data, strlen(user_data), NULL, cancellable, error);
}

typedef struct {
	const SgpMail *mail;
	guint n;
} AttachmentFeed;

static gboolean feed_attachment(
	GOutputStream *to, gpointer user_data, GCancellable *cancellable, GError **error)
{
	AttachmentFeed *feed = user_data;
	return sgp_mime_write_attachment(feed->mail, feed->n, to, cancellable, error);
}

static char *to_text(JsonBuilder *builder)
{
	g_autoptr(JsonGenerator) generator = json_generator_new();
	g_autoptr(JsonNode) root = json_builder_get_root(builder);
	json_generator_set_root(generator, root);
	return json_generator_to_data(generator, NULL);
}

static void add_text(JsonBuilder *builder, const char *name, const char *value)
{
	json_builder_set_member_name(builder, name);
	if (value == NULL)
		json_builder_add_null_value(builder);
	else
		json_builder_add_string_value(builder, value);
}

static void add_integer(JsonBuilder *builder, const char *name, gint64 value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_int_value(builder, value);
}

static char *dup_body(const SgpMail *mail)
{
	g_autoptr(JsonBuilder) builder = json_builder_new();
	json_builder_begin_object(builder);
	add_text(builder, "text", mail->text);
	add_text(builder, "html", mail->html);
	json_builder_end_object(builder);
	return to_text(builder);
}

/* ---- the manifest ---- */

static void add_person(JsonBuilder *builder, const SgpAddress *address)
{
	const char *name = sgp_address_get_name(address);
	json_builder_begin_object(builder);
	add_text(builder, "name", name != NULL ? name : "");
	add_text(builder, "address", sgp_address_get_addr_spec(address));
	json_builder_end_object(builder);
}

static void add_people(JsonBuilder *builder, const char *name, GPtrArray *people)
{
	json_builder_set_member_name(builder, name);
	json_builder_begin_array(builder);
	for (guint i = 0; i < people->len; i++)
		add_person(builder, g_ptr_array_index(people, i));
	json_builder_end_array(builder);
}

static void add_conversation(JsonBuilder *builder, const SgpSealing *sealing)
{
	const SgpMail *mail = sealing->mail;
	g_autofree char *id = g_strdup_printf("<%s>", sgp_copy_mime_get_message_id(sealing->mime));
	g_autofree char *parent =
		mail->in_reply_to->len == 0
			? NULL
			: g_strdup_printf("<%s>", (char *)g_ptr_array_index(mail->in_reply_to, 0));
	add_text(builder, "message_id", id);
	add_text(builder, "in_reply_to", parent);
	json_builder_set_member_name(builder, "references");
	json_builder_begin_array(builder);
	guint n = mail->references->len;
	for (guint i = n > MAXIMAL_REFERENCES ? n - MAXIMAL_REFERENCES : 0; i < n; i++) {
		g_autofree char *one =
			g_strdup_printf("<%s>", (char *)g_ptr_array_index(mail->references, i));
		json_builder_add_string_value(builder, one);
	}
	json_builder_end_array(builder);
}

static void add_blob(JsonBuilder *builder, guint n, const SgpBlob *blob, gint64 size)
{
	add_integer(builder, "blob", n);
	add_integer(builder, "size", size);
	add_text(builder, "sha256", blob->sha256);
}

static char *dup_manifest(const PortalSealing *self, const SgpCopy *copy, const gint64 *sizes)
{
	const SgpMail *mail = self->sealing->mail;
	g_autoptr(JsonBuilder) builder = json_builder_new();
	json_builder_begin_object(builder);
	add_integer(builder, "v", SGP_PROTOCOL_VERSION);
	add_text(builder, "portal", self->sealing->portal->origin);
	add_text(builder, "mailbox", self->mailbox->handle);
	add_text(builder, "message", copy->id);
	json_builder_set_member_name(builder, "from");
	/* The one whose signature it carries, as the roster knows them. */
	g_autoptr(SgpAddress) sender = sgp_mail_dup_sender(mail, NULL);
	add_person(builder, sender != NULL ? sender : g_ptr_array_index(mail->from, 0));
	/* To and Cc as written; a Bcc recipient is in nobody's manifest, not even in their own. */
	add_people(builder, "to", mail->to);
	add_people(builder, "cc", mail->cc);
	add_text(builder, "subject", mail->subject);
	add_integer(builder, "date", mail->date != 0 ? mail->date : self->sealing->now);
	add_conversation(builder, self->sealing);
	json_builder_set_member_name(builder, "body");
	json_builder_begin_object(builder);
	add_text(builder, "format", "json");
	add_blob(builder, 0, g_ptr_array_index(copy->blobs, 0), sizes[0]);
	json_builder_end_object(builder);
	json_builder_set_member_name(builder, "attachments");
	json_builder_begin_array(builder);
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *one = g_ptr_array_index(mail->attachments, i);
		g_autofree char *name =
			one->name != NULL ? g_strdup(one->name) : g_strdup_printf("%u", i + 1);
		json_builder_begin_object(builder);
		add_text(builder, "name", name);
		add_text(builder, "type", one->content_type);
		add_blob(builder, i + 1, g_ptr_array_index(copy->blobs, i + 1), sizes[i + 1]);
		json_builder_end_object(builder);
	}
	json_builder_end_array(builder);
	json_builder_end_object(builder);
	return to_text(builder);
}

static gboolean seal_manifest(
	PortalSealing *self, SgpCopy *copy, const gint64 *sizes, GError **error)
{
	g_autofree char *json = dup_manifest(self, copy, sizes);
	g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable();
	g_autoptr(SgpSealedStream) sealed = sgp_sealed_stream_new(memory, TRUE);
	if (!encrypt(self, self->staff, feed_text, json, sealed, error))
		return FALSE;
	if (sgp_sealed_stream_get_size(sealed) > SGP_PROTOCOL_MANIFEST_LIMIT)
		return fail(error, SGP_ERROR_TOO_LARGE, "too many recipients or attachments");
	copy->digest = sgp_sealed_stream_dup_sha256(sealed);
	copy->manifest = g_strndup(g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(memory)),
		g_memory_output_stream_get_data_size(G_MEMORY_OUTPUT_STREAM(memory)));
	return TRUE;
}

static gboolean check_limits(const SgpMail *mail, GError **error)
{
	gint64 total = (gint64)strlen(mail->text) + (mail->html ? (gint64)strlen(mail->html) : 0);
	if (mail->is_undecodable || mail->is_encrypted)
		return fail(error, SGP_ERROR_INVALID, "its text cannot be read");
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *one = g_ptr_array_index(mail->attachments, i);
		if (one->size > SGP_PROTOCOL_ATTACHMENT_LIMIT)
			return fail(error, SGP_ERROR_TOO_LARGE, "an attachment is too large");
		total += one->size;
	}
	return total <= SGP_PROTOCOL_MESSAGE_LIMIT
		       ? TRUE
		       : fail(error, SGP_ERROR_TOO_LARGE, "the message is too large");
}

/**
 * sgp_sealer_seal_portal:
 * @recipient: the customer
 * @copy: gets manifest, blobs and digest
 */
gboolean sgp_sealer_seal_portal(const SgpSealing *sealing, const SgpRecipientVerdict *recipient,
	SgpCopy *copy, GError **error)
{
	const SgpMail *mail = sealing->mail;
	g_auto(PortalSealing) self = { .sealing = sealing };
	if (!check_limits(mail, error) || !find_readers(&self, recipient, error))
		return FALSE;
	g_autofree gint64 *sizes = g_new0(gint64, mail->attachments->len + 1);
	g_autofree char *body = dup_body(mail);
	copy->blobs = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_blob_free);
	SgpBlob *blob = make_blob(&self, feed_text, body, error);
	if (blob == NULL)
		return FALSE;
	g_ptr_array_add(copy->blobs, blob);
	sizes[0] = (gint64)strlen(body);
	for (guint i = 0; i < mail->attachments->len; i++) {
		const SgpMailAttachment *one = g_ptr_array_index(mail->attachments, i);
		AttachmentFeed feed = { .mail = mail, .n = i };
		blob = make_blob(&self, feed_attachment, &feed, error);
		if (blob == NULL)
			return FALSE;
		g_ptr_array_add(copy->blobs, blob);
		sizes[i + 1] = one->size;
	}
	return seal_manifest(&self, copy, sizes, error);
}
