/* SPDX-License-Identifier: GPL-3.0-or-later */

/* assess and seal: one mail from a file, decided as in the composer. It owns their options and what
 * they print; seal writes into the directory that it is given, and sends nothing. */

#include "sgp-cli-input.h"
#include "sgp-cli-mail.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-sealer.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

void sgp_cli_mail_clear(SgpCliMail *self)
{
	g_clear_pointer(&self->mail, sgp_mail_unref);
	g_clear_pointer(&self->matter, g_free);
	g_clear_pointer(&self->overrule, g_strfreev);
	g_clear_pointer(&self->overrules, g_hash_table_unref);
	g_clear_pointer(&self->out, g_free);
	g_clear_pointer(&self->draft_id, g_free);
	g_clear_pointer(&self->confirmed, g_strfreev);
}

SgpExit sgp_cli_exit_of_action(SgpAction action)
{
	switch (action) {
	case SGP_ACTION_HOLD:
		return SGP_EXIT_HOLD;
	case SGP_ACTION_ASK:
		return SGP_EXIT_ASK;
	case SGP_ACTION_SEND:
		return SGP_EXIT_DONE;
	}
	return SGP_EXIT_HOLD;
}

/* The header whose addresses could not be read, so that none of them is a recipient; NULL: none. */
static const char *find_unreadable_header(const SgpMail *mail)
{
	const struct {
		const char *name;
		const GPtrArray *addresses;
	} fields[] = { { "To", mail->to }, { "Cc", mail->cc }, { "Bcc", mail->bcc } };

	for (guint i = 0; i + 1 < mail->headers->len; i += 2)
		for (gsize j = 0; j < G_N_ELEMENTS(fields); j++) {
			g_autoptr(GPtrArray) found = NULL;

			if (fields[j].addresses->len > 0 ||
				g_ascii_strcasecmp(
					g_ptr_array_index(mail->headers, i), fields[j].name) != 0)
				continue;
			found = sgp_address_parse_list(
				g_ptr_array_index(mail->headers, i + 1), NULL);
			if (!found)
				return fields[j].name;
		}
	return NULL;
}

/* Without an address: the words may end in a log. */
static gboolean is_readable(const SgpMail *mail)
{
	const char *header = find_unreadable_header(mail);
	g_autofree char *text = NULL;

	if (!header)
		return TRUE;
	text = g_strdup_printf(
		_("the header '%s' cannot be read: something in it is no address"), header);
	sgp_cli_fail_nick("invalid", text);
	return FALSE;
}

/* Redirected mail has its own fields; whether they can be read is said when it is decided. */
static gboolean is_redirected(const SgpMail *mail)
{
	return sgp_mail_get_header(mail, "Resent-To") || sgp_mail_get_header(mail, "Resent-Cc") ||
	       sgp_mail_get_header(mail, "Resent-Bcc");
}

gboolean sgp_cli_mail_has_recipient(const SgpMail *mail)
{
	g_autoptr(GPtrArray) recipients = sgp_mail_get_recipients(mail);

	if (recipients->len > 0 || is_redirected(mail))
		return TRUE;
	if (is_readable(mail))
		sgp_cli_fail_nick("no-recipient", _("the mail has no recipient"));
	return FALSE;
}

static SgpExit add_bcc(SgpMail *mail, const char *const *bcc)
{
	for (gsize i = 0; bcc && bcc[i]; i++) {
		g_autoptr(GError) error = NULL;
		SgpAddress *address = sgp_address_new(bcc[i], &error);

		if (!address)
			return sgp_cli_usage(_("--bcc: '%s' is no address"), bcc[i]);
		g_ptr_array_add(mail->bcc, address);
	}
	return SGP_EXIT_DONE;
}

static SgpExit read_mail(
	SgpCliMail *self, const char *path, const char *content_class, const char *const *bcc)
{
	g_autoptr(GError) error = NULL;

	if (content_class &&
		!sgp_content_class_from_nick(content_class, &self->options.class_chosen))
		return sgp_cli_usage(_("--class: there is no class '%s'; general, "
				       "personal-insurance, health or secrecy-203 is expected"),
			content_class);
	if (!sgp_cli_check_file(path))
		return SGP_EXIT_FAILED;
	self->mail = sgp_cli_input_freeze(path, &error);
	if (!self->mail)
		return sgp_cli_fail_path(path, error);
	/* Else whom a broken Cc names would be left out, and nobody would know. */
	if (!is_readable(self->mail))
		return SGP_EXIT_FAILED;
	self->options.matter = self->matter;
	self->options.confirmed = (const char *const *)self->confirmed;
	SgpExit status = add_bcc(self->mail, bcc);

	return status == SGP_EXIT_DONE && !sgp_cli_mail_has_recipient(self->mail) ? SGP_EXIT_FAILED
										  : status;
}

/* The options of assess, seal and send, and the one mail. */
static SgpExit parse(SgpCliMail *self, int argc, char **argv)
{
	g_autofree char *content_class = NULL;
	g_auto(GStrv) bcc = NULL;
	const GOptionEntry entries[] = {
		{ "class", 0, 0, G_OPTION_ARG_STRING, &content_class, NULL, NULL },
		{ "matter", 0, 0, G_OPTION_ARG_STRING, &self->matter, NULL, NULL },
		{ "bcc", 0, 0, G_OPTION_ARG_STRING_ARRAY, &bcc, NULL, NULL },
		{ "confirm", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->confirmed, NULL, NULL },
		{ "overrule", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->overrule, NULL, NULL },
		{ "out", 0, 0, G_OPTION_ARG_FILENAME, &self->out, NULL, NULL },
		{ "draft-id", 0, 0, G_OPTION_ARG_STRING, &self->draft_id, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc != 2)
		return sgp_cli_usage(_("%s: one mail is expected"), argv[0]);
	if (self->out && !g_str_equal(argv[0], "seal"))
		return sgp_cli_usage(_("%s: there is no option '%s'"), argv[0], "--out");
	if (self->draft_id && !g_str_equal(argv[0], "send"))
		return sgp_cli_usage(_("%s: there is no option '%s'"), argv[0], "--draft-id");
	return read_mail(self, argv[1], content_class, (const char *const *)bcc);
}

/* The objection of one person that stands against this mail; NULL: none. */
static const char *find_objection(const SgpVerdict *verdict, const SgpAddress *address)
{
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);

		if (sgp_address_equal(one->address, address))
			return one->objection_id;
	}
	return NULL;
}

/* The only one who objected. Errors: INVALID if there are several, because nobody can say whose
 * sentence the reason is about. NULL without error: nobody did. */
static const char *find_only_objection(const SgpVerdict *verdict, GError **error)
{
	const char *found = NULL;

	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *one = g_ptr_array_index(verdict->recipients, i);

		if (one->basis_refusal != SGP_REFUSAL_OPTED_OUT)
			continue;
		if (found) {
			g_set_error_literal(error, SGP_ERROR, SGP_ERROR_INVALID,
				_("--overrule: several recipients do not want e-mail; say whose "
				  "sentence it is: --overrule ADDRESS=REASON"));
			return NULL;
		}
		found = one->objection_id;
	}
	return found;
}

/* ADDRESS=REASON; an address may itself contain "=". NULL: it does not begin with an address.
 * (transfer full) */
static SgpAddress *split_address(const char *text, const char **reason)
{
	for (const char *sign = strchr(text, '='); sign; sign = strchr(sign + 1, '=')) {
		g_autofree char *before = g_strndup(text, (gsize)(sign - text));
		SgpAddress *address = sgp_address_new(before, NULL);

		*reason = sign + 1;
		if (address)
			return address;
	}
	return NULL;
}

/* One --overrule that names no objection by its id. FALSE: error is set. */
static gboolean bind_reason(
	SgpCliMail *mail, const SgpVerdict *verdict, const char *text, GError **error)
{
	const char *reason = text;
	g_autoptr(SgpAddress) address = split_address(text, &reason);
	GError *local = NULL;
	const char *id =
		address ? find_objection(verdict, address) : find_only_objection(verdict, &local);

	if (local) {
		g_propagate_error(error, local);
		return FALSE;
	}
	if (id)
		g_hash_table_insert(
			mail->overrules, g_strdup(id), g_strdup(address ? reason : text));
	return TRUE;
}

/* ID=REASON is bound to the sentence that was shown with that id. Where only a person or nobody is
 * named, the mail is looked at first, to learn which sentence there is. */
static gboolean bind_overrules(SgpCli *self, SgpCliMail *mail, GError **error)
{
	g_autoptr(SgpVerdict) verdict = NULL;

	if (!mail->overrule)
		return TRUE;
	mail->overrules = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	for (gsize i = 0; mail->overrule[i]; i++) {
		const char *text = mail->overrule[i], *sign = strchr(text, '=');

		if (sign && g_str_has_prefix(text, "opted-out:")) {
			g_hash_table_insert(mail->overrules, g_strndup(text, (gsize)(sign - text)),
				g_strdup(sign + 1));
			continue;
		}
		if (!verdict)
			verdict = sgp_dispatcher_assess_sync(self->dispatcher, mail->mail,
				&mail->options, self->now, NULL, NULL, error);
		if (!verdict || !bind_reason(mail, verdict, text, error))
			return FALSE;
	}
	mail->options.overrules = mail->overrules;
	return TRUE;
}

/* Everything that a decision needs. */
static SgpExit parse_and_open(SgpCli *self, SgpCliMail *mail, int argc, char **argv)
{
	g_autoptr(GError) error = NULL;
	SgpExit status = parse(mail, argc, argv);

	if (status != SGP_EXIT_DONE || !sgp_cli_open(self))
		return status != SGP_EXIT_DONE ? status : SGP_EXIT_FAILED;
	if (bind_overrules(self, mail, &error))
		return SGP_EXIT_DONE;
	return g_error_matches(error, SGP_ERROR, SGP_ERROR_INVALID)
		       ? sgp_cli_usage("%s", error->message)
		       : sgp_cli_fail(error);
}

SgpExit sgp_cli_assess(SgpCli *self, int argc, char **argv)
{
	g_auto(SgpCliMail) mail = { NULL };
	g_autoptr(SgpVerdict) verdict = NULL;
	g_autoptr(GError) error = NULL;
	SgpExit status = parse_and_open(self, &mail, argc, argv);

	if (status != SGP_EXIT_DONE)
		return status;
	verdict = sgp_dispatcher_assess_sync(
		self->dispatcher, mail.mail, &mail.options, self->now, NULL, NULL, &error);
	if (!verdict)
		return sgp_cli_fail(error);
	if (self->is_json) {
		g_autofree char *json = sgp_verdict_dup_json(verdict);

		g_print("%s\n", json);
	} else {
		sgp_cli_print_verdict(verdict);
	}
	return sgp_cli_exit_of_action(verdict->action);
}

/* seal */

/* Nothing was sealed: the plan has no copies. */
static void print_decision(const SgpCli *self, const SgpVerdict *verdict)
{
	g_autoptr(JsonBuilder) plan = json_builder_new_immutable();
	g_autofree char *text = sgp_verdict_dup_json(verdict);

	if (!self->is_json) {
		sgp_cli_print_verdict(verdict);
		return;
	}
	json_builder_begin_object(plan);
	json_builder_set_member_name(plan, "verdict");
	json_builder_add_value(plan, json_from_string(text, NULL));
	json_builder_set_member_name(plan, "copies");
	json_builder_begin_array(plan);
	json_builder_end_array(plan);
	json_builder_end_object(plan);
	sgp_cli_print_json(plan);
}

/* The directory of the sealed copies, and what was written there. */
typedef struct {
	const char *dir;  /* (borrowed) */
	GPtrArray *paths; /* (borrowed) (element-type utf8) */
} Output;

static gboolean write_file(
	Output *output, const char *name, int fd, const char *text, GError **error)
{
	g_autofree char *path = g_build_filename(output->dir, name, NULL);
	int to = g_open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	gboolean done = to >= 0;
	g_autofree char *piece = g_malloc(65536);
	gint64 offset = 0;
	gssize n = 0;

	if (done && text)
		done = sgp_cli_input_write(to, text, strlen(text));
	while (done && fd >= 0 && (n = pread(fd, piece, 65536, offset)) > 0) {
		done = sgp_cli_input_write(to, piece, (gsize)n);
		offset += n;
	}
	if (!done || n < 0)
		g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE, "%s: %s", path, g_strerror(errno));
	if (to >= 0) {
		close(to);
		g_ptr_array_add(output->paths, g_steal_pointer(&path));
	}
	return done && n >= 0;
}

/* Some copies of a mail must not be taken for all of them. */
static void remove_written(const Output *output)
{
	for (guint i = 0; i < output->paths->len; i++)
		g_unlink(g_ptr_array_index(output->paths, i));
}

/* Writes one copy; names: (element-type utf8) gets the files' names. */
static gboolean write_copy(
	Output *output, guint number, const SgpCopy *copy, GPtrArray *names, GError **error)
{
	const char *what = copy->is_sent_copy ? "sent" : sgp_channel_get_nick(copy->channel);

	if (copy->channel != SGP_CHANNEL_PORTAL) {
		g_ptr_array_add(names, g_strdup_printf("%03u-%s.eml", number, what));
		return write_file(output, g_ptr_array_index(names, 0), copy->fd, NULL, error);
	}
	g_ptr_array_add(names, g_strdup_printf("%03u-%s.pgp", number, what));
	if (!write_file(output, g_ptr_array_index(names, 0), -1, copy->manifest, error))
		return FALSE;
	for (guint n = 0; n < copy->blobs->len; n++) {
		const SgpBlob *blob = g_ptr_array_index(copy->blobs, n);

		g_ptr_array_add(names, g_strdup_printf("%03u-%s.%u.pgp", number, what, n));
		if (!write_file(output, g_ptr_array_index(names, n + 1), blob->fd, NULL, error))
			return FALSE;
	}
	return TRUE;
}

static void add_plan_copy(JsonBuilder *plan, const SgpCopy *copy, const GPtrArray *names)
{
	json_builder_begin_object(plan);
	sgp_json_add_text(plan, "id", copy->id);
	sgp_json_add_text(plan, "channel", sgp_channel_get_nick(copy->channel));
	sgp_json_add_boolean(plan, "sent_copy", copy->is_sent_copy);
	json_builder_set_member_name(plan, "recipients");
	json_builder_begin_array(plan);
	for (guint i = 0; i < copy->recipients->len; i++)
		json_builder_add_string_value(
			plan, sgp_address_get_addr_spec(g_ptr_array_index(copy->recipients, i)));
	json_builder_end_array(plan);
	sgp_json_add_texts(plan, "files", names);
	json_builder_end_object(plan);
}

static gboolean write_all(
	Output *output, const SgpPrepareResult *result, char **plan_text, GError **error)
{
	g_autoptr(JsonBuilder) plan = json_builder_new_immutable();
	g_autofree char *verdict = sgp_verdict_dup_json(result->verdict);

	json_builder_begin_object(plan);
	json_builder_set_member_name(plan, "verdict");
	json_builder_add_value(plan, json_from_string(verdict, NULL));
	json_builder_set_member_name(plan, "copies");
	json_builder_begin_array(plan);
	for (guint i = 0; i < result->copies->len; i++) {
		g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);

		if (!write_copy(output, i + 1, g_ptr_array_index(result->copies, i), names, error))
			return FALSE;
		add_plan_copy(plan, g_ptr_array_index(result->copies, i), names);
	}
	json_builder_end_array(plan);
	json_builder_end_object(plan);
	*plan_text = sgp_json_dup(plan);
	return write_file(output, "plan.json", -1, *plan_text, error);
}

/* Copies of another mail that lie there would be sent with this one's by whoever mails every file
 * of the directory: so it must be new or empty, and no file is written over (O_EXCL). Test:
 * tests/agent/command_line.py, "seal refuses a directory that is not empty". */
static gboolean is_fresh(const char *dir)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *text = NULL;

	if (g_mkdir_with_parents(dir, 0700) != 0) {
		text = g_strdup_printf("%s: %s", dir, g_strerror(errno));
	} else {
		g_autoptr(GDir) entries = g_dir_open(dir, 0, &error);

		if (!entries)
			text = g_strdup_printf("%s: %s", dir, error->message);
		else if (g_dir_read_name(entries))
			text = g_strdup_printf(_("--out: the directory '%s' is not empty, and what "
						 "is in it could be taken for copies of this mail; "
						 "name a new or an empty one"),
				dir);
	}
	if (text)
		sgp_cli_fail_nick("file", text);
	return text == NULL;
}

SgpExit sgp_cli_seal(SgpCli *self, int argc, char **argv)
{
	g_auto(SgpCliMail) mail = { NULL };
	g_autoptr(SgpPrepareResult) result = NULL;
	g_autoptr(GError) error = NULL;
	g_autofree char *plan = NULL;
	SgpExit status = parse_and_open(self, &mail, argc, argv);

	if (status == SGP_EXIT_DONE && !mail.out)
		return sgp_cli_usage(_("seal: --out DIR is missing"));
	if (status != SGP_EXIT_DONE)
		return status;
	result = sgp_dispatcher_seal_sync(
		self->dispatcher, mail.mail, &mail.options, self->now, NULL, NULL, NULL, &error);
	if (!result)
		return sgp_cli_fail(error);
	if (result->status != SGP_PREPARE_COMMITTED) {
		print_decision(self, result->verdict);
		return sgp_cli_exit_of_action(result->verdict->action);
	}
	if (!is_fresh(mail.out))
		return SGP_EXIT_FAILED;
	g_autoptr(GPtrArray) paths = g_ptr_array_new_with_free_func(g_free);
	Output output = { mail.out, paths };

	if (!write_all(&output, result, &plan, &error)) {
		remove_written(&output);
		return sgp_cli_fail_nick("file", error->message);
	}
	if (self->is_json)
		g_print("%s\n", plan);
	else
		g_print(ngettext("%u sealed copy is in %s. Nothing was sent.\n",
				"%u sealed copies are in %s. Nothing was sent.\n",
				result->copies->len),
			result->copies->len, mail.out);
	return SGP_EXIT_DONE;
}

/* The result of Prepare, and how many copies could not leave yet. */
static char *dup_send_json(const SgpPrepareResult *result, guint n_waiting, const GError *error)
{
	g_autofree char *json = sgp_prepare_result_dup_json(result, error);
	g_autoptr(JsonNode) node = json_from_string(json, NULL);

	json_object_set_int_member(json_node_get_object(node), "waiting", n_waiting);
	return json_to_string(node, FALSE);
}

SgpExit sgp_cli_send(SgpCli *self, int argc, char **argv)
{
	g_auto(SgpCliMail) mail = { NULL };
	g_autoptr(SgpPrepareResult) result = NULL;
	g_autoptr(GError) error = NULL;
	SgpExit status = parse_and_open(self, &mail, argc, argv);
	SgpCliWaiting waiting = { 0 };

	if (status != SGP_EXIT_DONE)
		return status;
	status = sgp_cli_dispatch(self, &mail, self->is_json, &result, &waiting, &error);
	if (self->is_json && (result || error)) {
		g_autofree char *json = dup_send_json(result, waiting.n_all, error);

		g_print("%s\n", json);
	}
	if (error)
		return sgp_cli_fail(error);
	/* What the portal or the submission service gets is tried again by itself; what the
	 * sendmail command did not take waits for somebody to mend that. */
	return waiting.n_not_taken > 0 ? SGP_EXIT_FAILED : status;
}
