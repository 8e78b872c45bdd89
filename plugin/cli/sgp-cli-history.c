/* SPDX-License-Identifier: GPL-3.0-or-later */

/* history: mails from files, mbox files and Maildirs. It owns how mails are found in these; what a
 * mail means is the history's. One broken mail is told and skipped, it
 * does not end the run. */

#include "sgp-cli.h"
#include "sgp-error.h"
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
	gint64 began;   /* monotonic time of the open transaction, 0: none is open */
} Import;

/* Mails are written together, for as long as another program may be kept waiting: one commit for
 * each would take longer than reading it. */
#define BATCH_TIME (100 * 1000) /* microseconds */

static gboolean begin_batch(Import *self, GError **error)
{
	if (self->began != 0)
		return TRUE;
	if (!sgp_store_begin(sgp_dispatcher_get_store(self->cli->dispatcher), FALSE, error))
		return FALSE;
	self->began = g_get_monotonic_time();
	return TRUE;
}

static gboolean end_batch(Import *self, GError **error)
{
	if (self->began == 0)
		return TRUE;
	self->began = 0;
	return sgp_store_commit(sgp_dispatcher_get_store(self->cli->dispatcher), error);
}

/* What a broken state left open. */
static void drop_batch(Import *self)
{
	if (self->began != 0)
		sgp_store_rollback(sgp_dispatcher_get_store(self->cli->dispatcher));
	self->began = 0;
}

/* Reading a key runs gpg, which nobody who waits for the database should wait for, and a key that
 * cannot be kept must not take mails along: so it is done between two batches. */
static gboolean may_carry_keys(const SgpMail *mail)
{
	return mail->attachments->len > 0 || sgp_mail_get_header(mail, "Autocrypt") != NULL ||
	       strstr(mail->content_type, "multipart/signed") != NULL ||
	       strstr(mail->content_type, "pkcs7") != NULL;
}

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

	if (!begin_batch(self, error) ||
		!sgp_history_add_mail(sgp_dispatcher_get_history(dispatcher), self->folder,
			self->role, uid, opened, error))
		return FALSE;
	self->n_added++;
	gboolean is_harvested = self->role == SGP_FOLDER_ROLE_MAIL && may_carry_keys(mail);

	if ((is_harvested || g_get_monotonic_time() - self->began >= BATCH_TIME) &&
		!end_batch(self, error))
		return FALSE;
	/* Received mail only: whoever fills the junk folder does not fill the list of keys. */
	if (is_harvested)
		sgp_dispatcher_harvest_keys(dispatcher, mail);
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
			break;
	}
	if (!error)
		end_batch(&import, &error);
	drop_batch(&import);
	if (error)
		return sgp_cli_fail(error);
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
