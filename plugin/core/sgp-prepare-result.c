/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What became of one Prepare, and its JSON: one shape for the bus and the command line. It decides
 * nothing. */

#include "sgp-prepare-result.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-sealer.h"

SgpPrepareResult *sgp_prepare_result_new(void)
{
	SgpPrepareResult *self = g_new0(SgpPrepareResult, 1);

	self->invitations = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_invitation_free);
	return self;
}

void sgp_prepare_result_free(SgpPrepareResult *self)
{
	g_clear_pointer(&self->verdict, sgp_verdict_free);
	g_clear_pointer(&self->copies, g_ptr_array_unref);
	g_ptr_array_unref(self->invitations);
	g_free(self);
}

const char *sgp_prepare_status_get_nick(SgpPrepareStatus status)
{
	switch (status) {
	case SGP_PREPARE_FAILED:
		return "failed";
	case SGP_PREPARE_HOLD:
		return "hold";
	case SGP_PREPARE_ASK:
		return "ask";
	case SGP_PREPARE_COMMITTED:
		return "committed";
	}
	return "failed";
}

static const char *get_status(const SgpPrepareResult *self, const GError *error)
{
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return "cancelled";
	return error || !self ? "failed" : sgp_prepare_status_get_nick(self->status);
}

static void add_verdict(JsonBuilder *out, const SgpVerdict *verdict)
{
	json_builder_set_member_name(out, "verdict");
	if (!verdict) {
		json_builder_add_null_value(out);
		return;
	}
	g_autofree char *text = sgp_verdict_dup_json(verdict);
	JsonNode *node = json_from_string(text, NULL);

	json_builder_add_value(out, node);
}

static void add_copy(JsonBuilder *out, const SgpCopy *copy)
{
	json_builder_begin_object(out);
	sgp_json_add_text(out, "id", copy->id);
	sgp_json_add_text(out, "channel", sgp_channel_get_nick(copy->channel));
	sgp_json_add_boolean(out, "sent_copy", copy->is_sent_copy);
	json_builder_set_member_name(out, "recipients");
	json_builder_begin_array(out);
	for (guint i = 0; i < copy->recipients->len; i++)
		json_builder_add_string_value(
			out, sgp_address_get_addr_spec(g_ptr_array_index(copy->recipients, i)));
	json_builder_end_array(out);
	json_builder_end_object(out);
}

static void add_invitation(JsonBuilder *out, const SgpInvitation *invitation)
{
	json_builder_begin_object(out);
	sgp_json_add_text(out, "address", invitation->address);
	sgp_json_add_text(out, "code", invitation->code);
	sgp_json_add_int(out, "valid_until", invitation->valid_until);
	json_builder_end_object(out);
}

char *sgp_prepare_result_dup_json(const SgpPrepareResult *self, const GError *error)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	json_builder_begin_object(out);
	sgp_json_add_text(out, "status", get_status(self, error));
	add_verdict(out, self ? self->verdict : NULL);
	json_builder_set_member_name(out, "copies");
	json_builder_begin_array(out);
	for (guint i = 0; self && self->copies && i < self->copies->len; i++)
		add_copy(out, g_ptr_array_index(self->copies, i));
	json_builder_end_array(out);
	json_builder_set_member_name(out, "invitations");
	json_builder_begin_array(out);
	for (guint i = 0; self && i < self->invitations->len; i++)
		add_invitation(out, g_ptr_array_index(self->invitations, i));
	json_builder_end_array(out);
	sgp_json_add_text(out, "error", error ? sgp_error_get_nick(error) : NULL);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}
