/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the copies of a decided mail. Takes the verdict's word for whom and how, but not for the
 * keys: each is asked for again right before, and what gpg made is checked by its packets. All
 * copies or none; ciphertext in files without a name, clear text never on a disk; sends nothing. */
#include "sgp-sealer.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <glib/gi18n-lib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-mail-head.h"
#include "sgp-mime.h"
#include "sgp-sealed-stream.h"
#include "sgp-sealer-private.h"
#include "sgp-uuid7.h"

/* Where ciphertext waits until the spool has it; a directory for big files, on a disk. */
#define LARGE_FILES "/var/tmp"

void sgp_blob_free(SgpBlob *self)
{
	if (self == NULL)
		return;
	if (self->fd >= 0)
		close(self->fd);
	g_free(self->sha256);
	g_free(self);
}

void sgp_copy_free(SgpCopy *self)
{
	if (self == NULL)
		return;
	if (self->fd >= 0)
		close(self->fd);
	g_clear_pointer(&self->recipients, g_ptr_array_unref);
	g_clear_pointer(&self->blobs, g_ptr_array_unref);
	g_free(self->id);
	g_free(self->from);
	g_free(self->digest);
	g_free(self->manifest);
	g_free(self);
}

/* ---- readers ---- */

SgpReaders *sgp_readers_new(void)
{
	SgpReaders *self = g_new0(SgpReaders, 1);
	self->fingerprints = g_ptr_array_new_with_free_func(g_free);
	self->certificates = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	self->key_ids = g_ptr_array_new_with_free_func(g_free);
	return self;
}

void sgp_readers_free(SgpReaders *self)
{
	if (self == NULL)
		return;
	g_ptr_array_unref(self->fingerprints);
	g_ptr_array_unref(self->certificates);
	g_ptr_array_unref(self->key_ids);
	g_free(self);
}

/* A key that is there already (the sender writes to oneself, two people share one) counts once. */
void sgp_readers_add(SgpReaders *self, const SgpKey *key)
{
	if (g_ptr_array_find_with_equal_func(
		    self->fingerprints, key->fingerprint, g_str_equal, NULL) ||
		(key->certificate != NULL && g_ptr_array_find_with_equal_func(self->certificates,
						     key->certificate, g_bytes_equal, NULL)))
		return;
	if (key->certificate != NULL)
		g_ptr_array_add(self->certificates, g_bytes_ref(key->certificate));
	else
		g_ptr_array_add(self->fingerprints, g_strdup(key->fingerprint));
	for (gsize i = 0; key->encryption_key_ids != NULL && key->encryption_key_ids[i] != NULL;
		i++)
		g_ptr_array_add(self->key_ids, g_strdup(key->encryption_key_ids[i]));
}

static gboolean set_conflict(GError **error, const char *why)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "%s", why);
	return FALSE;
}

/* The verdict may be minutes old: a key that was revoked meanwhile is not used. */
static gboolean add_recipient(const SgpSealing *sealing, SgpReaders *readers,
	const SgpRecipientVerdict *recipient, GError **error)
{
	const char *addr_spec = sgp_address_get_addr_spec(recipient->address);
	guint n_used = 0;
	for (guint i = 0; i < recipient->keys->len; i++) {
		const SgpKey *chosen = g_ptr_array_index(recipient->keys, i);
		g_autoptr(GError) local_error = NULL;
		if (chosen->channel != SGP_CHANNEL_OPENPGP)
			continue;
		g_autoptr(SgpKey) fresh = sgp_key_lookup_load(sealing->keys, chosen->fingerprint,
			addr_spec, sealing->now, sealing->cancellable, &local_error);
		if (g_error_matches(local_error, SGP_ERROR, SGP_ERROR_NOT_FOUND))
			return set_conflict(error, "a key is gone");
		if (fresh == NULL) {
			g_propagate_error(error, g_steal_pointer(&local_error));
			return FALSE;
		}
		if (fresh->state != SGP_KEY_STATE_USABLE)
			return set_conflict(error, "a key is not usable any more");
		sgp_readers_add(readers, fresh);
		n_used++;
	}
	return n_used > 0 ? TRUE : set_conflict(error, "there is no key");
}

static SgpReaders *find_readers(const SgpSealing *sealing, const SgpCopyPlan *plan, GError **error)
{
	g_autoptr(SgpReaders) readers = sgp_readers_new();
	for (guint i = 0; i < plan->recipients->len; i++)
		if (!add_recipient(sealing, readers, g_ptr_array_index(plan->recipients, i), error))
			return NULL;
	if (sealing->own != NULL)
		sgp_readers_add(readers, sealing->own);
	g_ptr_array_add(readers->fingerprints, NULL);
	g_ptr_array_add(readers->key_ids, NULL);
	return g_steal_pointer(&readers);
}

/* ---- files ---- */

int sgp_sealer_open_file(gboolean is_clear, GError **error)
{
	int fd = is_clear ? -1 : open(LARGE_FILES, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0)
		fd = memfd_create("copy", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (fd < 0)
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "file for a copy");
	return fd;
}

/* ---- what the sender's own copy says ---- */

static const char *get_way(const SgpRecipientVerdict *one)
{
	switch (one->channel) {
	case SGP_CHANNEL_OPENPGP:
		return _("end-to-end encrypted (OpenPGP)");
	case SGP_CHANNEL_SMIME:
		return _("end-to-end encrypted (S/MIME)");
	case SGP_CHANNEL_PORTAL:
		return one->is_invitation ? _("WebMail portal, with an invitation")
					  : _("WebMail portal");
	case SGP_CHANNEL_TRANSPORT:
		return _("encrypted on the way (verified TLS)");
	case SGP_CHANNEL_PLAIN:
		return one->basis == SGP_BASIS_INTERNAL ? _("inside the office, not encrypted")
							: _("not encrypted");
	case SGP_CHANNEL_NONE:
		return "";
	}
	return "";
}

typedef struct {
	const SgpSealing *sealing;
	gboolean is_sent_copy;
} Feed;

static void fill_extras(GString *bcc, GString *note, GPtrArray *reached, const SgpVerdict *verdict)
{
	g_string_append_printf(note, "%s\n", _("Siegelpost sent this mail to:"));
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);
		const char *addr_spec = sgp_address_get_addr_spec(one->address);
		g_string_append_printf(note, "%s: %s\n", addr_spec, get_way(one));
		g_ptr_array_add(reached,
			g_strdup_printf("%s; %s", addr_spec, sgp_channel_get_nick(one->channel)));
		if (one->field == SGP_FIELD_BCC)
			g_string_append_printf(
				bcc, "%s%s", bcc->len > 0 ? ",\r\n " : "", addr_spec);
	}
	g_ptr_array_add(reached, NULL);
}

/* plain_id: (nullable) the copy's id where it is written as it is, and not to be encrypted. */
static gboolean write_with_extras(const SgpSealing *sealing, gboolean is_sent_copy,
	const char *plain_id, GOutputStream *to, GCancellable *cancellable, GError **error)
{
	g_autoptr(GString) bcc = g_string_new(NULL);
	g_autoptr(GString) note = g_string_new(NULL);
	g_autoptr(GPtrArray) reached = g_ptr_array_new_with_free_func(g_free);
	fill_extras(bcc, note, reached, sealing->verdict);
	SgpCopyExtras all = {
		.bcc = bcc->len > 0 ? bcc->str : NULL,
		.note = note->str,
		.reached = (const char *const *)reached->pdata,
	};
	const SgpCopyExtras *extras = is_sent_copy ? &all : NULL;
	if (plain_id != NULL)
		return sgp_copy_mime_write_plain(
			sealing->mime, extras, plain_id, to, cancellable, error);
	return sgp_copy_mime_write_protected(sealing->mime, extras, to, cancellable, error);
}

gboolean sgp_sealer_write_entity(const SgpSealing *sealing, gboolean is_sent_copy,
	GOutputStream *to, GCancellable *cancellable, GError **error)
{
	return write_with_extras(sealing, is_sent_copy, NULL, to, cancellable, error);
}

static gboolean feed_entity(
	GOutputStream *to, gpointer user_data, GCancellable *cancellable, GError **error)
{
	Feed *feed = user_data;
	return sgp_sealer_write_entity(feed->sealing, feed->is_sent_copy, to, cancellable, error);
}

/* ---- copies ---- */

static gboolean encrypt(const SgpSealing *sealing, const SgpReaders *readers, gboolean is_sent_copy,
	SgpSealedStream *sealed, GError **error)
{
	Feed feed = { sealing, is_sent_copy };
	return sgp_gpgme_encrypt_with_certificates(sealing->home,
		       (const char *const *)readers->fingerprints->pdata, readers->certificates,
		       sealing->own != NULL ? sealing->own->fingerprint : NULL, FALSE, feed_entity,
		       &feed, G_OUTPUT_STREAM(sealed), sealing->cancellable, error) &&
	       sgp_sealed_stream_finish(sealed, (const char *const *)readers->key_ids->pdata,
		       sealing->cancellable, error);
}

static gboolean seal_openpgp(
	const SgpSealing *sealing, const SgpCopyPlan *plan, SgpCopy *copy, GError **error)
{
	g_autoptr(SgpReaders) readers = find_readers(sealing, plan, error);
	if (readers == NULL)
		return FALSE;
	copy->fd = sgp_sealer_open_file(FALSE, error);
	if (copy->fd < 0)
		return FALSE;
	g_autofree char *boundary = sgp_copy_mime_dup_boundary();
	g_autoptr(GOutputStream) file = g_unix_output_stream_new(copy->fd, FALSE);
	g_autoptr(SgpSealedStream) sealed = sgp_sealed_stream_new(file, TRUE);
	if (!sgp_copy_mime_write_pgp_head(sealing->mime, copy->id, boundary, file, error) ||
		!encrypt(sealing, readers, plan->is_sent_copy, sealed, error) ||
		!sgp_copy_mime_write_pgp_tail(boundary, file, error))
		return FALSE;
	copy->digest = sgp_sealed_stream_dup_sha256(sealed);
	return TRUE;
}

static gboolean seal_plain(const SgpSealing *sealing, SgpCopy *copy, GError **error)
{
	copy->fd = sgp_sealer_open_file(TRUE, error);
	if (copy->fd < 0)
		return FALSE;
	g_autoptr(GOutputStream) file = g_unix_output_stream_new(copy->fd, FALSE);
	if (!write_with_extras(
		    sealing, copy->is_sent_copy, copy->id, file, sealing->cancellable, error))
		return FALSE;
	copy->digest = sgp_mime_dup_content_digest(sealing->mail, error);
	return copy->digest != NULL;
}

static gboolean fill_copy(
	const SgpSealing *sealing, const SgpCopyPlan *plan, SgpCopy *copy, GError **error)
{
	switch (plan->channel) {
	case SGP_CHANNEL_OPENPGP:
		return seal_openpgp(sealing, plan, copy, error);
	case SGP_CHANNEL_SMIME:
		return sgp_sealer_seal_smime(sealing, plan, copy, error);
	case SGP_CHANNEL_TRANSPORT: /* as written: what protects it is the way it leaves by */
	case SGP_CHANNEL_PLAIN:
		return seal_plain(sealing, copy, error);
	case SGP_CHANNEL_PORTAL:
		return sgp_sealer_seal_portal(
			sealing, g_ptr_array_index(plan->recipients, 0), copy, error);
	case SGP_CHANNEL_NONE:
		break;
	}
	g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "no such copy");
	return FALSE;
}

static SgpCopy *make_copy(const SgpSealing *sealing, const SgpCopyPlan *plan, GError **error)
{
	g_autoptr(SgpCopy) copy = g_new0(SgpCopy, 1);
	copy->id = sgp_uuid7_new(g_get_real_time() / 1000);
	copy->channel = plan->channel;
	copy->is_sent_copy = plan->is_sent_copy;
	copy->from = g_strdup(sealing->from);
	copy->fd = -1;
	copy->recipients = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_address_unref);
	for (guint i = 0; i < plan->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(plan->recipients, i);
		g_ptr_array_add(copy->recipients, sgp_address_ref(one->address));
	}
	if (!fill_copy(sealing, plan, copy, error))
		return NULL;
	if (copy->fd >= 0 && lseek(copy->fd, 0, SEEK_SET) < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "copy");
		return NULL;
	}
	return g_steal_pointer(&copy);
}

static GPtrArray *make_copies(const SgpSealing *sealing, GPtrArray *plans, SgpProgressFunc progress,
	gpointer progress_data, GError **error)
{
	g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_copy_free);
	for (guint i = 0; i < plans->len; i++) {
		if (progress != NULL)
			progress("sealing", i * 100 / plans->len, progress_data);
		SgpCopy *copy = make_copy(sealing, g_ptr_array_index(plans, i), error);
		if (copy == NULL)
			return NULL;
		g_ptr_array_add(copies, copy);
	}
	if (progress != NULL)
		progress("sealing", 100, progress_data);
	return g_steal_pointer(&copies);
}

/* What is refused before anything is made. */
static gboolean check_mail(const SgpMail *mail, GError **error)
{
	if (mail->fd < 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "a draft cannot be sealed");
		return FALSE;
	}
	g_autoptr(SgpMailHead) head = sgp_mail_head_read(mail->fd, error);
	if (head == NULL || !sgp_mail_head_check_people(head, error))
		return FALSE;
	if (mail->from->len != 1) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not exactly one From address");
		return FALSE;
	}
	return sgp_mime_check_unchanged(mail, error);
}

static void sealing_clear(SgpSealing *self)
{
	sgp_copy_mime_free(self->mime);
	sgp_key_free(self->own);
	sgp_key_free(self->own_certificate);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SgpSealing, sealing_clear)

static SgpKey *lookup_own(const SgpSealing *sealing, SgpChannel channel, GError **error)
{
	return sgp_key_lookup_run_own_of(
		sealing->keys, channel, sealing->from, sealing->now, sealing->cancellable, error);
}

/* Could not look is not "there is none", which would send unsigned. */
static gboolean find_own(SgpSealing *sealing, GError **error)
{
	g_autoptr(GError) local_error = NULL;
	sealing->own = lookup_own(sealing, SGP_CHANNEL_OPENPGP, &local_error);
	if (local_error == NULL)
		sealing->own_certificate = lookup_own(sealing, SGP_CHANNEL_SMIME, &local_error);
	if (local_error == NULL)
		return TRUE;
	g_propagate_error(error, g_steal_pointer(&local_error));
	return FALSE;
}

static gboolean is_used(const SgpVerdict *verdict, SgpChannel channel)
{
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);
		if (one->channel == channel)
			return TRUE;
	}
	return FALSE;
}

/* The sender reads the own copy by the protocol of the others, if possible. */
static SgpChannel get_own_channel(const SgpSealing *sealing)
{
	gboolean is_smime_only = is_used(sealing->verdict, SGP_CHANNEL_SMIME) &&
				 !is_used(sealing->verdict, SGP_CHANNEL_OPENPGP);
	if (sealing->own_certificate != NULL && (is_smime_only || sealing->own == NULL))
		return SGP_CHANNEL_SMIME;
	return sealing->own != NULL ? SGP_CHANNEL_OPENPGP : SGP_CHANNEL_NONE;
}

/**
 * sgp_sealer_seal:
 * @mail: frozen
 * @verdict: "send", for every recipient
 * @portal: (nullable)
 * @mailboxes: (nullable) (element-type SgpPortalMailbox)
 *
 * Seed rows S6 to S8.
 *
 * Returns: (transfer full) (element-type SgpCopy): all copies, the sent copy last
 */
GPtrArray *sgp_sealer_seal(const SgpMail *mail, const SgpVerdict *verdict, SgpKeyLookup *keys,
	SgpSettings *settings, const SgpSealPortal *portal, GPtrArray *mailboxes, gint64 now,
	SgpProgressFunc progress, gpointer progress_data, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpMail) encoded = NULL;
	if (!check_mail(mail, error) || !sgp_mime_encode_binary(mail, &encoded, error))
		return NULL;
	if (encoded != NULL)
		mail = encoded;
	g_autoptr(SgpAddress) sender = sgp_mail_dup_sender(mail, error);
	if (sender == NULL)
		return NULL;
	g_auto(SgpSealing) sealing = {
		.mail = mail,
		.verdict = verdict,
		.keys = keys,
		.home = sgp_key_lookup_get_home(keys),
		.from = sgp_address_get_addr_spec(sender),
		.portal = portal,
		.mailboxes = mailboxes,
		.now = now,
		.cancellable = cancellable,
	};
	if (!find_own(&sealing, error))
		return NULL;
	g_autoptr(GPtrArray) plans = sgp_splitter_split(verdict, get_own_channel(&sealing), error);
	if (plans == NULL)
		return NULL;
	sealing.mime = sgp_copy_mime_new(
		mail, sgp_settings_get_boolean(settings, "protect-subject"), now, error);
	if (sealing.mime == NULL)
		return NULL;
	return make_copies(&sealing, plans, progress, progress_data, error);
}
