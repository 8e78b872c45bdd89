/* SPDX-License-Identifier: GPL-3.0-or-later */

/* history: mails from files, mbox files and Maildirs. It owns how mails are found in these; what a
 * mail means is the history's. One broken mail is told and skipped, it
 * does not end the run. */

#include "sgp-cli.h"
#include "sgp-cli-input.h"
#include "sgp-cli-readers.h"
#include "sgp-cli-words.h"
#include "sgp-error.h"
#include "sgp-folder-role.h"

#include <glib/gstdio.h>
#include <string.h>
#include <unistd.h>

typedef struct {
	SgpCli *cli;        /* (borrowed) */
	const char *folder; /* (borrowed) */
	SgpFolderRole role;
	guint n_added;
	guint n_known;          /* the history had them */
	guint n_broken;         /* mails */
	guint n_unread;         /* paths */
	gint64 began;           /* monotonic time of the open transaction, 0: none is open */
	SgpCliReaders *readers; /* (borrowed) */
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

static void tell_broken(Import *self, const SgpCliReading *reading)
{
	g_autofree char *said =
		sgp_cli_words_dup_error(sgp_error_get_nick(reading->why), reading->why->message);

	g_printerr("siegelpost: %s: %s\n", reading->place, said);
	self->n_broken++;
	/* If what was named is no mail, something was named that is not there. */
	self->n_unread += reading->is_named ? 1 : 0;
}

/* Short, since each index of the history names it: 120 bits of its place and of what it is, which
 * nobody makes two of. */
static char *dup_uid(const char *place, const SgpMail *mail)
{
	g_autoptr(GChecksum) checksum = g_checksum_new(G_CHECKSUM_SHA256);
	guint8 hash[32];
	gsize size = sizeof hash;

	g_checksum_update(checksum, (const guchar *)place, (gssize)strlen(place) + 1);
	g_checksum_update(checksum, (const guchar *)mail->digest, -1);
	g_checksum_get_digest(checksum, hash, &size);
	return g_base64_encode(hash, 15);
}

/* Takes the mail. Its place is the file it lies in; it is known there by what it is, for another
 * mail that is written over it, or before it, must not make anybody's objection forgotten. FALSE:
 * the state cannot be written, which ends the run. */
static gboolean add_mail(Import *self, const SgpCliReading *reading, GError **error)
{
	SgpMail *mail = reading->mail;

	if (!mail) {
		tell_broken(self, reading);
		return TRUE;
	}
	g_autofree char *uid = dup_uid(reading->place, mail);
	SgpDispatcher *dispatcher = self->cli->dispatcher;
	SgpHistory *history = sgp_dispatcher_get_history(dispatcher);
	gboolean is_known = FALSE;

	/* What is known is added all the same: an older reading may have judged it. */
	if (!begin_batch(self, error) ||
		!sgp_history_knows_mail(
			history, self->folder, uid, reading->opened, &is_known, error) ||
		!sgp_history_add_judged_mail(history, self->folder, self->role, uid,
			reading->opened, reading->judgement, error))
		return FALSE;
	self->n_added += is_known ? 0 : 1;
	self->n_known += is_known ? 1 : 0;
	gboolean is_harvested = self->role == SGP_FOLDER_ROLE_MAIL && may_carry_keys(mail);

	if ((is_harvested || g_get_monotonic_time() - self->began >= BATCH_TIME) &&
		!end_batch(self, error))
		return FALSE;
	/* Received mail only: whoever fills the junk folder does not fill the list of keys. */
	if (is_harvested)
		sgp_dispatcher_harvest_keys(dispatcher, mail);
	return TRUE;
}

/* Of what is being read, until at least one more fits; or all of it. */
static gboolean take_read(Import *self, gboolean is_all, GError **error)
{
	while (is_all || sgp_cli_readers_is_full(self->readers)) {
		g_autoptr(SgpCliReading) reading = sgp_cli_readers_pop(self->readers);

		if (!reading)
			return TRUE;
		if (!add_mail(self, reading, error))
			return FALSE;
	}
	return TRUE;
}

static gboolean add_file(
	Import *self, const char *place, const char *path, gboolean is_named, GError **error)
{
	SgpCliReading *reading = sgp_cli_reading_new(place);

	reading->path = g_strdup(path);
	reading->is_named = is_named;
	sgp_cli_readers_push(self->readers, reading);
	return take_read(self, FALSE, error);
}

static gboolean add_bytes(
	Import *self, const char *place, GBytes *bytes, gboolean is_named, GError **error)
{
	SgpCliReading *reading = sgp_cli_reading_new(place);

	reading->bytes = g_bytes_ref(bytes);
	reading->is_named = is_named;
	sgp_cli_readers_push(self->readers, reading);
	return take_read(self, FALSE, error);
}

/* Maildir: the unique part of a name stays when a mail is read or moved from new to cur. */
static gboolean add_maildir_part(Import *self, const char *path, const char *part, GError **error)
{
	g_autofree char *folder = g_build_filename(path, part, NULL);
	g_autoptr(GError) local = NULL;
	g_autoptr(GDir) dir = g_dir_open(folder, 0, &local);
	const char *name;

	/* "Could not look" is not "there is none". */
	if (!dir && !g_error_matches(local, G_FILE_ERROR, G_FILE_ERROR_NOENT)) {
		sgp_cli_fail_nick("file", local->message);
		self->n_unread++;
	}
	while (dir && (name = g_dir_read_name(dir))) {
		g_autofree char *unique = g_strndup(name, strcspn(name, ":"));
		g_autofree char *place = g_build_filename(path, unique, NULL);
		g_autofree char *file = g_build_filename(folder, name, NULL);

		if (name[0] != '.' && !add_file(self, place, file, FALSE, error))
			return FALSE;
	}
	return TRUE;
}

/* mbox: a mail begins with "From " after an empty line; ">From " inside is unquoted. */

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
		g_autoptr(GBytes) bytes = unquote(data + body, end - body);

		if (!add_bytes(self, path, bytes, FALSE, error))
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

/* Standard input or a pipe. */
static gboolean add_stream(Import *self, const char *path, GError **error)
{
	int fd = sgp_cli_input_open_stream(path, error);
	g_autoptr(GMappedFile) file = fd >= 0 ? g_mapped_file_new_from_fd(fd, FALSE, error) : NULL;

	if (fd >= 0)
		close(fd);
	if (!file)
		return FALSE;
	const char *data = g_mapped_file_get_contents(file);
	gsize length = g_mapped_file_get_length(file);

	if (length > 0 && is_separator(data, 0, length))
		return add_mbox(self, "-", data, length, error);
	g_autoptr(GBytes) bytes = g_mapped_file_get_bytes(file);

	return add_bytes(self, "-", bytes, TRUE, error);
}

static gboolean add_path(Import *self, const char *path, GError **error)
{
	g_autofree char *whole = g_canonicalize_filename(path, NULL);
	g_autofree char *cur = g_build_filename(whole, "cur", NULL);
	g_autoptr(GError) local = NULL;

	if (sgp_cli_input_is_stream(path))
		return add_stream(self, path, error);
	if (g_file_test(cur, G_FILE_TEST_IS_DIR))
		return add_maildir_part(self, whole, "cur", error) &&
		       add_maildir_part(self, whole, "new", error);
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
		       : add_file(self, whole, path, TRUE, error);
}

static void print_import(const Import *import)
{
	g_print(ngettext("%u new mail is in the history.\n", "%u new mails are in the history.\n",
			import->n_added),
		import->n_added);
	if (import->n_known > 0)
		g_print(ngettext("%u mail was known already.\n", "%u mails were known already.\n",
				import->n_known),
			import->n_known);
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

	g_autoptr(SgpCliReaders) readers = sgp_cli_readers_new(
		sgp_key_lookup_get_home(sgp_dispatcher_get_keys(self->dispatcher)));

	import.readers = readers;
	import.folder = name;
	import.role = sgp_folder_role_of_name(folder ? folder : "");
	for (int i = 1; i < argc; i++) {
		if (!add_path(&import, argv[i], &error))
			break;
	}
	if (!error && take_read(&import, TRUE, &error))
		end_batch(&import, &error);
	drop_batch(&import);
	if (error)
		return sgp_cli_fail(error);
	if (self->is_json)
		g_print("{\"added\":%u,\"known\":%u,\"broken\":%u}\n", import.n_added,
			import.n_known, import.n_broken);
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
