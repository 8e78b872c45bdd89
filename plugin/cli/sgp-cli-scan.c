/* SPDX-License-Identifier: GPL-3.0-or-later */

/* scan: what the scans read in mails and texts, several at once and told in the order in which they
 * were named. It owns that order; what a mail says is the scans'. One file that cannot be read is
 * told and skipped, it does not end the run. */

#include "sgp-attachment-scan.h"
#include "sgp-cli.h"
#include "sgp-cli-input.h"
#include "sgp-cli-words.h"
#include "sgp-content-scan.h"
#include "sgp-error.h"
#include "sgp-inquiry-scan.h"
#include "sgp-json-private.h"
#include "sgp-uuencode.h"

#include <sys/stat.h>

#define MAX_THREADS 8

typedef struct {
	const char *path;         /* (borrowed) */
	const char *not_personal; /* (borrowed) (nullable) */
	SgpOptOut opt_out;
	char *sentence; /* (owned) (nullable) */
	SgpContentClass found;
	GPtrArray *because; /* (owned) (element-type utf8) */
	GPtrArray *unread;  /* (owned) (element-type utf8) attachments that may say more */
	GError *error;      /* (owned) (nullable) */
	gboolean is_done;   /* under the run's lock */
} Scan;

/* All files of one call. */
typedef struct {
	GMutex lock;
	GCond changed;
	Scan *scans; /* (owned) */
	guint n;
} Run;

static void run_init(Run *self, char **paths, guint n)
{
	g_mutex_init(&self->lock);
	g_cond_init(&self->changed);
	self->n = n;
	self->scans = g_new0(Scan, n);
	for (guint i = 0; i < n; i++) {
		self->scans[i].path = paths[i];
		self->scans[i].because = g_ptr_array_new_with_free_func(g_free);
		self->scans[i].unread = g_ptr_array_new_with_free_func(g_free);
	}
}

static void run_clear(Run *self)
{
	for (guint i = 0; i < self->n; i++) {
		g_free(self->scans[i].sentence);
		g_ptr_array_unref(self->scans[i].because);
		g_ptr_array_unref(self->scans[i].unread);
		g_clear_error(&self->scans[i].error);
	}
	g_free(self->scans);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->changed);
}

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
	sgp_json_add_texts(out, "unread", scan->unread);
	json_builder_end_object(out);
	json_builder_end_object(out);
	sgp_cli_print_json(out);
}

static gboolean scan_mail(Scan *scan, GError **error)
{
	g_autoptr(SgpMail) mail = sgp_cli_input_freeze(scan->path, error);

	if (!mail)
		return FALSE;
	scan->not_personal = sgp_inquiry_scan_not_personal(mail, FALSE);
	scan->opt_out = sgp_inquiry_scan_opt_out(mail, &scan->sentence);
	scan->found = sgp_content_scan_combine(sgp_content_scan_mail(mail, scan->because),
		sgp_attachment_scan(mail, scan->because, scan->unread, NULL));
	return TRUE;
}

/* A text file says nothing of its letters: Unicode with its mark, UTF-8, or else what Windows
 * writes here. (transfer full) */
static char *dup_decoded(const char *text, gsize length)
{
	const guchar *mark = (const guchar *)text;
	const char *charset = NULL;

	if (length >= 2 &&
		((mark[0] == 0xff && mark[1] == 0xfe) || (mark[0] == 0xfe && mark[1] == 0xff)))
		charset = "UTF-16";
	else if (!g_utf8_validate(text, (gssize)length, NULL))
		charset = "WINDOWS-1252";
	char *decoded = charset ? g_convert_with_fallback(text, (gssize)length, "UTF-8", charset,
					  "?", NULL, NULL, NULL)
				: NULL;

	return decoded ? decoded : g_utf8_make_valid(text, (gssize)length);
}

static gboolean is_text(const char *path)
{
	g_autofree char *lower = g_ascii_strdown(path, -1);

	return g_str_has_suffix(lower, ".txt");
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
	valid = dup_decoded(text, length);
	scan->opt_out = sgp_inquiry_scan_opt_out_text(NULL, valid, &scan->sentence);
	scan->found = sgp_content_scan_text(valid, scan->because);
	sgp_uuencode_find(valid, scan->unread);
	return TRUE;
}

/* In a thread of the pool. */
static void scan_one(gpointer data, gpointer user_data)
{
	Scan *scan = data;
	Run *run = user_data;

	if (is_text(scan->path))
		scan_text(scan, &scan->error);
	else
		scan_mail(scan, &scan->error);
	g_mutex_lock(&run->lock);
	scan->is_done = TRUE;
	g_cond_broadcast(&run->changed);
	g_mutex_unlock(&run->lock);
}

/* An empty mail is none; an empty text is one that says nothing. */
static gboolean is_empty_text(const char *path)
{
	struct stat status;

	return is_text(path) && stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	       status.st_size == 0;
}

/* A file that is no file is told as such, whatever the scan made of it. */
static SgpExit tell(const SgpCli *self, Run *run, Scan *scan)
{
	g_mutex_lock(&run->lock);
	while (!scan->is_done)
		g_cond_wait(&run->changed, &run->lock);
	g_mutex_unlock(&run->lock);
	if (!is_empty_text(scan->path) && !sgp_cli_check_file(scan->path))
		return SGP_EXIT_FAILED;
	if (scan->error)
		return sgp_cli_fail_path(scan->path, scan->error);
	print_scan(self, scan);
	return SGP_EXIT_DONE;
}

SgpExit sgp_cli_scan(SgpCli *self, int argc, char **argv)
{
	const GOptionEntry entries[] = { G_OPTION_ENTRY_NULL };
	SgpExit status = SGP_EXIT_DONE;
	Run run = { 0 };

	if (!sgp_cli_parse(entries, &argc, &argv))
		return SGP_EXIT_USAGE;
	if (argc < 2)
		return sgp_cli_usage(_("scan: a path is expected"));
	run_init(&run, argv + 1, (guint)argc - 1);
	GThreadPool *pool = g_thread_pool_new(
		scan_one, &run, (gint)CLAMP(g_get_num_processors(), 1, MAX_THREADS), FALSE, NULL);

	for (guint i = 0; i < run.n; i++)
		g_thread_pool_push(pool, &run.scans[i], NULL);
	for (guint i = 0; i < run.n; i++) {
		if (tell(self, &run, &run.scans[i]) != SGP_EXIT_DONE)
			status = SGP_EXIT_FAILED;
	}
	g_thread_pool_free(pool, FALSE, TRUE);
	run_clear(&run);
	return status;
}
