/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Feeds the agent's history from Camel's summaries, one thing after the other in one worker thread.
 * The main thread only notes that something changed. Subjects and addresses go to the agent and
 * nowhere else. */
#include "sgp-history-feed.h"

#include "sgp-agent-link.h"
#include "sgp-evolution-compat.h"

#define BATCH           500  /* summaries per call */
#define SETTLE_MS       2000 /* folders appear one by one at start */
#define AGAIN_SECONDS   30   /* the agent could not be reached */
#define CALL_TIMEOUT_MS 60000
#define BULK            2000 /* more new mail at once than this: read the folder anew instead */

typedef enum {
	WORK_NOTHING = 0,
	WORK_SCAN,   /* all folders */
	WORK_FOLDER, /* one folder, all of it */
	WORK_ADD,    /* uids of one folder */
	WORK_REMOVE,
} WorkKind;

typedef struct {
	WorkKind kind;
	CamelFolder *folder; /* (owned) (nullable) */
	GPtrArray *uids;     /* (owned) (nullable) (element-type utf8) */
} Work;

struct _SgpHistoryFeed {
	GObject parent_instance;

	EMailSession *session;     /* (owned) */
	GThreadPool *worker;       /* (owned) one thread */
	GCancellable *cancellable; /* (owned) */
	GHashTable *folders;       /* (owned) uri → CamelFolder, watched; main thread */
	guint timeout;
};

G_DEFINE_FINAL_TYPE(SgpHistoryFeed, sgp_history_feed, G_TYPE_OBJECT)

static void schedule(SgpHistoryFeed *self, guint milliseconds);

static void work_free(Work *work)
{
	g_clear_object(&work->folder);
	g_clear_pointer(&work->uids, g_ptr_array_unref);
	g_free(work);
}

static void push(SgpHistoryFeed *self, WorkKind kind, CamelFolder *folder, GPtrArray *uids)
{
	Work *work = g_new0(Work, 1);
	work->kind = kind;
	g_set_object(&work->folder, folder);
	work->uids = uids;
	g_thread_pool_push(self->worker, work, NULL);
}

/* ---- worker thread ---- */

static char *dup_uri(CamelFolder *folder)
{
	return e_mail_folder_uri_build(
		camel_folder_get_parent_store(folder), camel_folder_get_full_name(folder));
}

static gboolean call(SgpHistoryFeed *self, const char *method, GVariant *parameters, GError **error)
{
	g_autoptr(GVariant) answer = sgp_agent_link_call_sync(
		method, parameters, "()", NULL, CALL_TIMEOUT_MS, NULL, self->cancellable, error);
	return answer != NULL;
}

static const char *text(const char *value)
{
	return value != NULL && g_utf8_validate(value, -1, NULL) ? value : "";
}

/* Camel keeps the first 8 bytes of the MD5 as they stand in memory; the agent counts them big
 * endian. */
static void add_summary(GVariantBuilder *builder, CamelMessageInfo *info)
{
	GVariantBuilder references;
	g_variant_builder_init(&references, G_VARIANT_TYPE("at"));
	camel_message_info_property_lock(info);
	const GArray *ids = camel_message_info_get_references(info);
	for (guint i = 0; ids != NULL && i < ids->len; i++)
		g_variant_builder_add(
			&references, "t", GUINT64_FROM_BE(g_array_index(ids, guint64, i)));
	g_variant_builder_add(builder, "(statssssxx)", camel_message_info_get_uid(info),
		GUINT64_FROM_BE(camel_message_info_get_message_id(info)), &references,
		text(camel_message_info_get_from(info)), text(camel_message_info_get_to(info)),
		text(camel_message_info_get_cc(info)), text(camel_message_info_get_subject(info)),
		(gint64)camel_message_info_get_date_sent(info),
		(gint64)camel_message_info_get_date_received(info));
	camel_message_info_property_unlock(info);
}

static gboolean add_batch(SgpHistoryFeed *self, CamelFolder *folder, const char *uri,
	GPtrArray *uids, guint from, guint to, GError **error)
{
	GVariantBuilder summaries;
	guint n = 0;
	g_variant_builder_init(&summaries, G_VARIANT_TYPE("a(statssssxx)"));
	for (guint i = from; i < to; i++) {
		g_autoptr(CamelMessageInfo) info =
			camel_folder_get_message_info(folder, g_ptr_array_index(uids, i));
		if (info == NULL)
			continue; /* gone meanwhile: its removal is told as such */
		add_summary(&summaries, info);
		n++;
	}
	g_autoptr(GVariant) array = g_variant_ref_sink(g_variant_builder_end(&summaries));
	return n == 0 ||
	       call(self, "HistoryAdd", g_variant_new("(s@a(statssssxx))", uri, array), error);
}

static gboolean add_uids(SgpHistoryFeed *self, CamelFolder *folder, GPtrArray *uids, GError **error)
{
	g_autofree char *uri = dup_uri(folder);
	for (guint from = 0; from < uids->len; from += BATCH)
		if (!add_batch(self, folder, uri, uids, from, MIN(from + BATCH, uids->len), error))
			return FALSE;
	return TRUE;
}

static gboolean feed_folder(SgpHistoryFeed *self, CamelFolder *folder, GError **error)
{
	g_autofree char *uri = dup_uri(folder);
	CamelFolderSummary *summary = camel_folder_get_folder_summary(folder);
	if (summary != NULL)
		camel_folder_summary_prepare_fetch_all(
			summary, NULL); /* only makes the loop below faster */
	g_autoptr(GPtrArray) uids = sgp_folder_dup_uids(folder);
	return add_uids(self, folder, uids, error) &&
	       call(self, "HistoryComplete", g_variant_new("(st)", uri, (guint64)uids->len), error);
}

static gboolean remove_uids(
	SgpHistoryFeed *self, CamelFolder *folder, GPtrArray *uids, GError **error)
{
	g_autofree char *uri = dup_uri(folder);
	return call(self, "HistoryRemove",
		g_variant_new("(s@as)", uri,
			g_variant_new_strv((const char *const *)uids->pdata, uids->len)),
		error);
}

static void note_role(GHashTable *roles, char *uri, const char *role)
{
	if (uri != NULL && *uri != '\0')
		g_hash_table_replace(roles, uri, (gpointer)role);
	else
		g_free(uri);
}

/* What the identities and Evolution itself use which folder for: uri → role. */
static GHashTable *get_special_folders(SgpHistoryFeed *self)
{
	GHashTable *roles = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GList *sources = e_source_registry_list_sources(
		e_mail_session_get_registry(self->session), E_SOURCE_EXTENSION_MAIL_IDENTITY);
	for (GList *link = sources; link != NULL; link = link->next) {
		ESource *source = link->data;
		if (e_source_has_extension(source, E_SOURCE_EXTENSION_MAIL_SUBMISSION))
			note_role(roles,
				e_source_mail_submission_dup_sent_folder(e_source_get_extension(
					source, E_SOURCE_EXTENSION_MAIL_SUBMISSION)),
				"sent");
		if (e_source_has_extension(source, E_SOURCE_EXTENSION_MAIL_COMPOSITION)) {
			ESourceMailComposition *composition =
				e_source_get_extension(source, E_SOURCE_EXTENSION_MAIL_COMPOSITION);
			note_role(roles, e_source_mail_composition_dup_drafts_folder(composition),
				"drafts");
			note_role(roles,
				e_source_mail_composition_dup_templates_folder(composition),
				"drafts");
		}
	}
	g_list_free_full(sources, g_object_unref);
	note_role(roles,
		g_strdup(e_mail_session_get_local_folder_uri(
			self->session, E_MAIL_LOCAL_FOLDER_SENT)),
		"sent");
	note_role(roles,
		g_strdup(e_mail_session_get_local_folder_uri(
			self->session, E_MAIL_LOCAL_FOLDER_DRAFTS)),
		"drafts");
	note_role(roles,
		g_strdup(e_mail_session_get_local_folder_uri(
			self->session, E_MAIL_LOCAL_FOLDER_TEMPLATES)),
		"drafts");
	note_role(roles,
		g_strdup(e_mail_session_get_local_folder_uri(
			self->session, E_MAIL_LOCAL_FOLDER_OUTBOX)),
		"outbox");
	return roles;
}

/* Camel tells the type of an IMAP folder only where the account names it, so the usual names count
 * too. */
static const char *get_role_by_name(const char *name)
{
	static const char *const names[][2] = {
		{ "Trash", "trash" },
		{ "Papierkorb", "trash" },
		{ "Deleted Items", "trash" },
		{ "Deleted Messages", "trash" },
		{ "Gelöschte Elemente", "trash" },
		{ "Junk", "junk" },
		{ "Spam", "junk" },
		{ "Junk E-Mail", "junk" },
		{ "Junk-E-Mail", "junk" },
		{ "Bulk Mail", "junk" },
		{ "Drafts", "drafts" },
		{ "Entwürfe", "drafts" },
		{ "Sent", "sent" },
		{ "Sent Items", "sent" },
		{ "Sent Messages", "sent" },
		{ "Gesendet", "sent" },
		{ "Gesendete Elemente", "sent" },
	};
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (g_str_equal(names[i][0], name))
			return names[i][1];
	return "mail";
}

static const char *get_role(
	GHashTable *special, const char *uri, const char *name, CamelFolderInfoFlags flags)
{
	const char *role = g_hash_table_lookup(special, uri);
	CamelFolderInfoFlags type = flags & CAMEL_FOLDER_TYPE_MASK;
	if (role != NULL)
		return role;
	if (type == CAMEL_FOLDER_TYPE_TRASH)
		return "trash";
	if (type == CAMEL_FOLDER_TYPE_JUNK)
		return "junk";
	if (type == CAMEL_FOLDER_TYPE_SENT)
		return "sent";
	if (type == CAMEL_FOLDER_TYPE_DRAFTS)
		return "drafts";
	if (type == CAMEL_FOLDER_TYPE_OUTBOX)
		return "outbox";
	return get_role_by_name(name);
}

typedef struct {
	GHashTable *special;    /* (borrowed) */
	GPtrArray *folders;     /* (borrowed) (element-type CamelFolder) */
	GVariantBuilder *names; /* (borrowed) a(ss) */
} Listing;

static void list_folders(
	SgpHistoryFeed *self, CamelStore *store, CamelFolderInfo *info, Listing *listing)
{
	for (; info != NULL; info = info->next) {
		if ((info->flags & (CAMEL_FOLDER_NOSELECT | CAMEL_FOLDER_VIRTUAL)) == 0) {
			g_autoptr(GError) error = NULL;
			g_autoptr(CamelFolder) folder = camel_store_get_folder_sync(
				store, info->full_name, 0, self->cancellable, &error);
			if (folder != NULL) {
				g_autofree char *uri = dup_uri(folder);
				g_variant_builder_add(listing->names, "(ss)", uri,
					get_role(listing->special, uri, info->display_name,
						info->flags));
				g_ptr_array_add(listing->folders, g_steal_pointer(&folder));
			}
		}
		list_folders(self, store, info->child, listing);
	}
}

static void list_store(SgpHistoryFeed *self, CamelStore *store, Listing *listing)
{
	ESourceRegistry *registry = e_mail_session_get_registry(self->session);
	const char *uid = camel_service_get_uid(CAMEL_SERVICE(store));
	g_autoptr(ESource) source = e_source_registry_ref_source(registry, uid);
	/* Search folders and feeds hold no mail of their own. */
	if (g_strcmp0(uid, "vfolder") == 0 || g_strcmp0(uid, "rss") == 0)
		return;
	if (source != NULL && !e_source_registry_check_enabled(registry, source))
		return;
	CamelFolderInfo *info = camel_store_get_folder_info_sync(store, NULL,
		CAMEL_STORE_FOLDER_INFO_RECURSIVE | CAMEL_STORE_FOLDER_INFO_FAST |
			CAMEL_STORE_FOLDER_INFO_NO_VIRTUAL,
		self->cancellable, NULL);
	list_folders(self, store, info, listing);
	camel_folder_info_free(info);
}

static gboolean scan(SgpHistoryFeed *self, GPtrArray *folders, GError **error)
{
	g_autoptr(GHashTable) special = get_special_folders(self);
	GVariantBuilder names;
	Listing listing = { special, folders, &names };
	g_variant_builder_init(&names, G_VARIANT_TYPE("a(ss)"));
	GList *services = camel_session_list_services(CAMEL_SESSION(self->session));
	for (GList *link = services; link != NULL; link = link->next)
		if (CAMEL_IS_STORE(link->data))
			list_store(self, CAMEL_STORE(link->data), &listing);
	g_list_free_full(services, g_object_unref);
	if (!call(self, "HistoryFolders", g_variant_new("(a(ss))", &names), error))
		return FALSE;
	for (guint i = 0; i < folders->len; i++) {
		g_autoptr(GError) folder_error = NULL;
		if (feed_folder(self, g_ptr_array_index(folders, i), &folder_error))
			continue;
		/* Without the agent there is no use going on; one folder that cannot be read stays
		 * incomplete, and the agent knows. */
		if (folder_error->domain == G_DBUS_ERROR || folder_error->domain == G_IO_ERROR) {
			g_propagate_error(error, g_steal_pointer(&folder_error));
			return FALSE;
		}
	}
	return TRUE;
}

/* ---- back on the main thread ---- */

typedef struct {
	SgpHistoryFeed *feed; /* (owned) */
	GPtrArray *folders;   /* (owned) (nullable) to be watched */
	guint again_ms;       /* 0: no need */
} Outcome;

/* The arrays and their strings belong to the change info, which is gone when the thread reads them.
 */
static GPtrArray *copy_uids(const GPtrArray *uids)
{
	GPtrArray *copy = g_ptr_array_new_full(uids->len, g_free);
	for (guint i = 0; i < uids->len; i++)
		g_ptr_array_add(copy, g_strdup(g_ptr_array_index(uids, i)));
	return copy;
}

static void folder_changed(
	CamelFolder *folder, CamelFolderChangeInfo *changes, SgpHistoryFeed *self)
{
	const GPtrArray *added = camel_folder_change_info_get_added_uids(changes);
	const GPtrArray *removed = camel_folder_change_info_get_removed_uids(changes);
	if (added != NULL && added->len > BULK)
		push(self, WORK_FOLDER, folder, NULL);
	else if (added != NULL && added->len > 0)
		push(self, WORK_ADD, folder, copy_uids(added));
	if (removed != NULL && removed->len > 0)
		push(self, WORK_REMOVE, folder, copy_uids(removed));
}

static void watch(SgpHistoryFeed *self, CamelFolder *folder)
{
	char *uri = dup_uri(folder);
	if (g_hash_table_lookup(self->folders, uri) == folder) {
		g_free(uri);
		return;
	}
	g_signal_connect_object(folder, "changed", G_CALLBACK(folder_changed), self, 0);
	g_hash_table_replace(self->folders, uri, g_object_ref(folder));
}

static gboolean act_on_outcome(gpointer user_data)
{
	Outcome *outcome = user_data;
	if (!g_cancellable_is_cancelled(outcome->feed->cancellable)) {
		for (guint i = 0; outcome->folders != NULL && i < outcome->folders->len; i++)
			watch(outcome->feed, g_ptr_array_index(outcome->folders, i));
		if (outcome->again_ms > 0)
			schedule(outcome->feed, outcome->again_ms);
	}
	g_clear_pointer(&outcome->folders, g_ptr_array_unref);
	g_object_unref(outcome->feed);
	g_free(outcome);
	return G_SOURCE_REMOVE;
}

static gboolean do_work(SgpHistoryFeed *self, Work *work, GPtrArray **folders, GError **error)
{
	switch (work->kind) {
	case WORK_NOTHING:
		return TRUE;
	case WORK_SCAN:
		*folders = g_ptr_array_new_with_free_func(g_object_unref);
		return scan(self, *folders, error);
	case WORK_FOLDER:
		return feed_folder(self, work->folder, error);
	case WORK_ADD:
		return add_uids(self, work->folder, work->uids, error);
	case WORK_REMOVE:
		return remove_uids(self, work->folder, work->uids, error);
	}
	return TRUE;
}

static void run(gpointer data, gpointer user_data)
{
	Work *work = data;
	SgpHistoryFeed *self = user_data;
	g_autoptr(GError) error = NULL;
	Outcome *outcome = g_new0(Outcome, 1);
	outcome->feed = g_object_ref(self);
	if (!g_cancellable_is_cancelled(self->cancellable) &&
		!do_work(self, work, &outcome->folders, &error)) {
		g_message("The mail folders could not be told to the agent: %s",
			g_quark_to_string(error->domain));
		outcome->again_ms = AGAIN_SECONDS * 1000;
	}
	work_free(work);
	g_idle_add(act_on_outcome, outcome);
}

static gboolean settled(gpointer user_data)
{
	SgpHistoryFeed *self = user_data;
	self->timeout = 0;
	push(self, WORK_SCAN, NULL, NULL);
	return G_SOURCE_REMOVE;
}

static void schedule(SgpHistoryFeed *self, guint milliseconds)
{
	if (self->timeout != 0)
		g_source_remove(self->timeout);
	self->timeout = g_timeout_add(milliseconds, settled, self);
}

static void folders_changed(SgpHistoryFeed *self)
{
	if (!g_cancellable_is_cancelled(self->cancellable))
		schedule(self, SETTLE_MS);
}

void sgp_history_feed_start(SgpHistoryFeed *self)
{
	g_return_if_fail(SGP_IS_HISTORY_FEED(self));
	schedule(self, SETTLE_MS);
}

void sgp_history_feed_stop(SgpHistoryFeed *self)
{
	g_return_if_fail(SGP_IS_HISTORY_FEED(self));
	g_cancellable_cancel(self->cancellable);
	if (self->timeout != 0)
		g_source_remove(self->timeout);
	self->timeout = 0;
	g_hash_table_remove_all(self->folders);
}

static void sgp_history_feed_finalize(GObject *object)
{
	SgpHistoryFeed *self = SGP_HISTORY_FEED(object);
	g_thread_pool_free(self->worker, TRUE, FALSE);
	g_hash_table_unref(self->folders);
	g_object_unref(self->cancellable);
	g_object_unref(self->session);
	G_OBJECT_CLASS(sgp_history_feed_parent_class)->finalize(object);
}

static void sgp_history_feed_class_init(SgpHistoryFeedClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_history_feed_finalize;
}

static void sgp_history_feed_init(SgpHistoryFeed *self)
{
	self->cancellable = g_cancellable_new();
	self->folders = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_object_unref);
	self->worker = g_thread_pool_new(run, self, 1, FALSE, NULL);
}

SgpHistoryFeed *sgp_history_feed_new(EMailSession *session)
{
	static const char *const names[] = { "folder-available", "folder-deleted",
		"folder-renamed" };
	SgpHistoryFeed *self = g_object_new(SGP_TYPE_HISTORY_FEED, NULL);
	MailFolderCache *cache = e_mail_session_get_folder_cache(session);
	self->session = g_object_ref(session);
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		g_signal_connect_object(
			cache, names[i], G_CALLBACK(folders_changed), self, G_CONNECT_SWAPPED);
	return self;
}
