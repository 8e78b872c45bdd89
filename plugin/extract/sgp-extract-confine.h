/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Built with AddressSanitizer, which reserves terabytes: for testing only. */
#if defined(__SANITIZE_ADDRESS__)
#define SGP_EXTRACT_HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SGP_EXTRACT_HAS_SANITIZER 1
#endif
#endif
#ifndef SGP_EXTRACT_HAS_SANITIZER
#define SGP_EXTRACT_HAS_SANITIZER 0
#endif

/* Gives up, for the rest of this process, everything that reading bytes in memory does not need.
 * FALSE: it could not be given up; then nothing must be read. */
gboolean sgp_extract_confine(void);

G_END_DECLS
