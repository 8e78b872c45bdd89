/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hands one mail to the submission service, and knows afterwards for whom it was taken. It owns the
 * envelope, what is asked of the service for this mail (8BITMIME, SMTPUTF8, REQUIRETLS), and the
 * one moment after which a mail may have left. It never tries again, and chooses no recipient. */
#include "sgp-submission.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sgp-error.h"
#include "sgp-smtp-session.h"

#define DEFAULT_PORT 587
#define PIECE_SIZE   32768
#define END_SECONDS  180

/* ---- the service ---- */

SgpSubmissionService *sgp_submission_service_new(const char *setting, GError **error)
{
	g_autofree char *text = g_strstrip(g_strdup(setting));
	g_autoptr(GSocketConnectable) address = NULL;
	if (*text != '\0')
		address = g_network_address_parse(text, DEFAULT_PORT, NULL);
	const char *host =
		address != NULL ? g_network_address_get_hostname(G_NETWORK_ADDRESS(address)) : NULL;
	guint16 port = address != NULL ? g_network_address_get_port(G_NETWORK_ADDRESS(address)) : 0;
	if (host == NULL || *host == '\0' || port == 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
			"the setting verified-submission is not HOST:PORT");
		return NULL;
	}
	SgpSubmissionService *self = g_new0(SgpSubmissionService, 1);
	self->host = g_strdup(host);
	self->port = port;
	return self;
}

void sgp_submission_service_free(SgpSubmissionService *self)
{
	if (self == NULL)
		return;
	if (self->password != NULL)
		explicit_bzero(self->password, strlen(self->password));
	g_free(self->password);
	g_free(self->user);
	g_free(self->ca_file);
	g_free(self->host);
	g_free(self);
}

/* ---- what the mail needs ---- */

typedef struct {
	SgpSmtpSession *session;  /* (owned) */
	SgpSubmissionMail *mail;  /* (borrowed) */
	gboolean has_8bit;        /* somewhere in the mail */
	gboolean has_utf8_header; /* or in an address */
	gint64 size;
} Hand;

static gboolean is_ascii(const char *text)
{
	for (; *text != '\0'; text++) {
		if ((guchar)*text >= 0x80)
			return FALSE;
	}
	return TRUE;
}

/* CR, LF or ">" would begin another command, or another recipient (threat 32). A quoted local part
 * may hold ">": only outside quotes it ends the path. */
static gboolean is_one_path(const char *address)
{
	gboolean is_quoted = FALSE;
	for (const char *p = address; *p != '\0'; p++) {
		if ((guchar)*p < 0x20 || *p == 0x7f)
			return FALSE;
		if (is_quoted && *p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			is_quoted = !is_quoted;
		else if (!is_quoted && (*p == ' ' || *p == '<' || *p == '>'))
			return FALSE;
	}
	return !is_quoted && *address != '\0';
}

static gboolean check_addresses(Hand *self, GError **error)
{
	const SgpSubmissionMail *mail = self->mail;
	gboolean fits = is_one_path(mail->from) && mail->recipients[0] != NULL;
	self->has_utf8_header = !is_ascii(mail->from);
	for (gsize i = 0; mail->recipients[i] != NULL; i++) {
		fits = fits && is_one_path(mail->recipients[i]);
		self->has_utf8_header = self->has_utf8_header || !is_ascii(mail->recipients[i]);
	}
	if (!fits)
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "an address that is no path");
	return fits;
}

/* -1: error; 0: the end. */
static gssize read_piece(const Hand *self, char *piece, gint64 offset, GError **error)
{
	gssize n = pread(self->mail->fd, piece, PIECE_SIZE, offset);
	if (n < 0)
		g_set_error(error, SGP_ERROR, SGP_ERROR_STORAGE, "a copy cannot be read: %s",
			g_strerror(errno));
	return n;
}

static gboolean look_through(Hand *self, GError **error)
{
	g_autofree char *piece = g_malloc(PIECE_SIZE);
	gboolean is_header = TRUE;
	char before[2] = { 0, '\n' };
	gssize n;
	while ((n = read_piece(self, piece, self->size, error)) > 0) {
		for (gssize i = 0; i < n; i++) {
			/* An empty line, its CR apart, ends the header. */
			if (piece[i] == '\n' &&
				(before[1] == '\n' || (before[1] == '\r' && before[0] == '\n')))
				is_header = FALSE;
			if ((guchar)piece[i] >= 0x80) {
				self->has_8bit = TRUE;
				self->has_utf8_header = self->has_utf8_header || is_header;
			}
			before[0] = before[1];
			before[1] = piece[i];
		}
		self->size += n;
	}
	return n == 0;
}

static gboolean check_offer(const Hand *self, GError **error)
{
	const SgpSmtpOffer *offer = sgp_smtp_session_get_offer(self->session);
	if ((self->has_8bit && !offer->has_8bitmime) ||
		(self->has_utf8_header && !offer->has_smtputf8)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED,
			"the submission service takes no such characters");
		return FALSE;
	}
	return TRUE;
}

/* ---- the envelope ---- */

static gboolean say_from(Hand *self, GError **error)
{
	const SgpSmtpOffer *offer = sgp_smtp_session_get_offer(self->session);
	g_autoptr(GString) line = g_string_new(NULL);
	g_string_printf(line, "MAIL FROM:<%s>", self->mail->from);
	if (offer->has_size)
		g_string_append_printf(line, " SIZE=%" G_GINT64_FORMAT, self->size);
	if (self->has_8bit)
		g_string_append(line, " BODY=8BITMIME");
	if (self->has_utf8_header)
		g_string_append(line, " SMTPUTF8");
	/* RFC 8689: only inside TLS does the offer mean anything. */
	if (offer->has_requiretls && sgp_smtp_session_is_encrypted(self->session))
		g_string_append(line, " REQUIRETLS");
	guint code = sgp_smtp_session_say(self->session, line->str, NULL, error);
	if (code == 250)
		return TRUE;
	return code != 0 ? sgp_smtp_session_fail(code, "MAIL", error) : FALSE;
}

/* TRUE: at least one is accepted. Nobody accepted: the mildest answer decides. */
static gboolean say_recipients(Hand *self, GError **error)
{
	gboolean is_accepted = FALSE;
	guint worst = 0;
	for (gsize i = 0; self->mail->recipients[i] != NULL; i++) {
		g_autofree char *line = g_strdup_printf("RCPT TO:<%s>", self->mail->recipients[i]);
		guint code = sgp_smtp_session_say(self->session, line, NULL, error);
		if (code == 0)
			return FALSE;
		if (code == 250 || code == 251)
			self->mail->answers[i] = SGP_SUBMISSION_ACCEPTED;
		else if (code >= 500 && code < 600)
			self->mail->answers[i] = SGP_SUBMISSION_REFUSED;
		else
			self->mail->answers[i] = SGP_SUBMISSION_LATER;
		is_accepted = is_accepted || code == 250 || code == 251;
		worst = worst == 0 ? code : MIN(worst, code);
	}
	return is_accepted ? TRUE : sgp_smtp_session_fail(worst, "RCPT", error);
}

/* ---- the mail ---- */

/* A dot at the beginning of a line is doubled (RFC 5321, 4.5.2), and every line ends with CRLF: a
 * bare LF or CR before a dot could end the mail for one server and not for the next. */
typedef struct {
	GString *out; /* (owned) */
	gboolean is_line_start, has_cr;
} Stuffing;

static void stuff(Stuffing *self, const char *piece, gsize length)
{
	g_string_set_size(self->out, 0);
	for (gsize i = 0; i < length; i++) {
		char c = piece[i];
		if (self->has_cr && c != '\n') { /* a bare CR ends a line, too */
			g_string_append(self->out, "\r\n");
			self->is_line_start = TRUE;
		}
		self->has_cr = c == '\r';
		if (c == '\r')
			continue;
		if (c == '\n') {
			g_string_append(self->out, "\r\n");
			self->is_line_start = TRUE;
			continue;
		}
		if (self->is_line_start && c == '.')
			g_string_append_c(self->out, '.');
		g_string_append_c(self->out, c);
		self->is_line_start = FALSE;
	}
}

static gboolean write_mail(Hand *self, GError **error)
{
	g_autofree char *piece = g_malloc(PIECE_SIZE);
	g_autoptr(GString) out = g_string_sized_new(2 * PIECE_SIZE);
	Stuffing stuffing = { .out = out, .is_line_start = TRUE };
	gint64 offset = 0;
	gssize n;
	while ((n = read_piece(self, piece, offset, error)) > 0) {
		stuff(&stuffing, piece, (gsize)n);
		if (!sgp_smtp_session_write(self->session, out->str, out->len, error))
			return FALSE;
		offset += n;
	}
	if (n < 0)
		return FALSE;
	return (stuffing.is_line_start && !stuffing.has_cr) ||
	       sgp_smtp_session_write(self->session, "\r\n", 2, error);
}

/* The reply to the end decides. Without one the mail may be there or not: is_open. */
static gboolean end_mail(Hand *self, GError **error)
{
	SgpSubmissionMail *mail = self->mail;
	if (mail->commit != NULL && !mail->commit(mail->commit_data, error))
		return FALSE;
	mail->is_open = TRUE;
	/* The service may look into the mail first, and who gives up now does not know what
	 * happened (RFC 1047); but other copies wait for this one. */
	sgp_smtp_session_set_patience(self->session, END_SECONDS);
	guint code = sgp_smtp_session_say(self->session, ".", NULL, error);
	if (code >= 200 && code < 600)
		mail->is_open = FALSE;
	if (code / 100 == 2) /* any 2yz took the mail: to send it once more would double it */
		return TRUE;
	return code != 0 ? sgp_smtp_session_fail(code, "the mail", error) : FALSE;
}

gboolean sgp_submission_send_sync(const SgpSubmissionService *self, SgpSubmissionMail *mail,
	GCancellable *cancellable, GError **error)
{
	Hand hand = { .mail = mail };
	mail->is_open = FALSE;
	for (gsize i = 0; mail->recipients[i] != NULL; i++)
		mail->answers[i] = SGP_SUBMISSION_UNKNOWN;
	if (!check_addresses(&hand, error) || !look_through(&hand, error))
		return FALSE;
	g_autoptr(SgpSmtpSession) session = sgp_smtp_session_open(self, cancellable, error);
	hand.session = session;
	if (session == NULL || !check_offer(&hand, error) || !say_from(&hand, error) ||
		!say_recipients(&hand, error))
		return FALSE;
	guint code = sgp_smtp_session_say(session, "DATA", NULL, error);
	if (code != 354)
		return code != 0 ? sgp_smtp_session_fail(code, "DATA", error) : FALSE;
	return write_mail(&hand, error) && end_mail(&hand, error);
}

gboolean sgp_submission_check_sync(
	const SgpSubmissionService *self, GCancellable *cancellable, GError **error)
{
	g_autoptr(SgpSmtpSession) session = sgp_smtp_session_open(self, cancellable, error);
	return session != NULL;
}
