/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of the content classes, and which of them are protected. Never scans anything
 * (sgp-content-scan does). */
#include "sgp-content-class.h"

const char *sgp_content_class_get_nick(SgpContentClass content_class)
{
	switch (content_class) {
	case SGP_CONTENT_CLASS_UNKNOWN:
		return "unknown";
	case SGP_CONTENT_CLASS_GENERAL:
		return "general";
	case SGP_CONTENT_CLASS_PERSONAL_INSURANCE:
		return "personal-insurance";
	case SGP_CONTENT_CLASS_HEALTH:
		return "health";
	case SGP_CONTENT_CLASS_SECRECY_203:
		return "secrecy-203";
	}
	return "unknown";
}

gboolean sgp_content_class_from_nick(const char *nick, SgpContentClass *out)
{
	for (int i = SGP_CONTENT_CLASS_UNKNOWN; i <= SGP_CONTENT_CLASS_SECRECY_203; i++) {
		if (g_strcmp0(nick, sgp_content_class_get_nick((SgpContentClass)i)) == 0) {
			*out = (SgpContentClass)i;
			return TRUE;
		}
	}
	return FALSE;
}

gboolean sgp_content_class_is_protected(SgpContentClass content_class)
{
	return content_class != SGP_CONTENT_CLASS_GENERAL;
}
