/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A pattern of ours as a regular expression that is compiled once, whichever thread comes first;
 * ours compile. (transfer none) */
#define SGP_PATTERN(pattern, flags)                                                                \
	({                                                                                         \
		static gsize is_ready_ = 0;                                                        \
		static GRegex *regex_ = NULL;                                                      \
		if (g_once_init_enter(&is_ready_)) {                                               \
			regex_ = g_regex_new(pattern, flags, 0, NULL);                             \
			g_once_init_leave(&is_ready_, 1);                                          \
		}                                                                                  \
		regex_;                                                                            \
	})

#define SGP_PATTERN_MATCHES(pattern, flags, text)                                                  \
	g_regex_match(SGP_PATTERN(pattern, flags), text, 0, NULL)

G_END_DECLS
