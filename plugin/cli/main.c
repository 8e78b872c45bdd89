/* SPDX-License-Identifier: GPL-3.0-or-later */

/* siegelpost: the command line. It owns the global options and the table of calls; each call is in
 * a file of its own. */

#include "sgp-cli.h"
#include "sgp-cli-help.h"
#include "sgp-cli-terminal.h"

#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct {
	const char *name;
	SgpCliFunc func;
	const char *arguments;
	const char *what;
} calls[] = {
	{ "assess", sgp_cli_assess, "MAIL.eml [--class C] [--matter REF] [--bcc A]...",
		N_("may this mail leave, and by which channel") },
	{ "seal", sgp_cli_seal, "MAIL.eml --out DIR",
		N_("decide, split and encrypt into a directory") },
	{ "send", sgp_cli_send, "MAIL.eml", N_("the whole way: seal, hand over, upload") },
	{ "sendmail", sgp_cli_sendmail, "-t -i [-f A] [A...]",
		N_("the same for programs that know sendmail") },
	{ "history", sgp_cli_history, "add [--folder NAME] PATH... | search --from A",
		N_("the index of mails") },
	{ "scan", sgp_cli_scan, "PATH...", N_("what is read in a mail or text") },
	{ "keys", sgp_cli_keys, "lookup ADDRESS | candidates | accept FPR --address A",
		N_("keys and certificates") },
	{ "provider", sgp_cli_provider, "DOMAIN", N_("what a recipient's provider offers") },
	{ "matter", sgp_cli_matter, "add REF --title T | close REF | list", N_("matters") },
	{ "consent", sgp_cli_consent, "add --kind KIND --address A --taken-by WHO | list",
		N_("permissions and withdrawals") },
	{ "ledger", sgp_cli_ledger, "verify | export --format csv|json | erase | sync",
		N_("the audit trail") },
	{ "spool", sgp_cli_spool, "list [--all] | retry [ID] | drop ID --reason T",
		N_("what waits to leave") },
	{ "portal", sgp_cli_portal,
		"enroll URL | status | customer ADDRESS | customers | devices ...",
		N_("the WebMail portal") },
	{ "submission", sgp_cli_submission, "password | check",
		N_("the service that verified transport leaves through") },
	{ "doctor", sgp_cli_doctor, "", N_("checks the installation") },
};

static void print_help(void)
{
	g_print(_("Usage: siegelpost [--state-dir DIR] [--settings FILE] [--now TIME] [--json] "
		  "CALL ...\n\n"));
	for (gsize i = 0; i < G_N_ELEMENTS(calls); i++)
		g_print("  %-9s %s\n            %s\n", calls[i].name, _(calls[i].what),
			calls[i].arguments);
	g_print(_("\nThe options of one call: siegelpost CALL --help\n"));
}

static void clear(SgpCli *self)
{
	g_clear_object(&self->dispatcher);
	g_clear_object(&self->settings);
	g_clear_object(&self->bus);
	g_free(self->state_dir);
	g_free(self->settings_path);
}

/* The options that every call has, before or after its name. What is left is the call's. */
static gboolean parse_globals(
	SgpCli *self, int *argc, char ***argv, gboolean *is_help, gboolean *is_version)
{
	/* To sendmail "-h" says how often a mail was passed on; a mail must not end in a help text.
	 */
	char help = g_strv_contains((const char *const *)*argv, "sendmail") ? '\0' : 'h';
	g_autofree char *now = NULL;
	const GOptionEntry entries[] = {
		{ "state-dir", 0, 0, G_OPTION_ARG_FILENAME, &self->state_dir, NULL, NULL },
		{ "settings", 0, 0, G_OPTION_ARG_FILENAME, &self->settings_path, NULL, NULL },
		{ "now", 0, 0, G_OPTION_ARG_STRING, &now, NULL, NULL },
		{ "json", 0, 0, G_OPTION_ARG_NONE, &self->is_json, NULL, NULL },
		{ "help", help, 0, G_OPTION_ARG_NONE, is_help, NULL, NULL },
		{ "version", 0, 0, G_OPTION_ARG_NONE, is_version, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GOptionContext) context = g_option_context_new(NULL);
	g_autoptr(GError) error = NULL;

	g_option_context_set_help_enabled(context, FALSE);
	g_option_context_set_ignore_unknown_options(context, TRUE);
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, &error)) {
		sgp_cli_usage("%s", error->message);
		return FALSE;
	}
	self->is_live = now == NULL;
	self->now = g_get_real_time() / G_USEC_PER_SEC;
	return !now || sgp_cli_parse_time(now, &self->now);
}

static SgpExit run(SgpCli *self, int argc, char **argv)
{
	gboolean is_help = FALSE, is_version = FALSE;

	if (!parse_globals(self, &argc, &argv, &is_help, &is_version))
		return SGP_EXIT_USAGE;
	if (self->is_json)
		sgp_cli_print_as_utf8();
	if (is_version) {
		g_print("siegelpost %s\n", SGP_VERSION);
		return SGP_EXIT_DONE;
	}
	if (is_help && argc > 1 && sgp_cli_print_call_help(argv[1]))
		return SGP_EXIT_DONE;
	if (is_help || argc < 2) {
		print_help();
		return is_help ? SGP_EXIT_DONE : SGP_EXIT_USAGE;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(calls); i++) {
		if (g_str_equal(calls[i].name, argv[1]))
			return calls[i].func(self, argc - 1, argv + 1);
	}
	return argv[1][0] == '-' ? sgp_cli_usage(_("there is no option '%s'"), argv[1])
				 : sgp_cli_usage(_("there is no call '%s'"), argv[1]);
}

/* A file that we open must not get the number of a standard stream that the caller closed: what is
 * printed would be written into a mail or the ledger. The other way round than the stream goes, so
 * that its use fails as it would have. */
static void occupy_standard_streams(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0)
			open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
	}
}

/* A caller without any locale (cron, a service) writes UTF-8 all the same: in the locale "C" GLib
 * would refuse every umlaut in an option, and print each as a question mark. */
static void set_locale(void)
{
	const char *charset = NULL;

	setlocale(LC_ALL, "");
	if (!g_get_charset(&charset) && g_str_equal(charset, "ANSI_X3.4-1968"))
		setlocale(LC_CTYPE, "C.UTF-8");
}

/* Who does not get the answer must not take the call for done; but it is, and a mail that has left
 * is not to be sent again. */
static SgpExit end_output(SgpExit status)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return status;
	g_printerr("siegelpost: %s\n%s\n", _("the answer could not be written"),
		_("What the call was to do is done all the same: look at it before you repeat "
		  "it."));
	return status == SGP_EXIT_DONE ? SGP_EXIT_FAILED : status;
}

int main(int argc, char **argv)
{
	const struct rlimit no_core = { 0, 0 };
	SgpCli self = { NULL };
	SgpExit status;

	occupy_standard_streams();
	/* Nobody who stops reading may end a mail halfway (end_output() notices), nor a limit on
	 * the size of files, which then is a failure like a full disk. */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	set_locale();
	bindtextdomain(GETTEXT_PACKAGE, SGP_LOCALEDIR);
	bind_textdomain_codeset(GETTEXT_PACKAGE, "UTF-8");
	textdomain(GETTEXT_PACKAGE);
	sgp_cli_terminal_guard();
	/* Mails in clear and keys pass through this process. */
	setrlimit(RLIMIT_CORE, &no_core);
	umask(0077);
	status = end_output(run(&self, argc, argv));
	clear(&self);
	return status;
}
