/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-database.h"

G_BEGIN_DECLS

/* Whom customers ask, as HTML for pages without JavaScript. */
typedef struct {
	char *german;  /* (owned) */
	char *english; /* (owned) */
} SgpContact;

SgpContact *sgp_contact_load(SgpDatabase *database, GError **error);
SgpContact *sgp_contact_new(
	const char *name, const char *phone, const char *hours, const char *mail);
void sgp_contact_free(SgpContact *contact);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpContact, sgp_contact_free)

G_END_DECLS
