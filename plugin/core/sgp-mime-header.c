/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From header fields to a mail's people, ids, subject and date. Addresses are taken apart before
 * anything in them is decoded, and a field's bytes may be anything. */
#include "sgp-mime-private.h"

#include <string.h>

static void add_addresses(GPtrArray *to, const char *raw)
{
	g_autofree char *valid = sgp_mime_dup_valid(raw);
	g_autofree char *unfolded = g_mime_utils_header_unfold(valid);
	g_autoptr(GPtrArray) found = sgp_address_parse_list(unfolded, NULL);
	/* Addresses are read before encoded words are decoded: an encoded "x <victim@...>" is a
	 * name. */
	for (guint i = 0; found != NULL && i < found->len; i++) {
		SgpAddress *address = g_ptr_array_index(found, i);
		const char *name = sgp_address_get_name(address);
		g_autofree char *decoded =
			name == NULL ? NULL : g_mime_utils_header_decode_phrase(NULL, name);
		SgpAddress *named = sgp_address_new_with_name(
			sgp_address_get_addr_spec(address), decoded, NULL);
		g_ptr_array_add(to, named != NULL ? named : sgp_address_ref(address));
	}
}

/* "Your message of Monday": words are no ids, or all mails that were answered so would be one
 * conversation. */
static gboolean is_free_text(const char *text)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n,", -1);
	guint n_words = 0, n_ids = 0;
	for (guint i = 0; words[i] != NULL; i++) {
		n_words += *words[i] != '\0';
		n_ids += strchr(words[i], '@') != NULL;
	}
	return n_words > 1 && n_ids < n_words;
}

/* An id has no blanks; a line break in it was folded in, or wants to begin a line of its own where
 * the id is written (test: /mime/an-id-is-one-word). */
static void take_blanks_out(char *id)
{
	char *to = id;
	for (const char *p = id; *p != '\0'; p++) {
		if (!g_ascii_isspace(*p) && !g_ascii_iscntrl(*p))
			*to++ = *p;
	}
	*to = '\0';
}

/* Message-IDs without <>; those of a lax program may lack them. */
static void add_ids(GPtrArray *to, const char *raw)
{
	g_autofree char *text = sgp_mime_dup_valid(raw);
	const char *at = text;
	gboolean has_brackets = strchr(text, '<') != NULL;
	if (!has_brackets && is_free_text(text))
		return;
	while (*at != '\0') {
		if (has_brackets) {
			at = strchr(at, '<');
			if (at == NULL)
				return;
			at++;
		} else {
			at += strspn(at, " \t\r\n,");
		}
		gsize length = strcspn(at, has_brackets ? "<>" : " \t\r\n,");
		g_autofree char *id = g_strndup(at, length);
		take_blanks_out(id);
		if (*id != '\0')
			g_ptr_array_add(to, g_steal_pointer(&id));
		at += length;
	}
}

static void set_once(char **field, char *value)
{
	g_autofree char *owned = value;
	if (*field == NULL)
		*field = g_steal_pointer(&owned);
}

static gint64 read_date(const char *raw)
{
	GDateTime *date = g_mime_utils_header_decode_date(raw);
	gint64 seconds = date == NULL ? 0 : g_date_time_to_unix(date);
	g_clear_pointer(&date, g_date_time_unref);
	return seconds;
}

typedef struct {
	char *subject;    /* (owned) (nullable) */
	char *message_id; /* (owned) (nullable) */
} FirstFields;

static void fill_field(
	SgpMail *mail, FirstFields *first, const char *name, const char *raw, const char *value)
{
	if (g_ascii_strcasecmp(name, "From") == 0)
		add_addresses(mail->from, raw);
	else if (g_ascii_strcasecmp(name, "To") == 0)
		add_addresses(mail->to, raw);
	else if (g_ascii_strcasecmp(name, "Cc") == 0)
		add_addresses(mail->cc, raw);
	else if (g_ascii_strcasecmp(name, "Bcc") == 0)
		add_addresses(mail->bcc, raw);
	else if (g_ascii_strcasecmp(name, "Reply-To") == 0)
		add_addresses(mail->reply_to, raw);
	else if (g_ascii_strcasecmp(name, "In-Reply-To") == 0)
		add_ids(mail->in_reply_to, raw);
	else if (g_ascii_strcasecmp(name, "References") == 0)
		add_ids(mail->references, raw);
	else if (g_ascii_strcasecmp(name, "Subject") == 0)
		set_once(&first->subject, g_strdup(value));
	else if (g_ascii_strcasecmp(name, "Date") == 0 && mail->date == 0)
		mail->date = read_date(raw);
	if (g_ascii_strcasecmp(name, "Message-ID") == 0) {
		g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
		add_ids(ids, raw);
		if (ids->len > 0)
			set_once(&first->message_id, g_strdup(g_ptr_array_index(ids, 0)));
	}
	if (g_ascii_strcasecmp(name, "Sender") == 0 && mail->sender == NULL) {
		g_autoptr(GPtrArray) senders =
			g_ptr_array_new_with_free_func((GDestroyNotify)sgp_address_unref);
		add_addresses(senders, raw);
		if (senders->len == 1)
			mail->sender = sgp_address_ref(g_ptr_array_index(senders, 0));
	}
}

void sgp_mime_fill_header(SgpMail *mail, GMimeHeaderList *list)
{
	FirstFields first = { NULL, NULL };
	int count = g_mime_header_list_get_count(list);
	for (int i = 0; i < count; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(header);
		const char *decoded = g_mime_header_get_value(header);
		g_autofree char *value = sgp_mime_dup_valid(decoded != NULL ? decoded : "");
		g_autofree char *name = sgp_mime_dup_valid(g_mime_header_get_name(header));
		if (raw != NULL)
			fill_field(mail, &first, name, raw, value);
		g_ptr_array_add(mail->headers, g_steal_pointer(&name));
		g_ptr_array_add(mail->headers, g_steal_pointer(&value));
	}
	if (first.subject != NULL) {
		g_free(mail->subject);
		mail->subject = first.subject;
	}
	if (first.message_id != NULL) {
		g_free(mail->message_id);
		mail->message_id = first.message_id;
	}
}
