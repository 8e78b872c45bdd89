/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A customer's message as PGP/MIME (RFC 3156) for a staff member's ordinary inbox. It wraps an
 * armored message that it cannot open; the real subject and thread are inside. */

#include "sgp-relay-mail.h"

#include "sgp-armor.h"
#include "sgp-blob.h"
#include "sgp-protocol.h"

#include <sodium.h>

/**
 * sgp_relay_mail_can_carry:
 * @upload: name of a complete upload
 *
 * Returns: whether it is one armored OpenPGP message and nothing else. A customer whose lines were
 * taken as they come could write the boundary among them, and so put parts of their own, HTML and
 * programs, into the staff's inbox under the office's address (threat 32; test "a customer cannot
 * put parts of their own into the mail").
 */
gboolean sgp_relay_mail_can_carry(SgpPortal *portal, const char *upload)
{
	g_autoptr(GBytes) bytes = sgp_blob_map(portal, upload, NULL);
	const char *data = NULL;
	gsize size = 0;

	if (bytes == NULL)
		return FALSE;
	data = g_bytes_get_data(bytes, &size);
	return size > 0 && sgp_armor_is_message(data, size);
}

static void add_fields(
	SgpLetter *letter, const SgpPortal *portal, const SgpRows *rows, const char *message)
{
	g_autofree char *host = sgp_portal_dup_host(portal);
	g_autofree char *id = g_strdup_printf("<%s@%s>", message, host);
	const char *customer = sgp_rows_get_text(rows, 0, 0);
	g_autofree char *display = g_strdup_printf("%s (WebMail-Portal)", customer);

	sgp_letter_add_mailbox(letter, "From", display, letter->sender);
	sgp_letter_add_field(letter, "Reply-To", customer);
	sgp_letter_add_mailbox(
		letter, "To", sgp_rows_get_text(rows, 0, 2), sgp_rows_get_text(rows, 0, 1));
	sgp_letter_add_field(letter, "Subject", "[...]");
	sgp_letter_add_date(letter, sgp_rows_get_integer(rows, 0, 3));
	sgp_letter_add_field(letter, "Message-ID", id);
	if (!sgp_rows_is_null(rows, 0, 4))
		sgp_letter_add_field(letter, "In-Reply-To", sgp_rows_get_text(rows, 0, 4));
	if (!sgp_rows_is_null(rows, 0, 5))
		sgp_letter_add_field(letter, "References", sgp_rows_get_text(rows, 0, 5));
	sgp_letter_add_field(letter, "X-Siegelpost-Portal", message);
	sgp_letter_add_field(letter, "MIME-Version", "1.0");
}

static void add_structure(SgpLetter *letter)
{
	g_autofree char *boundary = NULL;
	guint8 random[16];

	/* Drawn when the mail is written, after the body was chosen: nobody can have put it there,
	 * even if the grammar of sgp_relay_mail_can_carry() had a hole. A mail that goes out again
	 * has another boundary and the same Message-ID. */
	randombytes_buf(random, sizeof random);
	boundary = sgp_protocol_encode_hex(random, sizeof random);
	g_string_append_printf(letter->head,
		"Content-Type: multipart/encrypted; protocol=\"application/pgp-encrypted\";\r\n"
		" boundary=\"siegelpost-%s\"\r\n\r\n"
		"--siegelpost-%s\r\n"
		"Content-Type: application/pgp-encrypted\r\n"
		"Content-Description: PGP/MIME version identification\r\n\r\n"
		"Version: 1\r\n\r\n"
		"--siegelpost-%s\r\n"
		"Content-Type: application/octet-stream; name=\"encrypted.asc\"\r\n"
		"Content-Description: OpenPGP encrypted message\r\n"
		"Content-Disposition: inline; filename=\"encrypted.asc\"\r\n\r\n",
		boundary, boundary, boundary);
	g_string_append_printf(letter->tail, "\r\n--siegelpost-%s--\r\n", boundary);
}

/**
 * sgp_relay_mail_compose:
 * @message: id of a message in a sent folder
 *
 * Returns: (transfer full) (nullable): the mail, or %NULL on error; %SGP_PROBLEM_NOT_FOUND if the
 * message is gone.
 */
SgpLetter *sgp_relay_mail_compose(
	SgpPortal *portal, SgpDatabase *database, const char *message, GError **error)
{
	g_autoptr(SgpLetter) letter = NULL;
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT c.address, m.staff, s.name, m.received, m.in_reply_to, m.mail_references, "
		"o.portal_address, b.file, b.data FROM messages m "
		"JOIN customers c ON c.handle = m.handle JOIN staff s ON s.address = m.staff "
		"JOIN blobs b ON b.message = m.id AND b.n = 0 CROSS JOIN office o WHERE m.id = $1",
		"s", message);

	if (rows == NULL)
		return NULL;
	if (sgp_rows_get_count(rows) == 0) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_NOT_FOUND,
			"the message to be mailed is gone");
		return NULL;
	}
	letter = sgp_letter_new(sgp_rows_get_text(rows, 0, 6), sgp_rows_get_text(rows, 0, 1));
	add_fields(letter, portal, rows, message);
	add_structure(letter);
	letter->body = sgp_rows_is_null(rows, 0, 7)
			       ? sgp_rows_dup_bytes(rows, 0, 8)
			       : sgp_blob_map(portal, sgp_rows_get_text(rows, 0, 7), error);
	return letter->body != NULL ? g_steal_pointer(&letter) : NULL;
}
