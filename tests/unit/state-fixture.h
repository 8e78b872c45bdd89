/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <glib/gstdio.h>

#include "sgp-settings.h"
#include "sgp-store.h"

/* A state directory of its own for each test, and settings that depend on nothing of this machine.
 */
typedef struct {
	char *directory;       /* (owned) */
	SgpStore *store;       /* (owned) */
	SgpSettings *settings; /* (owned) */
} State;

static inline void state_set(State *state, const char *key, const char *value)
{
	g_autoptr(GVariant) parsed = g_variant_parse(NULL, value, NULL, NULL, NULL);
	sgp_settings_override(state->settings, key, parsed);
}

static inline void state_setup(State *state, gconstpointer data)
{
	g_autoptr(GError) error = NULL;
	state->directory = g_dir_make_tmp("siegelpost-test-XXXXXX", &error);
	g_assert_no_error(error);
	state->store = sgp_store_new(state->directory, &error);
	g_assert_no_error(error);
	state->settings = sgp_settings_new(NULL, &error);
	g_assert_no_error(error);
	state_set(state, "own-domains", "['office.example']");
	state_set(state, "own-addresses", "@as []");
	state_set(state, "inquiry-relays", "@as []");
	state_set(state, "authserv-ids", "['mx.office.example']");
}

static inline void remove_tree(const char *path)
{
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name = NULL;
	while (dir != NULL && (name = g_dir_read_name(dir)) != NULL) {
		g_autofree char *child = g_build_filename(path, name, NULL);
		if (g_file_test(child, G_FILE_TEST_IS_DIR) &&
			!g_file_test(child, G_FILE_TEST_IS_SYMLINK))
			remove_tree(child);
		else
			g_unlink(child);
	}
	g_rmdir(path);
}

static inline void state_teardown(State *state, gconstpointer data)
{
	g_clear_object(&state->settings);
	g_clear_object(&state->store);
	remove_tree(state->directory);
	g_free(state->directory);
}
