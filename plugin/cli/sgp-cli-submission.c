/* SPDX-License-Identifier: GPL-3.0-or-later */

/* submission: the service that verified transport copies leave through. It stores the service's
 * password in the keyring, and tries a connection without a mail. The password is read from the
 * terminal, standard input or a file, never from the command line, which other users can see. */

#include "sgp-cli.h"
#include "sgp-cli-input.h"
#include "sgp-delivery.h"
#include "sgp-error.h"
#include "sgp-secret-store.h"

#include <string.h>

static SgpExit set_password(SgpCli *self, int argc, char **argv)
{
	g_autofree char *file = NULL;
	const GOptionEntry entries[] = {
		{ "password-file", 0, 0, G_OPTION_ARG_FILENAME, &file, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;
	char *password = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 1)
		return sgp_cli_usage(_("submission: password or check is expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	g_autofree char *user = sgp_settings_dup_string(self->settings, "submission-user");

	if (user[0] == '\0')
		return sgp_cli_usage(_("submission: the setting submission-user is empty"));
	if (file && !sgp_cli_check_file(file))
		return SGP_EXIT_FAILED;
	if (file && !g_file_get_contents(file, &password, NULL, &error))
		return sgp_cli_fail_path(file, error);
	if (password)
		password[strcspn(password, "\r\n")] = '\0';
	else
		password = sgp_cli_input_read_secret(_("Password of the submission service: "));
	if (password[0] == '\0') {
		sgp_secret_free(password);
		return sgp_cli_fail_nick("invalid", _("no password was given"));
	}
	gboolean done = sgp_secret_store_save_sync(SGP_SECRET_SUBMISSION_PASSWORD, user,
		"Siegelpost: submission service", password, NULL, &error);

	sgp_secret_free(password);
	if (!done)
		return sgp_cli_fail(error);
	sgp_cli_print_done(self);
	return SGP_EXIT_DONE;
}

static SgpExit check(SgpCli *self)
{
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	g_autoptr(SgpSubmissionService) service =
		sgp_delivery_open_service_sync(self->settings, NULL, &error);

	if (!service || !sgp_submission_check_sync(service, NULL, &error))
		return sgp_cli_fail(error);
	if (!self->is_json)
		g_print(_("The submission service answers.\n"));
	else
		g_print("{\"ok\":true}\n");
	return SGP_EXIT_DONE;
}

SgpExit sgp_cli_submission(SgpCli *self, int argc, char **argv)
{
	if (argc > 1 && g_str_equal(argv[1], "password"))
		return set_password(self, argc - 1, argv + 1);
	if (argc == 2 && g_str_equal(argv[1], "check"))
		return check(self);
	return sgp_cli_usage(_("submission: password or check is expected"));
}
