/* SPDX-License-Identifier: GPL-3.0-or-later */

/* portal: enrolment and status. The user's agent does these, since it is the one that delivers;
 * with --state-dir they are done here. The enrolment token is read from the terminal or standard
 * input, never from the command line, which other users of the machine can see. */

#include "sgp-cli.h"
#include "sgp-cli-input.h"
#include "sgp-cli-portal-care.h"
#include "sgp-cli-words.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-portal-enrolment.h"
#include "sgp-registration-code.h"
#include "sgp-secret-store.h"

/* enroll */

static SgpExit print_enrolment(SgpCli *self, const char *json)
{
	g_autoptr(JsonNode) node = json_from_string(json, NULL);
	JsonObject *object = node ? json_node_get_object(node) : NULL;
	const char *status =
		object ? json_object_get_string_member_with_default(object, "status", "failed")
		       : "failed";

	if (self->is_json)
		g_print("%s\n", json);
	if (!g_str_equal(status, "enrolled"))
		return sgp_cli_fail_nick(object ? json_object_get_string_member_with_default(
							  object, "error", "failed")
						: "failed",
			_("this device was not enrolled"));
	if (!self->is_json)
		g_print(_("This device is enrolled at %s for %s.\nThe office key's fingerprint is "
			  "%s: compare it with your colleagues'.\n"),
			json_object_get_string_member(object, "office"),
			json_object_get_string_member(object, "staff"),
			json_object_get_string_member(object, "fingerprint"));
	return SGP_EXIT_DONE;
}

static SgpExit enrol_here(SgpCli *self, const char *url, const char *token, const char *address)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	g_autoptr(SgpPortalAccount) account = sgp_portal_enrolment_run_sync(url, token, address,
		self->settings, sgp_dispatcher_get_store(self->dispatcher),
		sgp_dispatcher_get_keys(self->dispatcher), self->now, NULL, NULL, NULL, &error);

	if (!account)
		return sgp_cli_fail(error);
	json_builder_begin_object(out);
	sgp_json_add_text(out, "status", "enrolled");
	sgp_json_add_text(out, "origin", account->origin);
	sgp_json_add_text(out, "office", account->office_name);
	sgp_json_add_text(out, "staff", account->staff_address);
	sgp_json_add_text(out, "fingerprint", account->office_fingerprint);
	json_builder_end_object(out);
	g_autofree char *json = sgp_json_dup(out);

	return print_enrolment(self, json);
}

static SgpExit enroll(SgpCli *self, int argc, char **argv)
{
	g_autofree char *address = NULL, *token_file = NULL;
	const GOptionEntry entries[] = {
		{ "address", 0, 0, G_OPTION_ARG_STRING, &address, NULL, NULL },
		{ "token-file", 0, 0, G_OPTION_ARG_FILENAME, &token_file, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;
	char *token = NULL;
	SgpExit status;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 2)
		return sgp_cli_usage(_("portal enroll: the portal's URL is expected"));
	if (token_file && !sgp_cli_check_file(token_file))
		return SGP_EXIT_FAILED;
	if (token_file && !g_file_get_contents(token_file, &token, NULL, &error))
		return sgp_cli_fail_nick("not-found", error->message);
	token = g_strstrip(token ? token : sgp_cli_input_read_secret(_("Enrolment token: ")));
	if (sgp_cli_uses_agent(self)) {
		g_autofree char *json = sgp_cli_run_agent_job(self, "EnrolPortal",
			g_variant_new("(sss)", argv[1], token, address ? address : ""));

		status = json ? print_enrolment(self, json) : SGP_EXIT_FAILED;
	} else {
		status = enrol_here(self, argv[1], token, address);
	}
	sgp_secret_free(token);
	return status;
}

/* status: JSON from the agent, or made here */

static char *answer_status(SgpCli *self, gconstpointer unused, GError **error)
{
	return sgp_dispatcher_dup_portal_json_sync(self->dispatcher, NULL, error);
}

static SgpExit print_status(SgpCli *self)
{
	g_autofree char *json = sgp_cli_ask(self, "PortalStatus", NULL, answer_status, NULL);
	g_autoptr(JsonNode) node = json ? json_from_string(json, NULL) : NULL;

	if (!node)
		return SGP_EXIT_FAILED;
	if (self->is_json) {
		g_print("%s\n", json);
		return SGP_EXIT_DONE;
	}
	JsonObject *object = json_node_get_object(node);

	g_autofree char *waiting =
		sgp_cli_dup_number(json_object_get_int_member_with_default(object, "waiting", 0));

	g_print(_("Portal: %s (%s)\nOffice: %s, key %s\nStaff: %s\nWaiting copies: %s\n"),
		sgp_cli_get_text(object, "origin"),
		sgp_cli_words_get_state(sgp_cli_get_text(object, "state")),
		sgp_cli_get_text(object, "office"), sgp_cli_get_text(object, "fingerprint"),
		sgp_cli_get_text(object, "staff"), waiting);
	if (g_str_equal(sgp_cli_get_text(object, "state"), "pending"))
		g_print(_("A colleague has to approve this device before it can send by portal. "
			  "Read this fingerprint out to them:\n%s\n"),
			sgp_cli_get_text(object, "staff_fingerprint"));
	return SGP_EXIT_DONE;
}

SgpExit sgp_cli_portal(SgpCli *self, int argc, char **argv)
{
	if (argc > 1 && g_str_equal(argv[1], "enroll"))
		return enroll(self, argc - 1, argv + 1);
	if (argc == 2 && g_str_equal(argv[1], "status"))
		return print_status(self);
	return sgp_cli_portal_care(self, argc, argv);
}
