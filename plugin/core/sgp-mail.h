/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-address.h"

G_BEGIN_DECLS

/* One attachment as the reader would see it. */
typedef struct {
	char *name;         /* (owned) UTF-8, may be NULL */
	char *content_type; /* (owned) "application/pdf" */
	char *content_id;   /* (owned) without <>, may be NULL; set for inline parts */
	gint64 size;        /* decoded bytes */
	gboolean is_binary; /* stands in the mail as it is, whatever its line ends are */
} SgpMailAttachment;

/* A mail, frozen: what the composer holds, or what was received. Read-only after it was built;
 * reference counted. The bytes stay in the file descriptor (memfd or file), so that a 200 MB
 * attachment is never in memory (P7). A draft that is still being typed has fd -1. Only sgp-mime
 * fills one from RFC 5322 bytes. */
typedef struct {
	gatomicrefcount refs;
	int fd;                 /* (owned) -1: a draft without bytes */
	char *digest;           /* (owned) SHA-256 hex of the bytes; NULL for a draft */
	GPtrArray *from;        /* (owned) (element-type SgpAddress) never NULL, may be empty */
	SgpAddress *sender;     /* (owned) (nullable) */
	GPtrArray *reply_to;    /* (owned) (element-type SgpAddress) */
	GPtrArray *to;          /* (owned) (element-type SgpAddress) */
	GPtrArray *cc;          /* (owned) (element-type SgpAddress) */
	GPtrArray *bcc;         /* (owned) (element-type SgpAddress) */
	char *subject;          /* (owned) UTF-8, "" if none */
	char *message_id;       /* (owned) without <>, NULL if none */
	GPtrArray *in_reply_to; /* (owned) (element-type utf8) ids without <> */
	GPtrArray *references;  /* (owned) (element-type utf8) ids without <>, oldest first */
	gint64 date;            /* seconds UTC, 0 if unknown */
	char *text;             /* (owned) all text/plain body parts, UTF-8; "" if none */
	char *html;             /* (owned) all text/html body parts, UTF-8; NULL if none */
	GPtrArray *attachments; /* (owned) (element-type SgpMailAttachment) */
	GPtrArray *headers;    /* (owned) (element-type utf8) name, value, name, value ... unfolded,
				  decoded, top first */
	gboolean is_encrypted; /* multipart/encrypted or pkcs7-mime: text cannot be read */
	gboolean is_undecodable; /* unknown charset, broken MIME: text is not reliable */
	char *content_type;      /* (owned) of the root, "text/plain" */
} SgpMail;

SgpMail *sgp_mail_new(void); /* an empty draft */
SgpMail *sgp_mail_ref(SgpMail *self);
void sgp_mail_unref(SgpMail *self);
/* First value of a header field, case-insensitive; NULL if there is none. (borrowed) */
const char *sgp_mail_get_header(const SgpMail *self, const char *name);
/* Who sends it now: From, or Resent-From of a redirected mail, whose author sends nothing. Errors:
 * INVALID where that is not exactly one. (transfer full) */
SgpAddress *sgp_mail_dup_sender(const SgpMail *self, GError **error);
/* All To, Cc, Bcc, each address once, in that order. (transfer container) (element-type SgpAddress)
 */
GPtrArray *sgp_mail_get_recipients(const SgpMail *self);
SgpMailAttachment *sgp_mail_attachment_new(
	const char *name, const char *content_type, const char *content_id, gint64 size);
void sgp_mail_attachment_free(SgpMailAttachment *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpMail, sgp_mail_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpMailAttachment, sgp_mail_attachment_free)

G_END_DECLS
