/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Agent1's calls by which staff look after customers, messages and devices of the portal. It owns
 * their shape on the bus; what they do is core's. */

#include "sgp-agent.h"
#include "sgp-error.h"
#include "sgp-portal-customer.h"
#include "sgp-portal-device.h"

static void answer_text(
	SgpAgent *self, GDBusMethodInvocation *invocation, char *text, GError *error)
{
	g_autofree char *owned = text;

	if (!owned) {
		sgp_agent_return_error(invocation, error);
		return;
	}
	g_dbus_method_invocation_return_value(invocation, g_variant_new("(s)", owned));
	/* What a customer's mailbox is decides about channels. */
	sgp_agent_emit_changed(self);
}

static void act(SgpAgent *self, GDBusMethodInvocation *invocation, const SgpCustomerOrder *order)
{
	GError *error = NULL;
	char *json = sgp_portal_customer_act_sync(
		self->dispatcher, order, sgp_agent_get_now(), NULL, &error);

	answer_text(self, invocation, json, error);
}

/* Of the calls that take an address and nothing else. */
static void act_on(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters,
	SgpCustomerAction action)
{
	SgpCustomerOrder order = { action };

	g_variant_get(parameters, "(&s)", &order.address);
	act(self, invocation, &order);
}

static void renew(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	act_on(self, invocation, parameters, SGP_CUSTOMER_ACTION_RENEW);
}

static void freeze(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	act_on(self, invocation, parameters, SGP_CUSTOMER_ACTION_FREEZE);
}

static void unfreeze(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	act_on(self, invocation, parameters, SGP_CUSTOMER_ACTION_UNFREEZE);
}

static void reset(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	SgpCustomerOrder order = { SGP_CUSTOMER_ACTION_RESET };

	g_variant_get(parameters, "(&s&s&s)", &order.address, &order.by, &order.words);
	act(self, invocation, &order);
}

static void erase(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	SgpCustomerOrder order = { SGP_CUSTOMER_ACTION_ERASE };

	g_variant_get(parameters, "(&s&s)", &order.address, &order.words);
	act(self, invocation, &order);
}

static void set_language(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	SgpCustomerOrder order = { SGP_CUSTOMER_ACTION_LANGUAGE };

	g_variant_get(parameters, "(&s&s)", &order.address, &order.words);
	act(self, invocation, &order);
}

static void list_customers(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	GError *error = NULL;
	g_autofree char *json = sgp_portal_customer_list_json_sync(self->dispatcher, NULL, &error);

	if (json)
		g_dbus_method_invocation_return_value(invocation, g_variant_new("(s)", json));
	else
		sgp_agent_return_error(invocation, error);
}

static void change_message(
	SgpAgent *self, GDBusMethodInvocation *invocation, const char *id, guint days)
{
	GError *error = NULL;
	char *json =
		sgp_portal_customer_change_message_sync(self->dispatcher, id, days, NULL, &error);

	answer_text(self, invocation, json, error);
}

static void extend(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *id = NULL;
	guint days = 0;

	g_variant_get(parameters, "(&su)", &id, &days);
	/* Zero days would be core's word for revoking. */
	if (days == 0)
		sgp_agent_return_error(
			invocation, g_error_new(SGP_ERROR, SGP_ERROR_INVALID, "at least one day"));
	else
		change_message(self, invocation, id, days);
}

static void revoke_message(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *id = NULL;

	g_variant_get(parameters, "(&s)", &id);
	change_message(self, invocation, id, 0);
}

static void list_devices(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	GError *error = NULL;
	g_autofree char *json = sgp_portal_device_list_json_sync(self->dispatcher, NULL, &error);

	if (json)
		g_dbus_method_invocation_return_value(invocation, g_variant_new("(s)", json));
	else
		sgp_agent_return_error(invocation, error);
}

static void answer_done(GDBusMethodInvocation *invocation, gboolean is_done, GError *error)
{
	if (is_done)
		g_dbus_method_invocation_return_value(invocation, NULL);
	else
		sgp_agent_return_error(invocation, error);
}

static void approve(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *id = NULL, *fingerprint = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&s&s)", &id, &fingerprint);
	gboolean is_done =
		sgp_portal_device_approve_sync(self->dispatcher, id, fingerprint, NULL, &error);

	answer_done(invocation, is_done, error);
}

static void revoke_device(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *id = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&s)", &id);
	gboolean is_done = sgp_portal_device_revoke_sync(self->dispatcher, id, NULL, &error);

	answer_done(invocation, is_done, error);
}

SgpAgentWork sgp_agent_find_care_method(const char *name)
{
	static const struct {
		const char *name;
		SgpAgentWork func;
	} methods[] = {
		{ "RenewInvitation", renew },
		{ "ResetCustomer", reset },
		{ "FreezeCustomer", freeze },
		{ "UnfreezeCustomer", unfreeze },
		{ "EraseCustomer", erase },
		{ "SetCustomerLanguage", set_language },
		{ "ListCustomers", list_customers },
		{ "ExtendMessage", extend },
		{ "RevokeMessage", revoke_message },
		{ "ListDevices", list_devices },
		{ "ApproveDevice", approve },
		{ "RevokeDevice", revoke_device },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(methods); i++)
		if (g_str_equal(name, methods[i].name))
			return methods[i].func;
	return NULL;
}
