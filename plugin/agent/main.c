/* SPDX-License-Identifier: GPL-3.0-or-later */

/* siegelpost-agent: the program around the agent. It owns the command line and the start: settings,
 * state directory, what a crash left behind. Everything else is the agent's. */

#include "sgp-agent.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <sys/resource.h>
#include <sys/stat.h>

typedef struct {
	char *state_dir; /* (owned) (nullable) */
	char *settings;  /* (owned) (nullable) */
	int idle_seconds;
	gboolean may_hold;
	gboolean show_version;
} Options;

static gboolean parse_options(Options *options, int *argc, char ***argv)
{
	const GOptionEntry entries[] = {
		{ "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &options->state_dir,
			N_("Work on this directory"), "DIR" },
		{ "settings", 0, 0, G_OPTION_ARG_FILENAME, &options->settings,
			N_("A key file over the settings"), "FILE" },
		{ "idle-seconds", 0, 0, G_OPTION_ARG_INT, &options->idle_seconds,
			N_("End after so many quiet seconds"), "N" },
		{ "test-hold", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &options->may_hold, NULL,
			NULL },
		{ "version", 0, 0, G_OPTION_ARG_NONE, &options->show_version,
			N_("Show the version"), NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;

	g_option_context_set_translation_domain(context, GETTEXT_PACKAGE);
	g_option_context_add_main_entries(context, entries, GETTEXT_PACKAGE);
	if (g_option_context_parse(context, argc, argv, &error))
		return TRUE;
	g_printerr("%s\n", error->message);
	return FALSE;
}

static int run(const Options *options)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpSettings) settings = sgp_settings_new(options->settings, &error);
	g_autoptr(SgpDispatcher) dispatcher =
		settings ? sgp_dispatcher_new(settings, options->state_dir, &error) : NULL;

	if (!dispatcher || !sgp_spool_recover(sgp_dispatcher_get_spool(dispatcher),
				   sgp_agent_get_now(), &error)) {
		g_printerr("%s\n", error->message);
		return 1;
	}
	SgpAgent *agent = sgp_agent_new(dispatcher);

	agent->may_hold = options->may_hold;
	if (options->idle_seconds > 0)
		agent->idle_seconds = (guint)options->idle_seconds;
	sgp_agent_run(agent);
	gboolean has_failed = agent->has_failed;

	sgp_agent_free(agent);
	return has_failed ? 1 : 0;
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };
	Options options = { NULL };
	int status;

	setlocale(LC_ALL, "");
	bindtextdomain(GETTEXT_PACKAGE, SGP_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	/* Mails in clear and keys pass through this process: no core file, and nothing for other
	 * users to read. */
	setrlimit(RLIMIT_CORE, &no_core);
	umask(0077);
	if (!parse_options(&options, &argc, &argv))
		return 1;
	if (options.show_version) {
		g_print("siegelpost-agent %s\n", SGP_VERSION);
		return 0;
	}
	status = run(&options);
	g_free(options.state_dir);
	g_free(options.settings);
	return status;
}
