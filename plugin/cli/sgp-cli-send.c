/* SPDX-License-Identifier: GPL-3.0-or-later */

/* send: a mail is committed, then its copies go where they belong, mail copies to the
 * configured sendmail command and portal copies to the portal. It owns that order. What could not
 * leave now stays in the spool, and is said. */

#include "sgp-cli-mail.h"
#include "sgp-cli-words.h"
#include "sgp-delivery.h"
#include "sgp-error.h"
#include "sgp-portal-device.h"
#include "sgp-registration-code.h"
#include "sgp-sealer.h"

#include <unistd.h>

/* The command of the settings for one envelope. "-t" would mail to everybody named in the header,
 * the portal's and Bcc recipients of other copies too: so it goes, and the envelope is given. */
static GStrv sendmail_argv(SgpSettings *settings, const SgpSpoolEntry *entry)
{
	g_auto(GStrv) command = sgp_settings_dup_strv(settings, "sendmail-command");
	g_autoptr(GStrvBuilder) argv = g_strv_builder_new();

	for (gsize i = 0; command[i]; i++) {
		if (!g_str_equal(command[i], "-t"))
			g_strv_builder_add(argv, command[i]);
	}
	g_strv_builder_add_many(argv, "-f", entry->from, "--", NULL);
	for (guint i = 0; i < entry->recipients->len; i++)
		g_strv_builder_add(argv, g_ptr_array_index(entry->recipients, i));
	return g_strv_builder_end(argv);
}

static gboolean run_sendmail(
	SgpSettings *settings, const SgpSpoolEntry *entry, int fd, GError **error)
{
	g_auto(GStrv) argv = sendmail_argv(settings, entry);
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
	g_autoptr(GSubprocess) child = NULL;
	g_autoptr(GError) local = NULL;

	if (g_str_equal(argv[0], "-f")) {
		g_set_error(error, SGP_CLI_ERROR, SGP_CLI_ERROR_SENDMAIL, "%s",
			_("the setting sendmail-command is empty"));
		return FALSE;
	}
	g_subprocess_launcher_take_stdin_fd(launcher, dup(fd));
	/* Our standard output is one JSON document, whatever an MTA has to say. */
	g_subprocess_launcher_take_stdout_fd(launcher, dup(STDERR_FILENO));
	child = g_subprocess_launcher_spawnv(launcher, (const char *const *)argv, &local);
	if (child && g_subprocess_wait_check(child, NULL, &local))
		return TRUE;
	g_set_error(error, SGP_CLI_ERROR, SGP_CLI_ERROR_SENDMAIL,
		_("the sendmail command '%s' did not take a copy (%s)"), argv[0], local->message);
	return FALSE;
}

/* The sent copy has no folder to go to here: it is only given up. Why another one waits is kept
 * with it, for "spool list". */
static gboolean hand_over_one(SgpCli *self, const SgpSpoolEntry *entry, GError **error)
{
	SgpSpool *spool = sgp_dispatcher_get_spool(self->dispatcher);
	g_autoptr(GError) local = NULL;
	int fd;
	gboolean done;

	if (entry->is_sent_copy)
		return sgp_spool_take_over(spool, entry->id, self->now, error);
	fd = sgp_spool_open_mail(spool, entry, &local);
	done = fd >= 0 && sgp_spool_begin_hand_over(spool, entry->id, self->now, &local) &&
	       run_sendmail(self->settings, entry, fd, &local);
	if (fd >= 0)
		close(fd);
	if (done)
		return sgp_spool_take_over(spool, entry->id, self->now, error);
	gboolean is_refused = local->domain == SGP_CLI_ERROR;
	const char *problem = is_refused ? "sendmail" : sgp_error_get_nick(local);

	if (sgp_spool_set_state(spool, entry->id, SGP_SPOOL_STATE_SEALED, problem, self->now, NULL))
		sgp_spool_postpone(spool, entry->id, problem, self->now, NULL);
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

gboolean sgp_cli_hand_over(SgpCli *self, const char *draft_id, guint *n_left, GError **error)
{
	SgpSpool *spool = sgp_dispatcher_get_spool(self->dispatcher);
	/* One at a time over all processes: two must not both hand the same copy to sendmail. */
	int lock = sgp_spool_lock_delivery(spool, error);
	g_autoptr(GPtrArray) entries =
		lock >= 0 && sgp_spool_hold_interrupted(spool, self->now, error)
			? sgp_spool_load_pending(spool, draft_id, error)
			: NULL;
	guint n_failed = entries ? 0 : 1;

	for (guint i = 0; entries && i < entries->len; i++) {
		const SgpSpoolEntry *entry = g_ptr_array_index(entries, i);

		if (g_str_has_prefix(entry->draft_id, SGP_SPOOL_CLI_DRAFT_PREFIX) &&
			!hand_over_one(self, entry, n_failed == 0 ? error : NULL))
			n_failed++;
	}
	if (lock >= 0)
		close(lock);
	if (n_left)
		*n_left = n_failed;
	return n_failed == 0;
}

static void on_progress(const char *stage, guint percent, gpointer user_data)
{
	if (isatty(STDERR_FILENO))
		g_printerr("\r%s %3u %%", sgp_cli_words_get_stage(stage), percent);
}

/* Mail copies of a committed mail. What sendmail does not take now waits in the spool, and every
 * later mail of the command line tries it again. Returns how many of this mail's wait. */
static guint hand_over(SgpCli *self, const char *draft_id)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) older = NULL;
	guint n_left = 0;

	if (!sgp_cli_hand_over(self, draft_id, &n_left, &error))
		sgp_cli_note(error);
	else if (!sgp_cli_hand_over(self, NULL, NULL, &older))
		sgp_cli_note(older);
	return n_left;
}

/* Portal and transport copies that could not leave now wait in the spool. Returns how many. */
static guint upload(SgpCli *self, const SgpPrepareResult *result)
{
	guint n_waiting = 0;

	for (guint i = 0; i < result->copies->len; i++) {
		const SgpCopy *copy = g_ptr_array_index(result->copies, i);
		g_autoptr(GError) error = NULL;

		if (copy->channel != SGP_CHANNEL_PORTAL && copy->channel != SGP_CHANNEL_TRANSPORT)
			continue;
		if (sgp_delivery_attempt_sync(
			    self->dispatcher, copy->id, self->now, on_progress, NULL, NULL, &error))
			continue;
		sgp_cli_note(error);
		n_waiting++;
	}
	if (isatty(STDERR_FILENO))
		g_printerr("\n");
	return n_waiting;
}

static void print_invitations(const SgpPrepareResult *result)
{
	for (guint i = 0; i < result->invitations->len; i++) {
		const SgpInvitation *invitation = g_ptr_array_index(result->invitations, i);
		g_autofree char *until = sgp_cli_dup_time(invitation->valid_until);
		g_autofree char *code =
			invitation->code ? sgp_registration_code_dup_grouped(invitation->code)
					 : NULL;

		if (code)
			g_print(_("Registration code for %s, valid until %s (tell it by phone or "
				  "letter): %s\n"),
				invitation->address, until, code);
		else
			g_print(_("%s is invited; the code can be shown where the office key "
				  "is.\n"),
				invitation->address);
	}
}

/* A mail that waits for the portal on a device that nobody has approved: time alone does not help.
 */
static void note_waiting_device(SgpCli *self)
{
	if (sgp_portal_device_is_pending(sgp_dispatcher_get_store(self->dispatcher)))
		g_printerr("%s\n", _("This device waits for a colleague's approval; until then "
				     "nothing is sent by portal. 'siegelpost portal status' "
				     "shows what to read out to them."));
}

static void print_outcome(const SgpPrepareResult *result, guint n_waiting)
{
	sgp_cli_print_verdict(result->verdict);
	print_invitations(result);
	if (n_waiting == 0)
		g_print(_("Sent.\n"));
	else
		g_print(ngettext("%u copy could not leave yet and waits here, sealed. Nothing "
				 "is lost: 'siegelpost spool retry' tries again.\n",
				"%u copies could not leave yet and wait here, sealed. Nothing is "
				"lost: 'siegelpost spool retry' tries again.\n",
				n_waiting),
			n_waiting);
}

SgpExit sgp_cli_dispatch(SgpCli *self, const SgpCliMail *mail, gboolean is_quiet,
	SgpPrepareResult **result_out, SgpCliWaiting *waiting, GError **error)
{
	g_autofree char *fresh = sgp_uuid7_new(g_get_real_time() / 1000);
	g_autofree char *draft_id = g_strconcat(
		SGP_SPOOL_CLI_DRAFT_PREFIX, mail->draft_id ? mail->draft_id : fresh, NULL);
	g_autoptr(SgpPrepareResult) result = NULL;
	SgpExit status = SGP_EXIT_FAILED;

	if (!sgp_spool_recover(sgp_dispatcher_get_spool(self->dispatcher), self->now, error))
		return status;
	result = sgp_dispatcher_prepare_sync(self->dispatcher, mail->mail, &mail->options, draft_id,
		self->now, on_progress, NULL, NULL, error);
	if (!result)
		return status;
	status = sgp_cli_exit_of_action(result->verdict->action);
	if (result->status != SGP_PREPARE_COMMITTED) {
		if (!is_quiet)
			sgp_cli_print_verdict(result->verdict);
		note_waiting_device(self);
	} else {
		/* From here on nothing is lost, and what fails is still in the spool: a caller that
		 * tries again would send everything twice. Shown by tests/agent/run, "a mail that
		 * sendmail does not take ...". */
		waiting->n_all = upload(self, result);
		waiting->n_not_taken = hand_over(self, draft_id);
		waiting->n_all += waiting->n_not_taken;
		if (!is_quiet)
			print_outcome(result, waiting->n_all);
	}
	*result_out = g_steal_pointer(&result);
	return status;
}
