/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of folders, as mail programs, IMAP servers (modified UTF-7, RFC 3501) and people write
 * them. What must hold: the letter case of a plain name does not count; what lies in a folder of
 * one kind is of this kind, unless it has a name of its own. */
#include "sgp-folder-role.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *name = fuzz_dup_raw(data, size);
	const SgpFolderRole role = sgp_folder_role_of_name(name);
	FUZZ_HOLDS(role >= SGP_FOLDER_ROLE_MAIL && role <= SGP_FOLDER_ROLE_TRASH);
	if (strpbrk(name, "&%") == NULL) {
		g_autofree char *upper = g_ascii_strup(name, -1);
		FUZZ_HOLDS(sgp_folder_role_of_name(upper) == role);
	}
	if (name[0] == '\\' || name[0] == '(' || strpbrk(name, "&%") != NULL)
		return 0;
	g_autofree char *below = g_strconcat(name, "/2025", NULL);
	FUZZ_HOLDS(sgp_folder_role_of_name(below) == role);
	g_autofree char *inside = g_strconcat("Papierkorb/", name, NULL);
	FUZZ_HOLDS(sgp_folder_role_of_name(inside) == role ||
		   (role == SGP_FOLDER_ROLE_MAIL &&
			   sgp_folder_role_of_name(inside) == SGP_FOLDER_ROLE_TRASH));
	return 0;
}
