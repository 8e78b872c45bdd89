/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Text of a PDF, by Poppler: title and the like, pages, comments, form fields, the files inside.
 * Owns which PDF counts as read: a page that is a picture, or whose letters have no meaning, may
 * say anything. Never renders, never runs a script. */
#include "sgp-extract.h"

#include <poppler.h>
#include <string.h>

#define MAX_PAGES     2000
#define MAX_DEPTH     2
#define MAX_INNER     (16 * 1024 * 1024)
#define PICTURE_SHARE 0.4 /* of the page: a scan, not a letterhead */
#define FEW_LETTERS   200 /* beside such a picture: a heading, not its text layer */

/* Poppler 22.12 has no such macros for its types; Debian 13's has. */
#if !POPPLER_CHECK_VERSION(23, 0, 0)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PopplerDocument, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(PopplerPage, g_object_unref)
#endif

static void add_line(SgpExtract *self, const char *text)
{
	if (text == NULL || *text == '\0')
		return;
	sgp_extract_add(self, text, -1);
	sgp_extract_add(self, "\n", 1);
}

static void add_owned(SgpExtract *self, char *text)
{
	g_autofree char *line = text;
	add_line(self, line);
}

static void read_info(SgpExtract *self, PopplerDocument *document)
{
	add_owned(self, poppler_document_get_title(document));
	add_owned(self, poppler_document_get_subject(document));
	add_owned(self, poppler_document_get_keywords(document));
	add_owned(self, poppler_document_get_author(document));
}

/* Letters that mean something. A font without a table of its characters gives others. */
static guint count_letters(const char *text, guint *n_strange)
{
	guint n = 0;
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		GUnicodeType type = g_unichar_type(c);
		if (c == 0xfffd || type == G_UNICODE_PRIVATE_USE || type == G_UNICODE_UNASSIGNED ||
			(type == G_UNICODE_CONTROL && strchr("\t\n\r\f", (int)c) == NULL))
			(*n_strange)++;
		else if (g_unichar_isalnum(c))
			n++;
	}
	return n;
}

static double get_largest_picture(PopplerPage *page)
{
	double width = 0, height = 0, largest = 0;
	poppler_page_get_size(page, &width, &height);
	GList *pictures = poppler_page_get_image_mapping(page);
	for (GList *l = pictures; l != NULL; l = l->next) {
		const PopplerRectangle *area = &((PopplerImageMapping *)l->data)->area;
		double share = (area->x2 - area->x1) * (area->y2 - area->y1) / (width * height);
		largest = MAX(largest, ABS(share));
	}
	poppler_page_free_image_mapping(pictures);
	return largest;
}

static void read_annotations(SgpExtract *self, PopplerPage *page)
{
	GList *all = poppler_page_get_annot_mapping(page);
	for (GList *l = all; l != NULL; l = l->next) {
		PopplerAnnot *annotation = ((PopplerAnnotMapping *)l->data)->annot;
		add_owned(self, poppler_annot_get_contents(annotation));
		if (POPPLER_IS_ANNOT_MARKUP(annotation)) {
			PopplerAnnotMarkup *markup = POPPLER_ANNOT_MARKUP(annotation);
			add_owned(self, poppler_annot_markup_get_subject(markup));
			add_owned(self, poppler_annot_markup_get_label(markup));
		}
	}
	poppler_page_free_annot_mapping(all);
}

static void read_choice(SgpExtract *self, PopplerFormField *field)
{
	int n = poppler_form_field_choice_get_n_items(field);
	for (int i = 0; i < n; i++) {
		if (poppler_form_field_choice_is_item_selected(field, i))
			add_owned(self, poppler_form_field_choice_get_item(field, i));
	}
	if (poppler_form_field_choice_is_editable(field))
		add_owned(self, poppler_form_field_choice_get_text(field));
}

static void read_fields(SgpExtract *self, PopplerPage *page)
{
	GList *all = poppler_page_get_form_field_mapping(page);
	for (GList *l = all; l != NULL; l = l->next) {
		PopplerFormField *field = ((PopplerFormFieldMapping *)l->data)->field;
		PopplerFormFieldType type = poppler_form_field_get_field_type(field);
		if (type == POPPLER_FORM_FIELD_TEXT)
			add_owned(self, poppler_form_field_text_get_text(field));
		else if (type == POPPLER_FORM_FIELD_CHOICE)
			read_choice(self, field);
		add_owned(self, poppler_form_field_get_alternate_ui_name(field));
		add_owned(self, poppler_form_field_get_name(field));
	}
	poppler_page_free_form_field_mapping(all);
}

static void read_page(SgpExtract *self, PopplerPage *page)
{
	guint n_strange = 0;
	g_autofree char *text = poppler_page_get_text(page);
	guint n = text != NULL ? count_letters(text, &n_strange) : 0;
	add_line(self, text);
	/* A page without letters is a scan, or drawn: only a reader's eye can say that it is empty.
	 */
	if (n == 0 || n_strange > n / 10 ||
		(n < FEW_LETTERS && get_largest_picture(page) > PICTURE_SHARE))
		self->is_incomplete = TRUE;
	read_annotations(self, page);
	read_fields(self, page);
}

static gboolean take_bytes(const char *bytes, gsize length, gpointer data, GError **error)
{
	GByteArray *all = data;
	if (all->len + length > MAX_INNER) {
		g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE, "too large");
		return FALSE;
	}
	g_byte_array_append(all, (const guint8 *)bytes, (guint)length);
	return TRUE;
}

static void read_inner(SgpExtract *self, PopplerAttachment *inner)
{
	g_autoptr(GByteArray) bytes = g_byte_array_new();
	add_line(self, poppler_attachment_get_name(inner));
	if (self->depth >= MAX_DEPTH ||
		!poppler_attachment_save_to_callback(inner, take_bytes, bytes, NULL)) {
		self->is_incomplete = TRUE;
		return;
	}
	self->depth++;
	if (bytes->len > 0)
		sgp_extract_read(self, (const char *)bytes->data, bytes->len);
	self->depth--;
}

static void read_inner_files(SgpExtract *self, PopplerDocument *document)
{
	GList *all = poppler_document_get_attachments(document);
	for (GList *l = all; l != NULL; l = l->next)
		read_inner(self, l->data);
	g_list_free_full(all, g_object_unref);
}

void sgp_extract_read_pdf(SgpExtract *self, const char *bytes, gsize length)
{
	g_autoptr(GBytes) borrowed = g_bytes_new_static(bytes, length);
	g_autoptr(PopplerDocument) document = poppler_document_new_from_bytes(borrowed, NULL, NULL);
	if (document == NULL) { /* encrypted, or broken */
		self->is_incomplete = TRUE;
		return;
	}
	/* What such a form shows stands in a language of its own, not on its pages. */
	if (memmem(bytes, length, "/XFA", 4) != NULL)
		self->is_incomplete = TRUE;
	read_info(self, document);
	int n = poppler_document_get_n_pages(document);
	if (n <= 0 || n > MAX_PAGES)
		self->is_incomplete = TRUE;
	for (int i = 0; i < MIN(n, MAX_PAGES) && !sgp_extract_is_full(self); i++) {
		g_autoptr(PopplerPage) page = poppler_document_get_page(document, i);
		if (page != NULL)
			read_page(self, page);
		else
			self->is_incomplete = TRUE;
	}
	read_inner_files(self, document);
}
