/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a mail is about (03-policy 2, seed S9). Zero is "nobody has said": treated as protected. */
typedef enum {
	SGP_CONTENT_CLASS_UNKNOWN = 0,
	SGP_CONTENT_CLASS_GENERAL,
	SGP_CONTENT_CLASS_PERSONAL_INSURANCE,
	SGP_CONTENT_CLASS_HEALTH,
	SGP_CONTENT_CLASS_SECRECY_203,
} SgpContentClass;

const char *sgp_content_class_get_nick(
	SgpContentClass content_class); /* "general", "personal-insurance", ... */
gboolean sgp_content_class_from_nick(const char *nick, SgpContentClass *out);
gboolean sgp_content_class_is_protected(SgpContentClass content_class); /* all but GENERAL */

G_END_DECLS
