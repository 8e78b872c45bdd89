/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads which keys a received mail carries for its own author, and lays them aside as candidates.
 * Decides whose mail is worth reading for keys, never what a key is worth: a candidate is used for
 * nothing until somebody accepts it (threat 20: anybody can write an Autocrypt header). */
#include "sgp-key-harvest.h"

#include <string.h>

#include "sgp-autocrypt.h"
#include "sgp-inquiry-scan.h"
#include "sgp-mime.h"
#include "sgp-smime-signature.h"

#define MAXIMAL_ATTACHMENT (512 * 1024)
#define MAXIMAL_KEYS       4 /* attachments of one mail */

typedef struct {
	SgpKeyCandidates *candidates; /* (borrowed) */
	const SgpMail *mail;          /* (borrowed) */
	const char *author;           /* (borrowed) canonical */
	gint64 date;
	guint n_kept;
} Harvest;

static void add(Harvest *self, SgpKeyOrigin origin, GBytes *bytes)
{
	guint n = 0;
	g_autoptr(GError) error = NULL;
	if (sgp_key_candidates_add(
		    self->candidates, self->author, origin, bytes, self->date, &n, &error))
		self->n_kept += n;
	else
		g_debug("keys: nothing was kept: %s", error->message);
}

/* Exactly one header: of two, at least one was not written by the author's mail program. */
static void read_header(Harvest *self)
{
	const char *value = NULL;
	guint n = 0;
	for (guint i = 0; i + 1 < self->mail->headers->len; i += 2) {
		const char *name = g_ptr_array_index(self->mail->headers, i);
		if (g_ascii_strcasecmp(name, "Autocrypt") != 0)
			continue;
		value = g_ptr_array_index(self->mail->headers, i + 1);
		n++;
	}
	if (n != 1 || value == NULL)
		return;
	g_autoptr(GBytes) bytes = sgp_autocrypt_dup_key(value, self->author);
	if (bytes != NULL)
		add(self, SGP_KEY_ORIGIN_AUTOCRYPT, bytes);
}

static GBytes *dup_attachment(const SgpMail *mail, guint n)
{
	g_autoptr(GOutputStream) out = g_memory_output_stream_new_resizable();
	if (!sgp_mime_write_attachment(mail, n, out, NULL, NULL) ||
		!g_output_stream_close(out, NULL, NULL))
		return NULL;
	return g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
}

static gboolean is_key_attachment(const SgpMailAttachment *attachment)
{
	const char *type = attachment->content_type != NULL ? attachment->content_type : "";
	return g_ascii_strcasecmp(type, "application/pgp-keys") == 0 && attachment->size > 0 &&
	       attachment->size <= MAXIMAL_ATTACHMENT;
}

static void read_attachments(Harvest *self)
{
	guint n = 0;
	for (guint i = 0; i < self->mail->attachments->len && n < MAXIMAL_KEYS; i++) {
		if (!is_key_attachment(g_ptr_array_index(self->mail->attachments, i)))
			continue;
		g_autoptr(GBytes) bytes = dup_attachment(self->mail, i);
		n++;
		if (bytes != NULL)
			add(self, SGP_KEY_ORIGIN_ATTACHMENT, bytes);
	}
}

/* Every certificate for the author that came with the author's own good signature: some people sign
 * with one and want to be written to with another. */
static void read_signature(Harvest *self)
{
	g_autoptr(SgpSmimeSignature) signature = sgp_smime_signature_read(self->mail);
	for (guint i = 0; signature != NULL && i < signature->certificates->len; i++) {
		GBytes *der = g_ptr_array_index(signature->certificates, i);
		g_autoptr(GError) error = NULL;
		if (sgp_key_candidates_add_certificate(self->candidates, self->author, der,
			    signature->bundle, self->date, &error))
			self->n_kept++;
		else if (i == 0)
			return; /* signed by somebody else */
	}
}

static gboolean is_worth_reading(SgpSettings *settings, const SgpMail *mail)
{
	g_auto(GStrv) servers = sgp_settings_dup_strv(settings, "authserv-ids");
	return mail->fd >= 0 && mail->from->len == 1 &&
	       sgp_inquiry_scan_not_personal(mail, FALSE) == NULL &&
	       sgp_inquiry_scan_authentication(mail, (const char *const *)servers) !=
		       SGP_AUTHENTICATION_FAIL;
}

/**
 * sgp_key_harvest:
 * @mail: received, whole
 *
 * Returns: how many keys were kept, or seen again
 */
guint sgp_key_harvest(SgpKeyCandidates *candidates, SgpSettings *settings, const SgpMail *mail)
{
	if (!is_worth_reading(settings, mail))
		return 0;
	Harvest harvest = {
		.candidates = candidates,
		.mail = mail,
		.author = sgp_address_get_addr_spec(g_ptr_array_index(mail->from, 0)),
		.date = MIN(sgp_inquiry_scan_date(mail), g_get_real_time() / G_USEC_PER_SEC),
	};
	read_header(&harvest);
	read_attachments(&harvest);
	read_signature(&harvest);
	return harvest.n_kept;
}
