/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define SGP_EXTRACT_MAX_INPUT (50 * 1024 * 1024)
#define SGP_EXTRACT_MAX_TEXT  (1024 * 1024)

/* Exit status of siegelpost-extract, for whoever starts it. Anything else (a signal, a limit) is
 * "not read" too. */
#define SGP_EXTRACT_EXIT_ALL  0 /* the text on stdout is all there is to read */
#define SGP_EXTRACT_EXIT_PART 3 /* there may be more: encrypted, a scan, unknown, too large */

/* The text of one file, and whether it is all of it. Inner files (zip in zip, a file in a PDF)
 * share it, and its limits. */
typedef struct {
	GString *text;          /* (owned) UTF-8 */
	gboolean is_incomplete; /* something may stand there that is not in text */
	guint depth;            /* of the file that is being read */
	gsize n_unpacked;       /* bytes that came out of archives, over all depths */
	guint n_entries;        /* entries of archives, over all depths */
} SgpExtract;

SgpExtract *sgp_extract_new(void);
void sgp_extract_free(SgpExtract *self);
/* Reads a file of any kind, which its first bytes tell; what is not known is incomplete. */
void sgp_extract_read(SgpExtract *self, const char *bytes, gsize length);

/* For the readers. Text is cut at the limit, which makes it incomplete. */
void sgp_extract_add(SgpExtract *self, const char *utf8, gssize length);
void sgp_extract_add_char(SgpExtract *self, gunichar c);
gboolean sgp_extract_is_full(const SgpExtract *self);

void sgp_extract_read_pdf(SgpExtract *self, const char *bytes, gsize length);
void sgp_extract_read_archive(SgpExtract *self, const char *bytes, gsize length);
void sgp_extract_read_rtf(SgpExtract *self, const char *bytes, gsize length);
void sgp_extract_read_xml(SgpExtract *self, const char *bytes, gsize length);
void sgp_extract_read_html(SgpExtract *self, const char *bytes, gsize length);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpExtract, sgp_extract_free)

G_END_DECLS
