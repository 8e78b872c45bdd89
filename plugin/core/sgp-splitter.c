/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Says which copies a decided mail needs: recipients who are visible to each other share one, each
 * Bcc recipient has one alone, each portal recipient an entry. Pure: takes a verdict, decides
 * nothing about it, and makes no copy. */
#include "sgp-splitter.h"

#include "sgp-error.h"

void sgp_copy_plan_free(SgpCopyPlan *self)
{
	if (self == NULL)
		return;
	g_ptr_array_unref(self->recipients);
	g_free(self);
}

static SgpCopyPlan *add_plan(GPtrArray *plans, SgpChannel channel)
{
	SgpCopyPlan *plan = g_new0(SgpCopyPlan, 1);
	plan->channel = channel;
	plan->recipients = g_ptr_array_new();
	g_ptr_array_add(plans, plan);
	return plan;
}

/* The copy that visible recipients of this channel share. */
static SgpCopyPlan *get_shared(GPtrArray *plans, SgpCopyPlan **shared, SgpChannel channel)
{
	if (*shared == NULL)
		*shared = add_plan(plans, channel);
	return *shared;
}

static gboolean is_decided(const SgpVerdict *verdict)
{
	if (verdict->action != SGP_ACTION_SEND || verdict->recipients->len == 0)
		return FALSE;
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);
		if (one->action != SGP_ACTION_SEND)
			return FALSE;
	}
	return TRUE;
}

/* A Bcc recipient alone: a shared copy would name them to the others by its key ids. */
static gboolean add_recipient(GPtrArray *plans, SgpCopyPlan **openpgp, SgpCopyPlan **smime,
	SgpCopyPlan **transport, SgpCopyPlan **plain, SgpRecipientVerdict *one, GError **error)
{
	gboolean is_alone = one->field == SGP_FIELD_BCC;
	SgpCopyPlan *plan = NULL;
	switch (one->channel) {
	case SGP_CHANNEL_OPENPGP:
		plan = is_alone ? add_plan(plans, one->channel)
				: get_shared(plans, openpgp, one->channel);
		break;
	case SGP_CHANNEL_SMIME:
		plan = is_alone ? add_plan(plans, one->channel)
				: get_shared(plans, smime, one->channel);
		break;
	case SGP_CHANNEL_PLAIN:
		plan = is_alone ? add_plan(plans, one->channel)
				: get_shared(plans, plain, one->channel);
		break;
	case SGP_CHANNEL_PORTAL:
		plan = add_plan(plans, one->channel);
		break;
	case SGP_CHANNEL_TRANSPORT:
		plan = is_alone ? add_plan(plans, one->channel)
				: get_shared(plans, transport, one->channel);
		break;
	case SGP_CHANNEL_NONE:
		g_set_error(error, SGP_ERROR, SGP_ERROR_FAILED, "channel %s cannot be sealed",
			sgp_channel_get_nick(one->channel));
		return FALSE;
	}
	g_ptr_array_add(plan->recipients, one);
	return TRUE;
}

/**
 * sgp_splitter_split:
 * @own_channel: the protocol of the key to encrypt the sender's own copy to; NONE: there is none
 *
 * The sender's own copy is as well protected as the best of the others: plain only if all of them
 * are and the content is not protected, or if nothing was encrypted and there is no own key (it
 * stays inside the office's own mail system, and was in clear there or at the provider, too).
 * Without an own key there is none of an encrypted mail, rather than a clear one in the Sent
 * folder.
 *
 * Returns: (transfer full): the plans, the sender's own copy last
 */
GPtrArray *sgp_splitter_split(const SgpVerdict *verdict, SgpChannel own_channel, GError **error)
{
	gboolean has_own_key = own_channel != SGP_CHANNEL_NONE;
	if (!is_decided(verdict)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED, "not decided to be sent");
		return NULL;
	}
	g_autoptr(GPtrArray) plans =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_copy_plan_free);
	SgpCopyPlan *openpgp = NULL;
	SgpCopyPlan *smime = NULL;
	SgpCopyPlan *transport = NULL;
	SgpCopyPlan *plain = NULL;
	gboolean is_all_plain = TRUE;
	gboolean is_all_clear = TRUE; /* nobody's copy is encrypted end to end */
	for (guint i = 0; i < verdict->recipients->len; i++) {
		SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);
		is_all_plain = is_all_plain && one->channel == SGP_CHANNEL_PLAIN;
		is_all_clear = is_all_clear && (one->channel == SGP_CHANNEL_PLAIN ||
						       one->channel == SGP_CHANNEL_TRANSPORT);
		if (!add_recipient(plans, &openpgp, &smime, &transport, &plain, one, error))
			return NULL;
	}
	gboolean is_plain =
		is_all_plain && !sgp_content_class_is_protected(verdict->class_effective);
	if (is_all_clear || has_own_key) {
		SgpCopyPlan *sent =
			add_plan(plans, is_plain || !has_own_key ? SGP_CHANNEL_PLAIN : own_channel);
		sent->is_sent_copy = TRUE;
	}
	return g_steal_pointer(&plans);
}
