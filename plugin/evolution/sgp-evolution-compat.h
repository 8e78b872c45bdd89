/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

/* The few places where Evolution 3.46 (Debian 12) and later versions differ. The minor versions of
 * Evolution and of its data server are the same, and only the latter has a macro. Everything else
 * that we use is the same from 3.46 to 3.58. */
#include <composer/e-composer-actions.h>
#include <composer/e-msg-composer.h>
#include <libemail-engine/libemail-engine.h>

/* 3.55.1: actions are EUIAction instead of GtkAction. */
#if EDS_CHECK_VERSION(3, 55, 1)
typedef EUIAction SgpAction;
#define sgp_action_get_active(action)        e_ui_action_get_active(action)
#define sgp_action_set_active(action, value) e_ui_action_set_active(action, value)
#else
G_GNUC_BEGIN_IGNORE_DEPRECATIONS
typedef GtkAction SgpAction;
static inline gboolean sgp_action_get_active(SgpAction *action)
{
	return gtk_toggle_action_get_active(GTK_TOGGLE_ACTION(action));
}
static inline void sgp_action_set_active(SgpAction *action, gboolean value)
{
	gtk_toggle_action_set_active(GTK_TOGGLE_ACTION(action), value);
}
G_GNUC_END_IGNORE_DEPRECATIONS
#endif

/* 3.57: lists of uids belong to the caller and hold their strings. */
#if EDS_CHECK_VERSION(3, 57, 1)
static inline GPtrArray *sgp_folder_dup_uids(CamelFolder *folder)
{
	return camel_folder_dup_uids(folder);
}
static inline GPtrArray *sgp_folder_search(
	CamelFolder *folder, const char *expression, GCancellable *cancellable, GError **error)
{
	GPtrArray *uids = NULL;
	return camel_folder_search_sync(folder, expression, &uids, cancellable, error) ? uids
										       : NULL;
}
#else
static inline GPtrArray *sgp_uids_copy(const GPtrArray *uids)
{
	GPtrArray *copy = g_ptr_array_new_with_free_func(g_free);
	for (guint i = 0; uids != NULL && i < uids->len; i++)
		g_ptr_array_add(copy, g_strdup(g_ptr_array_index(uids, i)));
	return copy;
}
static inline GPtrArray *sgp_folder_dup_uids(CamelFolder *folder)
{
	GPtrArray *uids = camel_folder_get_uids(folder);
	GPtrArray *copy = sgp_uids_copy(uids);
	if (uids != NULL)
		camel_folder_free_uids(folder, uids);
	return copy;
}
static inline GPtrArray *sgp_folder_search(
	CamelFolder *folder, const char *expression, GCancellable *cancellable, GError **error)
{
	GPtrArray *uids = camel_folder_search_by_expression(folder, expression, cancellable, error);
	if (uids == NULL)
		return NULL;
	GPtrArray *copy = sgp_uids_copy(uids);
	camel_folder_search_free(folder, uids);
	return copy;
}
#endif
