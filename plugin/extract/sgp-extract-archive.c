/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The files in a zip, by libarchive: office files (OOXML, ODF) are zips of XML, others are read
 * file by file. Owns how much may come out of how many entries, and which parts of an office file
 * hold words. Writes nothing anywhere: entries are read in memory, and their names are only text.
 */
#include "sgp-extract.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#define MAX_DEPTH     2
#define MAX_ENTRIES   2000
#define MAX_UNPACKED  (96 * 1024 * 1024) /* over all entries: a bomb ends here */
#define LARGE_PICTURE (150 * 1024)       /* above: may be a scan, not a logo */

typedef enum {
	KIND_UNKNOWN = 0, /* a zip of other files */
	KIND_OOXML,
	KIND_ODF,
} Kind;

static gboolean is_one_of(const char *name, const char *const *suffixes)
{
	for (gsize i = 0; suffixes[i] != NULL; i++) {
		gsize n = strlen(suffixes[i]), length = strlen(name);
		if (length >= n && g_ascii_strcasecmp(name + length - n, suffixes[i]) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Parts of an office file that hold no words of its author. */
static gboolean is_layout(Kind kind, const char *name)
{
	static const char *const ooxml[] = { ".rels", "[Content_Types].xml", "styles.xml",
		"settings.xml", "fontTable.xml", "webSettings.xml", "stylesWithEffects.xml",
		"numbering.xml", "calcChain.xml", "presProps.xml", "viewProps.xml",
		"tableStyles.xml", "thumbnail.jpeg", "thumbnail.png", "thumbnail.emf",
		"thumbnail.wmf", ".odttf", "printerSettings1.bin", "printerSettings2.bin",
		"printerSettings3.bin", NULL };
	static const char *const odf[] = { "mimetype", "settings.xml", "manifest.xml",
		"manifest.rdf", "thumbnail.png", "layout-cache", ".rdf", "accelerator/current.xml",
		NULL };
	switch (kind) {
	case KIND_UNKNOWN:
		return FALSE;
	case KIND_OOXML:
		return is_one_of(name, ooxml) || strstr(name, "/theme/") != NULL;
	case KIND_ODF:
		return is_one_of(name, odf) || g_str_has_prefix(name, "Configurations2/");
	}
	return FALSE;
}

static gboolean is_picture(const char *name)
{
	static const char *const suffixes[] = { ".png", ".jpg", ".jpeg", ".gif", ".emf", ".wmf",
		".svg", ".bmp", ".tif", ".tiff", ".svm", NULL };
	return is_one_of(name, suffixes);
}

/* The decoded bytes of an entry. NULL: encrypted, broken, or more than may come out. */
static GByteArray *read_entry(SgpExtract *self, struct archive *archive)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	char buffer[65536];
	for (;;) {
		la_ssize_t n = archive_read_data(archive, buffer, sizeof buffer);
		if (n == 0)
			return g_steal_pointer(&bytes);
		/* Also ARCHIVE_WARN: a wrong checksum. */
		if (n < 0 || self->n_unpacked + (gsize)n > MAX_UNPACKED)
			return NULL;
		self->n_unpacked += (gsize)n;
		g_byte_array_append(bytes, (const guint8 *)buffer, (guint)n);
	}
}

static void read_part(SgpExtract *self, Kind kind, const char *name, const GByteArray *bytes)
{
	const char *data = (const char *)bytes->data;
	if (bytes->len == 0 || is_layout(kind, name))
		return;
	if (kind != KIND_UNKNOWN && is_picture(name)) {
		if (bytes->len > LARGE_PICTURE)
			self->is_incomplete = TRUE;
	} else if (kind != KIND_UNKNOWN && is_one_of(name, (const char *const[]){ ".xml", NULL })) {
		sgp_extract_read_xml(self, data, bytes->len);
		sgp_extract_add(self, "\n", 1);
	} else if (self->depth < MAX_DEPTH) {
		self->depth++;
		sgp_extract_read(self, data, bytes->len);
		self->depth--;
	} else {
		self->is_incomplete = TRUE;
	}
}

/* Only zip: libarchive knows twenty other formats, which nobody needs here. */
static struct archive *open_zip(const char *bytes, gsize length)
{
	struct archive *archive = archive_read_new();
	if (archive == NULL)
		return NULL;
	archive_read_support_format_zip(archive);
	if (archive_read_open_memory(archive, bytes, length) == ARCHIVE_OK)
		return archive;
	archive_read_free(archive);
	return NULL;
}

/* By the names of its entries; their order is not promised. */
static Kind find_kind(const char *bytes, gsize length)
{
	Kind kind = KIND_UNKNOWN;
	struct archive_entry *entry = NULL;
	struct archive *archive = open_zip(bytes, length);
	if (archive == NULL)
		return KIND_UNKNOWN;
	for (guint n = 0; kind == KIND_UNKNOWN && n < MAX_ENTRIES &&
			  archive_read_next_header(archive, &entry) == ARCHIVE_OK;
		n++) {
		const char *name = archive_entry_pathname_utf8(entry);
		if (g_strcmp0(name, "[Content_Types].xml") == 0)
			kind = KIND_OOXML;
		else if (g_strcmp0(name, "META-INF/manifest.xml") == 0)
			kind = KIND_ODF;
	}
	archive_read_free(archive);
	return kind;
}

static void read_entries(SgpExtract *self, struct archive *archive, Kind kind)
{
	struct archive_entry *entry = NULL;
	int status;
	while ((status = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
		const char *name = archive_entry_pathname_utf8(entry);
		if (++self->n_entries > MAX_ENTRIES || sgp_extract_is_full(self) || name == NULL ||
			archive_entry_is_encrypted(entry)) {
			self->is_incomplete = TRUE;
			return;
		}
		if (kind == KIND_UNKNOWN) {
			sgp_extract_add(self, name, -1);
			sgp_extract_add(self, "\n", 1);
		}
		if (archive_entry_filetype(entry) == AE_IFDIR)
			continue;
		g_autoptr(GByteArray) part = read_entry(self, archive);
		if (part == NULL) {
			self->is_incomplete = TRUE;
			return;
		}
		read_part(self, kind, name, part);
	}
	if (status != ARCHIVE_EOF)
		self->is_incomplete = TRUE;
}

static gboolean has_letter(const char *text)
{
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		if (g_unichar_isalpha(g_utf8_get_char(p)))
			return TRUE;
	}
	return FALSE;
}

void sgp_extract_read_archive(SgpExtract *self, const char *bytes, gsize length)
{
	struct archive *archive = open_zip(bytes, length);
	if (archive == NULL) {
		self->is_incomplete = TRUE;
		return;
	}
	gsize before = self->text->len;
	read_entries(self, archive, find_kind(bytes, length));
	archive_read_free(archive);
	/* A letter of pictures only. */
	if (!has_letter(self->text->str + before))
		self->is_incomplete = TRUE;
}
