/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A digest of what a reader gets, whatever way it is written: see SgpCopy in sgp-sealer.h. */
#include "sgp-mime-private.h"

#include <string.h>

/* Text as it is hashed: line ends as LF, and none at the end of a part. */
typedef struct {
	gcry_md_hd_t hash;
	gboolean is_after_cr;
	gsize n_feeds; /* line ends that are held back, because the part may end here */
	GError *error; /* (owned) (nullable) */
} PartHash;

static void hash_text(PartHash *self, const char *data, gsize length)
{
	for (; self->n_feeds > 0 && length > 0; self->n_feeds--)
		gcry_md_putc(self->hash, '\n');
	gcry_md_write(self->hash, data, length);
}

static gboolean take_to_hash(gpointer taker, const char *data, gsize length, GError **error)
{
	PartHash *self = taker;
	const char *stop = data + length;
	while (data < stop) {
		gsize run = 0;
		while (data + run < stop && data[run] != '\r' && data[run] != '\n')
			run++;
		if (run > 0 && self->is_after_cr) {
			hash_text(self, "\r", 1); /* a CR that was no line end */
			self->is_after_cr = FALSE;
		}
		hash_text(self, data, run);
		data += run;
		if (data == stop)
			break;
		if (*data == '\n')
			self->n_feeds++;
		else if (self->is_after_cr)
			hash_text(self, "\r", 1);
		self->is_after_cr = *data == '\r';
		data++;
	}
	return TRUE;
}

static gboolean hash_part(GMimeObject *object, gboolean is_body, gpointer user_data)
{
	PartHash *self = user_data;
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		SgpMimeWalk walk = { .func = hash_part, .user_data = self, .is_complete = TRUE };
		if (inner != NULL && g_mime_message_get_mime_part(inner) != NULL)
			sgp_mime_walk(&walk, g_mime_message_get_mime_part(inner), 0);
		return self->error == NULL;
	}
	g_autofree char *type =
		g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));
	g_autofree char *lower = g_ascii_strdown(type, -1);
	gcry_md_write(self->hash, lower, strlen(lower));
	gcry_md_putc(self->hash, '\n');
	sgp_mime_write_part(object, take_to_hash, self, &self->error);
	if (self->is_after_cr)
		hash_text(self, "\r", 1);
	self->is_after_cr = FALSE;
	self->n_feeds = 0;
	gcry_md_putc(self->hash, '\0');
	return self->error == NULL;
}

/**
 * sgp_mime_dup_content_digest:
 *
 * A digest that stays the same while mail programs write the same mail anew: of the parts' types
 * and decoded contents, not of boundaries, folding or encodings. See SgpCopy in sgp-sealer.h.
 *
 * Returns: (transfer full): SHA-256, hex
 */
char *sgp_mime_dup_content_digest(const SgpMail *mail, GError **error)
{
	g_autoptr(GMimeMessage) message = sgp_mime_parse(mail->fd, NULL, error);
	if (message == NULL)
		return NULL;
	PartHash self = { NULL };
	gcry_md_open(&self.hash, GCRY_MD_SHA256, 0);
	SgpMimeWalk walk = { .func = hash_part, .user_data = &self, .is_complete = TRUE };
	sgp_mime_walk(&walk, g_mime_message_get_mime_part(message), 0);
	g_autofree char *hex = sgp_mime_dup_sum(self.hash);
	gcry_md_close(self.hash);
	if (self.error != NULL) {
		g_propagate_error(error, self.error);
		return NULL;
	}
	return g_steal_pointer(&hex);
}
