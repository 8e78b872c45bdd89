/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Owns what is known and what was said about one mail while it is written. It never decides whether
 * the mail may leave: it keeps the agent's verdict and the answers that travel back with the next
 * question. */
#include "sgp-draft.h"

struct _SgpDraft {
	GObject parent_instance;

	SgpAgent1 *agent; /* (owned) (nullable) */
	SgpDraftState state;
	JsonObject *verdict;   /* (owned) (nullable) */
	char *notice;          /* (owned) (nullable) */
	char *from;            /* (owned) (nullable) */
	char *class_chosen;    /* (owned) (nullable) nick */
	char *matter;          /* (owned) (nullable) */
	GHashTable *overrules; /* (owned) id of an objection → written reason */
	GPtrArray *confirmed;  /* (owned) (element-type utf8) ids of questions */
};

G_DEFINE_FINAL_TYPE(SgpDraft, sgp_draft, G_TYPE_OBJECT)

enum {
	CHANGED,
	OPTIONS_CHANGED,
	REPLY_TO,
	N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void sgp_draft_finalize(GObject *object)
{
	SgpDraft *self = SGP_DRAFT(object);
	g_clear_object(&self->agent);
	g_clear_pointer(&self->verdict, json_object_unref);
	g_free(self->notice);
	g_free(self->from);
	g_free(self->class_chosen);
	g_free(self->matter);
	g_hash_table_unref(self->overrules);
	g_ptr_array_unref(self->confirmed);
	G_OBJECT_CLASS(sgp_draft_parent_class)->finalize(object);
}

static void sgp_draft_class_init(SgpDraftClass *klass)
{
	GType type = G_TYPE_FROM_CLASS(klass);
	G_OBJECT_CLASS(klass)->finalize = sgp_draft_finalize;
	signals[CHANGED] = g_signal_new(
		"changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[OPTIONS_CHANGED] = g_signal_new(
		"options-changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
	signals[REPLY_TO] = g_signal_new("reply-to", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
		G_TYPE_NONE, 1, G_TYPE_STRING);
}

static void sgp_draft_init(SgpDraft *self)
{
	self->confirmed = g_ptr_array_new_with_free_func(g_free);
	self->overrules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
}

SgpDraft *sgp_draft_new(void)
{
	return g_object_new(SGP_TYPE_DRAFT, NULL);
}

void sgp_draft_set_agent(SgpDraft *self, SgpAgent1 *agent)
{
	g_return_if_fail(SGP_IS_DRAFT(self));
	g_set_object(&self->agent, agent);
	if (agent == NULL) {
		/* A verdict of an agent that is gone is no verdict. */
		g_clear_pointer(&self->verdict, json_object_unref);
		self->state = SGP_DRAFT_STATE_NO_AGENT;
	}
	g_signal_emit(self, signals[CHANGED], 0);
}

SgpAgent1 *sgp_draft_get_agent(SgpDraft *self)
{
	return self->agent;
}

void sgp_draft_set_state(SgpDraft *self, SgpDraftState state)
{
	g_return_if_fail(SGP_IS_DRAFT(self));
	if (self->state == state)
		return;
	self->state = state;
	g_signal_emit(self, signals[CHANGED], 0);
}

SgpDraftState sgp_draft_get_state(SgpDraft *self)
{
	return self->state;
}

void sgp_draft_set_verdict(SgpDraft *self, JsonObject *verdict)
{
	g_return_if_fail(SGP_IS_DRAFT(self));
	if (verdict != NULL)
		json_object_ref(verdict);
	g_clear_pointer(&self->verdict, json_object_unref);
	self->verdict = verdict;
	g_signal_emit(self, signals[CHANGED], 0);
}

gboolean sgp_draft_set_verdict_json(SgpDraft *self, const char *json)
{
	g_autoptr(JsonNode) node = json_from_string(json, NULL);
	gboolean is_verdict = node != NULL && JSON_NODE_HOLDS_OBJECT(node);
	sgp_draft_set_verdict(self, is_verdict ? json_node_get_object(node) : NULL);
	return is_verdict;
}

JsonObject *sgp_draft_get_verdict(SgpDraft *self)
{
	return self->verdict;
}

void sgp_draft_set_notice(SgpDraft *self, const char *notice)
{
	g_return_if_fail(SGP_IS_DRAFT(self));
	if (g_strcmp0(self->notice, notice) == 0)
		return;
	g_free(self->notice);
	self->notice = g_strdup(notice);
	g_signal_emit(self, signals[CHANGED], 0);
}

const char *sgp_draft_get_notice(SgpDraft *self)
{
	return self->notice;
}

void sgp_draft_set_from(SgpDraft *self, const char *from)
{
	g_free(self->from);
	self->from = g_strdup(from);
}

const char *sgp_draft_get_from(SgpDraft *self)
{
	return self->from;
}

static void set_option(SgpDraft *self, char **field, const char *value)
{
	if (value != NULL && *value == '\0')
		value = NULL;
	if (g_strcmp0(*field, value) == 0)
		return;
	g_free(*field);
	*field = g_strdup(value);
	g_signal_emit(self, signals[OPTIONS_CHANGED], 0);
}

void sgp_draft_choose_class(SgpDraft *self, const char *nick)
{
	g_return_if_fail(SGP_IS_DRAFT(self));
	set_option(self, &self->class_chosen, nick);
}

const char *sgp_draft_get_class(SgpDraft *self)
{
	return self->class_chosen;
}

void sgp_draft_choose_matter(SgpDraft *self, const char *reference)
{
	g_return_if_fail(SGP_IS_DRAFT(self));
	set_option(self, &self->matter, reference);
}

const char *sgp_draft_get_matter(SgpDraft *self)
{
	return self->matter;
}

void sgp_draft_confirm(SgpDraft *self, const char *question)
{
	g_return_if_fail(SGP_IS_DRAFT(self));
	if (!g_ptr_array_find_with_equal_func(self->confirmed, question, g_str_equal, NULL))
		g_ptr_array_add(self->confirmed, g_strdup(question));
	g_signal_emit(self, signals[OPTIONS_CHANGED], 0);
}

void sgp_draft_overrule(SgpDraft *self, const char *objection, const char *reason)
{
	g_return_if_fail(SGP_IS_DRAFT(self) && *reason != '\0');
	g_hash_table_replace(self->overrules, g_strdup(objection), g_strdup(reason));
	g_signal_emit(self, signals[OPTIONS_CHANGED], 0);
}

void sgp_draft_reply_to(SgpDraft *self, const char *message_id)
{
	g_return_if_fail(SGP_IS_DRAFT(self));
	g_signal_emit(self, signals[REPLY_TO], 0, message_id);
}

void sgp_draft_retry(SgpDraft *self)
{
	g_return_if_fail(SGP_IS_DRAFT(self));
	g_signal_emit(self, signals[OPTIONS_CHANGED], 0);
}

void sgp_draft_forget_confirmations(SgpDraft *self)
{
	g_return_if_fail(SGP_IS_DRAFT(self));
	g_ptr_array_set_size(self->confirmed, 0);
	g_hash_table_remove_all(self->overrules);
}

static void add_overrules(SgpDraft *self, GVariantBuilder *builder)
{
	GVariantBuilder overrules;
	GHashTableIter iter;
	gpointer objection, reason;
	if (g_hash_table_size(self->overrules) == 0)
		return;
	g_variant_builder_init(&overrules, G_VARIANT_TYPE("a{ss}"));
	g_hash_table_iter_init(&iter, self->overrules);
	while (g_hash_table_iter_next(&iter, &objection, &reason))
		g_variant_builder_add(&overrules, "{ss}", objection, reason);
	g_variant_builder_add(builder, "{sv}", "overrule", g_variant_builder_end(&overrules));
}

void sgp_draft_add_options(SgpDraft *self, GVariantBuilder *builder)
{
	if (self->class_chosen != NULL)
		g_variant_builder_add(
			builder, "{sv}", "class", g_variant_new_string(self->class_chosen));
	if (self->matter != NULL)
		g_variant_builder_add(
			builder, "{sv}", "matter", g_variant_new_string(self->matter));
	add_overrules(self, builder);
	if (self->confirmed->len > 0)
		g_variant_builder_add(builder, "{sv}", "confirmed",
			g_variant_new_strv(
				(const char *const *)self->confirmed->pdata, self->confirmed->len));
}
