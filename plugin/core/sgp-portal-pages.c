/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Whether the portal serves the program that was released. A server that somebody else rules could
 * serve a page that sends passwords away (threat 5): the customers' browsers check each script
 * against the page (SRI), and this checks the page. It owns what is fetched and what "the same"
 * means; it tells nobody (sgp-portal-pages-watch). It asks as a browser does, without a token and
 * under no name of ours, on every address that customers use; who tells us from customers by other
 * means is not found out. */

#include "sgp-portal-pages.h"
#include "sgp-error.h"
#include "sgp-page-contact.h"
#include "sgp-portal-transport.h"

#include <string.h>

#define PINNED        "portal.pages.pinned"
#define FILES_AT_MOST 32
#define TIMEOUT_MS    (20 * 1000)
#define MANIFEST      "portal-release.json"
#define INDEX         "/index.html"

/* The page has to be the same wherever it is asked for: one address among these with a page of its
 * own would be enough (test /portal-pages/another-page-at-one-address-is-found). */
static const char *const routes[] = { "/", "/register", "/inbox", "/sent",
	"/message/0190a1b2-c3d4-7e5f-8a6b-7c8d9e0f1a2b", "/compose", "/compose/sent", "/account",
	"/account/password", "/account/question", "/account/code", "/account/sessions",
	"/account/keys", "/account/export", "/account/delete", "/recover", "/technical", "/support",
	"/help/password", "/help/answer", INDEX };

typedef struct {
	SgpPortalTransport *browser; /* (owned) */
	GCancellable *cancellable;   /* (borrowed) (nullable) */
	GHashTable *sums;            /* (owned) path -> "sha384-...", as in SRI */
	GPtrArray *texts;            /* (owned) (element-type GBytes) all that was fetched */
	GPtrArray *waiting;          /* (owned) (element-type utf8) paths still to be fetched */
	char *wrong;                 /* (owned) (nullable) path that no release can have */
	guint n_missing;             /* pages that are not there at all */
} Look;

static void look_clear(Look *self)
{
	g_clear_pointer(&self->browser, sgp_portal_transport_free);
	g_clear_pointer(&self->sums, g_hash_table_unref);
	g_clear_pointer(&self->texts, g_ptr_array_unref);
	g_clear_pointer(&self->waiting, g_ptr_array_unref);
	g_free(self->wrong);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Look, look_clear)

void sgp_pages_look_free(SgpPagesLook *self)
{
	g_free(self->digest);
	g_free(self->path);
	g_free(self);
}

const char *sgp_pages_state_get_nick(SgpPagesState state)
{
	switch (state) {
	case SGP_PAGES_UNKNOWN:
		return "unknown";
	case SGP_PAGES_DIFFER:
		return "differ";
	case SGP_PAGES_PINNED:
		return "pinned";
	case SGP_PAGES_RELEASE:
		return "release";
	}
	return "unknown";
}

/* What is served */

static void found_wrong(Look *self, const char *path)
{
	if (!self->wrong)
		self->wrong = g_strdup(path);
}

/* The same bytes in another charset are another program. */
static gboolean is_html(const char *type)
{
	g_autofree char *lower = g_ascii_strdown(type ? type : "", -1);
	g_auto(GStrv) words = g_strsplit(lower, " ", -1);
	g_autofree char *plain = g_strjoinv("", words);

	return g_str_equal(plain, "text/html;charset=utf-8");
}

/* NULL and no error: what came is no page of any release (a redirection, say), and is noted. An
 * answer of 5xx, and no answer, is "could not look": it must not be read as "the same", and a
 * portal under repair must not be read as one that was taken over. */
static GBytes *fetch(Look *self, const char *path, gboolean is_page, GError **error)
{
	SgpPortalRequest request = SGP_PORTAL_REQUEST_INIT;

	request.method = "GET";
	request.path = path;
	request.is_page = TRUE;
	request.timeout_ms = TIMEOUT_MS;
	g_autoptr(SgpPortalReply) reply =
		sgp_portal_transport_send_sync(self->browser, &request, self->cancellable, error);

	if (!reply)
		return NULL;
	if (reply->status >= 500 || reply->status == 429 || reply->status == 408) {
		sgp_portal_reply_check(reply, error);
		return NULL;
	}
	if (reply->status == 404 && is_page)
		self->n_missing++;
	if (reply->status != 200 || reply->is_sent_on || (is_page && !is_html(reply->type))) {
		found_wrong(self, path);
		return NULL;
	}
	/* The office's telephone number is the office's; see sgp-page-contact. */
	return is_page ? sgp_page_contact_cut(reply->page) : g_bytes_ref(reply->page);
}

static gboolean is_known(const Look *self, const char *path)
{
	return g_hash_table_contains(self->sums, path) ||
	       g_ptr_array_find_with_equal_func(self->waiting, path, g_str_equal, NULL);
}

/* Scripts and styles name each other; what a page names otherwise makes it another page. */
static void note_assets(Look *self, GBytes *bytes)
{
	static GRegex *pattern;
	static gsize once;
	g_autoptr(GMatchInfo) match = NULL;
	gsize length = 0;
	const char *text = g_bytes_get_data(bytes, &length);

	if (g_once_init_enter(&once)) {
		pattern = g_regex_new("/assets/[A-Za-z0-9._-]{1,100}", G_REGEX_RAW, 0, NULL);
		g_once_init_leave(&once, 1);
	}
	g_regex_match_full(pattern, text, (gssize)length, 0, 0, &match, NULL);
	while (g_match_info_matches(match)) {
		g_autofree char *path = g_match_info_fetch(match, 0);

		if (!is_known(self, path))
			g_ptr_array_add(self->waiting, g_steal_pointer(&path));
		g_match_info_next(match, NULL);
	}
}

static char *dup_integrity(GBytes *bytes)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA384);
	guint8 digest[48];
	gsize n = sizeof(digest), length = 0;
	const guchar *data = g_bytes_get_data(bytes, &length);

	g_checksum_update(sum, data, (gssize)length);
	g_checksum_get_digest(sum, digest, &n);
	g_autofree char *text = g_base64_encode(digest, n);

	return g_strconcat("sha384-", text, NULL);
}

static void note(Look *self, const char *path, GBytes *bytes)
{
	g_hash_table_insert(self->sums, g_strdup(path), dup_integrity(bytes));
	g_ptr_array_add(self->texts, g_bytes_ref(bytes));
	note_assets(self, bytes);
}

static gboolean fetch_page(Look *self, GError **error)
{
	g_autoptr(GBytes) first = NULL;
	g_autoptr(GError) local = NULL;

	for (gsize i = 0; i < G_N_ELEMENTS(routes); i++) {
		g_autoptr(GBytes) page = fetch(self, routes[i], TRUE, &local);

		if (local) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		}
		if (!page)
			continue;
		if (!first)
			first = g_bytes_ref(page);
		else if (!g_bytes_equal(first, page))
			found_wrong(self, routes[i]);
	}
	/* Who serves no page at all harms nobody with one: a portal without its pages is broken. */
	if (self->n_missing == G_N_ELEMENTS(routes)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "the portal serves no pages");
		return FALSE;
	}
	if (first)
		note(self, INDEX, first);
	return TRUE;
}

static gboolean fetch_assets(Look *self, GError **error)
{
	g_autoptr(GError) local = NULL;

	while (self->waiting->len > 0 && g_hash_table_size(self->sums) <= FILES_AT_MOST) {
		g_autofree char *path =
			g_ptr_array_steal_index(self->waiting, self->waiting->len - 1);
		g_autoptr(GBytes) bytes = fetch(self, path, FALSE, &local);

		if (local) {
			g_propagate_error(error, g_steal_pointer(&local));
			return FALSE;
		}
		if (bytes)
			note(self, path, bytes);
	}
	if (self->waiting->len > 0)
		found_wrong(self, g_ptr_array_index(self->waiting, 0));
	return TRUE;
}

static gboolean names(GBytes *text, const char *words)
{
	gsize length = 0;
	const char *data = g_bytes_get_data(text, &length);

	return length > 0 && memmem(data, length, words, strlen(words)) != NULL;
}

/* The page names the sums of its script and style, the script those of the workers: so that the
 * page's own sum stands for them all. Nothing can name what names it. */
static void check_chain(Look *self)
{
	GHashTableIter iter;
	gpointer path, sum;

	g_hash_table_iter_init(&iter, self->sums);
	while (g_hash_table_iter_next(&iter, &path, &sum)) {
		gboolean is_named =
			!g_str_has_suffix(path, ".js") && !g_str_has_suffix(path, ".css");

		for (guint i = 0; !is_named && i < self->texts->len; i++)
			is_named = names(g_ptr_array_index(self->texts, i), sum);
		if (!is_named)
			found_wrong(self, path);
	}
}

/* What it should be */

/* In the build tree the pages lie beside the programs; installed, in share. No variable names it:
 * whoever could set one would choose what counts as the release. (transfer full) */
static char *dup_manifest_path(void)
{
	static const char *const places[] = { "/plugin/cli", "/plugin/agent", "/tests/unit" };
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = g_path_get_dirname(self ? self : "/");

	for (gsize i = 0; i < G_N_ELEMENTS(places); i++)
		if (g_str_has_suffix(folder, places[i]))
			return g_build_filename(folder, "../../portal/web/release.json", NULL);
	return g_build_filename(SGP_DATADIR, MANIFEST, NULL);
}

/* release: (out) (nullable) (transfer full) NULL: there is none here. A manifest that cannot be
 * read is an error, not "none": what was compared until yesterday would be pinned instead. */
static gboolean load_release(const char *manifest, JsonObject **release, GError **error)
{
	g_autofree char *path = manifest ? g_strdup(manifest) : dup_manifest_path();
	g_autofree char *text = NULL;
	g_autoptr(GError) local = NULL;
	gsize length = 0;

	if (path[0] == '\0')
		return TRUE;
	if (!g_file_get_contents(path, &text, &length, &local)) {
		if (!manifest && g_error_matches(local, G_FILE_ERROR, G_FILE_ERROR_NOENT))
			return TRUE;
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, MANIFEST ": %s", local->message);
		return FALSE;
	}
	g_autoptr(JsonObject) object = sgp_protocol_parse_object(text, length);
	JsonNode *files = object ? json_object_get_member(object, "files") : NULL;

	if (!files || !JSON_NODE_HOLDS_OBJECT(files) ||
		!sgp_protocol_get_text(json_node_get_object(files), &INDEX[1])) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, MANIFEST " is damaged");
		return FALSE;
	}
	*release = g_steal_pointer(&object);
	return TRUE;
}

/* The first path, in order, that the release has not, or has with another sum. */
static char *find_difference(GHashTable *sums, JsonObject *release)
{
	JsonObject *files = json_object_get_object_member(release, "files");
	g_autoptr(GList) paths = g_list_sort(g_hash_table_get_keys(sums), (GCompareFunc)strcmp);

	for (GList *one = paths; one; one = one->next) {
		const char *path = one->data;

		/* The manifest's names are relative. */
		if (g_strcmp0(g_hash_table_lookup(sums, path),
			    sgp_protocol_get_text(files, path + 1)) != 0)
			return g_strdup(path);
	}
	return NULL;
}

static gboolean judge_pinned(SgpPagesLook *look, SgpStore *store, GError **error)
{
	g_autoptr(GError) local = NULL;
	g_autofree char *pinned = sgp_store_lookup_value(store, PINNED, &local);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return FALSE;
	}
	if (!pinned || pinned[0] == '\0') {
		look->state = SGP_PAGES_PINNED;
		return sgp_store_set_value(store, PINNED, look->digest, error);
	}
	look->state = g_str_equal(pinned, look->digest) ? SGP_PAGES_PINNED : SGP_PAGES_DIFFER;
	if (look->state == SGP_PAGES_DIFFER)
		look->path = g_strdup(INDEX);
	return TRUE;
}

/* An administrator's word counts beside the release: a portal may run another one than this
 * computer. Both count before what was seen first. */
static gboolean judge(Look *self, SgpPagesLook *look, JsonObject *release, SgpSettings *settings,
	SgpStore *store, GError **error)
{
	g_auto(GStrv) named = sgp_settings_dup_strv(settings, "portal-pages");

	check_chain(self);
	look->digest = g_strdup(g_hash_table_lookup(self->sums, INDEX));
	if (self->wrong) {
		look->state = SGP_PAGES_DIFFER;
		look->path = g_strdup(self->wrong);
		return TRUE;
	}
	if (g_strv_contains((const char *const *)named, look->digest)) {
		look->state = SGP_PAGES_RELEASE;
		return TRUE;
	}
	if (!release && !named[0])
		return judge_pinned(look, store, error);
	look->path = release ? find_difference(self->sums, release) : g_strdup(INDEX);
	look->state = look->path ? SGP_PAGES_DIFFER : SGP_PAGES_RELEASE;
	return TRUE;
}

SgpPagesLook *sgp_portal_pages_look_sync(const char *origin, const char *manifest,
	SgpSettings *settings, SgpStore *store, GCancellable *cancellable, GError **error)
{
	g_autofree char *ca_file = sgp_settings_dup_string(settings, "portal-ca-file");
	g_auto(Look) self = { sgp_portal_transport_new_browser(origin, ca_file), cancellable,
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free),
		g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref),
		g_ptr_array_new_with_free_func(g_free), NULL };
	g_autoptr(JsonObject) release = NULL;
	g_autoptr(SgpPagesLook) look = g_new0(SgpPagesLook, 1);

	if (!load_release(manifest, &release, error) || !fetch_page(&self, error) ||
		!fetch_assets(&self, error) || !judge(&self, look, release, settings, store, error))
		return NULL;
	return g_steal_pointer(&look);
}

gboolean sgp_portal_pages_forget(SgpStore *store, GError **error)
{
	static const char *const names[] = { PINNED, "portal.pages.next", "portal.pages.told",
		"portal.pages.blind" };

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++)
		if (!sgp_store_set_value(store, names[i], "", error))
			return FALSE;
	return TRUE;
}
