/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-history.h"

G_BEGIN_DECLS

/* What a folder is for, by the name that a person or a mail program gives it: "Sent", "Gesendete
 * Objekte", "INBOX.Entw&APw-rfe", "folder://local/Papierkorb/2025", or special-use attributes of
 * IMAP ("\\Sent", RFC 6154). Letter case never counts. A folder inside one of these is of its kind.
 * SGP_FOLDER_ROLE_MAIL for every other name. */
SgpFolderRole sgp_folder_role_of_name(const char *name);

G_END_DECLS
