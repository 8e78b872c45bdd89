/* SPDX-License-Identifier: GPL-3.0-or-later */

/* history and scan: mails from files, mbox files and Maildirs. It owns how mails are found in
 * these; what a mail means is the history's and the scans'. One broken mail is told and skipped, it
 * does not end the run. */

#include "sgp-cli.h"
#include "sgp-cli-words.h"
#include "sgp-content-scan.h"
#include "sgp-error.h"
#include "sgp-inquiry-scan.h"
#include "sgp-json-private.h"
#include "sgp-mime.h"
#include "sgp-opened-mail.h"

#include <glib/gstdio.h>
#include <string.h>

typedef struct {
	SgpCli *cli;        /* (borrowed) */
	const char *folder; /* (borrowed) */
	SgpFolderRole role;
	guint n_added;
	guint n_broken; /* mails */
	guint n_unread; /* paths */
} Import;

/* Takes the mail. FALSE: the state cannot be written, which ends the run. */
static gboolean add_mail(
	Import *self, const char *uid, SgpMail *mail, const GError *why, GError **error)
{
	g_autoptr(SgpMail) taken G_GNUC_UNUSED = mail;

	if (!mail) {
		g_printerr("siegelpost: %s: %s\n", uid, why->message);
		self->n_broken++;
		return TRUE;
	}
	SgpDispatcher *dispatcher = self->cli->dispatcher;
	g_autoptr(SgpMail) opened = sgp_opened_mail_read(
		mail, sgp_key_lookup_get_home(sgp_dispatcher_get_keys(dispatcher)), NULL);

	if (!sgp_history_add_mail(sgp_dispatcher_get_history(dispatcher), self->folder, self->role,
		    uid, opened, error))
		return FALSE;
	self->n_added++;
	return TRUE;
}

static gboolean add_file(Import *self, const char *uid, const char *path, GError **error)
{
	g_autoptr(GError) why = NULL;
	SgpMail *mail = sgp_mime_freeze_file(path, &why);

	return add_mail(self, uid, mail, why, error);
}

/* Maildir: the unique part of a name stays when a mail is read or moved from new to cur. */
static gboolean add_maildir_part(Import *self, const char *path, const char *part, GError **error)
{
	g_autofree char *folder = g_build_filename(path, part, NULL);
	g_autoptr(GDir) dir = g_dir_open(folder, 0, NULL);
	const char *name;

	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *uid = g_strndup(name, strcspn(name, ":"));
		g_autofree char *file = g_build_filename(folder, name, NULL);

		if (name[0] != '.' && !add_file(self, uid, file, error))
			return FALSE;
	}
	return TRUE;
}

/* mbox: a mail begins with "From " after an empty line; ">From " inside is unquoted. uid: the place
 * in the file. */

static gboolean is_separator(const char *data, gsize offset, gsize length)
{
	return length - offset >= 5 && memcmp(data + offset, "From ", 5) == 0 &&
	       (offset == 0 || (offset >= 2 && data[offset - 1] == '\n' &&
				       (data[offset - 2] == '\n' ||
					       (offset >= 3 && memcmp(data + offset - 3, "\n\r\n",
								       3) == 0))));
}

static gsize next_line(const char *data, gsize offset, gsize length)
{
	const char *end = memchr(data + offset, '\n', length - offset);

	return end ? (gsize)(end - data) + 1 : length;
}

static GBytes *unquote(const char *data, gsize length)
{
	g_autoptr(GByteArray) out = g_byte_array_sized_new((guint)length);

	for (gsize line = 0; line < length;) {
		gsize end = next_line(data, line, length);
		gsize quotes = 0;

		while (line + quotes < end && data[line + quotes] == '>')
			quotes++;
		gboolean is_quoted = quotes > 0 && end - line - quotes >= 5 &&
				     memcmp(data + line + quotes, "From ", 5) == 0;
		gsize from = is_quoted ? line + 1 : line;

		g_byte_array_append(out, (const guint8 *)data + from, (guint)(end - from));
		line = end;
	}
	return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

static gboolean add_mbox(
	Import *self, const char *path, const char *data, gsize length, GError **error)
{
	for (gsize start = 0; start < length;) {
		gsize body = next_line(data, start, length);
		gsize end = body;

		while (end < length && !is_separator(data, end, length))
			end = next_line(data, end, length);
		g_autofree char *uid = g_strdup_printf("%s:%" G_GSIZE_FORMAT, path, start);
		g_autoptr(GBytes) bytes = unquote(data + body, end - body);
		g_autoptr(GError) why = NULL;
		SgpMail *mail = sgp_mime_freeze_bytes(bytes, &why);

		if (!add_mail(self, uid, mail, why, error))
			return FALSE;
		start = end;
	}
	return TRUE;
}

static gboolean is_empty(const char *path)
{
	GStatBuf status;

	return g_stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0;
}

static gboolean add_path(Import *self, const char *path, GError **error)
{
	g_autofree char *cur = g_build_filename(path, "cur", NULL);
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	g_autoptr(GError) local = NULL;

	if (g_file_test(cur, G_FILE_TEST_IS_DIR))
		return add_maildir_part(self, path, "cur", error) &&
		       add_maildir_part(self, path, "new", error);
	if (is_empty(path)) { /* as mbox files of mail programs often are */
		g_printerr(_("siegelpost: the file '%s' is empty.\n"), path);
		return TRUE;
	}
	if (!sgp_cli_check_file(path)) {
		self->n_unread++;
		return TRUE;
	}
	g_autoptr(GMappedFile) file = g_mapped_file_new(path, FALSE, &local);

	if (!file) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "%s", local->message);
		return FALSE;
	}
	const char *data = g_mapped_file_get_contents(file);
	gsize length = g_mapped_file_get_length(file);

	return length > 0 && is_separator(data, 0, length)
		       ? add_mbox(self, whole, data, length, error)
		       : add_file(self, whole, path, error);
}

static SgpFolderRole role_of_name(const char *name)
{
	static const struct {
		const char *name;
		SgpFolderRole role;
	} names[] = {
		{ "sent", SGP_FOLDER_ROLE_SENT },
		{ "drafts", SGP_FOLDER_ROLE_DRAFTS },
		{ "outbox", SGP_FOLDER_ROLE_OUTBOX },
		{ "junk", SGP_FOLDER_ROLE_JUNK },
		{ "trash", SGP_FOLDER_ROLE_TRASH },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (g_ascii_strcasecmp(names[i].name, name) == 0)
			return names[i].role;
	}
	return SGP_FOLDER_ROLE_MAIL;
}

static void print_import(const Import *import)
{
	g_print(ngettext("%u mail is in the history.\n", "%u mails are in the history.\n",
			import->n_added),
		import->n_added);
	if (import->n_broken > 0)
		g_print(ngettext("%u mail could not be read.\n", "%u mails could not be read.\n",
				import->n_broken),
			import->n_broken);
}

static SgpExit history_add(SgpCli *self, int argc, char **argv)
{
	g_autofree char *folder = NULL;
	const GOptionEntry entries[] = {
		{ "folder", 0, 0, G_OPTION_ARG_STRING, &folder, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;
	Import import = { self };

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc < 2)
		return sgp_cli_usage(_("history add: a path is expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	g_autofree char *name = g_strconcat("file:", folder ? folder : "", NULL);

	import.folder = name;
	import.role = role_of_name(folder ? folder : "");
	for (int i = 1; i < argc; i++) {
		if (!add_path(&import, argv[i], &error))
			return sgp_cli_fail(error);
	}
	if (self->is_json)
		g_print("{\"added\":%u,\"broken\":%u}\n", import.n_added, import.n_broken);
	else
		print_import(&import);
	return import.n_unread > 0 ? SGP_EXIT_FAILED : SGP_EXIT_DONE;
}

static SgpExit history_search(SgpCli *self, int argc, char **argv)
{
	g_autofree char *from = NULL, *message_id = NULL, *conversation = NULL;
	const GOptionEntry entries[] = {
		{ "from", 0, 0, G_OPTION_ARG_STRING, &from, NULL, NULL },
		{ "message-id", 0, 0, G_OPTION_ARG_STRING, &message_id, NULL, NULL },
		{ "conversation", 0, 0, G_OPTION_ARG_STRING, &conversation, NULL, NULL },
		G_OPTION_ENTRY_NULL,
	};
	g_autoptr(GError) error = NULL;

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if ((from != NULL) + (message_id != NULL) + (conversation != NULL) != 1 || argc != 1)
		return sgp_cli_usage(_(
			"history search: one of --from, --message-id, --conversation is expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	g_autofree char *json =
		sgp_history_search_json(sgp_dispatcher_get_history(self->dispatcher), from,
			message_id, conversation, &error);

	static const char *const names[] = { "date", "from", "message_id", "folder", "uid", NULL };

	return json ? sgp_cli_print_list(self, json, names) : sgp_cli_fail(error);
}

SgpExit sgp_cli_history(SgpCli *self, int argc, char **argv)
{
	if (argc > 1 && g_str_equal(argv[1], "add"))
		return history_add(self, argc - 1, argv + 1);
	if (argc > 1 && g_str_equal(argv[1], "search"))
		return history_search(self, argc - 1, argv + 1);
	return sgp_cli_usage(_("history: add or search is expected"));
}

/* scan */

typedef struct {
	const char *path;         /* (borrowed) */
	const char *not_personal; /* (borrowed) (nullable) */
	gboolean is_mail;
	SgpOptOut opt_out;
	char *sentence; /* (owned) (nullable) */
	SgpContentClass found;
	GPtrArray *because; /* (owned) (element-type utf8) */
} Scan;

static void print_scan(const SgpCli *cli, const Scan *scan)
{
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	if (!cli->is_json) {
		g_print(_("%s: answer by e-mail: %s; class: %s\n"), scan->path,
			sgp_cli_words_get_opt_out(scan->opt_out),
			sgp_cli_words_get_class(scan->found));
		if (scan->sentence)
			g_print(_("    it says: \"%s\"\n"), scan->sentence);
		return;
	}
	json_builder_begin_object(out);
	sgp_json_add_text(out, "path", scan->path);
	sgp_json_add_boolean(out, "personal", scan->not_personal == NULL);
	sgp_json_add_text(out, "not_personal_because", scan->not_personal);
	json_builder_set_member_name(out, "opt_out");
	json_builder_begin_object(out);
	sgp_json_add_text(out, "verdict", sgp_opt_out_get_nick(scan->opt_out));
	sgp_json_add_text(out, "sentence", scan->sentence);
	json_builder_end_object(out);
	json_builder_set_member_name(out, "class");
	json_builder_begin_object(out);
	sgp_json_add_text(out, "found", sgp_content_class_get_nick(scan->found));
	sgp_json_add_texts(out, "because", scan->because);
	json_builder_end_object(out);
	json_builder_end_object(out);
	sgp_cli_print_json(out);
}

static gboolean scan_mail(Scan *scan, GError **error)
{
	g_autoptr(SgpMail) mail = sgp_mime_freeze_file(scan->path, error);

	if (!mail)
		return FALSE;
	scan->not_personal = sgp_inquiry_scan_not_personal(mail, FALSE);
	scan->opt_out = sgp_inquiry_scan_opt_out(mail, &scan->sentence);
	scan->found = sgp_content_scan_mail(mail, scan->because);
	return TRUE;
}

static gboolean scan_text(Scan *scan, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *text = NULL;
	g_autofree char *valid = NULL;
	gsize length = 0;

	if (!g_file_get_contents(scan->path, &text, &length, &local)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "%s", local->message);
		return FALSE;
	}
	valid = g_utf8_make_valid(text, (gssize)length);
	scan->opt_out = sgp_inquiry_scan_opt_out_text(NULL, valid, &scan->sentence);
	scan->found = sgp_content_scan_text(valid, scan->because);
	return TRUE;
}

SgpExit sgp_cli_scan(SgpCli *self, int argc, char **argv)
{
	const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc < 2)
		return sgp_cli_usage(_("scan: a path is expected"));
	for (int i = 1; i < argc; i++) {
		Scan scan = { argv[i] };
		g_autoptr(GError) error = NULL;
		g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
		gboolean done;

		if (!sgp_cli_check_file(argv[i]))
			return SGP_EXIT_FAILED;
		scan.because = because;
		done = g_str_has_suffix(argv[i], ".txt") ? scan_text(&scan, &error)
							 : scan_mail(&scan, &error);
		if (done)
			print_scan(self, &scan);
		g_free(scan.sentence);
		if (!done)
			return sgp_cli_fail_path(argv[i], error);
	}
	return SGP_EXIT_DONE;
}
