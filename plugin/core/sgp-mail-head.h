/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One header field as it was written. */
typedef struct {
	char *name; /* (owned) */
	char *raw;  /* (owned) the whole field with its name; lines end in CRLF, the last one too */
} SgpMailField;

/* The header of a mail, byte for byte but for its line ends; and where its body is. */
typedef struct {
	GPtrArray *fields; /* (owned) (element-type SgpMailField) top first */
	gint64 body;       /* offset of the first byte after the empty line */
	gint64 size;       /* of the whole mail */
} SgpMailHead;

/* Errors: SGP_ERROR_INVALID (not a header, a zero byte or a lone CR in it, too long), G_IO_ERROR.
 * (transfer full) */
SgpMailHead *sgp_mail_head_read(int fd, GError **error);
void sgp_mail_head_free(SgpMailHead *self);
const SgpMailField *sgp_mail_head_lookup(
	const SgpMailHead *self, const char *name); /* (nullable) (borrowed) the first one */
/* The header names its people so that every program reads the same: exactly one From mailbox, one
 * of each field at most, every recipient readable. Errors: INVALID. */
gboolean sgp_mail_head_check_people(const SgpMailHead *self, GError **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpMailHead, sgp_mail_head_free)

G_END_DECLS
