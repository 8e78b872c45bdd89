/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The customers' pages, read once at the start, compressed once. Requests are looked up in a table,
 * so that no path of a request ever reaches the file system. */

#include "sgp-web-files.h"

#include "sgp-page-contact.h"

#include <gio/gio.h>
#include <string.h>

#define DEEPEST 4

struct _SgpWebFiles {
	GHashTable *table; /* (owned) (element-type utf8 SgpWebFile): by path, with a slash */
};

static const struct {
	const char *suffix;
	const char *type;
	gboolean is_text;
} types[] = {
	{ ".html", "text/html; charset=utf-8", TRUE },
	{ ".js", "text/javascript; charset=utf-8", TRUE },
	{ ".css", "text/css; charset=utf-8", TRUE },
	{ ".json", "application/json", TRUE },
	{ ".svg", "image/svg+xml", TRUE },
	{ ".txt", "text/plain; charset=utf-8", TRUE },
	{ ".webmanifest", "application/manifest+json", TRUE },
	{ ".wasm", "application/wasm", TRUE },
	{ ".png", "image/png", FALSE },
	{ ".ico", "image/x-icon", FALSE },
	{ ".woff2", "font/woff2", FALSE },
};

static void web_file_free(gpointer data)
{
	SgpWebFile *file = data;

	g_bytes_unref(file->plain);
	g_clear_pointer(&file->compressed, g_bytes_unref);
	g_clear_pointer(&file->template, g_bytes_unref);
	g_free(file->etag);
	g_free(file);
}

static GBytes *compress(GBytes *plain)
{
	g_autoptr(GZlibCompressor) gzip = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP, 9);
	g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable();
	g_autoptr(GOutputStream) out = g_converter_output_stream_new(memory, G_CONVERTER(gzip));
	gsize size = 0;
	const void *data = g_bytes_get_data(plain, &size);

	if (!g_output_stream_write_all(out, data, size, NULL, NULL, NULL) ||
		!g_output_stream_close(out, NULL, NULL))
		return NULL;
	return g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(memory));
}

/* "app-3F2A9C1B.js", "app.3f2a9c1b.js": the name changes with the content. */
static gboolean has_hashed_name(const char *path)
{
	static GRegex *pattern;
	static gsize once;

	if (g_once_init_enter(&once)) {
		pattern = g_regex_new(
			"[-.](?=[0-9A-Za-z]*[0-9])[0-9A-Za-z]{8,}\\.[a-z0-9]+$", 0, 0, NULL);
		g_once_init_leave(&once, 1);
	}
	return g_regex_match(pattern, path, 0, NULL);
}

static char *make_etag(GBytes *content)
{
	g_autofree char *hash = g_compute_checksum_for_bytes(G_CHECKSUM_SHA256, content);

	return g_strdup_printf("\"%.16s\"", hash);
}

static SgpWebFile *read_file(const char *full, const char *path)
{
	SgpWebFile *file = NULL;
	char *content = NULL;
	gsize length = 0;
	gsize type = 0;

	while (type < G_N_ELEMENTS(types) && !g_str_has_suffix(path, types[type].suffix))
		type++;
	if (type == G_N_ELEMENTS(types) || !g_file_get_contents(full, &content, &length, NULL))
		return NULL;
	file = g_new0(SgpWebFile, 1);
	file->plain = g_bytes_new_take(content, length);
	file->type = types[type].type;
	if (types[type].is_text)
		file->compressed = compress(file->plain);
	file->etag = make_etag(file->plain);
	file->is_immutable = has_hashed_name(path);
	file->is_page = g_str_has_suffix(path, ".html");
	if (file->is_page)
		file->template = g_bytes_ref(file->plain);
	return file;
}

static void load_folder(SgpWebFiles *self, const char *folder, const char *prefix, int depth)
{
	g_autoptr(GDir) directory = g_dir_open(folder, 0, NULL);
	const char *name = NULL;

	while (directory != NULL && (name = g_dir_read_name(directory)) != NULL) {
		g_autofree char *full = g_build_filename(folder, name, NULL);
		g_autofree char *path = g_strconcat(prefix, "/", name, NULL);
		SgpWebFile *file = NULL;

		if (name[0] == '.')
			continue;
		if (g_file_test(full, G_FILE_TEST_IS_DIR)) {
			if (depth < DEEPEST)
				load_folder(self, full, path, depth + 1);
			continue;
		}
		file = read_file(full, path);
		if (file != NULL)
			g_hash_table_insert(self->table, g_steal_pointer(&path), file);
	}
}

/**
 * sgp_web_files_load:
 * @directory: (nullable): the built pages
 *
 * Returns: (transfer full): what there is; nothing if there is no such directory.
 */
SgpWebFiles *sgp_web_files_load(const char *directory)
{
	SgpWebFiles *self = g_new0(SgpWebFiles, 1);

	self->table = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, web_file_free);
	if (directory != NULL)
		load_folder(self, directory, "", 0);
	if (g_hash_table_lookup(self->table, "/index.html") == NULL)
		g_printerr("warning there are no web pages; only the interfaces are served\n");
	return self;
}

/**
 * sgp_web_files_free:
 * @files: (transfer full) (nullable):
 */
void sgp_web_files_free(SgpWebFiles *files)
{
	if (files == NULL)
		return;
	g_hash_table_unref(files->table);
	g_free(files);
}

/**
 * sgp_web_files_set_contact:
 *
 * Writes the office's contact into the pages, where browsers without JavaScript show it. In the
 * thread that answers.
 */
void sgp_web_files_set_contact(SgpWebFiles *files, const SgpContact *contact)
{
	GHashTableIter iter;
	gpointer value = NULL;

	g_hash_table_iter_init(&iter, files->table);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		SgpWebFile *file = value;

		if (file->template == NULL)
			continue;
		g_bytes_unref(file->plain);
		g_clear_pointer(&file->compressed, g_bytes_unref);
		g_free(file->etag);
		file->plain =
			sgp_page_contact_fill(file->template, contact->german, contact->english);
		file->compressed = compress(file->plain);
		file->etag = make_etag(file->plain);
	}
}

/* The pages' own router shows /inbox, /message/ID ...: whatever looks like a page and not like a
 * file. */
static gboolean is_page_route(const char *path)
{
	const char *last = strrchr(path, '/');

	return last != NULL && strchr(last, '.') == NULL && !g_str_has_prefix(path, "/p/") &&
	       !g_str_has_prefix(path, "/api/");
}

/**
 * sgp_web_files_lookup:
 * @path: of the request
 *
 * Returns: (transfer none) (nullable): the file, the index page for every route of the pages, or
 * %NULL.
 */
const SgpWebFile *sgp_web_files_lookup(const SgpWebFiles *files, const char *path)
{
	const SgpWebFile *file = g_hash_table_lookup(files->table, path);

	if (file == NULL && is_page_route(path))
		file = g_hash_table_lookup(files->table, "/index.html");
	return file;
}
