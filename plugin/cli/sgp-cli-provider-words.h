/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a provider report's nicks mean, in the user's language; a nick without words is returned as
 * it is. */
const char *sgp_cli_provider_words_get_transport(const char *nick);
const char *sgp_cli_provider_words_get_knowledge(const char *nick);
const char *sgp_cli_provider_words_get_dnssec(const char *nick);
const char *sgp_cli_provider_words_get_mta_sts(const char *nick);
const char *sgp_cli_provider_words_get_problem(const char *nick);

G_END_DECLS
