/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* The subject for an answer to a mail whose real subject was inside its encryption: mail programs
 * that do not look there begin the answer with "Re: [...]". NULL where subject says something
 * itself, where the inquiry's subject is not known, or where a recipient would get it unencrypted.
 * (transfer full) (nullable) */
char *sgp_protected_subject_dup(JsonObject *verdict, const char *subject);

G_END_DECLS
