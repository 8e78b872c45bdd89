/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A portal whose pages are, or are not, those of the release. */
#include "hostile-portal.h"
#include "sgp-error.h"
#include "sgp-event-log.h"
#include "sgp-portal-account.h"
#include "sgp-portal-pages-watch.h"
#include "sgp-portal-pages.h"
#include "state-fixture.h"

#include <string.h>

#define NOW    ((gint64)1795504380)
#define DAY    (24 * 3600)
#define WORKER "self.onmessage = () => {};"

typedef struct {
	State state;
	HostilePortal *portal; /* (owned) */
	GHashTable *files;     /* (owned) path -> content; "" is every page */
	char *manifest;        /* (owned) */
	guint status;          /* of everything */
	const char *sent_on;   /* (nullable) */
	guint n_told;
	const char *told; /* (nullable) */
} Site;

static char *integrity_of(const char *text)
{
	g_autoptr(GChecksum) sum = g_checksum_new(G_CHECKSUM_SHA384);
	guint8 digest[48];
	gsize n = sizeof(digest);

	g_checksum_update(sum, (const guchar *)text, -1);
	g_checksum_get_digest(sum, digest, &n);
	g_autofree char *base64 = g_base64_encode(digest, n);

	return g_strconcat("sha384-", base64, NULL);
}

static const char *content_of(Site *site, const char *path)
{
	const char *own = g_hash_table_lookup(site->files, path);

	return own || g_str_has_prefix(path, "/assets/") ? own
							 : g_hash_table_lookup(site->files, "");
}

static guint serve(const char *method, const char *path, GBytes *body, char **answer,
	char **location, gpointer user_data)
{
	Site *site = user_data;
	const char *content = content_of(site, path);

	*location = g_strdup(site->sent_on);
	*answer = g_strdup(content ? content : "");
	return content ? site->status : 404;
}

static void put(Site *site, const char *path, const char *content)
{
	g_hash_table_replace(site->files, g_strdup(path), g_strdup(content));
}

/* script, worker: their texts; the page names the one, the script the other. */
static void build(Site *site, const char *script_text, const char *worker)
{
	g_autofree char *worker_sum = integrity_of(worker);
	g_autofree char *script =
		g_strdup_printf("%s start('/assets/vault-2.js', '%s');", script_text, worker_sum);
	g_autofree char *script_sum = integrity_of(script);
	g_autofree char *page = g_strdup_printf(
		"<!doctype html><script src=/assets/app-1.js integrity=%s></script>", script_sum);

	put(site, "", page);
	put(site, "/assets/app-1.js", script);
	put(site, "/assets/vault-2.js", worker);
}

static void write_manifest(Site *site)
{
	g_autofree char *page = integrity_of(content_of(site, "/"));
	g_autofree char *script = integrity_of(content_of(site, "/assets/app-1.js"));
	g_autofree char *worker = integrity_of(content_of(site, "/assets/vault-2.js"));
	g_autofree char *text = g_strdup_printf(
		"{\"v\":1,\"files\":{\"app.js.LEGAL.txt\":\"sha384-x\",\"index.html\":\"%s\","
		"\"assets/app-1.js\":\"%s\",\"assets/vault-2.js\":\"%s\"}}",
		page, script, worker);
	g_autoptr(GError) error = NULL;

	g_file_set_contents(site->manifest, text, -1, &error);
	g_assert_no_error(error);
}

static void setup(Site *site, gconstpointer data)
{
	state_setup(&site->state, data);
	site->files = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	site->manifest = g_build_filename(site->state.directory, "release.json", NULL);
	site->status = 200;
	site->portal = hostile_portal_new(serve, site, NULL, NULL);
	hostile_portal_set_type(site->portal, "text/html; charset=utf-8");
	state_set(&site->state, "portal-pages", "@as []");
	state_set(&site->state, "portal-pages-hours", "6");
	build(site, "run();", WORKER);
	write_manifest(site);
}

static void teardown(Site *site, gconstpointer data)
{
	hostile_portal_free(site->portal);
	g_hash_table_unref(site->files);
	g_free(site->manifest);
	state_teardown(&site->state, data);
}

static SgpPagesLook *look(Site *site, const char *manifest)
{
	g_autoptr(GError) error = NULL;
	SgpPagesLook *found = sgp_portal_pages_look_sync(hostile_portal_get_origin(site->portal),
		manifest, site->state.settings, site->state.store, NULL, &error);

	g_assert_no_error(error);
	return found;
}

static void assert_look(Site *site, SgpPagesState state, const char *path)
{
	g_autoptr(SgpPagesLook) found = look(site, site->manifest);

	g_assert_cmpint(found->state, ==, state);
	g_assert_cmpstr(found->path, ==, path);
}

static void test_release(Site *site, gconstpointer data)
{
	assert_look(site, SGP_PAGES_RELEASE, NULL);
}

static void test_page(Site *site, gconstpointer data)
{
	g_autofree char *page = g_strconcat(content_of(site, "/"), "<script>spy()</script>", NULL);

	put(site, "", page);
	assert_look(site, SGP_PAGES_DIFFER, "/index.html");
}

static void test_contact(Site *site, gconstpointer data)
{
	g_autofree char *bare =
		g_strconcat(content_of(site, "/"), "<p><!--contact de--><!--/contact--></p>", NULL);
	g_autofree char *filled = g_strconcat(content_of(site, "/"),
		"<p><!--contact de-->Telefon <a href=\"tel:0711\">0711</a><!--/contact--></p>",
		NULL);
	g_autofree char *more = g_strconcat(content_of(site, "/"),
		"<p><!--contact de--><img src=x onerror=spy()><!--/contact--></p>", NULL);

	put(site, "", bare);
	write_manifest(site);
	put(site, "", filled);
	assert_look(site, SGP_PAGES_RELEASE, NULL);
	put(site, "", more);
	assert_look(site, SGP_PAGES_DIFFER, "/index.html");
}

static void test_script(Site *site, gconstpointer data)
{
	put(site, "/assets/app-1.js", "spy(); '/assets/vault-2.js'");
	assert_look(site, SGP_PAGES_DIFFER, "/assets/app-1.js");
}

static void test_worker(Site *site, gconstpointer data)
{
	put(site, "/assets/vault-2.js", "spy();");
	assert_look(site, SGP_PAGES_DIFFER, "/assets/vault-2.js");
}

/* With the sums corrected, which no browser would stop. */
static void test_all(Site *site, gconstpointer data)
{
	build(site, "spy(); run();", WORKER);
	assert_look(site, SGP_PAGES_DIFFER, "/assets/app-1.js");
}

static void test_one_address(Site *site, gconstpointer data)
{
	g_autofree char *page = g_strconcat(content_of(site, "/"), " ", NULL);

	put(site, "/recover", page);
	assert_look(site, SGP_PAGES_DIFFER, "/recover");
}

static void test_sent_on(Site *site, gconstpointer data)
{
	site->sent_on = "0; url=https://evil.example/";
	assert_look(site, SGP_PAGES_DIFFER, "/");
	site->status = 302;
	assert_look(site, SGP_PAGES_DIFFER, "/");
}

static void test_charset(Site *site, gconstpointer data)
{
	hostile_portal_set_type(site->portal, "text/html; charset=utf-16");
	assert_look(site, SGP_PAGES_DIFFER, "/");
}

static void assert_blind(Site *site, SgpError code)
{
	g_autoptr(GError) error = NULL;

	g_assert_null(sgp_portal_pages_look_sync(hostile_portal_get_origin(site->portal),
		site->manifest, site->state.settings, site->state.store, NULL, &error));
	g_assert_error(error, SGP_ERROR, (gint)code);
}

static void test_blind(Site *site, gconstpointer data)
{
	site->status = 503;
	assert_blind(site, SGP_ERROR_UNREACHABLE);
	site->status = 404;
	assert_blind(site, SGP_ERROR_NOT_FOUND);
	site->status = 200;
	g_assert_true(g_file_set_contents(site->manifest, "{\"files\":{}}", -1, NULL));
	assert_blind(site, SGP_ERROR_INVALID);
	g_unlink(site->manifest);
	assert_blind(site, SGP_ERROR_INVALID);
}

static void test_pinned(Site *site, gconstpointer data)
{
	g_autoptr(SgpPagesLook) first = look(site, "");
	g_autoptr(SgpPagesLook) second = look(site, "");

	build(site, "spy(); run();", WORKER);
	g_autoptr(SgpPagesLook) third = look(site, "");

	g_assert_true(sgp_portal_pages_forget(site->state.store, NULL));
	g_autoptr(SgpPagesLook) fourth = look(site, "");

	g_assert_cmpint(first->state, ==, SGP_PAGES_PINNED);
	g_assert_cmpint(second->state, ==, SGP_PAGES_PINNED);
	g_assert_cmpint(third->state, ==, SGP_PAGES_DIFFER);
	g_assert_cmpint(fourth->state, ==, SGP_PAGES_PINNED);
}

/* And its scripts still have to be those that the page names. */
static void test_named(Site *site, gconstpointer data)
{
	build(site, "run(2);", WORKER);
	g_autofree char *sum = integrity_of(content_of(site, "/"));
	g_autofree char *list = g_strdup_printf("['%s']", sum);

	assert_look(site, SGP_PAGES_DIFFER, "/assets/app-1.js");
	state_set(&site->state, "portal-pages", list);
	assert_look(site, SGP_PAGES_RELEASE, NULL);
	put(site, "/assets/vault-2.js", "spy();");
	assert_look(site, SGP_PAGES_DIFFER, "/assets/vault-2.js");
}

/* The watch. Whether a release lies beside this program or not: what is served is neither it nor
 * what the setting names. */

static void told(const char *kind, const char *detail, gpointer user_data)
{
	Site *site = user_data;

	site->n_told++;
	site->told = g_intern_string(kind);
}

static void watch(Site *site, gint64 now)
{
	sgp_portal_pages_watch_sync(site->state.settings, site->state.store, told, site, now, NULL);
}

static void enrol(Site *site)
{
	const SgpPortalAccount account = { (char *)hostile_portal_get_origin(site->portal),
		(char *)"Office", (char *)"0123456789ABCDEF0123456789ABCDEF01234567",
		(char *)"sabine@office.example", (char *)"89ABCDEF0123456789ABCDEF0123456789ABCDEF",
		1 };
	g_autoptr(GError) error = NULL;

	state_set(&site->state, "portal-pages", "['sha384-of-another-release']");
	state_set(&site->state, "portal-url", "''");
	state_set(&site->state, "staff-address", "''");
	g_autofree char *url = g_strdup_printf("'%s'", account.origin);

	state_set(&site->state, "portal-url", url);
	state_set(&site->state, "staff-address", "'sabine@office.example'");
	sgp_portal_account_save(&account, NULL, site->state.settings, site->state.store, &error);
	g_clear_error(&error); /* settings cannot be written here; the store was */
}

static void test_told_once(Site *site, gconstpointer data)
{
	enrol(site);
	watch(site, NOW);
	g_assert_cmpuint(site->n_told, ==, 1);
	g_assert_cmpstr(site->told, ==, "pages-changed");
	g_autofree char *json = sgp_event_log_list_json(site->state.store, NULL);

	g_assert_nonnull(strstr(json, "pages-changed"));
	guint before = hostile_portal_count(site->portal);

	watch(site, NOW + 60);
	g_assert_cmpuint(hostile_portal_count(site->portal), ==, before);
	watch(site, NOW + 7 * 3600);
	g_assert_cmpuint(hostile_portal_count(site->portal), >, before);
	g_assert_cmpuint(site->n_told, ==, 1);
	build(site, "spy(2);", WORKER);
	watch(site, NOW + DAY);
	g_assert_cmpuint(site->n_told, ==, 2);
}

static void test_unseen(Site *site, gconstpointer data)
{
	enrol(site);
	site->status = 503;
	for (gint64 hours = 0; hours < 72; hours += 8)
		watch(site, NOW + hours * 3600);
	g_assert_cmpuint(site->n_told, ==, 0);
	watch(site, NOW + 3 * DAY + 3600);
	watch(site, NOW + 4 * DAY);
	g_assert_cmpuint(site->n_told, ==, 1);
	g_assert_cmpstr(site->told, ==, "pages-unseen");
}

static void test_never(Site *site, gconstpointer data)
{
	watch(site, NOW); /* no portal */
	enrol(site);
	state_set(&site->state, "portal-pages-hours", "0");
	watch(site, NOW);
	g_assert_cmpuint(hostile_portal_count(site->portal), ==, 0);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/portal-pages/" name, Site, NULL, setup, func, teardown)
	ADD("those-of-the-release-are", test_release);
	ADD("a-byte-of-the-page-is-found", test_page);
	ADD("an-office-s-number-is-no-difference-and-anything-else-is", test_contact);
	ADD("a-byte-of-the-script-is-found", test_script);
	ADD("a-byte-of-a-worker-is-found", test_worker);
	ADD("page-and-script-changed-together-are-found", test_all);
	ADD("another-page-at-one-address-is-found", test_one_address);
	ADD("a-portal-that-sends-browsers-on-is-found", test_sent_on);
	ADD("the-same-bytes-in-another-charset-are-found", test_charset);
	ADD("could-not-look-is-not-the-same", test_blind);
	ADD("without-a-release-the-first-look-counts", test_pinned);
	ADD("the-administrator-may-name-another-release", test_named);
	ADD("a-difference-is-told-once", test_told_once);
	ADD("three-days-of-blindness-are-told", test_unseen);
	ADD("nobody-looks-without-need", test_never);
	return g_test_run();
}
