/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A frozen mail: what was assessed is what leaves. Owns the bytes' file descriptor and what was
 * read from them; never parses (sgp-mime does) and never changes after it was built. */
#include "sgp-mail.h"

#include "sgp-error.h"

#include <unistd.h>

static GPtrArray *new_addresses(void)
{
	return g_ptr_array_new_with_free_func((GDestroyNotify)sgp_address_unref);
}

/* An empty draft: no bytes, no recipients. (transfer full) */
SgpMail *sgp_mail_new(void)
{
	SgpMail *self = g_new0(SgpMail, 1);
	g_atomic_ref_count_init(&self->refs);
	self->fd = -1;
	self->from = new_addresses();
	self->reply_to = new_addresses();
	self->to = new_addresses();
	self->cc = new_addresses();
	self->bcc = new_addresses();
	self->subject = g_strdup("");
	self->in_reply_to = g_ptr_array_new_with_free_func(g_free);
	self->references = g_ptr_array_new_with_free_func(g_free);
	self->text = g_strdup("");
	self->attachments =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_mail_attachment_free);
	self->headers = g_ptr_array_new_with_free_func(g_free);
	self->content_type = g_strdup("text/plain");
	return self;
}

SgpMail *sgp_mail_ref(SgpMail *self)
{
	g_atomic_ref_count_inc(&self->refs);
	return self;
}

void sgp_mail_unref(SgpMail *self)
{
	if (!g_atomic_ref_count_dec(&self->refs))
		return;
	if (self->fd >= 0)
		close(self->fd);
	g_free(self->digest);
	g_clear_pointer(&self->sender, sgp_address_unref);
	g_ptr_array_unref(self->from);
	g_ptr_array_unref(self->reply_to);
	g_ptr_array_unref(self->to);
	g_ptr_array_unref(self->cc);
	g_ptr_array_unref(self->bcc);
	g_free(self->subject);
	g_free(self->message_id);
	g_ptr_array_unref(self->in_reply_to);
	g_ptr_array_unref(self->references);
	g_free(self->text);
	g_free(self->html);
	g_ptr_array_unref(self->attachments);
	g_ptr_array_unref(self->headers);
	g_free(self->content_type);
	g_free(self);
}

const char *sgp_mail_get_header(const SgpMail *self, const char *name)
{
	for (guint i = 0; i + 1 < self->headers->len; i += 2) {
		if (g_ascii_strcasecmp(g_ptr_array_index(self->headers, i), name) == 0)
			return g_ptr_array_index(self->headers, i + 1);
	}
	return NULL;
}

SgpAddress *sgp_mail_dup_sender(const SgpMail *self, GError **error)
{
	/* The topmost one: who redirects a mail puts the own fields above those of others before.
	 */
	const char *resent = sgp_mail_get_header(self, "Resent-From");
	g_autoptr(GPtrArray) people = resent != NULL ? sgp_address_parse_list(resent, error)
						     : g_ptr_array_ref(self->from);
	if (people == NULL)
		return NULL;
	if (people->len == 1)
		return sgp_address_ref(g_ptr_array_index(people, 0));
	g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not exactly one From address");
	return NULL;
}

static void add_once(GPtrArray *all, GHashTable *seen, const GPtrArray *some)
{
	for (guint i = 0; i < some->len; i++) {
		SgpAddress *address = g_ptr_array_index(some, i);
		if (g_hash_table_add(seen, address))
			g_ptr_array_add(all, sgp_address_ref(address));
	}
}

GPtrArray *sgp_mail_get_recipients(const SgpMail *self)
{
	g_autoptr(GHashTable) seen = g_hash_table_new(sgp_address_hash, sgp_address_equal);
	GPtrArray *all = new_addresses();
	add_once(all, seen, self->to);
	add_once(all, seen, self->cc);
	add_once(all, seen, self->bcc);
	return all;
}

/* name, content_id: (nullable). size: decoded bytes. (transfer full) */
SgpMailAttachment *sgp_mail_attachment_new(
	const char *name, const char *content_type, const char *content_id, gint64 size)
{
	SgpMailAttachment *self = g_new0(SgpMailAttachment, 1);
	self->name = g_strdup(name);
	self->content_type = g_strdup(content_type);
	self->content_id = g_strdup(content_id);
	self->size = size;
	return self;
}

void sgp_mail_attachment_free(SgpMailAttachment *self)
{
	if (self == NULL)
		return;
	g_free(self->name);
	g_free(self->content_type);
	g_free(self->content_id);
	g_free(self);
}
