/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Agent1's calls about the portal and the spool. It owns their shape on the bus, and that an
 * enrolment is a job. */

#include "sgp-agent-job.h"
#include "sgp-error.h"
#include "sgp-event-log.h"
#include "sgp-json-private.h"
#include "sgp-portal-enrolment.h"
#include "sgp-secret-store.h"

typedef struct {
	char *url;     /* (owned) */
	char *token;   /* (owned) single use, but until then whoever has it is staff */
	char *address; /* (owned) */
} Enrolment;

static void enrolment_free(gpointer data)
{
	Enrolment *self = data;

	g_free(self->url);
	sgp_secret_free(self->token);
	g_free(self->address);
	g_free(self);
}

static char *enrolment_json(const SgpPortalAccount *account, const GError *error)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();
	const char *status = "enrolled";

	if (!account)
		status = g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED) ? "cancelled"
										  : "failed";
	json_builder_begin_object(out);
	sgp_json_add_text(out, "status", status);
	sgp_json_add_text(out, "origin", account ? account->origin : NULL);
	sgp_json_add_text(out, "office", account ? account->office_name : NULL);
	sgp_json_add_text(out, "staff", account ? account->staff_address : NULL);
	sgp_json_add_text(out, "fingerprint", account ? account->office_fingerprint : NULL);
	sgp_json_add_text(out, "error", error ? sgp_error_get_nick(error) : NULL);
	json_builder_end_object(out);
	return sgp_json_dup(out);
}

static char *enrol(SgpAgentJob *job, SgpAgent *self, gpointer data)
{
	Enrolment *enrolment = data;
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpPortalAccount) account = sgp_portal_enrolment_run_sync(enrolment->url,
		enrolment->token, enrolment->address, sgp_dispatcher_get_settings(self->dispatcher),
		sgp_dispatcher_get_store(self->dispatcher),
		sgp_dispatcher_get_keys(self->dispatcher), sgp_agent_get_now(),
		sgp_agent_job_report, job, sgp_agent_job_get_cancellable(job), &error);

	if (account) {
		sgp_dispatcher_forget_portal(self->dispatcher);
		sgp_dispatcher_note_portal(self->dispatcher, NULL);
		sgp_delivery_kick(self->delivery);
		sgp_agent_emit_changed(self);
	} else {
		g_message("the enrolment failed: %s", error->message);
	}
	return enrolment_json(account, error);
}

void sgp_agent_start_enrolment(
	SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	Enrolment *enrolment = g_new0(Enrolment, 1);

	g_variant_get(parameters, "(sss)", &enrolment->url, &enrolment->token, &enrolment->address);
	sgp_agent_job_start(self, invocation, NULL, enrol, enrolment, enrolment_free);
}

static void answer_text(GDBusMethodInvocation *invocation, const char *text, GError *error)
{
	if (text)
		g_dbus_method_invocation_return_value(invocation, g_variant_new("(s)", text));
	else
		sgp_agent_return_error(invocation, error);
}

static void status(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	GError *error = NULL;
	g_autofree char *json = sgp_dispatcher_dup_portal_json_sync(self->dispatcher, NULL, &error);

	answer_text(invocation, json, error);
}

static void customer(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *address = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&s)", &address);
	g_autofree char *json =
		sgp_dispatcher_dup_customer_json_sync(self->dispatcher, address, NULL, &error);

	answer_text(invocation, json, error);
}

static void spool_list(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	GError *error = NULL;
	g_autofree char *json =
		sgp_spool_list_json(sgp_dispatcher_get_spool(self->dispatcher), &error);

	answer_text(invocation, json, error);
}

static void portal_events(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	GError *error = NULL;
	g_autofree char *json =
		sgp_event_log_list_json(sgp_dispatcher_get_store(self->dispatcher), &error);

	answer_text(invocation, json, error);
}

static void dismiss_event(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	gint64 id = 0;
	GError *error = NULL;

	g_variant_get(parameters, "(x)", &id);
	if (!sgp_event_log_dismiss(sgp_dispatcher_get_store(self->dispatcher), id, &error)) {
		sgp_agent_return_error(invocation, error);
		return;
	}
	g_dbus_method_invocation_return_value(invocation, NULL);
	sgp_agent_emit_event(self, "dismissed", "{}");
}

/* An empty id: all that wait. */
static void spool_retry(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *id = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&s)", &id);
	if (!sgp_spool_retry(sgp_dispatcher_get_spool(self->dispatcher), id[0] != '\0' ? id : NULL,
		    sgp_agent_get_now(), &error)) {
		sgp_agent_return_error(invocation, error);
		return;
	}
	sgp_agent_look_at_store(self);
	sgp_delivery_kick(self->delivery);
	g_dbus_method_invocation_return_value(invocation, NULL);
	sgp_agent_notify_properties(self);
}

static void spool_drop(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *id = NULL, *reason = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&s&s)", &id, &reason);
	if (!sgp_spool_drop(sgp_dispatcher_get_spool(self->dispatcher), id, reason,
		    sgp_agent_get_now(), &error)) {
		sgp_agent_return_error(invocation, error);
		return;
	}
	sgp_agent_look_at_store(self);
	g_dbus_method_invocation_return_value(invocation, NULL);
	sgp_agent_notify_properties(self);
}

SgpAgentWork sgp_agent_find_portal_method(const char *name)
{
	if (g_str_equal(name, "PortalStatus"))
		return status;
	if (g_str_equal(name, "PortalCustomer"))
		return customer;
	if (g_str_equal(name, "SpoolList"))
		return spool_list;
	if (g_str_equal(name, "PortalEvents"))
		return portal_events;
	if (g_str_equal(name, "DismissEvent"))
		return dismiss_event;
	if (g_str_equal(name, "SpoolRetry"))
		return spool_retry;
	if (g_str_equal(name, "SpoolDrop"))
		return spool_drop;
	return sgp_agent_find_care_method(name);
}
