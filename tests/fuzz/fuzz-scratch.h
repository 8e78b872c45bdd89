/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib/gstdio.h>

#include "fuzz.h"

/* A folder of this program's own, in memory where that is possible: what is synced there costs
 * nothing. It is gone when the program ends in peace. */
static inline void fuzz_remove_tree(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *child = g_build_filename(path, name, NULL);
		if (g_file_test(child, G_FILE_TEST_IS_DIR))
			fuzz_remove_tree(child);
		else
			g_unlink(child);
	}
	g_rmdir(path);
}

static char *fuzz_scratch_path; /* (owned) */

static inline void fuzz_scratch_end(void)
{
	fuzz_remove_tree(fuzz_scratch_path);
}

static inline const char *fuzz_scratch_get(void)
{
	if (fuzz_scratch_path != NULL)
		return fuzz_scratch_path;
	fuzz_scratch_path = g_strdup("/dev/shm/sgp-fuzz-XXXXXX");
	if (g_mkdtemp(fuzz_scratch_path) == NULL) {
		g_free(fuzz_scratch_path);
		fuzz_scratch_path = g_dir_make_tmp("sgp-fuzz-XXXXXX", NULL);
	}
	FUZZ_HOLDS(fuzz_scratch_path != NULL);
	atexit(fuzz_scratch_end);
	return fuzz_scratch_path;
}
