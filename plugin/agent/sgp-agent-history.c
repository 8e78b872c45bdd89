/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Agent1's calls that feed the history. They run one after the other, in the order in which the
 * host made them. It owns the folders' roles as the host named them; what a message means is the
 * history's. */

#include "sgp-agent.h"
#include "sgp-error.h"
#include "sgp-mime.h"
#include "sgp-opened-mail.h"

#include <unistd.h>

static SgpHistory *get_history(SgpAgent *self)
{
	return sgp_dispatcher_get_history(self->dispatcher);
}

static void answer_done(GDBusMethodInvocation *invocation, gboolean done, GError *error)
{
	if (done)
		g_dbus_method_invocation_return_value(invocation, NULL);
	else
		sgp_agent_return_error(invocation, error);
}

/* A role we do not know counts as neither received nor own. */
static SgpFolderRole parse_role(const char *text)
{
	static const struct {
		const char *nick;
		SgpFolderRole role;
	} roles[] = {
		{ "mail", SGP_FOLDER_ROLE_MAIL },
		{ "sent", SGP_FOLDER_ROLE_SENT },
		{ "drafts", SGP_FOLDER_ROLE_DRAFTS },
		{ "outbox", SGP_FOLDER_ROLE_OUTBOX },
		{ "junk", SGP_FOLDER_ROLE_JUNK },
		{ "trash", SGP_FOLDER_ROLE_TRASH },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(roles); i++) {
		if (g_str_equal(roles[i].nick, text))
			return roles[i].role;
	}
	return SGP_FOLDER_ROLE_UNKNOWN;
}

static void set_folders(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	g_autoptr(GVariant) list = g_variant_get_child_value(parameters, 0);
	g_autoptr(GPtrArray) uris = g_ptr_array_new();
	const char *uri, *role;
	GVariantIter iter;
	GError *error = NULL;

	g_mutex_lock(&self->lock);
	g_hash_table_remove_all(self->folder_roles);
	g_variant_iter_init(&iter, list);
	while (g_variant_iter_next(&iter, "(&s&s)", &uri, &role)) {
		g_ptr_array_add(uris, (gpointer)uri);
		g_hash_table_insert(
			self->folder_roles, g_strdup(uri), GINT_TO_POINTER(parse_role(role)));
	}
	g_mutex_unlock(&self->lock);
	g_ptr_array_add(uris, NULL);
	answer_done(invocation,
		sgp_history_set_folders(
			get_history(self), (const char *const *)uris->pdata, &error),
		error);
	sgp_agent_look_at_store(self);
	sgp_agent_notify_properties(self);
}

static gboolean lookup_role(SgpAgent *self, const char *folder, SgpFolderRole *role, GError **error)
{
	gpointer found = NULL;

	g_mutex_lock(&self->lock);
	gboolean is_known = g_hash_table_lookup_extended(self->folder_roles, folder, NULL, &found);

	g_mutex_unlock(&self->lock);
	if (!is_known)
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
			"a folder that HistoryFolders did not name");
	*role = (SgpFolderRole)GPOINTER_TO_INT(found);
	return is_known;
}

/* One summary of a(statssssxx), borrowed from the array. */
static void parse_summary(GVariant *child, SgpSummary *summary, GVariant **references)
{
	gsize n = 0;

	g_variant_get(child, "(&st@at&s&s&s&sxx)", &summary->uid, &summary->id, references,
		&summary->from, &summary->to, &summary->cc, &summary->subject, &summary->date,
		&summary->received);
	summary->references = g_variant_get_fixed_array(*references, &n, sizeof(guint64));
	summary->n_references = n;
}

static void add_summaries(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	g_autoptr(GVariant) list = g_variant_get_child_value(parameters, 1);
	gsize n = g_variant_n_children(list);
	g_autofree SgpSummary *summaries = g_new0(SgpSummary, n + 1);
	g_autoptr(GPtrArray) kept = g_ptr_array_new_with_free_func((GDestroyNotify)g_variant_unref);
	SgpFolderRole role = SGP_FOLDER_ROLE_UNKNOWN;
	const char *folder = NULL;
	GError *error = NULL;
	gboolean done;

	g_variant_get_child(parameters, 0, "&s", &folder);
	for (gsize i = 0; i < n; i++) {
		GVariant *child = g_variant_get_child_value(list, i);
		GVariant *references = NULL;

		parse_summary(child, &summaries[i], &references);
		g_ptr_array_add(kept, child);
		g_ptr_array_add(kept, references);
	}
	done = lookup_role(self, folder, &role, &error) &&
	       sgp_history_add_summaries(get_history(self), folder, role, summaries, n, &error);
	answer_done(invocation, done, error);
	if (done)
		sgp_agent_emit_changed(self);
}

static void remove_uids(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	g_autofree const char **uids = NULL;
	const char *folder = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&s^a&s)", &folder, &uids);
	answer_done(invocation, sgp_history_remove(get_history(self), folder, uids, &error), error);
}

static void complete(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *folder = NULL;
	guint64 total = 0;
	GError *error = NULL;

	g_variant_get(parameters, "(&st)", &folder, &total);
	answer_done(invocation,
		sgp_history_set_folder_complete(get_history(self), folder, TRUE, &error), error);
	sgp_agent_look_at_store(self);
	sgp_agent_notify_properties(self);
	sgp_agent_emit_changed(self);
}

static void judge(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *folder = NULL, *uid = NULL;
	g_autoptr(SgpMail) mail = NULL;
	g_autoptr(SgpMail) opened = NULL;
	SgpFolderRole role = SGP_FOLDER_ROLE_UNKNOWN;
	GError *error = NULL;
	gint32 handle = 0;
	gboolean done;
	int fd;

	g_variant_get(parameters, "(&s&sh)", &folder, &uid, &handle);
	fd = sgp_agent_take_fd(invocation, handle, &error);
	mail = fd >= 0 ? sgp_mime_freeze(fd, &error) : NULL;
	if (fd >= 0)
		close(fd);
	if (mail)
		opened = sgp_opened_mail_read(mail,
			sgp_key_lookup_get_home(sgp_dispatcher_get_keys(self->dispatcher)), NULL);
	done = opened && sgp_history_judge(get_history(self), folder, uid, opened, &error);
	answer_done(invocation, done, error);
	if (done && lookup_role(self, folder, &role, NULL) && role == SGP_FOLDER_ROLE_MAIL)
		sgp_dispatcher_harvest_keys(self->dispatcher, mail);
	if (done)
		sgp_agent_emit_changed(self);
}

SgpAgentWork sgp_agent_find_history_method(const char *name)
{
	if (g_str_equal(name, "HistoryFolders"))
		return set_folders;
	if (g_str_equal(name, "HistoryAdd"))
		return add_summaries;
	if (g_str_equal(name, "HistoryRemove"))
		return remove_uids;
	if (g_str_equal(name, "HistoryComplete"))
		return complete;
	return g_str_equal(name, "HistoryJudge") ? judge : NULL;
}
