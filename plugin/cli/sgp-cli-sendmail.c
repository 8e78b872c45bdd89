/* SPDX-License-Identifier: GPL-3.0-or-later */

/* sendmail: send behind the face that mutt, cron and other programs know. It owns how their command
 * line and their input become one mail and its envelope; what may leave is decided as for every
 * other mail. It answers as sendmail does (sysexits): 75 for "later", 77 for "not allowed", 64 and
 * 65 for what was given wrongly. */

#include "sgp-cli-input.h"
#include "sgp-cli-mail.h"
#include "sgp-cli-words.h"
#include "sgp-error.h"
#include "sgp-mime.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

/* Options of sendmail that take a value, glued to them or as the next word. */
#define WITH_VALUE "ABCFLNORVXbdfhopqr"
/* Options that take one only where it is glued: "-q" says it all. */
#define WITH_GLUED_VALUE "dq"

typedef struct {
	gboolean from_header;  /* -t */
	gboolean ignores_dots; /* -i, -oi: a line with a dot alone does not end the mail */
	char *sender;          /* (owned) (nullable) -f, -r */
	char *sender_name;     /* (owned) (nullable) -F */
	GPtrArray *words;      /* (owned) (element-type utf8) the recipients as they were given */
	GPtrArray *recipients; /* (owned) (element-type SgpAddress) */
} SendmailOptions;

static void sendmail_options_clear(SendmailOptions *self)
{
	g_free(self->sender);
	g_free(self->sender_name);
	g_clear_pointer(&self->words, g_ptr_array_unref);
	g_clear_pointer(&self->recipients, g_ptr_array_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SendmailOptions, sendmail_options_clear)

static void take_value(SendmailOptions *self, char option, const char *value)
{
	if (option == 'f' || option == 'r') {
		g_free(self->sender);
		self->sender = g_strdup(value);
	} else if (option == 'F') {
		g_free(self->sender_name);
		self->sender_name = g_strdup(value);
	} else if (option == 'o' && g_str_equal(value, "i")) {
		self->ignores_dots = TRUE;
	}
}

static int refuse_word(const char *word)
{
	sgp_cli_usage(_("sendmail: '%s' is not possible here; only mails are taken, on standard "
			"input"),
		word);
	return -1;
}

/* One word that begins with "-": options may stand together ("-ti"). Returns how many of the
 * following words are values; -1, said on standard error: a mode that is not sending (a queue, an
 * SMTP dialogue), a word that no sendmail knows, or a value is missing. */
static int parse_word(SendmailOptions *self, const char *word, const char *next)
{
	if (word[1] == '-') /* letter by letter it would be a sender or a hop count */
		return refuse_word(word);
	for (const char *c = word + 1; *c != '\0'; c++) {
		if (*c == 't')
			self->from_header = TRUE;
		else if (*c == 'i')
			self->ignores_dots = TRUE;
		if (strchr(WITH_VALUE, *c) == NULL)
			continue;
		gboolean is_glued = c[1] != '\0' || strchr(WITH_GLUED_VALUE, *c) != NULL;
		const char *value = is_glued ? c + 1 : next;

		if (!value) {
			sgp_cli_usage(_("sendmail: '%s' needs a value"), word);
			return -1;
		}
		if ((*c == 'b' && !g_str_equal(value, "m")) || *c == 'q')
			return refuse_word(word);
		take_value(self, *c, value);
		return is_glued ? 0 : 1;
	}
	return 0;
}

static gboolean parse_sendmail(SendmailOptions *self, int argc, char **argv)
{
	gboolean only_recipients = FALSE;

	self->words = g_ptr_array_new_with_free_func(g_free);
	self->recipients = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_address_unref);
	for (int i = 1; i < argc; i++) {
		const char *word = argv[i];

		if (!only_recipients && g_str_equal(word, "--")) {
			only_recipients = TRUE;
		} else if (!only_recipients && word[0] == '-' && word[1] != '\0') {
			int n = parse_word(self, word, i + 1 < argc ? argv[i + 1] : NULL);

			if (n < 0)
				return FALSE;
			i += n;
		} else {
			g_ptr_array_add(self->words, g_strdup(word));
		}
	}
	return TRUE;
}

/* Users of this machine are named without a domain ("root"): the office's own is meant. (transfer
 * full) */
static char *qualify(const char *address, const char *domain)
{
	return strchr(address, '@') || !domain ? g_strdup(address)
					       : g_strconcat(address, "@", domain, NULL);
}

static gboolean read_recipients(SendmailOptions *self, const char *domain)
{
	for (guint i = 0; i < self->words->len; i++) {
		g_autofree char *whole = qualify(g_ptr_array_index(self->words, i), domain);
		g_autoptr(GPtrArray) addresses = sgp_address_parse_list(whole, NULL);

		if (!addresses || addresses->len == 0)
			return FALSE;
		for (guint n = 0; n < addresses->len; n++)
			g_ptr_array_add(
				self->recipients, sgp_address_ref(g_ptr_array_index(addresses, n)));
	}
	return self->from_header || self->recipients->len > 0;
}

/* The input */

/* Where the mail ends: at a line with a dot alone, if those were not to be ignored. */
static gsize find_end(const char *data, gsize length, gboolean ignores_dots)
{
	gsize line = 0;

	while (!ignores_dots && line < length) {
		const char *end = memchr(data + line, '\n', length - line);
		gsize size = end ? (gsize)(end - data) - line : length - line;

		if ((size == 1 && data[line] == '.') ||
			(size == 2 && memcmp(data + line, ".\r", 2) == 0))
			return line;
		line += size + 1;
	}
	return length;
}

/* The header with its last line end; all of it where no empty line follows. */
static gsize find_header_end(const char *data, gsize length)
{
	gsize line = 0;

	while (line < length) {
		const char *end = memchr(data + line, '\n', length - line);
		gsize size = end ? (gsize)(end - data) - line : length - line;

		if (size == 0 || (size == 1 && data[line] == '\r'))
			return line;
		line = MIN(line + size + 1, length);
	}
	return length;
}

/* "From: root (Cron Daemon)", "To: root": as an MTA does for mails of its own machine. (transfer
 * full) */
static char *qualify_header(const char *header, const char *domain)
{
	g_autoptr(GRegex) local = g_regex_new("^((?:From|To|Cc|Bcc|Sender|Reply-To):[ "
					      "\\t]*)([A-Za-z0-9._-]+)((?:[ \\t]*\\([^()]*\\))?"
					      "[ \\t]*\\r?)$",
		G_REGEX_CASELESS | G_REGEX_MULTILINE | G_REGEX_NEWLINE_LF, 0, NULL);
	g_autofree char *with = g_strconcat("\\1\\2@", domain, "\\3", NULL);

	return domain ? g_regex_replace(local, header, -1, 0, with, 0, NULL) : g_strdup(header);
}

static gboolean has_from(const char *header)
{
	return g_regex_match_simple("^From:", header, G_REGEX_CASELESS | G_REGEX_MULTILINE, 0);
}

/* (transfer full) a line, "" if none is needed or nobody knows who sends. */
static char *dup_from_line(const SendmailOptions *options, const char *header, const char *domain)
{
	if (has_from(header))
		return g_strdup("");
	g_autofree char *address =
		qualify(options->sender ? options->sender : g_get_user_name(), domain);
	g_autoptr(SgpAddress) sender = sgp_address_new(address, NULL);

	return sender ? g_strdup_printf("From: %s\n", sgp_address_get_addr_spec(sender))
		      : g_strdup("");
}

/* The mail as it is to be decided about. is_text: the header can be worked on. -1: no memory. */
static int dup_mail(
	const char *data, gsize length, const SendmailOptions *options, const char *domain)
{
	int memory = memfd_create("siegelpost-mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	/* An mbox line in front is no header. */
	const char *line_end = memchr(data, '\n', length);
	gboolean has_envelope_line = line_end && length > 5 && memcmp(data, "From ", 5) == 0;
	gsize start = has_envelope_line ? (gsize)(line_end - data) + 1 : 0;
	gsize body = start + find_header_end(data + start, length - start);
	g_autofree char *header = g_strndup(data + start, body - start);
	gboolean is_text = strlen(header) == body - start && g_utf8_validate(header, -1, NULL);
	g_autofree char *whole = is_text ? qualify_header(header, domain) : NULL;
	g_autofree char *from = is_text ? dup_from_line(options, header, domain) : NULL;
	gboolean done = memory >= 0;

	done = done && (!is_text || (sgp_cli_input_write(memory, from, strlen(from)) &&
					    sgp_cli_input_write(memory, whole, strlen(whole))));
	done = done && (is_text || sgp_cli_input_write(memory, data + start, body - start)) &&
	       sgp_cli_input_write(memory, data + body, length - body);
	if (!done && memory >= 0)
		close(memory);
	return done ? memory : -1;
}

static SgpMail *freeze(int fd, const SendmailOptions *options, const char *domain, GError **error)
{
	struct stat status;
	SgpMail *mail = NULL;

	if (fstat(fd, &status) != 0 || status.st_size == 0) {
		g_set_error_literal(error, SGP_ERROR, SGP_ERROR_INVALID, "not a mail");
		return NULL;
	}
	char *data = mmap(NULL, (gsize)status.st_size, PROT_READ, MAP_SHARED, fd, 0);

	if (data == MAP_FAILED) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE, "%s", g_strerror(errno));
		return NULL;
	}
	int whole = dup_mail(data, find_end(data, (gsize)status.st_size, options->ignores_dots),
		options, domain);

	munmap(data, (gsize)status.st_size);
	if (whole < 0)
		g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE, "%s", g_strerror(errno));
	else
		mail = sgp_mime_freeze(whole, error);
	if (whole >= 0)
		close(whole);
	return mail;
}

/* The envelope */

static const char *const RESENT[] = { "Resent-To", "Resent-Cc", "Resent-Bcc" };

static gboolean is_resent(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(RESENT); i++) {
		if (g_ascii_strcasecmp(name, RESENT[i]) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Those who are in the header of a redirected mail are not asked about as recipients any more. */
static void forget_resent(SgpMail *mail)
{
	for (guint i = mail->headers->len - mail->headers->len % 2; i >= 2; i -= 2) {
		if (is_resent(g_ptr_array_index(mail->headers, i - 2)))
			g_ptr_array_remove_range(mail->headers, i - 2, 2);
	}
}

static gboolean has_resent(const SgpMail *mail)
{
	for (guint i = 0; i + 1 < mail->headers->len; i += 2) {
		if (is_resent(g_ptr_array_index(mail->headers, i)))
			return TRUE;
	}
	return FALSE;
}

static void keep_only(GPtrArray *people, GPtrArray *wanted)
{
	for (guint i = people->len; i > 0; i--) {
		if (!g_ptr_array_find_with_equal_func(
			    wanted, g_ptr_array_index(people, i - 1), sgp_address_equal, NULL))
			g_ptr_array_remove_index(people, i - 1);
	}
}

/* With recipients on the command line the envelope is theirs: people of the header who are not
 * named get nothing, and named ones who are not in the header are blind copies. A redirected mail
 * (-t) goes to whom it is redirected, as with every MTA: those of its To had it before. */
static void set_envelope(SgpMail *mail, const SendmailOptions *options)
{
	g_autoptr(GPtrArray) known = NULL;

	if (options->from_header && has_resent(mail)) {
		g_ptr_array_set_size(mail->to, 0);
		g_ptr_array_set_size(mail->cc, 0);
		g_ptr_array_set_size(mail->bcc, 0);
	} else if (!options->from_header) {
		forget_resent(mail);
		keep_only(mail->to, options->recipients);
		keep_only(mail->cc, options->recipients);
		keep_only(mail->bcc, options->recipients);
	}
	known = sgp_mail_get_recipients(mail);
	for (guint i = 0; i < options->recipients->len; i++) {
		SgpAddress *address = g_ptr_array_index(options->recipients, i);

		if (!g_ptr_array_find_with_equal_func(known, address, sgp_address_equal, NULL)) {
			g_ptr_array_add(mail->bcc, sgp_address_ref(address));
			g_ptr_array_add(known, sgp_address_ref(address));
		}
	}
}

static gboolean is_temporary(const GError *error)
{
	return g_error_matches(error, SGP_ERROR, SGP_ERROR_UNREACHABLE) ||
	       g_error_matches(error, SGP_ERROR, SGP_ERROR_LOCKED) ||
	       g_error_matches(error, SGP_ERROR, SGP_ERROR_STORAGE);
}

/* Could not look, so that the same mail may leave later. */
static gboolean is_unknown(const SgpVerdict *verdict)
{
	for (guint i = 0; i < verdict->recipients->len; i++) {
		const SgpRecipientVerdict *recipient = g_ptr_array_index(verdict->recipients, i);

		if (recipient->action != SGP_ACTION_SEND &&
			recipient->basis_refusal != SGP_REFUSAL_UNKNOWN &&
			recipient->channel_refusal != SGP_REFUSAL_UNKNOWN)
			return FALSE;
	}
	return TRUE;
}

static int compare_addresses(gconstpointer a, gconstpointer b)
{
	SgpAddress *const *first = a, *const *second = b;

	return strcmp(sgp_address_get_addr_spec(*first), sgp_address_get_addr_spec(*second));
}

/* A caller that was killed before it heard our answer gives the same mail again: same bytes, same
 * envelope, so the same id, which is used up. Two mails without Message-ID and Date may be equal
 * and still two (a daily report): NULL, each of them is a new one. */
static char *dup_draft_id(const SgpMail *mail)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA256);
	g_autoptr(GPtrArray) recipients = sgp_mail_get_recipients(mail);

	if (!mail->message_id && mail->date == 0)
		return NULL;
	g_checksum_update(sum, (const guchar *)mail->digest, -1);
	g_ptr_array_sort(recipients, compare_addresses);
	for (guint i = 0; i < recipients->len; i++) {
		const char *address = sgp_address_get_addr_spec(g_ptr_array_index(recipients, i));

		g_checksum_update(sum, (const guchar *)"\n", 1);
		g_checksum_update(sum, (const guchar *)address, -1);
	}
	return g_strconcat("sendmail-", g_checksum_get_string(sum), NULL);
}

/* Committed by an earlier call, and ours to deliver: the caller is done. */
static SgpExit finish_earlier(SgpCli *self, const char *draft_id)
{
	g_autofree char *full = g_strconcat(SGP_SPOOL_CLI_DRAFT_PREFIX, draft_id, NULL);
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) older = NULL;

	g_printerr(_("siegelpost: this mail was taken before; it is not sent a second time\n"));
	if (!sgp_cli_hand_over(self, full, NULL, &error))
		sgp_cli_note(error);
	else if (!sgp_cli_hand_over(self, NULL, NULL, &older))
		sgp_cli_note(older);
	return EX_OK;
}

static SgpExit dispatch(SgpCli *self, SgpCliMail *mail)
{
	g_autoptr(SgpPrepareResult) result = NULL;
	g_autoptr(GError) error = NULL;
	SgpCliWaiting waiting = { 0 };

	mail->draft_id = dup_draft_id(mail->mail);
	SgpExit status = sgp_cli_dispatch(self, mail, TRUE, &result, &waiting, &error);

	if (g_error_matches(error, SGP_ERROR, SGP_ERROR_ALREADY_DONE))
		return finish_earlier(self, mail->draft_id);
	if (error) {
		sgp_cli_fail(error);
		return is_temporary(error) ? SGP_EXIT_TEMPORARY : EX_DATAERR;
	}
	if (status == SGP_EXIT_DONE)
		return EX_OK;
	sgp_cli_print_verdict(result->verdict);
	return is_unknown(result->verdict) ? SGP_EXIT_TEMPORARY : SGP_EXIT_REFUSED;
}

SgpExit sgp_cli_sendmail(SgpCli *self, int argc, char **argv)
{
	g_auto(SendmailOptions) options = { FALSE };
	g_auto(SgpCliMail) mail = { NULL };
	g_autoptr(GError) error = NULL;
	int fd;

	if (!parse_sendmail(&options, argc, argv))
		return EX_USAGE;
	fd = sgp_cli_input_read(STDIN_FILENO);
	if (fd < 0)
		sgp_cli_fail_nick("invalid", _("standard input cannot be read"));
	if (fd < 0 || !sgp_cli_open(self))
		return SGP_EXIT_TEMPORARY;
	g_auto(GStrv) domains = sgp_settings_dup_strv(self->settings, "own-domains");

	if (!read_recipients(&options, domains[0])) {
		sgp_cli_usage(_("sendmail: no recipient, or one that is no address"));
		return EX_USAGE;
	}
	mail.mail = freeze(fd, &options, domains[0], &error);
	close(fd);
	if (!mail.mail) {
		sgp_cli_fail(error);
		return is_temporary(error) ? SGP_EXIT_TEMPORARY : EX_DATAERR;
	}
	set_envelope(mail.mail, &options);
	return sgp_cli_mail_has_recipient(mail.mail) ? dispatch(self, &mail) : EX_USAGE;
}
