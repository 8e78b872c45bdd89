/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One request to the portal, as a customer, a device of the office or nobody sends it: its first
 * line is "METHOD PATH", then header fields, an empty line, a body. Who calls is who the cookie or
 * the token says; both of the portal's are put in unless the request brings its own. What must
 * hold: there is an answer, it is never "the portal itself failed", and what it says is text in its
 * place. Every request finds the portal as it was. */
#include "sgp-blob.h"
#include "sgp-router.h"
#include "sgp-session-store.h"

#include <libsoup/soup.h>
#include <sqlite3.h>

#include "fuzz-scratch.h"

#define HANDLE  "00112233445566778899aabbccddeeff"
#define MESSAGE "01890a5d-ac96-774b-bcce-b302099a8057"
#define DEVICE  "00000000-0000-4000-8000-000000000001"
#define TOKEN   "token"
#define PGP     "'-----BEGIN PGP MESSAGE-----'"
#define LATER   "4102444800"

/* A customer with a session, a message and a draft; a device; one upload of each, that is whole. */
static const char SEED[] =
	"DROP TRIGGER ledger_is_not_changed; DROP TRIGGER ledger_is_not_deleted;"
	"DROP TRIGGER rosters_are_not_changed; DROP TRIGGER rosters_are_not_deleted;"
	"INSERT INTO office VALUES (1, 'Kanzlei', 'portal@office.example', 'Anna', '1', '9-17',"
	" 'hilfe@office.example', 90, 30, '-----BEGIN PGP PUBLIC KEY BLOCK-----', 1);"
	"INSERT INTO staff VALUES ('anna@office.example', 'Anna', NULL, 1);"
	"INSERT INTO devices (id, staff, name, token_hash, created) VALUES ('" DEVICE "',"
	" 'anna@office.example', 'Buero', $token, 1);"
	"INSERT INTO enrolments VALUES ($token, 'anna@office.example', " LATER ", 0);"
	"INSERT INTO customers (handle, address, state, generation, language, mailbox_key, escrow,"
	" salt, invited_digest, signature_key, mailbox_wrap, question, registered, created) VALUES "
	"('" HANDLE "', 'erika@kunde.example', 'registered', 1, 'de', '', " PGP
	", zeroblob(16), zeroblob(32), zeroblob(32), zeroblob(32), 'Frage', 1, 1);"
	"INSERT INTO sessions (token_hash, handle, created, seen) VALUES ($token, '" HANDLE
	"', " LATER ", " LATER ");"
	"INSERT INTO uploads VALUES ('00000000000000000000000000000001', 'device/" DEVICE
	"', 5, " LATER "), ('00000000000000000000000000000002', 'customer/" HANDLE "', 5, " LATER
	");"
	"INSERT INTO messages (id, handle, folder, staff, state, digest, manifest, size, created,"
	" received, expires) VALUES ('" MESSAGE "', '" HANDLE "', 'inbox', 'anna@office.example',"
	" 'published', zeroblob(32), " PGP ", 5, 1, 1, " LATER ");"
	"INSERT INTO blobs VALUES ('" MESSAGE "', 0, 5, "
	"'2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824', NULL, 'hello');"
	"INSERT INTO drafts VALUES ('" HANDLE "', '" MESSAGE "', 1, zeroblob(32));";

typedef struct {
	SgpPortalConfig config;
	SgpPortal *portal; /* (owned) */
	sqlite3 *store;    /* (owned) the portal's, with the seed attached */
	GString *restore;  /* (owned) SQL that makes it as it was */
} World;

static void run_sql(sqlite3 *store, const char *sql)
{
	char *why = NULL;
	if (sqlite3_exec(store, sql, NULL, NULL, &why) != SQLITE_OK)
		fprintf(stderr, "%s\n", why);
	FUZZ_HOLDS(why == NULL);
}

static void write_upload(SgpPortal *portal, const char *name)
{
	gint64 end = 0;
	sgp_blob_remove(portal, name);
	FUZZ_HOLDS(sgp_blob_create(portal, name, NULL));
	g_autoptr(SgpBlobWriter) writer = sgp_blob_writer_open(portal, name, &end);
	FUZZ_HOLDS(sgp_blob_writer_append(writer, (const guint8 *)"hello", 5, NULL) &&
		   sgp_blob_writer_sync(writer, NULL));
}

static void plan_restore(World *world)
{
	sqlite3_stmt *rows = NULL;
	world->restore = g_string_new("BEGIN IMMEDIATE;");
	FUZZ_HOLDS(sqlite3_prepare_v2(world->store,
			   "SELECT name FROM seed.sqlite_master WHERE type = 'table'", -1, &rows,
			   NULL) == SQLITE_OK);
	while (sqlite3_step(rows) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(rows, 0);
		g_string_append_printf(world->restore,
			"DELETE FROM main.%s; INSERT INTO main.%s SELECT * FROM seed.%s;", name,
			name, name);
	}
	g_string_append(world->restore, "COMMIT;");
	sqlite3_finalize(rows);
}

static void seed(World *world)
{
	g_autoptr(GBytes) hash = sgp_token_hash(TOKEN);
	const guint8 *bytes = g_bytes_get_data(hash, NULL);
	g_autoptr(GString) blob = g_string_new("x'");
	g_autoptr(GString) sql = g_string_new(SEED);
	g_autofree char *path = g_build_filename(fuzz_scratch_get(), "portal.db", NULL);
	g_autofree char *copy =
		g_strdup_printf("VACUUM INTO '%s/seed.db'; ATTACH '%s/seed.db' AS seed;",
			fuzz_scratch_get(), fuzz_scratch_get());
	for (gsize i = 0; i < g_bytes_get_size(hash); i++)
		g_string_append_printf(blob, "%02x", bytes[i]);
	g_string_append_c(blob, '\'');
	g_string_replace(sql, "$token", blob->str, 0);
	FUZZ_HOLDS(sqlite3_open(path, &world->store) == SQLITE_OK);
	sqlite3_busy_timeout(world->store, 60000);
	run_sql(world->store, sql->str);
	run_sql(world->store, copy);
	plan_restore(world);
}

/* World begins once; the portal's own end is not what is looked at here. */
static World *get_world(void)
{
	static World world;
	if (world.portal != NULL)
		return &world;
	world.config = (SgpPortalConfig){ .data_directory = g_strdup(fuzz_scratch_get()),
		.origin = g_strdup("http://127.0.0.1"),
		.attachment_limit = 1024 * 1024,
		.message_limit = 4 * 1024 * 1024,
		.digest_minute = -1 };
	world.portal = sgp_portal_open(&world.config, NULL);
	FUZZ_HOLDS(world.portal != NULL);
	seed(&world);
	write_upload(world.portal, "00000000000000000000000000000001");
	write_upload(world.portal, "00000000000000000000000000000002");
	return &world;
}

static void set_header(SgpCall *call, const char *name, const char *value)
{
	g_hash_table_replace(call->headers, g_ascii_strdown(name, -1), g_strdup(value));
}

static SgpCall *make_call(SgpPortal *portal, const char *line)
{
	g_auto(GStrv) words = g_strsplit(line, " ", 2);
	char *query = words[0] != NULL && words[1] != NULL ? strchr(words[1], '?') : NULL;
	gboolean other_method = FALSE;
	SgpCall *call = sgp_call_new(portal, words[0] != NULL ? words[0] : "");
	if (query != NULL) {
		*query = '\0';
		call->query = soup_form_decode(query + 1);
	}
	if (words[0] != NULL && words[1] != NULL)
		call->route = sgp_router_find(call->method, words[1], call->params, &other_method);
	set_header(call, "authorization", "Bearer " TOKEN);
	set_header(call, "cookie", "siegelpost=" TOKEN);
	set_header(call, "x-siegelpost", "1");
	set_header(call, "origin", "http://127.0.0.1");
	set_header(call, "content-type", "application/json");
	set_header(call, "tus-resumable", "1.0.0");
	return call;
}

static void take_headers(SgpCall *call, const uint8_t **data, size_t *size)
{
	while (*size > 0) {
		g_autofree char *line = fuzz_take_line(data, size);
		char *colon = strchr(line, ':');
		if (*line == '\0')
			return;
		if (colon == NULL)
			continue;
		*colon = '\0';
		set_header(call, line, g_strstrip(colon + 1));
	}
}

static void check_answer(const SgpCall *call)
{
	if (call->wait)
		return;
	FUZZ_HOLDS(call->status >= 200 && call->status < 500);
	for (guint i = 0; i < call->extra->len; i++) {
		FUZZ_HOLDS(fuzz_is_text(g_ptr_array_index(call->extra, i)));
		FUZZ_HOLDS(fuzz_is_one_line(g_ptr_array_index(call->extra, i)));
	}
	if (call->content != NULL && g_str_has_suffix(call->content_type, "json")) {
		gsize size = 0;
		const char *text = g_bytes_get_data(call->content, &size);
		JsonObject *answer = sgp_protocol_parse_object(text, size);
		FUZZ_HOLDS(answer != NULL);
		json_object_unref(answer);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	World *world = get_world();
	g_autofree char *line = fuzz_take_line(&data, &size);
	g_autoptr(SgpCall) call = make_call(world->portal, line);
	take_headers(call, &data, &size);
	if (size > 0)
		call->body = g_bytes_new(data, size);
	if (call->route != NULL && (call->route->streams || call->route->body_limit < size))
		return 0;
	sgp_call_run(call);
	check_answer(call);
	if (call->route == NULL || strcmp(call->method, "GET") == 0)
		return 0;
	run_sql(world->store, world->restore->str);
	if (sgp_blob_get_durable_size(world->portal, "00000000000000000000000000000001") != 5)
		write_upload(world->portal, "00000000000000000000000000000001");
	if (sgp_blob_get_durable_size(world->portal, "00000000000000000000000000000002") != 5)
		write_upload(world->portal, "00000000000000000000000000000002");
	return 0;
}
