/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <string.h>
#include <unistd.h>

#include "sgp-mime.h"
#include "sgp-verdict.h"

/* What the tests of both protocols' sealing share: one mail to four people, and how a copy is
 * looked at. */

#define NOW    (g_get_real_time() / G_USEC_PER_SEC)
#define ANNA   "anna@agentur.example"
#define ERIKA  "erika@kunde.example"
#define MORITZ "moritz@kunde.example"
#define CARLA  "carla@kunde.example"
#define PAUL   "paul@kunde.example"

#define SEALING_MAIL                                                                               \
	"From: Anna <" ANNA ">\n"                                                                  \
	"To: Erika <" ERIKA ">, " PAUL "\nCc: " MORITZ "\nBcc: " CARLA "\n"                        \
	"Subject: Geheimer Betreff\nDate: Mon, 24 Nov 2025 16:00:00 +0100\n"                       \
	"Message-ID: <out@agentur.example>\nIn-Reply-To: <in@kunde.example>\n"                     \
	"References: <first@kunde.example> <in@kunde.example>\n"                                   \
	"X-Evolution-Identity: secret-note " CARLA "\n"                                            \
	"MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"=-x\"\n\n\n"                 \
	"--=-x\nContent-Type: text/plain; charset=utf-8\n"                                         \
	"Content-Transfer-Encoding: 8bit\n\nSehr geehrte Frau M\xc3\xbcller\n\n"                   \
	"--=-x\nContent-Type: application/pdf; name=Police.pdf\n"                                  \
	"Content-Disposition: attachment; filename=Police.pdf\n"                                   \
	"Content-Transfer-Encoding: base64\n\nAAECAwQF\n\n--=-x--\n"

static inline SgpMail *sealing_freeze(void)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(SEALING_MAIL, strlen(SEALING_MAIL));
	SgpMail *mail = sgp_mime_freeze_bytes(bytes, NULL);
	g_assert_nonnull(mail);
	return mail;
}

static inline SgpRecipientVerdict *sealing_add(SgpVerdict *verdict, const char *address,
	SgpField field, SgpChannel channel, const char *key)
{
	g_autoptr(SgpAddress) parsed = sgp_address_new(address, NULL);
	SgpRecipientVerdict *one = sgp_recipient_verdict_new(parsed, field);
	one->action = SGP_ACTION_SEND;
	one->channel = channel;
	if (key != NULL)
		g_ptr_array_add(one->keys, sgp_key_new(channel, key, SGP_KEY_STATE_USABLE, NULL));
	g_ptr_array_add(verdict->recipients, one);
	return one;
}

/* With a NUL behind it. length: (out) (nullable). (transfer full) */
static inline char *sealing_read_fd(int fd, gsize *length)
{
	GByteArray *bytes = g_byte_array_new();
	guint8 buffer[4096];
	ssize_t got;
	gint64 at = 0;
	while ((got = pread(fd, buffer, sizeof(buffer), at)) > 0) {
		g_byte_array_append(bytes, buffer, (guint)got);
		at += got;
	}
	if (length != NULL)
		*length = bytes->len;
	g_byte_array_append(bytes, (const guint8 *)"", 1);
	return (char *)g_byte_array_free(bytes, FALSE);
}

static inline void assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		g_test_message("not in: %s", text);
	g_assert_nonnull(strstr(text, part));
}
