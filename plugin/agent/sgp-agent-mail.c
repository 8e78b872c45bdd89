/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Agent1's calls about one mail: Assess, Prepare, Pending, TakenOver, MayLeave. It owns how they
 * look on the bus; what is decided, sealed and kept is the dispatcher's and the spool's. */

#include "sgp-agent-draft.h"
#include "sgp-agent-job.h"
#include "sgp-error.h"
#include "sgp-mime.h"

#include <unistd.h>

/* A message of the bus carries 16 descriptors at most with every bus daemon; the host asks again
 * after TakenOver. */
#define PENDING_AT_MOST 16

static void assess(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	g_autoptr(GVariant) draft = g_variant_get_child_value(parameters, 0);
	g_auto(GVariantDict) values = G_VARIANT_DICT_INIT(draft);
	g_auto(SgpAgentOptions) options = { NULL };
	SgpAssessOptions assess_options = { 0 };
	g_autoptr(SgpMail) mail = NULL;
	g_autoptr(SgpVerdict) verdict = NULL;
	GError *error = NULL;

	if (sgp_agent_options_parse(&options, &values, &error))
		mail = sgp_agent_draft_parse(&values, &options, &error);
	if (mail) {
		sgp_agent_options_fill(&options, &assess_options);
		verdict = sgp_dispatcher_assess_sync(self->dispatcher, mail, &assess_options,
			sgp_agent_get_now(), NULL, NULL, &error);
	}
	if (!verdict) {
		sgp_agent_return_error(invocation, error);
		return;
	}
	g_autofree char *json = sgp_verdict_dup_json(verdict);

	g_dbus_method_invocation_return_value(invocation, g_variant_new("(s)", json));
}

/* Prepare */

typedef struct {
	int fd;
	SgpAgentOptions options;
} Preparation;

static void preparation_free(gpointer data)
{
	Preparation *self = data;

	if (self->fd >= 0)
		close(self->fd);
	sgp_agent_options_clear(&self->options);
	g_free(self);
}

static char *prepare(SgpAgentJob *job, SgpAgent *self, gpointer data)
{
	Preparation *preparation = data;
	SgpAssessOptions options = { 0 };
	g_autoptr(SgpPrepareResult) result = NULL;
	g_autoptr(SgpMail) mail = NULL;
	g_autoptr(GError) error = NULL;

	sgp_agent_options_fill(&preparation->options, &options);
	/* Copies what the caller could still write to while it is read twice. */
	mail = sgp_mime_freeze(preparation->fd, &error);
	if (mail) {
		sgp_agent_draft_add_bcc(mail, preparation->options.bcc);
		result = sgp_dispatcher_prepare_sync(self->dispatcher, mail, &options,
			preparation->options.draft_id, sgp_agent_get_now(), sgp_agent_job_report,
			job, sgp_agent_job_get_cancellable(job), &error);
	}
	if (error)
		g_message("a mail was not prepared: %s", error->message);
	if (result && result->status == SGP_PREPARE_COMMITTED) {
		sgp_delivery_kick(self->delivery);
		sgp_agent_emit_changed(self);
	}
	return sgp_prepare_result_dup_json(result, error);
}

void sgp_agent_start_prepare(
	SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	g_autoptr(GVariant) given = g_variant_get_child_value(parameters, 1);
	g_auto(GVariantDict) values = G_VARIANT_DICT_INIT(given);
	Preparation *preparation = g_new0(Preparation, 1);
	GError *error = NULL;
	gint32 handle = 0;

	g_variant_get_child(parameters, 0, "h", &handle);
	preparation->fd = sgp_agent_take_fd(invocation, handle, &error);
	if (preparation->fd >= 0 &&
		sgp_agent_options_parse(&preparation->options, &values, &error) &&
		sgp_agent_draft_check_empty(&values, &error)) {
		const char *draft_id = preparation->options.draft_id;

		if (!draft_id || draft_id[0] == '\0' ||
			g_str_has_prefix(draft_id, SGP_SPOOL_CLI_DRAFT_PREFIX))
			error = g_error_new(SGP_ERROR, SGP_ERROR_INVALID, "draft-id is missing");
		else if (preparation->options.hold_at && !self->may_hold)
			error = g_error_new(
				SGP_ERROR, SGP_ERROR_REFUSED, "hold-at is for test agents");
	}
	if (error) {
		preparation_free(preparation);
		sgp_agent_return_error(invocation, error);
		return;
	}
	sgp_agent_job_start(self, invocation, preparation->options.hold_at, prepare, preparation,
		preparation_free);
}

/* Hand-over */

static gboolean add_pending(SgpAgent *self, const SgpSpoolEntry *entry, GVariantBuilder *copies,
	GUnixFDList *list, GError **error)
{
	int fd = sgp_spool_open_mail(sgp_dispatcher_get_spool(self->dispatcher), entry, error);
	int handle;

	if (fd < 0)
		return FALSE;
	handle = g_unix_fd_list_append(list, fd, error);
	close(fd);
	if (handle < 0)
		return FALSE;
	g_variant_builder_add(copies, "(sbs@ash)", entry->id, entry->is_sent_copy, entry->from,
		g_variant_new_strv((const char *const *)entry->recipients->pdata,
			(gssize)entry->recipients->len),
		handle);
	return TRUE;
}

/* A copy that cannot be opened (the keyring is locked) does not keep back the others; if there is
 * no other, it is told. */
static void pending(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	GError *error = NULL;
	g_autoptr(GPtrArray) entries =
		sgp_spool_load_pending(sgp_dispatcher_get_spool(self->dispatcher), NULL, &error);
	g_autoptr(GUnixFDList) list = g_unix_fd_list_new();
	GVariantBuilder copies;

	if (!entries) {
		sgp_agent_return_error(invocation, error);
		return;
	}
	g_variant_builder_init(&copies, G_VARIANT_TYPE("a(sbsash)"));
	for (guint i = 0; i < entries->len && g_unix_fd_list_get_length(list) < PENDING_AT_MOST;
		i++) {
		const SgpSpoolEntry *entry = g_ptr_array_index(entries, i);

		if (g_str_has_prefix(entry->draft_id, SGP_SPOOL_CLI_DRAFT_PREFIX))
			continue;
		if (add_pending(self, entry, &copies, list, error ? NULL : &error))
			sgp_agent_note_given(
				self, g_dbus_method_invocation_get_sender(invocation), entry->id);
		else
			g_message("a copy in the spool cannot be handed over now");
	}
	if (error && g_unix_fd_list_get_length(list) == 0) {
		g_variant_builder_clear(&copies);
		sgp_agent_return_error(invocation, error);
		return;
	}
	g_clear_error(&error);
	g_dbus_method_invocation_return_value_with_unix_fd_list(
		invocation, g_variant_new("(a(sbsash))", &copies), list);
}

/* Taking over throws our bytes away, so the word of a caller that never had them is not enough: a
 * second mail program, or a mistyped id, would make a committed mail vanish. Copies of the command
 * line's mails are handed to its own sendmail command and to nobody else. Shown by tests/agent/run,
 * "a copy is taken over by whom it was given to". */
static gboolean check_taker(
	SgpAgent *self, const char *sender, const SgpSpoolEntry *entry, GError **error)
{
	if (entry->state == SGP_SPOOL_STATE_DONE) /* said again: nothing is thrown away */
		return TRUE;
	if (!g_str_has_prefix(entry->draft_id, SGP_SPOOL_CLI_DRAFT_PREFIX) &&
		sgp_agent_is_given(self, sender, entry->id))
		return TRUE;
	g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED, "this copy was not given to you");
	return FALSE;
}

static void taken_over(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	SgpSpool *spool = sgp_dispatcher_get_spool(self->dispatcher);
	g_autoptr(SgpSpoolEntry) entry = NULL;
	const char *copy = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&s)", &copy);
	entry = sgp_spool_load(spool, copy, &error);
	if (entry &&
		check_taker(self, g_dbus_method_invocation_get_sender(invocation), entry, &error) &&
		sgp_spool_take_over(spool, copy, sgp_agent_get_now(), &error))
		g_dbus_method_invocation_return_value(invocation, NULL);
	else
		sgp_agent_return_error(invocation, error);
}

static gboolean are_all_plain(const SgpVerdict *verdict)
{
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);

		if (one->basis != SGP_BASIS_INTERNAL || one->basis_refusal != SGP_REFUSAL_NONE ||
			one->channel != SGP_CHANNEL_PLAIN ||
			one->channel_refusal != SGP_REFUSAL_NONE)
			return FALSE;
	}
	return verdict->recipients->len > 0;
}

/* What the ladder says of a mail to these people: it looks for the colleagues' keys. */
static gboolean does_ladder_say_plain(SgpAgent *self, const char *const *recipients, GError **error)
{
	const SgpAssessOptions options = { 0 };
	g_autoptr(SgpMail) mail = sgp_mail_new();
	g_autoptr(SgpVerdict) verdict = NULL;

	for (gsize i = 0; recipients[i]; i++) {
		SgpAddress *address = sgp_address_new(recipients[i], NULL);

		if (!address)
			return FALSE;
		g_ptr_array_add(mail->to, address);
	}
	verdict = sgp_dispatcher_assess_sync(
		self->dispatcher, mail, &options, sgp_agent_get_now(), NULL, NULL, error);
	return verdict && are_all_plain(verdict);
}

/* Without a copy id, mail leaves only if every recipient is internal and the office's rules let
 * mail to each of them go unencrypted (internal-encryption); no recipient at all is none of these.
 * Attack stopped: a redirect, a filter or a read receipt goes round the rule that colleagues' mail
 * is encrypted. Shown by tests/agent/run, "the office that encrypts among colleagues ...". */
static gboolean may_leave_unsealed(SgpAgent *self, const char *const *recipients, GError **error)
{
	SgpSettings *settings = sgp_dispatcher_get_settings(self->dispatcher);
	g_autofree char *mode = sgp_settings_dup_string(settings, "internal-encryption");

	for (gsize i = 0; recipients[i]; i++) {
		if (!sgp_dispatcher_is_internal(self->dispatcher, recipients[i]))
			return FALSE;
	}
	if (recipients[0] == NULL)
		return FALSE;
	return g_strcmp0(mode, "never") == 0 || does_ladder_say_plain(self, recipients, error);
}

static void may_leave(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	g_autofree const char **recipients = NULL;
	const char *copy = NULL, *digest = NULL;
	g_autofree char *reason = NULL;
	GError *error = NULL;
	gboolean ok;

	g_variant_get(parameters, "(&s&s^a&s)", &copy, &digest, &recipients);
	if (copy[0] == '\0') {
		ok = may_leave_unsealed(self, recipients, &error);
		reason = ok ? NULL : g_strdup("not-sealed");
	} else {
		ok = sgp_spool_may_leave(sgp_dispatcher_get_spool(self->dispatcher), copy, digest,
			recipients, &reason, &error);
		/* Who knows the digest has the copy: it may say so before it sends it. */
		if (ok)
			sgp_agent_note_given(
				self, g_dbus_method_invocation_get_sender(invocation), copy);
	}
	if (error)
		sgp_agent_return_error(invocation, error);
	else
		g_dbus_method_invocation_return_value(
			invocation, g_variant_new("(bs)", ok, reason ? reason : ""));
}

SgpAgentWork sgp_agent_find_mail_method(const char *name)
{
	if (g_str_equal(name, "Assess"))
		return assess;
	if (g_str_equal(name, "Pending"))
		return pending;
	if (g_str_equal(name, "TakenOver"))
		return taken_over;
	return g_str_equal(name, "MayLeave") ? may_leave : NULL;
}
