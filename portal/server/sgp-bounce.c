/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Mails of ours that came back. Each goes out with a tag that names its entry in the outbox and
 * that nobody else can make; a delivery status notification (RFC 3464) that brings the tag back and
 * says "failed" ends the reminders and tells the staff. It believes nothing else of such a mail. */

#include "sgp-bounce.h"

#include "sgp-message-store.h"
#include "sgp-protocol.h"

#include <string.h>

#define TAG_BYTES      10
#define TAG_LENGTH     (2 * TAG_BYTES)
#define BOUNCE_LOCAL   "bounce+"
#define BOUNDARY_LIMIT 70

/**
 * sgp_bounce_dup_tag:
 * @entry: id in the outbox
 *
 * Returns: (transfer full): the tag, always the same for the same entry, so that a mail that goes
 * out again is still recognised. Made with the guard's key: who could guess tags could end the
 * reminders of a customer (test "a forged bounce is no bounce").
 */
char *sgp_bounce_dup_tag(SgpPortal *portal, const char *entry)
{
	g_autoptr(GBytes) bytes = sgp_guard_dup_decoy(portal->guard, entry, "bounce", TAG_BYTES);

	return sgp_protocol_encode_hex(g_bytes_get_data(bytes, NULL), TAG_BYTES);
}

/**
 * sgp_bounce_prepare:
 *
 * Sets the envelope of @letter so that it finds its way back.
 */
void sgp_bounce_prepare(SgpPortal *portal, SgpLetter *letter, const char *entry)
{
	g_free(letter->envelope_id);
	letter->envelope_id = sgp_bounce_dup_tag(portal, entry);
	if (portal->config->bounce_domain == NULL)
		return;
	g_free(letter->sender);
	letter->sender = g_strconcat(
		BOUNCE_LOCAL, letter->envelope_id, "@", portal->config->bounce_domain, NULL);
}

/* ---- reading a report ---- */

/* The fields up to the first empty line, unfolded, one a line, "\n" at their ends. @rest: where
 * they end. */
static char *dup_fields(const char *text, const char **rest)
{
	GString *fields = g_string_new(NULL);

	while (*text != '\0') {
		gsize length = strcspn(text, "\n");
		gsize used = length > 0 && text[length - 1] == '\r' ? length - 1 : length;

		if (used > 0 && (*text == ' ' || *text == '\t') && fields->len > 0)
			g_string_truncate(fields, fields->len - 1);
		g_string_append_len(fields, text, (gssize)used);
		g_string_append_c(fields, '\n');
		text += length + (text[length] == '\n');
		if (used == 0)
			break;
	}
	*rest = text;
	return g_string_free(fields, FALSE);
}

static char *dup_field(const char *fields, const char *name)
{
	g_auto(GStrv) lines = g_strsplit(fields, "\n", -1);
	gsize length = strlen(name);

	for (guint i = 0; lines[i] != NULL; i++) {
		if (g_ascii_strncasecmp(lines[i], name, length) == 0 && lines[i][length] == ':')
			return g_strstrip(g_strdup(lines[i] + length + 1));
	}
	return NULL;
}

static char *dup_boundary(const char *type)
{
	g_autofree char *lower = g_ascii_strdown(type, -1);
	const char *found = NULL;
	const char *start = NULL;
	gsize length = 0;

	if (!g_str_has_prefix(lower, "multipart/report") ||
		strstr(lower, "delivery-status") == NULL)
		return NULL;
	found = strstr(lower, "boundary=");
	if (found == NULL)
		return NULL;
	/* From the original: boundaries have case. */
	start = type + (found - lower) + strlen("boundary=");
	length = *start == '"' ? strcspn(start + 1, "\"") : strcspn(start, "; \t");
	if (*start == '"')
		start++;
	return length > 0 && length <= BOUNDARY_LIMIT ? g_strndup(start, length) : NULL;
}

static gboolean is_status(const char *fields)
{
	g_autofree char *type = dup_field(fields, "Content-Type");
	g_autofree char *lower = type != NULL ? g_ascii_strdown(type, -1) : NULL;

	return lower != NULL && (g_str_has_prefix(lower, "message/delivery-status") ||
					g_str_has_prefix(lower, "message/global-delivery-status"));
}

static gboolean is_tag(const char *text)
{
	return text != NULL && strlen(text) == TAG_LENGTH &&
	       strspn(text, "0123456789abcdef") == TAG_LENGTH;
}

/* Our envelope sender comes back as the recipient of the report. */
static char *dup_tag_of_recipient(const char *fields)
{
	static const char *const names[] = { "X-Original-To", "Delivered-To", "Envelope-To", "To" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *value = dup_field(fields, names[i]);
		const char *found = value != NULL ? strstr(value, BOUNCE_LOCAL) : NULL;
		g_autofree char *tag =
			found != NULL ? g_strndup(found + strlen(BOUNCE_LOCAL), TAG_LENGTH) : NULL;

		if (is_tag(tag) && found[strlen(BOUNCE_LOCAL) + TAG_LENGTH] == '@')
			return g_steal_pointer(&tag);
	}
	return NULL;
}

/* "delayed", "relayed", "delivered" and "expanded" are no failures. */
static gboolean says_failed(const char *fields)
{
	g_autofree char *action = dup_field(fields, "Action");

	return action != NULL && g_ascii_strncasecmp(action, "failed", 6) == 0 &&
	       !g_ascii_isalnum(action[6]) && action[6] != '-';
}

/* @part: the body of the part up to its boundary. */
static gboolean read_status(const char *part, char **envelope_id)
{
	gboolean failed = FALSE;

	while (*part != '\0') {
		g_autofree char *fields = dup_fields(part, &part);
		g_autofree char *id = dup_field(fields, "Original-Envelope-Id");

		failed = failed || says_failed(fields);
		if (*envelope_id == NULL && is_tag(id))
			*envelope_id = g_steal_pointer(&id);
	}
	return failed;
}

static char *read_parts(const char *body, const char *boundary, gboolean *failed)
{
	g_autofree char *line = g_strconcat("--", boundary, NULL);
	g_auto(GStrv) parts = g_strsplit(body, line, -1);
	char *envelope_id = NULL;

	/* What stands before the first boundary is for old mail programs. */
	for (guint i = 1; parts[0] != NULL && parts[i] != NULL; i++) {
		const char *rest = parts[i];
		g_autofree char *nothing = NULL;
		g_autofree char *fields = NULL;

		if (*rest == '-')
			break;
		nothing = dup_fields(rest, &rest);
		if (*nothing != '\n')
			continue;
		fields = dup_fields(rest, &rest);
		if (is_status(fields))
			*failed = read_status(rest, &envelope_id) || *failed;
	}
	return envelope_id;
}

/**
 * sgp_bounce_read_report:
 * @mail: a whole mail as it came; need not end with a NUL
 *
 * Returns: (transfer full) (nullable): the tag that a report of a failed delivery brings back, or
 * %NULL if it is anything else.
 */
char *sgp_bounce_read_report(const char *mail, gsize size)
{
	g_autofree char *text = g_strndup(size > 0 ? mail : "", size);
	const char *body = NULL;
	g_autofree char *fields = NULL;
	g_autofree char *type = NULL;
	g_autofree char *boundary = NULL;
	g_autofree char *tag = NULL;
	gboolean failed = FALSE;

	/* A pipe's first line may be mbox's. */
	if (g_str_has_prefix(text, "From ") && strchr(text, '\n') != NULL)
		fields = dup_fields(strchr(text, '\n') + 1, &body);
	else
		fields = dup_fields(text, &body);
	type = dup_field(fields, "Content-Type");
	boundary = type != NULL ? dup_boundary(type) : NULL;
	if (boundary == NULL)
		return NULL;
	tag = read_parts(body, boundary, &failed);
	if (tag == NULL)
		tag = dup_tag_of_recipient(fields);
	return failed ? g_steal_pointer(&tag) : NULL;
}

/* ---- what follows ---- */

/**
 * sgp_bounce_note:
 * @kind: of the outbox entry
 * @message: id of the message that it was about
 *
 * What follows when a mail cannot be delivered. Within the caller's transaction.
 *
 * Returns: whether it is in the store.
 */
gboolean sgp_bounce_note(SgpDatabase *database, gint64 now, const char *kind, const char *handle,
	const char *message, GError **error)
{
	gboolean to_customer = strcmp(kind, "notice") == 0 || strcmp(kind, "reminder") == 0;

	if (!to_customer && strcmp(kind, "reply") != 0)
		return TRUE;
	/* A message that is published later gets a notice of its own, and may bounce again. */
	if (to_customer && !sgp_database_run(database, error, NULL,
				   "UPDATE messages SET reminders_over = 1 WHERE handle = $1 "
				   "AND folder = 'inbox' AND state = 'published' "
				   "AND read_at IS NULL AND reminders_over = 0",
				   "s", handle))
		return FALSE;
	return sgp_event_add(database, now, "bounced", handle, message, error);
}

static gboolean take(
	SgpDatabase *database, const char *tag, gint64 now, gboolean *ours, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);
	g_autoptr(SgpRows) rows = NULL;
	gint64 changed = 0;

	if (transaction == NULL)
		return FALSE;
	rows = sgp_database_query(database, error,
		"SELECT kind, handle, message, state FROM outbox WHERE tag = $1", "s", tag);
	if (rows == NULL)
		return FALSE;
	*ours = sgp_rows_get_count(rows) == 1;
	/* The report was faster than our note that the mail has left: it must come again. */
	if (*ours && strcmp(sgp_rows_get_text(rows, 0, 3), "queued") == 0) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BUSY,
			"the mail is not noted as sent yet; try again later");
		return FALSE;
	}
	/* A second report about the same mail says nothing new. */
	if (!*ours || !sgp_database_run(database, error, &changed,
			      "UPDATE outbox SET state = 'bounced' WHERE tag = $1 "
			      "AND state = 'sent'",
			      "s", tag))
		return !*ours;
	return (changed == 0 || sgp_bounce_note(database, now, sgp_rows_get_text(rows, 0, 0),
					sgp_rows_get_text(rows, 0, 1),
					sgp_rows_get_text(rows, 0, 2), error)) &&
	       sgp_transaction_commit(transaction, error);
}

/**
 * sgp_bounce_take_sync:
 * @ours: (out): whether the mail was a report about a mail of ours
 *
 * Reads a report and notes what follows.
 *
 * Returns: whether the store could be asked, and knows the mail as sent; %FALSE: try again later.
 */
gboolean sgp_bounce_take_sync(SgpPortal *portal, SgpDatabase *database, const char *mail,
	gsize size, gboolean *ours, GError **error)
{
	g_autofree char *tag = sgp_bounce_read_report(mail, size);

	*ours = FALSE;
	if (tag == NULL)
		return TRUE;
	for (guint tries = 1;; tries++) {
		g_autoptr(GError) problem = NULL;

		if (take(database, tag, sgp_portal_get_time(), ours, &problem))
			break;
		if (tries == 5 || !database->can_repeat) {
			g_propagate_error(error, g_steal_pointer(&problem));
			return FALSE;
		}
	}
	sgp_portal_announce_event(portal);
	return TRUE;
}
