/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Reads what a host says about a mail: the dictionary of Assess, and the options of Prepare. It
 * owns their names and types. A key it does not know is refused and not skipped: it might be the
 * one that matters. */

#include "sgp-agent-draft.h"
#include "sgp-error.h"

void sgp_agent_options_clear(SgpAgentOptions *self)
{
	g_clear_pointer(&self->draft_id, g_free);
	g_clear_pointer(&self->matter, g_free);
	g_clear_pointer(&self->overrules, g_hash_table_unref);
	g_clear_pointer(&self->hold_at, g_free);
	g_clear_pointer(&self->confirmed, g_strfreev);
	g_clear_pointer(&self->bcc, g_ptr_array_unref);
}

static gboolean fail_key(GError **error, const char *key)
{
	g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "the mail's %s cannot be read", key);
	return FALSE;
}

/* Removes the key. FALSE: there, but of another type. value is NULL where there is none. */
static gboolean take(
	GVariantDict *values, const char *key, const char *type, GVariant **value, GError **error)
{
	g_autoptr(GVariant) found = g_variant_dict_lookup_value(values, key, NULL);

	g_variant_dict_remove(values, key);
	if (found && !g_variant_is_of_type(found, (const GVariantType *)type))
		return fail_key(error, key);
	*value = g_steal_pointer(&found);
	return TRUE;
}

static gboolean take_text(GVariantDict *values, const char *key, char **text, GError **error)
{
	g_autoptr(GVariant) value = NULL;

	if (!take(values, key, "s", &value, error))
		return FALSE;
	if (value) {
		g_free(*text);
		*text = g_variant_dup_string(value, NULL);
	}
	return TRUE;
}

static gboolean take_texts(GVariantDict *values, const char *key, GStrv *texts, GError **error)
{
	g_autoptr(GVariant) value = NULL;

	if (!take(values, key, "as", &value, error))
		return FALSE;
	*texts = value ? g_variant_dup_strv(value, NULL) : g_new0(char *, 1);
	return TRUE;
}

/* into: (element-type SgpAddress) */
static gboolean take_addresses(
	GVariantDict *values, const char *key, GPtrArray *into, GError **error)
{
	g_auto(GStrv) texts = NULL;

	if (!take_texts(values, key, &texts, error))
		return FALSE;
	for (gsize i = 0; texts[i]; i++) {
		SgpAddress *address = sgp_address_new(texts[i], NULL);

		if (!address)
			return fail_key(error, key);
		g_ptr_array_add(into, address);
	}
	return TRUE;
}

/* An objection without a written reason is not overruled. */
static gboolean take_overrules(GVariantDict *values, GHashTable **overrules, GError **error)
{
	g_autoptr(GVariant) value = NULL;
	GVariantIter iter;
	const char *objection, *reason;

	if (!take(values, "overrule", "a{ss}", &value, error))
		return FALSE;
	*overrules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	if (!value)
		return TRUE;
	g_variant_iter_init(&iter, value);
	while (g_variant_iter_next(&iter, "{&s&s}", &objection, &reason)) {
		if (reason[0] == '\0')
			return fail_key(error, "overrule");
		g_hash_table_replace(*overrules, g_strdup(objection), g_strdup(reason));
	}
	return TRUE;
}

gboolean sgp_agent_options_parse(SgpAgentOptions *self, GVariantDict *values, GError **error)
{
	g_autofree char *content_class = NULL;

	self->bcc = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_address_unref);
	if (!take_text(values, "draft-id", &self->draft_id, error) ||
		!take_text(values, "matter", &self->matter, error) ||
		!take_overrules(values, &self->overrules, error) ||
		!take_text(values, "hold-at", &self->hold_at, error) ||
		!take_text(values, "class", &content_class, error) ||
		!take_texts(values, "confirmed", &self->confirmed, error) ||
		!take_addresses(values, "bcc", self->bcc, error))
		return FALSE;
	if (content_class && content_class[0] != '\0' &&
		!sgp_content_class_from_nick(content_class, &self->class_chosen))
		return fail_key(error, "class");
	return TRUE;
}

static const char *none_if_empty(const char *text)
{
	return text && text[0] != '\0' ? text : NULL;
}

void sgp_agent_options_fill(const SgpAgentOptions *self, SgpAssessOptions *to)
{
	to->class_chosen = self->class_chosen;
	to->matter = none_if_empty(self->matter);
	to->confirmed = (const char *const *)self->confirmed;
	to->overrules = self->overrules;
}

gboolean sgp_agent_draft_check_empty(GVariantDict *values, GError **error)
{
	g_autoptr(GVariant) rest = g_variant_ref_sink(g_variant_dict_end(values));
	g_autofree char *key = NULL;

	if (g_variant_n_children(rest) == 0)
		return TRUE;
	g_variant_get_child(rest, 0, "{sv}", &key, NULL);
	g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "unknown option %s", key);
	return FALSE;
}

static gboolean take_ids(GVariantDict *values, const char *key, GPtrArray *into, GError **error)
{
	g_auto(GStrv) texts = NULL;

	if (!take_texts(values, key, &texts, error))
		return FALSE;
	for (gsize i = 0; texts[i]; i++) {
		gsize length = strlen(texts[i]);

		/* With or without <>: hosts differ. */
		if (length > 2 && texts[i][0] == '<' && texts[i][length - 1] == '>')
			g_ptr_array_add(into, g_strndup(texts[i] + 1, length - 2));
		else if (length > 0)
			g_ptr_array_add(into, g_strdup(texts[i]));
	}
	return TRUE;
}

static gboolean take_attachments(GVariantDict *values, SgpMail *mail, GError **error)
{
	g_autoptr(GVariant) value = NULL;
	GVariantIter iter;
	const char *name;
	gint64 size;

	if (!take(values, "attachments", "a(sx)", &value, error))
		return FALSE;
	if (!value)
		return TRUE;
	g_variant_iter_init(&iter, value);
	while (g_variant_iter_next(&iter, "(&sx)", &name, &size))
		g_ptr_array_add(
			mail->attachments, sgp_mail_attachment_new(name, "application/octet-stream",
						   NULL, MAX(0, size)));
	return TRUE;
}

static gboolean take_from(GVariantDict *values, SgpMail *mail, GError **error)
{
	g_autofree char *from = NULL;
	g_autoptr(GPtrArray) list = NULL;

	if (!take_text(values, "from", &from, error))
		return FALSE;
	list = sgp_address_parse_list(from ? from : "", NULL);
	if (!list)
		return fail_key(error, "from");
	for (guint i = 0; i < list->len; i++)
		g_ptr_array_add(mail->from, sgp_address_ref(g_ptr_array_index(list, i)));
	return TRUE;
}

void sgp_agent_draft_add_bcc(SgpMail *mail, GPtrArray *bcc)
{
	g_autoptr(GPtrArray) known = sgp_mail_get_recipients(mail);

	for (guint i = 0; i < bcc->len; i++) {
		SgpAddress *address = g_ptr_array_index(bcc, i);

		if (g_ptr_array_find_with_equal_func(known, address, sgp_address_equal, NULL))
			continue;
		g_ptr_array_add(mail->bcc, sgp_address_ref(address));
		g_ptr_array_add(known, sgp_address_ref(address));
	}
}

SgpMail *sgp_agent_draft_parse(GVariantDict *values, const SgpAgentOptions *options, GError **error)
{
	g_autoptr(SgpMail) mail = sgp_mail_new();

	if (!take_from(values, mail, error) || !take_addresses(values, "to", mail->to, error) ||
		!take_addresses(values, "cc", mail->cc, error) ||
		!take_text(values, "subject", &mail->subject, error) ||
		!take_text(values, "text", &mail->text, error) ||
		!take_text(values, "html", &mail->html, error) ||
		!take_ids(values, "in-reply-to", mail->in_reply_to, error) ||
		!take_ids(values, "references", mail->references, error) ||
		!take_attachments(values, mail, error) ||
		!sgp_agent_draft_check_empty(values, error))
		return NULL;
	sgp_agent_draft_add_bcc(mail, options->bcc);
	return g_steal_pointer(&mail);
}
