/* SPDX-License-Identifier: GPL-3.0-or-later */

/* spool: what waits to leave, the next try, and giving up. It owns how that is told. The user's
 * agent delivers what the portal gets; the command line's own mail copies are handed over here, and
 * with --state-dir all of it is done here. It seals nothing, and drops nothing without a reason. */

#include "sgp-cli.h"
#include "sgp-cli-mail.h"
#include "sgp-cli-words.h"
#include "sgp-delivery.h"
#include "sgp-error.h"
#include "sgp-json-private.h"

#include <unistd.h>

/* list */

/* What left or was given up is kept for a while so that nothing leaves twice; nobody waits for it.
 */
static gboolean is_waiting(JsonObject *entry)
{
	const char *state = sgp_cli_get_text(entry, "state");

	return !g_str_equal(state, "done") && !g_str_equal(state, "dropped");
}

/* As every other time that scripts read here. */
static void write_time(JsonObject *entry)
{
	gint64 created = json_object_get_int_member_with_default(entry, "created", 0);
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_utc(created);
	g_autofree char *text = time ? g_date_time_format_iso8601(time) : NULL;

	json_object_set_string_member(entry, "created", text);
}

/* (transfer full) (element-type JsonObject) */
static JsonArray *select_entries(JsonArray *all, gboolean is_all)
{
	JsonArray *selected = json_array_new();

	for (guint i = 0; i < json_array_get_length(all); i++) {
		JsonObject *entry = json_array_get_object_element(all, i);

		if (!is_all && !is_waiting(entry))
			continue;
		write_time(entry);
		json_array_add_object_element(selected, json_object_ref(entry));
	}
	return selected;
}

static void print_entry(JsonObject *entry)
{
	const char *problem = json_object_get_string_member_with_default(entry, "problem", NULL);
	JsonArray *recipients = json_object_get_array_member(entry, "recipients");
	gboolean is_sent_copy =
		json_object_get_boolean_member_with_default(entry, "sent_copy", FALSE);

	g_print("%s  %-8s %s%s%s", sgp_cli_get_text(entry, "id"),
		sgp_cli_get_text(entry, "channel"),
		sgp_cli_words_get_state(sgp_cli_get_text(entry, "state")), problem ? ": " : "",
		problem ? sgp_cli_words_get_problem(problem) : "");
	if (is_sent_copy)
		g_print("  %s", _("(your own copy)"));
	for (guint i = 0; i < json_array_get_length(recipients); i++)
		g_print("  %s", json_array_get_string_element(recipients, i));
	g_print("\n");
}

static SgpExit spool_list(SgpCli *self, int argc, char **argv)
{
	gboolean is_all = FALSE;
	const GOptionEntry entries[] = {
		{ "all", 0, 0, G_OPTION_ARG_NONE, &is_all, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 1)
		return sgp_cli_usage(_("spool list: only --all is expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	g_autofree char *json =
		sgp_spool_list_json(sgp_dispatcher_get_spool(self->dispatcher), &error);
	g_autoptr(JsonNode) node = json ? json_from_string(json, NULL) : NULL;

	if (!node)
		return sgp_cli_fail(error);
	g_autoptr(JsonArray) list = select_entries(json_node_get_array(node), is_all);

	if (self->is_json) {
		g_autoptr(JsonNode) root = json_node_init_array(json_node_alloc(), list);
		g_autofree char *text = json_to_string(root, FALSE);

		g_print("%s\n", text);
		return SGP_EXIT_DONE;
	}
	for (guint i = 0; i < json_array_get_length(list); i++)
		print_entry(json_array_get_object_element(list, i));
	if (json_array_get_length(list) == 0)
		g_print(_("There is none.\n"));
	return SGP_EXIT_DONE;
}

/* retry */

/* Everything that is due now, in this process. */
static SgpExit deliver_due(SgpCli *self, GError **error)
{
	SgpSpool *spool = sgp_dispatcher_get_spool(self->dispatcher);
	gint64 next_due = 0;
	SgpExit status = SGP_EXIT_DONE;

	if (!sgp_cli_hand_over(self, NULL, NULL, error))
		return SGP_EXIT_FAILED;
	while (TRUE) {
		g_autoptr(GError) local = NULL;
		g_autoptr(SgpSpoolEntry) entry =
			sgp_spool_load_due(spool, self->now, &next_due, error);

		if (!entry)
			return *error ? SGP_EXIT_FAILED : status;
		/* A failed copy is due later than now, so that this ends. */
		if (!sgp_delivery_attempt_sync(
			    self->dispatcher, entry->id, self->now, NULL, NULL, NULL, &local)) {
			sgp_cli_note(local);
			status = SGP_EXIT_FAILED;
			if (g_error_matches(local, SGP_ERROR, SGP_ERROR_STORAGE))
				return status;
		}
	}
}

/* A mail copy of the command line's has no other way than the sendmail command. */
static gboolean is_mail_copy(const SgpSpoolEntry *entry)
{
	return entry->channel != SGP_CHANNEL_PORTAL && entry->channel != SGP_CHANNEL_TRANSPORT &&
	       g_str_has_prefix(entry->draft_id, SGP_SPOOL_CLI_DRAFT_PREFIX);
}

/* The copy as a person can ask for it: whether a hand-over under way still is one is known once
 * nobody else delivers; one that was cut short is held by then. */
static SgpSpoolEntry *load_settled(SgpCli *self, const char *id, GError **error)
{
	SgpSpool *spool = sgp_dispatcher_get_spool(self->dispatcher);
	g_autoptr(SgpSpoolEntry) entry = sgp_spool_load(spool, id, error);

	if (!entry || !is_mail_copy(entry) || entry->state != SGP_SPOOL_STATE_PUBLISHING)
		return g_steal_pointer(&entry);
	int lock = sgp_spool_lock_delivery(spool, error);
	gboolean is_settled = lock >= 0 && sgp_spool_hold_interrupted(spool, self->now, error);

	if (lock >= 0)
		close(lock);
	return is_settled ? sgp_spool_load(spool, id, error) : NULL;
}

/* It carries the portal copies; the command line's own mail copies are ours. */
static SgpExit retry_by_agent(SgpCli *self, const char *id, GError **error)
{
	g_autoptr(GVariant) answer =
		sgp_cli_call_agent(self, "SpoolRetry", g_variant_new("(s)", id ? id : ""));

	if (!answer)
		return SGP_EXIT_FAILED;
	return sgp_cli_hand_over(self, NULL, NULL, error) ? SGP_EXIT_DONE : SGP_EXIT_FAILED;
}

static SgpExit retry_here(SgpCli *self, const char *id, GError **error)
{
	if (!sgp_spool_retry(sgp_dispatcher_get_spool(self->dispatcher), id, self->now, error))
		return SGP_EXIT_FAILED;
	return deliver_due(self, error);
}

static SgpExit retry_mail(SgpCli *self, const SgpSpoolEntry *entry, GError **error)
{
	/* One that is sealed is tried as it is; of the others the spool knows whether they can be.
	 */
	if (entry->state != SGP_SPOOL_STATE_SEALED &&
		!sgp_spool_retry(
			sgp_dispatcher_get_spool(self->dispatcher), entry->id, self->now, error))
		return SGP_EXIT_FAILED;
	return sgp_cli_hand_over(self, NULL, NULL, error) ? SGP_EXIT_DONE : SGP_EXIT_FAILED;
}

static SgpExit spool_retry(SgpCli *self, int argc, char **argv)
{
	const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc > 2)
		return sgp_cli_usage(_("spool retry: one ID at most is expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	const char *id = argc == 2 ? argv[1] : NULL;
	g_autoptr(SgpSpoolEntry) entry = id ? load_settled(self, id, &error) : NULL;

	if (error)
		return sgp_cli_fail(error);
	SgpExit status = entry && is_mail_copy(entry) ? retry_mail(self, entry, &error)
			 : sgp_cli_uses_agent(self)   ? retry_by_agent(self, id, &error)
						      : retry_here(self, id, &error);

	if (error)
		return sgp_cli_fail(error);
	if (status == SGP_EXIT_DONE)
		sgp_cli_print_done(self);
	return status;
}

/* drop */

static SgpExit spool_drop(SgpCli *self, int argc, char **argv)
{
	g_autofree char *reason = NULL;
	const GOptionEntry entries[] = {
		{ "reason", 0, 0, G_OPTION_ARG_STRING, &reason, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 2 || !reason)
		return sgp_cli_usage(_("spool drop: ID --reason T is expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	g_autoptr(SgpSpoolEntry) entry = load_settled(self, argv[1], &error);

	gboolean done = entry && sgp_spool_drop(sgp_dispatcher_get_spool(self->dispatcher), argv[1],
					 g_strstrip(reason), self->now, &error);

	return sgp_cli_end(self, done, error);
}

SgpExit sgp_cli_spool(SgpCli *self, int argc, char **argv)
{
	if (argc > 1 && g_str_equal(argv[1], "list"))
		return spool_list(self, argc - 1, argv + 1);
	if (argc > 1 && g_str_equal(argv[1], "retry"))
		return spool_retry(self, argc - 1, argv + 1);
	if (argc > 1 && g_str_equal(argv[1], "drop"))
		return spool_drop(self, argc - 1, argv + 1);
	return sgp_cli_usage(_("spool: list, retry [ID] or drop ID --reason T is expected"));
}
