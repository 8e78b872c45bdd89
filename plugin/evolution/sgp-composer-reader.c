/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a composer, on the main thread, without waiting for anything. It changes nothing but the
 * draft id and the conversation that staff chose. */
#include "sgp-composer-reader.h"

#include <string.h>

#define DRAFT_ID_DATA "sgp-draft-id"

static void add_destination(GPtrArray *addresses, EDestination *destination)
{
	if (e_destination_is_evolution_list(destination)) {
		const GList *members = e_destination_list_get_dests(destination);
		for (const GList *link = members; link != NULL; link = link->next)
			add_destination(addresses, link->data);
		return;
	}
	const char *address = e_destination_get_email(destination);
	/* Half an address is being typed: it is no recipient yet. Sending takes the whole mail and
	 * forgets nobody. */
	if (address != NULL && strchr(address, '@') != NULL)
		g_ptr_array_add(addresses, g_strdup(address));
}

static GPtrArray *get_addresses(EDestination **destinations)
{
	GPtrArray *addresses = g_ptr_array_new_with_free_func(g_free);
	for (EDestination **one = destinations; one != NULL && *one != NULL; one++)
		add_destination(addresses, *one);
	if (destinations != NULL)
		e_destination_freev(destinations);
	return addresses;
}

static GVariant *new_strings(GPtrArray *strings)
{
	return g_variant_new_strv((const char *const *)strings->pdata, strings->len);
}

char *sgp_composer_reader_dup_from(EMsgComposer *composer)
{
	g_autoptr(CamelInternetAddress) from = e_msg_composer_get_from(composer);
	const char *address = NULL;
	if (from == NULL || !camel_internet_address_get(from, 0, NULL, &address))
		return NULL;
	return g_strdup(address);
}

/* The message ids of a header field, without <>. */
static GPtrArray *get_ids(EMsgComposer *composer, const char *name)
{
	GPtrArray *ids = g_ptr_array_new_with_free_func(g_free);
	const char *value = e_msg_composer_get_header(composer, name, 0);
	g_auto(GStrv) words = g_strsplit_set(value != NULL ? value : "", " \t\r\n,", -1);
	for (char **word = words; *word != NULL; word++) {
		gsize length = strlen(*word);
		if (length > 2 && (*word)[0] == '<' && (*word)[length - 1] == '>')
			g_ptr_array_add(ids, g_strndup(*word + 1, length - 2));
		else if (length > 0)
			g_ptr_array_add(ids, g_strdup(*word));
	}
	return ids;
}

static GVariant *get_attachments(EMsgComposer *composer)
{
	GVariantBuilder builder;
	g_variant_builder_init(&builder, G_VARIANT_TYPE("a(sx)"));
	EAttachmentStore *store =
		e_attachment_view_get_store(e_msg_composer_get_attachment_view(composer));
	GList *attachments = e_attachment_store_get_attachments(store);
	for (GList *link = attachments; link != NULL; link = link->next) {
		g_autoptr(GFileInfo) info = e_attachment_ref_file_info(link->data);
		if (info == NULL)
			continue; /* still being loaded: the store tells when it is there */
		const char *name = g_file_info_get_display_name(info);
		g_variant_builder_add(&builder, "(sx)", name != NULL ? name : "",
			(gint64)g_file_info_get_size(info));
	}
	g_list_free_full(attachments, g_object_unref);
	return g_variant_builder_end(&builder);
}

static void add_header_ids(
	EMsgComposer *composer, const char *header, const char *key, GVariantBuilder *builder)
{
	g_autoptr(GPtrArray) ids = get_ids(composer, header);
	if (ids->len > 0)
		g_variant_builder_add(builder, "{sv}", key, new_strings(ids));
}

void sgp_composer_reader_add_draft(
	EMsgComposer *composer, const char *text, GVariantBuilder *builder)
{
	EComposerHeaderTable *table = e_msg_composer_get_header_table(composer);
	g_autoptr(GPtrArray) to = get_addresses(e_composer_header_table_get_destinations_to(table));
	g_autoptr(GPtrArray) cc = get_addresses(e_composer_header_table_get_destinations_cc(table));
	g_autoptr(GPtrArray) bcc =
		get_addresses(e_composer_header_table_get_destinations_bcc(table));
	g_autofree char *from = sgp_composer_reader_dup_from(composer);
	const char *subject = e_composer_header_table_get_subject(table);
	if (from != NULL)
		g_variant_builder_add(builder, "{sv}", "from", g_variant_new_string(from));
	g_variant_builder_add(builder, "{sv}", "to", new_strings(to));
	g_variant_builder_add(builder, "{sv}", "cc", new_strings(cc));
	g_variant_builder_add(builder, "{sv}", "bcc", new_strings(bcc));
	g_variant_builder_add(
		builder, "{sv}", "subject", g_variant_new_string(subject != NULL ? subject : ""));
	if (text != NULL)
		g_variant_builder_add(builder, "{sv}", "text", g_variant_new_string(text));
	add_header_ids(composer, "In-Reply-To", "in-reply-to", builder);
	add_header_ids(composer, "References", "references", builder);
	g_variant_builder_add(builder, "{sv}", "attachments", get_attachments(composer));
}

char *sgp_composer_reader_dup_recipients(EMsgComposer *composer)
{
	EComposerHeaderTable *table = e_msg_composer_get_header_table(composer);
	g_autoptr(GPtrArray) all = get_addresses(e_composer_header_table_get_destinations(table));
	g_ptr_array_add(all, NULL);
	return g_strjoinv(" ", (char **)all->pdata);
}

gboolean sgp_composer_reader_has_recipients(EMsgComposer *composer)
{
	g_autofree char *recipients = sgp_composer_reader_dup_recipients(composer);
	return *recipients != '\0';
}

GVariant *sgp_composer_reader_get_bcc(EMsgComposer *composer)
{
	EComposerHeaderTable *table = e_msg_composer_get_header_table(composer);
	g_autoptr(GPtrArray) bcc =
		get_addresses(e_composer_header_table_get_destinations_bcc(table));
	return g_variant_ref_sink(new_strings(bcc));
}

/* The field is filled in hidden where a mail is edited as new one; Evolution posts only what is
 * visible. */
gboolean sgp_composer_reader_posts_to_news(EMsgComposer *composer)
{
	EComposerHeaderTable *table = e_msg_composer_get_header_table(composer);
	EComposerHeader *field =
		e_composer_header_table_get_header(table, E_COMPOSER_HEADER_POST_TO);
	GList *groups = e_composer_header_table_get_post_to(table);
	gboolean any = groups != NULL;
	g_list_free_full(groups, g_free);
	return any && field != NULL && e_composer_header_get_visible(field);
}

/* Evolution's autosave hangs the file on the composer that it brings back after a crash, and on any
 * other one only once that has been autosaved itself, which is later than our first question. */
static gboolean is_from_autosave(EMsgComposer *composer)
{
	return g_object_get_data(G_OBJECT(composer), "e-composer-snapshot-file") != NULL;
}

const char *sgp_composer_reader_ensure_draft_id(EMsgComposer *composer)
{
	const char *id = g_object_get_data(G_OBJECT(composer), DRAFT_ID_DATA);
	if (id != NULL)
		return id;
	/* A header that came with a template, or with a draft that is opened a second time, belongs
	 * to a mail that may have been sent: with it the new one would count as sent already. */
	const char *found = is_from_autosave(composer)
				    ? e_msg_composer_get_header(composer, SGP_DRAFT_HEADER, 0)
				    : NULL;
	char *own = found != NULL && *found != '\0' ? g_strdup(found) : g_uuid_string_random();
	g_object_set_data_full(G_OBJECT(composer), DRAFT_ID_DATA, own, g_free);
	e_msg_composer_set_header(composer, SGP_DRAFT_HEADER, own);
	return own;
}

void sgp_composer_reader_set_reply_to(EMsgComposer *composer, const char *message_id)
{
	g_autofree char *bracketed = g_strdup_printf("<%s>", message_id);
	e_msg_composer_set_header(composer, "In-Reply-To", bracketed);
	e_msg_composer_set_header(composer, "References", bracketed);
}
