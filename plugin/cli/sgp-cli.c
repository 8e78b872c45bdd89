/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What all calls of the command line share: opening the state, reaching the agent, and the
 * sentences for errors. It owns how a failure is told to a person (what happened, and what to do);
 * it decides nothing about mail. */

#include "sgp-cli.h"
#include "sgp-cli-words.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-key-cache.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define AGENT_NAME   "org.siegelpost.Agent1"
#define AGENT_PATH   "/org/siegelpost/Agent1"
#define ERROR_PREFIX "org.siegelpost.Error."

#define PROVIDER_PATIENCE_MS (12 * 1000)

SgpExit sgp_cli_fail_nick(const char *nick, const char *detail)
{
	g_printerr("siegelpost: %s\n%s\n", detail, sgp_cli_words_get_error_remedy(nick));
	return SGP_EXIT_FAILED;
}

G_DEFINE_QUARK(siegelpost - cli - error - quark, sgp_cli_error)

SgpExit sgp_cli_fail(const GError *error)
{
	if (error->domain == SGP_CLI_ERROR)
		return sgp_cli_fail_nick("sendmail", error->message);
	const char *nick = sgp_error_get_nick(error);
	g_autofree char *text = sgp_cli_words_dup_error(nick, error->message);

	return sgp_cli_fail_nick(nick, text);
}

void sgp_cli_note(const GError *error)
{
	if (error->domain == SGP_CLI_ERROR) {
		sgp_cli_fail(error);
		return;
	}
	g_autofree char *text = sgp_cli_words_dup_error(sgp_error_get_nick(error), error->message);

	g_printerr("siegelpost: %s\n", text);
}

SgpExit sgp_cli_fail_path(const char *path, const GError *error)
{
	const char *nick = sgp_error_get_nick(error);
	g_autofree char *words = sgp_cli_words_dup_error(nick, error->message);
	g_autofree char *text = g_strdup_printf("%s: %s", path, words);

	return sgp_cli_fail_nick(nick, text);
}

/* Standard input ("-") or a pipe has no size, and no place to read from again: it is let through,
 * and fails where it is read. */
gboolean sgp_cli_check_file(const char *path)
{
	g_autofree char *text = NULL;
	struct stat status;

	if (g_str_equal(path, "-"))
		return TRUE;
	if (stat(path, &status) != 0)
		text = errno == ENOENT ? g_strdup_printf(_("there is no file '%s'"), path)
				       : g_strdup_printf("%s: %s", path, g_strerror(errno));
	else if (S_ISDIR(status.st_mode))
		text = g_strdup_printf(_("'%s' is a directory; a file is expected"), path);
	else if (S_ISREG(status.st_mode) && status.st_size == 0)
		text = g_strdup_printf(_("the file '%s' is empty"), path);
	else if (access(path, R_OK) != 0)
		text = g_strdup_printf("%s: %s", path, g_strerror(errno));
	if (text)
		sgp_cli_fail_nick("file", text);
	return text == NULL;
}

SgpExit sgp_cli_usage(const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list values;

	va_start(values, format);
	text = g_strdup_vprintf(format, values);
	va_end(values);
	g_printerr("siegelpost: %s\n%s\n", text, _("See 'siegelpost --help'."));
	return SGP_EXIT_USAGE;
}

gboolean sgp_cli_parse(const GOptionEntry *entries, int *argc, char ***argv)
{
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;

	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
	if (g_option_context_parse(context, argc, argv, &error))
		return TRUE;
	sgp_cli_usage("%s", error->message);
	return FALSE;
}

/* Nobody types here, and this process ends with its answer: what comes too late for it never comes,
 * and a mail to people with a slow provider, keyring or issuer would never leave (test
 * tests/agent/keys.py, "a keyring that is slow to read ..."). */
static void set_patient(SgpDispatcher *dispatcher)
{
	sgp_key_lookup_set_patient(sgp_dispatcher_get_keys(dispatcher));
	sgp_transport_probe_set_patience(
		sgp_dispatcher_get_transport_probe(dispatcher), PROVIDER_PATIENCE_MS);
}

gboolean sgp_cli_open_settings(SgpCli *self)
{
	g_autoptr(GError) error = NULL;

	if (self->settings)
		return TRUE;
	if (self->settings_path && !sgp_cli_check_file(self->settings_path))
		return FALSE;
	self->settings = sgp_settings_new(self->settings_path, &error);
	if (!self->settings)
		sgp_cli_fail(error);
	return self->settings != NULL;
}

gboolean sgp_cli_try_open(SgpCli *self, GError **error)
{
	g_autofree char *cache = g_build_filename(g_get_user_cache_dir(), "siegelpost", NULL);

	if (self->dispatcher)
		return TRUE;
	sgp_key_cache_set_directory(cache);
	self->dispatcher = sgp_dispatcher_new(self->settings, self->state_dir, error);
	if (self->dispatcher)
		set_patient(self->dispatcher);
	return self->dispatcher != NULL;
}

gboolean sgp_cli_open(SgpCli *self)
{
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_open_settings(self))
		return FALSE;
	if (sgp_cli_try_open(self, &error))
		return TRUE;
	sgp_cli_fail(error);
	return FALSE;
}

/* The agent */

gboolean sgp_cli_uses_agent(const SgpCli *self)
{
	return !self->state_dir && !self->settings_path && self->is_live;
}

/* "org.siegelpost.Error.NotFound" becomes "not-found". (transfer full) (nullable) */
static char *nick_of_remote(const GError *error)
{
	g_autofree char *name = g_dbus_error_get_remote_error(error);
	GString *nick;

	if (!name || !g_str_has_prefix(name, ERROR_PREFIX))
		return NULL;
	nick = g_string_new(NULL);
	for (const char *c = name + strlen(ERROR_PREFIX); *c != '\0'; c++) {
		if (g_ascii_isupper(*c) && nick->len > 0)
			g_string_append_c(nick, '-');
		g_string_append_c(nick, g_ascii_tolower(*c));
	}
	return g_string_free(nick, FALSE);
}

static void fail_call(GError *error)
{
	g_autofree char *nick = nick_of_remote(error);

	g_dbus_error_strip_remote_error(error);
	if (nick) {
		g_autofree char *said = sgp_cli_words_dup_error(nick, error->message);

		sgp_cli_fail_nick(nick, said);
		return;
	}
	g_autofree char *text =
		g_strdup_printf(_("the agent cannot be reached: %s"), error->message);

	sgp_cli_fail_nick("unreachable", text);
}

GVariant *sgp_cli_call_agent(SgpCli *self, const char *method, GVariant *parameters)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) sunk = parameters ? g_variant_ref_sink(parameters) : NULL;
	GVariant *answer = NULL;

	if (!self->bus)
		self->bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, &error);
	if (self->bus)
		answer = g_dbus_connection_call_sync(self->bus, AGENT_NAME, AGENT_PATH, AGENT_NAME,
			method, sunk, NULL, G_DBUS_CALL_FLAGS_NONE, 120 * 1000, NULL, &error);
	if (!answer)
		fail_call(error);
	return answer;
}

SgpExit sgp_cli_do_by_agent(SgpCli *self, const char *method, GVariant *parameters)
{
	g_autoptr(GVariant) answer = sgp_cli_call_agent(self, method, parameters);

	if (answer)
		sgp_cli_print_done(self);
	return answer ? SGP_EXIT_DONE : SGP_EXIT_FAILED;
}

static char *call_for_text(SgpCli *self, const char *method, GVariant *parameters)
{
	g_autoptr(GVariant) answer = sgp_cli_call_agent(self, method, parameters);
	char *text = NULL;

	if (answer)
		g_variant_get(answer, "(s)", &text);
	return text;
}

char *sgp_cli_ask(SgpCli *self, const char *method, GVariant *parameters, SgpCliAnswerFunc func,
	gconstpointer what)
{
	g_autoptr(GVariant) sunk = parameters ? g_variant_ref_sink(parameters) : NULL;
	g_autoptr(GError) error = NULL;

	if (sgp_cli_uses_agent(self))
		return call_for_text(self, method, sunk);
	if (!sgp_cli_open(self))
		return NULL;
	char *text = func(self, what, &error);

	if (!text)
		sgp_cli_fail(error);
	return text;
}

char *sgp_cli_run_agent_job(SgpCli *self, const char *method, GVariant *parameters)
{
	g_autoptr(GVariant) started = sgp_cli_call_agent(self, method, parameters);
	g_autoptr(GVariant) answer = NULL;
	g_autoptr(GError) error = NULL;
	const char *path = NULL;
	char *result = NULL;

	if (!started)
		return NULL;
	g_variant_get(started, "(&o)", &path);
	answer = g_dbus_connection_call_sync(self->bus, AGENT_NAME, path, "org.siegelpost.Job1",
		"Result", NULL, G_VARIANT_TYPE("(s)"), G_DBUS_CALL_FLAGS_NONE, G_MAXINT, NULL,
		&error);
	if (!answer) {
		fail_call(error);
		return NULL;
	}
	g_variant_get(answer, "(s)", &result);
	return result;
}

/* Output */

/* The name of a file may be anything: JSON with such bytes in it would be none. */
static void print_utf8(const char *text)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);

	fputs(valid, stdout);
}

void sgp_cli_print_as_utf8(void)
{
	g_set_print_handler(print_utf8);
}

void sgp_cli_print_json(JsonBuilder *out)
{
	g_autofree char *text = sgp_json_dup(out);

	g_print("%s\n", text);
}

void sgp_cli_print_done(const SgpCli *self)
{
	if (self->is_json)
		g_print("{\"done\":true}\n");
}

SgpExit sgp_cli_end(const SgpCli *self, gboolean done, const GError *error)
{
	if (!done)
		return sgp_cli_fail(error);
	sgp_cli_print_done(self);
	return SGP_EXIT_DONE;
}

const char *sgp_cli_get_text(JsonObject *object, const char *name)
{
	return json_object_get_string_member_with_default(object, name, "-");
}

static void print_member(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);
	GType type =
		node && JSON_NODE_HOLDS_VALUE(node) ? json_node_get_value_type(node) : G_TYPE_NONE;

	if (type == G_TYPE_STRING)
		g_print("%s  ", json_node_get_string(node));
	else if (type == G_TYPE_INT64)
		g_print("%" G_GINT64_FORMAT "  ", json_node_get_int(node));
	else if (type == G_TYPE_BOOLEAN)
		g_print(json_node_get_boolean(node) ? "%s  " : "not-%s  ", name);
	else
		g_print("-  ");
}

SgpExit sgp_cli_print_list(const SgpCli *self, const char *json, const char *const *names)
{
	g_autoptr(JsonNode) node = json_from_string(json, NULL);

	if (self->is_json || !node || !JSON_NODE_HOLDS_ARRAY(node)) {
		g_print("%s\n", json);
		return SGP_EXIT_DONE;
	}
	JsonArray *list = json_node_get_array(node);

	for (guint i = 0; i < json_array_get_length(list); i++) {
		for (gsize n = 0; names[n]; n++)
			print_member(json_array_get_object_element(list, i), names[n]);
		g_print("\n");
	}
	if (json_array_get_length(list) == 0)
		g_print(_("There is none.\n"));
	return SGP_EXIT_DONE;
}

/* "2026-11-24". */
static gboolean is_date_only(const char *text)
{
	static const char form[] = "0000-00-00";

	for (gsize i = 0; i < strlen(form); i++) {
		if (form[i] == '0' ? !g_ascii_isdigit(text[i]) : text[i] != form[i])
			return FALSE;
	}
	return text[strlen(form)] == '\0';
}

static gboolean parse_time(const char *text, const char *time_of_date, gint64 *seconds)
{
	g_autoptr(GTimeZone) utc = g_time_zone_new_utc();
	g_autofree char *whole =
		is_date_only(text) ? g_strconcat(text, time_of_date, NULL) : g_strdup(text);
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(whole, utc);

	if (!time) {
		sgp_cli_usage(
			_("'%s' is no date: 2026-11-24 or 2026-11-24T08:00:00Z is expected"), text);
		return FALSE;
	}
	*seconds = g_date_time_to_unix(time);
	return TRUE;
}

gboolean sgp_cli_parse_time(const char *text, gint64 *seconds)
{
	return parse_time(text, "T00:00:00Z", seconds);
}

gboolean sgp_cli_parse_end(const char *text, gint64 *seconds)
{
	return parse_time(text, "T23:59:59Z", seconds);
}

char *sgp_cli_dup_time(gint64 seconds)
{
	g_autoptr(GDateTime) time = g_date_time_new_from_unix_local(seconds);

	return seconds > 0 && time ? g_date_time_format(time, "%Y-%m-%d %H:%M") : g_strdup("-");
}

char *sgp_cli_dup_number(gint64 number)
{
	return g_strdup_printf("%" G_GINT64_FORMAT, number);
}
