/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text of XML (the parts of office files) and HTML, by libxml2's event parser. Owns what ends a
 * word and which elements are no text. Builds no tree, loads nothing, and takes no document that
 * declares entities: that is how a small file becomes a large one, or reads another. */
#include "sgp-extract.h"

#include <libxml/HTMLparser.h>
#include <libxml/parser.h>
#include <string.h>

typedef struct {
	SgpExtract *extract; /* (borrowed) */
	xmlParserCtxt *context;
	gboolean is_html;
	guint n_dropped;        /* open elements whose content is no text */
	gboolean has_attribute; /* what the element says stands in one */
} Reader;

static gboolean is_one_of(const char *name, const char *const *names)
{
	for (gsize i = 0; names[i] != NULL; i++) {
		if (g_ascii_strcasecmp(name, names[i]) == 0)
			return TRUE;
	}
	return FALSE;
}

/* Field codes, styles of numbers, scripts: nothing that a person wrote. */
static gboolean is_dropped(const Reader *self, const char *name)
{
	static const char *const xml[] = { "instrText", "formatCode", "styles", "style", NULL };
	static const char *const html[] = { "script", "style", NULL };
	return is_one_of(name, self->is_html ? html : xml);
}

/* Office files cut words into runs (w:r, text:span, a:r); everything else ends a word. */
static gboolean is_inside_a_word(const Reader *self, const char *name)
{
	static const char *const xml[] = { "t", "r", "span", "rPr", "ins", "del", "delText",
		"hyperlink", "lang", "b", "i", "u", "sz", "szCs", "rFonts", "color", "proofErr",
		"bookmarkStart", "bookmarkEnd", "lastRenderedPageBreak", "rStyle", "latin", "ea",
		"cs", "solidFill", "srgbClr", "a", "noProof", "soft-page-break", "bookmark", NULL };
	static const char *const html[] = { "a", "b", "i", "u", "em", "strong", "span", "font",
		"small", "big", "sub", "sup", "wbr", "mark", "s", "code", NULL };
	return is_one_of(name, self->is_html ? html : xml);
}

static void start(Reader *self, const char *name)
{
	if (self->n_dropped > 0 || is_dropped(self, name))
		self->n_dropped++;
	if (is_one_of(name, (const char *const[]){ "p", "br", "row", "si", "tr", "div", "li", "h",
				    "h1", "h2", "h3", "cr", "comment", "table-row", NULL }))
		sgp_extract_add(self->extract, "\n", 1);
	else if (!is_inside_a_word(self, name))
		sgp_extract_add(self->extract, " ", 1);
}

static void end(Reader *self, const char *name)
{
	if (self->n_dropped > 0)
		self->n_dropped--;
	if (!is_inside_a_word(self, name))
		sgp_extract_add(self->extract, " ", 1);
	if (sgp_extract_is_full(self->extract))
		xmlStopParser(self->context);
}

static void add_attribute(Reader *self, const char *name, const char *value, gsize length)
{
	/* Descriptions of pictures, names of sheets, texts of fields. */
	static const char *const names[] = { "descr", "title", "alt", "name", "string-value",
		"placeholder", "value", "content", NULL };
	if (self->n_dropped > 0 || !is_one_of(name, names))
		return;
	sgp_extract_add(self->extract, " ", 1);
	sgp_extract_add(self->extract, value, (gssize)length);
	sgp_extract_add(self->extract, " ", 1);
}

static void start_element_ns(void *data, const xmlChar *name, const xmlChar *prefix,
	const xmlChar *uri, int n_namespaces, const xmlChar **namespaces, int n_attributes,
	int n_defaulted, const xmlChar **attributes)
{
	Reader *self = data;
	start(self, (const char *)name);
	for (int i = 0; i < n_attributes; i++) {
		const char *from = (const char *)attributes[i * 5 + 3];
		const char *to = (const char *)attributes[i * 5 + 4];
		add_attribute(self, (const char *)attributes[i * 5], from, (gsize)(to - from));
	}
}

static void end_element_ns(
	void *data, const xmlChar *name, const xmlChar *prefix, const xmlChar *uri)
{
	end(data, (const char *)name);
}

static void start_element(void *data, const xmlChar *name, const xmlChar **attributes)
{
	Reader *self = data;
	start(self, (const char *)name);
	for (int i = 0; attributes != NULL && attributes[i] != NULL; i += 2) {
		const char *value = (const char *)attributes[i + 1];
		if (value != NULL)
			add_attribute(self, (const char *)attributes[i], value, strlen(value));
	}
}

static void end_element(void *data, const xmlChar *name)
{
	end(data, (const char *)name);
}

static void characters(void *data, const xmlChar *text, int length)
{
	Reader *self = data;
	gboolean is_layout = TRUE;
	for (int i = 0; i < length && is_layout; i++)
		is_layout = g_ascii_isspace(text[i]);
	/* Blanks between tags are layout; a lone blank is one. */
	if (self->n_dropped == 0 && (!is_layout || memchr(text, '\n', (size_t)length) == NULL))
		sgp_extract_add(self->extract, (const char *)text, length);
	else if (self->n_dropped == 0 && self->is_html)
		sgp_extract_add(self->extract, " ", 1);
}

/* An office file has none. */
static void entity_declared(void *data, const xmlChar *name, int type, const xmlChar *public_id,
	const xmlChar *system_id, xmlChar *content)
{
	Reader *self = data;
	self->extract->is_incomplete = TRUE;
	xmlStopParser(self->context);
}

static void reference(void *data, const xmlChar *name)
{
	((Reader *)data)->extract->is_incomplete = TRUE;
}

static void doctype(
	void *data, const xmlChar *name, const xmlChar *external_id, const xmlChar *system_id)
{
}

static void keep_quiet(void *data, xmlErrorPtr error)
{
}

void sgp_extract_read_xml(SgpExtract *self, const char *bytes, gsize length)
{
	xmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.startElementNs = start_element_ns,
		.endElementNs = end_element_ns,
		.characters = characters,
		.cdataBlock = characters,
		.entityDecl = entity_declared,
		.reference = reference,
		.internalSubset = doctype,
		.serror = keep_quiet,
	};
	Reader reader = { .extract = self };
	xmlParserCtxt *context = xmlCreatePushParserCtxt(&handler, &reader, NULL, 0, NULL);
	if (context == NULL) {
		self->is_incomplete = TRUE;
		return;
	}
	reader.context = context;
	/* Neither NOENT nor DTDLOAD nor HUGE: see above, and /extract/an-entity-bomb-is-not-read.
	 */
	xmlCtxtUseOptions(context, XML_PARSE_NONET);
	if (xmlParseChunk(context, bytes, (int)length, 1) != 0 || !context->wellFormed)
		self->is_incomplete = TRUE;
	/* A declaration makes a document, whatever the handler does with it. */
	xmlFreeDoc(context->myDoc);
	xmlFreeParserCtxt(context);
}

void sgp_extract_read_html(SgpExtract *self, const char *bytes, gsize length)
{
	htmlSAXHandler handler = {
		.initialized = XML_SAX2_MAGIC,
		.startElement = start_element,
		.endElement = end_element,
		.characters = characters,
		.cdataBlock = characters,
		.serror = keep_quiet,
	};
	Reader reader = { .extract = self, .is_html = TRUE };
	gboolean is_utf8 = g_utf8_validate_len(bytes, length, NULL);
	htmlParserCtxt *context = htmlCreatePushParserCtxt(&handler, &reader, NULL, 0, NULL,
		is_utf8 ? XML_CHAR_ENCODING_UTF8 : XML_CHAR_ENCODING_NONE);
	if (context == NULL) {
		self->is_incomplete = TRUE;
		return;
	}
	reader.context = context;
	htmlCtxtUseOptions(context, HTML_PARSE_NONET | HTML_PARSE_RECOVER);
	htmlParseChunk(context, bytes, (int)length, 1);
	/* Broken markup is normal; an unknown charset is not. */
	if (context->lastError.code == XML_ERR_UNSUPPORTED_ENCODING ||
		context->lastError.code == XML_ERR_INVALID_ENCODING)
		self->is_incomplete = TRUE;
	xmlFreeDoc(context->myDoc);
	htmlFreeParserCtxt(context);
}
