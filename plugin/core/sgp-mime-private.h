/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* What the files of sgp-mime share; they alone know GMime, by way of this header. */

#include <gcrypt.h>
#include <gmime/gmime.h>
#include "sgp-mime.h"

G_BEGIN_DECLS

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParserOptions, g_mime_parser_options_free)

#define SGP_MIME_MAXIMAL_TEXT (8 * 1024 * 1024) /* bytes of text that are read */
#define SGP_MIME_BUFFER_SIZE  65536

/* ---- the bytes ---- */

/* Errors: G_IO_ERROR, by errno. Returns FALSE. */
gboolean sgp_mime_set_io_error(GError **error, const char *what);
/* A descriptor with an offset of its own: one mail is read by several threads, and by the program
 * that gave it to us. -1: error. */
int sgp_mime_reopen(int fd, GError **error);
/* Nobody can change what this descriptor shows, by whatever other descriptor. */
gboolean sgp_mime_is_sealed(int fd);
/* The same bytes where nobody can write to them any more. -1: error. */
int sgp_mime_open_sealed(int fd, GError **error);
char *sgp_mime_dup_sum(gcry_md_hd_t hash); /* SHA-256, hex. (transfer full) */
/* SHA-256, hex, of what fd holds. (transfer full) */
char *sgp_mime_digest_fd(int fd, GError **error);

/* ---- parsing ---- */

/* is_broken: (out) (nullable). Errors: INVALID (not a mail), G_IO_ERROR. (transfer full) */
GMimeMessage *sgp_mime_parse(int fd, gboolean *is_broken, GError **error);
/* Its first bytes, limit at the most. */
GMimeMessage *sgp_mime_parse_start(int fd, gint64 limit, gboolean *is_broken, GError **error);

/* ---- text ---- */

/* Decoded. is_whole: (out) nothing is missing. (transfer full) */
GByteArray *sgp_mime_read_content(GMimePart *part, gboolean *is_whole);
/* UTF-8, without NUL. charset: (nullable). is_certain: (out) the bytes are what the charset says
 * they are. Else a reading as Western European, which shows most of a German text but proves
 * nothing. (transfer full) */
char *sgp_mime_decode_text(
	const char *text, gsize length, const char *charset, gboolean *is_certain);
/* A header's text as UTF-8: a field's bytes may be anything. (transfer full) */
char *sgp_mime_dup_valid(const char *text);
gboolean sgp_mime_is_ascii_charset(const char *charset); /* (nullable): no charset is ASCII */

/* ---- the parts ---- */

/* What a walk over the parts calls: for body texts (is_body), and for everything else a reader sees
 * as an attachment. FALSE stops the walk. */
typedef gboolean (*SgpMimePartFunc)(GMimeObject *part, gboolean is_body, gpointer user_data);

typedef struct {
	SgpMimePartFunc func;
	gpointer user_data;
	gboolean is_complete;      /* signatures are parts too */
	gboolean is_unsigned_only; /* what is signed is left out */
	gboolean is_encrypted;
	gboolean is_broken;
	gboolean is_stopped;
} SgpMimeWalk;

void sgp_mime_walk(SgpMimeWalk *walk, GMimeObject *object, guint depth);
gboolean sgp_mime_is_type(GMimeObject *object, const char *type, const char *subtype);
gboolean sgp_mime_is_known_encoding(GMimeObject *object);
/* Of transfer encoding "binary", and no text: each of its bytes counts. */
gboolean sgp_mime_is_binary(GMimeObject *object);
/* (borrowed) (nullable) */
GMimeStream *sgp_mime_get_content(GMimeObject *object, GMimeContentEncoding *encoding);
gint64 sgp_mime_count_bytes(GMimeObject *object); /* decoded; of base64 an estimate from above */

typedef gboolean (*SgpMimeTakeFunc)(gpointer taker, const char *data, gsize length, GError **error);

/* Decoded. Errors: INVALID (broken), and those of take. */
gboolean sgp_mime_write_part(
	GMimeObject *object, SgpMimeTakeFunc take, gpointer taker, GError **error);

/* ---- the header ---- */

void sgp_mime_fill_header(SgpMail *mail, GMimeHeaderList *list);

G_END_DECLS
