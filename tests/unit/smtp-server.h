/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A submission service on loopback that answers as it is told, and remembers what it heard. */
typedef struct _SmtpServer SmtpServer;

/* The answer to one line of a client, with its CRLF; "" hangs up; NULL: as a good server would. */
typedef const char *(*SmtpServerFunc)(const char *line, gpointer user_data);

/* certificate: (nullable) PEM file with key, for STARTTLS. */
SmtpServer *smtp_server_new(const char *certificate, SmtpServerFunc func, gpointer user_data);
void smtp_server_free(SmtpServer *self);
guint16 smtp_server_get_port(SmtpServer *self);
/* Further lines of the answer to EHLO, as "250-REQUIRETLS\r\n". */
void smtp_server_offer(SmtpServer *self, const char *lines);
/* Everything that came, in the order it came, mails with their dots; TLS marks its beginning with
 * "[tls]". (transfer full) */
char *smtp_server_dup_heard(SmtpServer *self);
/* Self-signed for these names ("DNS:localhost,IP:127.0.0.1"), in a directory; the path of a PEM
 * file with key. (transfer full) */
char *smtp_server_dup_certificate(
	const char *directory, const char *file, const char *alternatives);

G_END_DECLS
