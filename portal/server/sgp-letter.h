/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A mail that is ready for SMTP: head, body and tail follow each other; lines may end either way.
 */
typedef struct {
	char *sender;      /* (owned): envelope */
	char *envelope_id; /* (owned) (nullable): letters and digits, for reports (RFC 3461) */
	char *recipient;   /* (owned): envelope */
	GString *head;     /* (owned): header fields, the empty line, what stands before the body */
	GBytes *body;      /* (owned) (nullable) */
	GString *tail;     /* (owned) */
} SgpLetter;

SgpLetter *sgp_letter_new(const char *sender, const char *recipient);
void sgp_letter_free(SgpLetter *letter);

void sgp_letter_add_field(SgpLetter *letter, const char *name, const char *value);
void sgp_letter_add_mailbox(
	SgpLetter *letter, const char *name, const char *display, const char *address);
void sgp_letter_add_text_field(SgpLetter *letter, const char *name, const char *text);
void sgp_letter_add_date(SgpLetter *letter, gint64 when);
void sgp_letter_add_quoted_printable(SgpLetter *letter, const char *text);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpLetter, sgp_letter_free)

G_END_DECLS
