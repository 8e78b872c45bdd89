/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-contact.h"

#include <glib.h>

G_BEGIN_DECLS

typedef struct _SgpWebFiles SgpWebFiles;

typedef struct {
	GBytes *plain;      /* (owned) */
	GBytes *compressed; /* (owned) (nullable): gzip */
	const char *type;
	char *etag;       /* (owned) */
	GBytes *template; /* (owned) (nullable): of a page, without any office's contact */
	gboolean is_immutable;
	gboolean is_page;
} SgpWebFile;

SgpWebFiles *sgp_web_files_load(const char *directory);
void sgp_web_files_free(SgpWebFiles *files);
void sgp_web_files_set_contact(SgpWebFiles *files, const SgpContact *contact);
const SgpWebFile *sgp_web_files_lookup(const SgpWebFiles *files, const char *path);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpWebFiles, sgp_web_files_free)

G_END_DECLS
