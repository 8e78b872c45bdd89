/* SPDX-License-Identifier: GPL-3.0-or-later */

/* portal customer, customers, message, devices, approve and revoke-device: what staff do with those
 * who are there already. The user's agent does it; with --state-dir it is done here. A new code is
 * printed once, by the call that made it. */

#include "sgp-cli-portal-care.h"
#include "sgp-cli-words.h"
#include "sgp-error.h"
#include "sgp-portal-customer.h"
#include "sgp-portal-device.h"
#include "sgp-registration-code.h"

#include <string.h>

/* With --json it is printed as it is. NULL: it failed, or was printed. (transfer full) */
static JsonNode *read_answer(const SgpCli *self, const char *json)
{
	if (!json)
		return NULL;
	if (!self->is_json)
		return json_from_string(json, NULL);
	g_print("%s\n", json);
	return NULL;
}

/* One customer */

static const char *method_of(SgpCustomerAction action)
{
	switch (action) {
	case SGP_CUSTOMER_ACTION_RENEW:
		return "RenewInvitation";
	case SGP_CUSTOMER_ACTION_RESET:
		return "ResetCustomer";
	case SGP_CUSTOMER_ACTION_FREEZE:
		return "FreezeCustomer";
	case SGP_CUSTOMER_ACTION_UNFREEZE:
		return "UnfreezeCustomer";
	case SGP_CUSTOMER_ACTION_ERASE:
		return "EraseCustomer";
	case SGP_CUSTOMER_ACTION_LANGUAGE:
		return "SetCustomerLanguage";
	case SGP_CUSTOMER_ACTION_UNKNOWN:
		return "PortalCustomer";
	}
	return "PortalCustomer";
}

static GVariant *parameters_of(const SgpCustomerOrder *order)
{
	if (order->action == SGP_CUSTOMER_ACTION_RESET)
		return g_variant_new("(sss)", order->address, order->by, order->words);
	if (order->action == SGP_CUSTOMER_ACTION_ERASE ||
		order->action == SGP_CUSTOMER_ACTION_LANGUAGE)
		return g_variant_new("(ss)", order->address, order->words);
	return g_variant_new("(s)", order->address);
}

static char *answer_customer(SgpCli *self, gconstpointer what, GError **error)
{
	const SgpCustomerOrder *order = what;

	return order->action == SGP_CUSTOMER_ACTION_UNKNOWN
		       ? sgp_dispatcher_dup_customer_json_sync(
				 self->dispatcher, order->address, NULL, error)
		       : sgp_portal_customer_act_sync(
				 self->dispatcher, order, self->now, NULL, error);
}

static SgpExit print_customer(SgpCli *self, const SgpCustomerOrder *order)
{
	g_autofree char *json = sgp_cli_ask(
		self, method_of(order->action), parameters_of(order), answer_customer, order);
	g_autoptr(JsonNode) node = read_answer(self, json);

	if (!node)
		return json ? SGP_EXIT_DONE : SGP_EXIT_FAILED;
	JsonObject *object = json_node_get_object(node);
	const char *state = sgp_cli_get_text(object, "state");
	const char *digits = json_object_get_string_member_with_default(object, "code", NULL);
	g_autofree char *code = digits ? sgp_registration_code_dup_grouped(digits) : NULL;
	g_autofree char *until =
		sgp_cli_dup_time(json_object_get_int_member_with_default(object, "valid_until", 0));

	g_print("%s: %s\n", sgp_cli_get_text(object, "address"),
		g_str_equal(state, "none") ? _("no mailbox") : sgp_cli_words_get_state(state));
	if (g_str_equal(state, "invited") || g_str_equal(state, "expired"))
		g_print(_("Registration code: %s, valid until %s\n"), code ? code : "-", until);
	return SGP_EXIT_DONE;
}

typedef struct {
	gboolean renew, reset, freeze, unfreeze, erase;
	char *checked_by, *how, *reason, *language; /* (owned) (nullable) */
} CustomerOptions;

static void customer_options_clear(CustomerOptions *self)
{
	g_free(self->checked_by);
	g_free(self->how);
	g_free(self->reason);
	g_free(self->language);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(CustomerOptions, customer_options_clear)

static gboolean is_said(const char *text)
{
	g_autofree char *copy = g_strdup(text ? text : "");

	return *g_strstrip(copy) != '\0';
}

/* FALSE: said on standard error. */
static gboolean read_order(const CustomerOptions *options, SgpCustomerOrder *order)
{
	if (options->renew + options->reset + options->freeze + options->unfreeze + options->erase +
			(options->language != NULL) >
		1) {
		sgp_cli_usage(_("portal customer: only one of --renew, --reset, --freeze, "
				"--unfreeze, --erase and --language"));
		return FALSE;
	}
	if (options->language && !g_str_equal(options->language, "de") &&
		!g_str_equal(options->language, "en")) {
		sgp_cli_usage(_("portal customer: --language is de or en"));
		return FALSE;
	}
	if (options->reset != (is_said(options->checked_by) || is_said(options->how)) ||
		(options->reset && !(is_said(options->checked_by) && is_said(options->how)))) {
		sgp_cli_usage(_("portal customer: --reset --checked-by NAME --how TEXT belong "
				"together: who identified the customer, and how"));
		return FALSE;
	}
	if (options->erase != is_said(options->reason)) {
		sgp_cli_usage(_("portal customer: --erase --reason TEXT belong together"));
		return FALSE;
	}
	order->action = options->renew      ? SGP_CUSTOMER_ACTION_RENEW
			: options->reset    ? SGP_CUSTOMER_ACTION_RESET
			: options->freeze   ? SGP_CUSTOMER_ACTION_FREEZE
			: options->unfreeze ? SGP_CUSTOMER_ACTION_UNFREEZE
			: options->erase    ? SGP_CUSTOMER_ACTION_ERASE
			: options->language ? SGP_CUSTOMER_ACTION_LANGUAGE
					    : SGP_CUSTOMER_ACTION_UNKNOWN;
	order->by = options->checked_by;
	order->words = options->reset      ? options->how
		       : options->language ? options->language
					   : options->reason;
	return TRUE;
}

static SgpExit customer(SgpCli *self, int argc, char **argv)
{
	g_auto(CustomerOptions) options = { FALSE };
	const GOptionEntry entries[] = {
		{ "renew", 0, 0, G_OPTION_ARG_NONE, &options.renew, NULL, NULL },
		{ "reset", 0, 0, G_OPTION_ARG_NONE, &options.reset, NULL, NULL },
		{ "checked-by", 0, 0, G_OPTION_ARG_STRING, &options.checked_by, NULL, NULL },
		{ "how", 0, 0, G_OPTION_ARG_STRING, &options.how, NULL, NULL },
		{ "freeze", 0, 0, G_OPTION_ARG_NONE, &options.freeze, NULL, NULL },
		{ "unfreeze", 0, 0, G_OPTION_ARG_NONE, &options.unfreeze, NULL, NULL },
		{ "erase", 0, 0, G_OPTION_ARG_NONE, &options.erase, NULL, NULL },
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &options.reason, NULL, NULL },
		{ "language", 0, 0, G_OPTION_ARG_STRING, &options.language, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	SgpCustomerOrder order = { SGP_CUSTOMER_ACTION_UNKNOWN };

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 2)
		return sgp_cli_usage(_("portal customer: ADDRESS is expected"));
	if (!read_order(&options, &order))
		return SGP_EXIT_USAGE;
	order.address = argv[1];
	return print_customer(self, &order);
}

/* All customers */

static void print_row(JsonObject *one)
{
	gint64 unread = json_object_get_int_member_with_default(one, "unread", 0);
	g_autofree char *number = sgp_cli_dup_number(unread);
	g_autofree char *line = g_strdup_printf(
		g_dngettext(NULL, "%s unread mail", "%s unread mails", (gulong)unread), number);

	g_print("%s  %s  %s\n", sgp_cli_get_text(one, "address"),
		sgp_cli_words_get_state(sgp_cli_get_text(one, "state")), line);
}

static char *answer_customers(SgpCli *self, gconstpointer unused, GError **error)
{
	return sgp_portal_customer_list_json_sync(self->dispatcher, NULL, error);
}

static SgpExit customers(SgpCli *self)
{
	g_autofree char *json = sgp_cli_ask(self, "ListCustomers", NULL, answer_customers, NULL);
	g_autoptr(JsonNode) node = read_answer(self, json);

	if (!node)
		return json ? SGP_EXIT_DONE : SGP_EXIT_FAILED;
	JsonArray *list = json_object_get_array_member(json_node_get_object(node), "customers");

	for (guint i = 0; i < json_array_get_length(list); i++)
		print_row(json_array_get_object_element(list, i));
	return SGP_EXIT_DONE;
}

/* One message */

typedef struct {
	const char *id;
	int days; /* to keep it longer; 0: it is taken back */
} MessageOrder;

static char *answer_message(SgpCli *self, gconstpointer what, GError **error)
{
	const MessageOrder *order = what;

	return sgp_portal_customer_change_message_sync(
		self->dispatcher, order->id, order->days, NULL, error);
}

static char *change_message(SgpCli *self, const MessageOrder *order)
{
	if (order->days > 0)
		return sgp_cli_ask(self, "ExtendMessage",
			g_variant_new("(su)", order->id, (guint)order->days), answer_message,
			order);
	return sgp_cli_ask(
		self, "RevokeMessage", g_variant_new("(s)", order->id), answer_message, order);
}

static SgpExit message(SgpCli *self, int argc, char **argv)
{
	int days = 0;
	gboolean revoke = FALSE;
	const GOptionEntry entries[] = {
		{ "extend", 0, 0, G_OPTION_ARG_INT, &days, NULL, NULL },
		{ "revoke", 0, 0, G_OPTION_ARG_NONE, &revoke, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 2 || (days != 0) == revoke || days < 0 || days > 3650)
		return sgp_cli_usage(_("portal message: ID --extend DAYS or ID --revoke is "
				       "expected; at most 3650 days"));
	MessageOrder order = { argv[1], days };
	g_autofree char *json = change_message(self, &order);
	g_autoptr(JsonNode) node = read_answer(self, json);

	if (!node)
		return json ? SGP_EXIT_DONE : SGP_EXIT_FAILED;
	if (revoke) {
		g_print("%s\n", _("The message is taken back. Whoever read it has read it."));
	} else {
		g_autofree char *until = sgp_cli_dup_time(json_object_get_int_member_with_default(
			json_node_get_object(node), "expires", 0));

		g_print(_("The message is kept until %s.\n"), until);
	}
	return SGP_EXIT_DONE;
}

/* Devices */

static char *answer_devices(SgpCli *self, gconstpointer unused, GError **error)
{
	return sgp_portal_device_list_json_sync(self->dispatcher, NULL, error);
}

static char *list_devices(SgpCli *self)
{
	return sgp_cli_ask(self, "ListDevices", NULL, answer_devices, NULL);
}

static const char *words_of_device(const char *state)
{
	if (g_str_equal(state, "pending"))
		return _("waits for approval");
	return g_str_equal(state, "approved") ? _("approved") : _("revoked");
}

static void print_device(JsonObject *one)
{
	g_print("%s  %s  %s  %s\n    %s\n", sgp_cli_get_text(one, "id"),
		sgp_cli_get_text(one, "staff"), sgp_cli_get_text(one, "name"),
		words_of_device(sgp_cli_get_text(one, "state")),
		sgp_cli_get_text(one, "fingerprint"));
}

static SgpExit devices(SgpCli *self)
{
	g_autofree char *json = list_devices(self);
	g_autoptr(JsonNode) node = read_answer(self, json);

	if (!node)
		return json ? SGP_EXIT_DONE : SGP_EXIT_FAILED;
	JsonArray *list = json_object_get_array_member(json_node_get_object(node), "devices");

	for (guint i = 0; i < json_array_get_length(list); i++)
		print_device(json_array_get_object_element(list, i));
	return SGP_EXIT_DONE;
}

/* Nothing is approved by this: it shows what there is to compare. */
static SgpExit show_device(SgpCli *self, const char *id)
{
	g_autofree char *json = list_devices(self);
	g_autoptr(JsonNode) node = json ? json_from_string(json, NULL) : NULL;

	if (!node)
		return SGP_EXIT_FAILED;
	JsonArray *list = json_object_get_array_member(json_node_get_object(node), "devices");

	for (guint i = 0; i < json_array_get_length(list); i++) {
		JsonObject *one = json_array_get_object_element(list, i);

		if (!g_str_equal(sgp_cli_get_text(one, "id"), id))
			continue;
		print_device(one);
		return sgp_cli_usage(_("portal approve: ask its owner, on the phone or face to "
				       "face, to read out the fingerprint that 'siegelpost portal "
				       "status' shows there; if it is this one, repeat the call "
				       "with --fingerprint"));
	}
	return sgp_cli_fail_nick("not-found", id);
}

static SgpExit approve(SgpCli *self, int argc, char **argv)
{
	g_autofree char *fingerprint = NULL;
	const GOptionEntry entries[] = {
		{ "fingerprint", 0, 0, G_OPTION_ARG_STRING, &fingerprint, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 2)
		return sgp_cli_usage(_("portal approve: DEVICE --fingerprint HEX is expected"));
	if (!fingerprint)
		return show_device(self, argv[1]);
	if (sgp_cli_uses_agent(self))
		return sgp_cli_do_by_agent(
			self, "ApproveDevice", g_variant_new("(ss)", argv[1], fingerprint));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	gboolean done = sgp_portal_device_approve_sync(
		self->dispatcher, argv[1], fingerprint, NULL, &error);

	return sgp_cli_end(self, done, error);
}

static SgpExit revoke_device(SgpCli *self, const char *id)
{
	g_autoptr(GError) error = NULL;

	if (sgp_cli_uses_agent(self))
		return sgp_cli_do_by_agent(self, "RevokeDevice", g_variant_new("(s)", id));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	gboolean done = sgp_portal_device_revoke_sync(self->dispatcher, id, NULL, &error);

	return sgp_cli_end(self, done, error);
}

SgpExit sgp_cli_portal_care(SgpCli *self, int argc, char **argv)
{
	if (argc > 1 && g_str_equal(argv[1], "customer"))
		return customer(self, argc - 1, argv + 1);
	if (argc == 2 && g_str_equal(argv[1], "customers"))
		return customers(self);
	if (argc > 1 && g_str_equal(argv[1], "message"))
		return message(self, argc - 1, argv + 1);
	if (argc == 2 && g_str_equal(argv[1], "devices"))
		return devices(self);
	if (argc > 1 && g_str_equal(argv[1], "approve"))
		return approve(self, argc - 1, argv + 1);
	if (argc == 3 && g_str_equal(argv[1], "revoke-device"))
		return revoke_device(self, argv[2]);
	return sgp_cli_usage(_("portal: enroll URL, status, customer ADDRESS, customers, message "
			       "ID, devices, approve DEVICE or revoke-device DEVICE is expected"));
}
