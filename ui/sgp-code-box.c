/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows, copies and prints a registration code. It keeps it no longer than it is on the screen and
 * writes it to no disk and no log; what the print system makes of a letter is the print system's.
 */
#include "sgp-code-box.h"

#include <glib/gi18n-lib.h>
#include <string.h>
#include "sgp-words.h"

struct _SgpCodeBox {
	GtkBox parent_instance;

	GCancellable *cancellable; /* (owned) */
	SgpCodePurpose purpose;
	char *address; /* (owned) */
	char *code;    /* (owned) grouped */
	char *until;   /* (owned) (nullable) for people */
	char *origin;  /* (owned) (nullable) the portal's address */
	char *office;  /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE(SgpCodeBox, sgp_code_box, GTK_TYPE_BOX)

/* "482113907…" as "482 113 907 …": read out and typed in threes. A code that comes grouped stays as
 * it is. */
static char *dup_grouped(const char *code)
{
	g_autoptr(GString) text = g_string_new(NULL);
	gsize digits = 0;
	for (const char *c = code; *c != '\0'; c++) {
		if (*c == ' ')
			continue;
		if (digits > 0 && digits % 3 == 0)
			g_string_append_c(text, ' ');
		g_string_append_c(text, *c);
		digits++;
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void copy_clicked(GtkButton *button, SgpCodeBox *self)
{
	gtk_clipboard_set_text(
		gtk_widget_get_clipboard(GTK_WIDGET(button), GDK_SELECTION_CLIPBOARD), self->code,
		-1);
}

static const char *get_opening(SgpCodePurpose purpose)
{
	switch (purpose) {
	case SGP_CODE_RENEWAL:
		return _("Your new code for our WebMail portal\n\nDear customer,\n\nyour access to "
			 "our WebMail portal was renewed. Your messages are still there. "
			 "To read them, please register once more:\n\n");
	case SGP_CODE_INVITATION:
		break;
	}
	return _("Your code for our WebMail portal\n\nDear customer,\n\nwe have put an encrypted "
		 "message for you into our WebMail portal. "
		 "To read it, please register once:\n\n");
}

static char *dup_letter(SgpCodeBox *self)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *today = g_date_time_format(now, _("%m/%d/%Y"));
	g_autoptr(GString) text = g_string_new(NULL);
	if (self->office != NULL)
		g_string_append_printf(text, "%s\n\n\n", self->office);
	g_string_append_printf(text, "%s\n\n\n", today);
	g_string_append(text, get_opening(self->purpose));
	g_string_append_printf(
		text, _("Address of the portal: %s\n"), self->origin != NULL ? self->origin : "");
	g_string_append_printf(text, _("Your e-mail address: %s\n"), self->address);
	g_string_append_printf(text, _("Your code: %s\n"), self->code);
	if (self->until != NULL)
		g_string_append_printf(text, _("Valid until: %s\n"), self->until);
	g_string_append(
		text, _("\nPlease type the portal's address into your browser yourself. We will "
			"never ask you for this code or for your password by e-mail.\n\n"
			"With kind regards\n"));
	return g_string_free(g_steal_pointer(&text), FALSE);
}

static void draw_letter(
	GtkPrintOperation *operation, GtkPrintContext *context, int page, gpointer user_data)
{
	const char *letter = user_data;
	g_autoptr(PangoLayout) layout = gtk_print_context_create_pango_layout(context);
	g_autoptr(PangoFontDescription) font = pango_font_description_from_string("Serif 11");
	pango_layout_set_font_description(layout, font);
	pango_layout_set_width(layout, (int)(gtk_print_context_get_width(context) * PANGO_SCALE));
	pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_text(layout, letter, -1);
	pango_cairo_show_layout(gtk_print_context_get_cairo_context(context), layout);
}

static void print_clicked(GtkButton *button, SgpCodeBox *self)
{
	g_autoptr(GtkPrintOperation) operation = gtk_print_operation_new();
	g_autoptr(GtkPageSetup) page = gtk_page_setup_new();
	GtkWidget *window = gtk_widget_get_toplevel(GTK_WIDGET(self));
	gtk_page_setup_set_left_margin(page, 25, GTK_UNIT_MM);
	gtk_page_setup_set_right_margin(page, 20, GTK_UNIT_MM);
	gtk_page_setup_set_top_margin(page, 45, GTK_UNIT_MM);
	gtk_page_setup_set_bottom_margin(page, 25, GTK_UNIT_MM);
	gtk_print_operation_set_default_page_setup(operation, page);
	gtk_print_operation_set_n_pages(operation, 1);
	gtk_print_operation_set_job_name(operation, _("Portal code"));
	/* Without this GTK would run a main loop of its own inside the mail program. */
	gtk_print_operation_set_allow_async(operation, TRUE);
	g_signal_connect_data(operation, "draw-page", G_CALLBACK(draw_letter), dup_letter(self),
		(GClosureNotify)(void (*)(void))g_free, 0);
	gtk_print_operation_run(operation, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG,
		GTK_IS_WINDOW(window) ? GTK_WINDOW(window) : NULL, NULL);
}

static void add_label(SgpCodeBox *self, const char *text)
{
	GtkWidget *label = gtk_label_new(text);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 60);
	gtk_container_add(GTK_CONTAINER(self), label);
}

static void add_code(SgpCodeBox *self)
{
	g_autofree char *big = g_markup_printf_escaped(
		"<span font_family=\"monospace\" size=\"x-large\" weight=\"bold\">%s</span>",
		self->code);
	GtkWidget *label = gtk_label_new(NULL);
	gtk_label_set_markup(GTK_LABEL(label), big);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_widget_set_can_focus(label, FALSE); /* or it would be shown selected */
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_container_add(GTK_CONTAINER(self), label);
}

static void add_button(SgpCodeBox *self, GtkWidget *box, const char *label, GCallback callback)
{
	GtkWidget *button = gtk_button_new_with_label(label);
	/* Several codes may be in one window. */
	atk_object_set_description(gtk_widget_get_accessible(button), self->address);
	g_signal_connect_object(button, "clicked", callback, self, 0);
	gtk_container_add(GTK_CONTAINER(box), button);
}

static void got_status(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autofree char *json = NULL;
	g_autoptr(GError) error = NULL;
	sgp_agent1_call_portal_status_finish(SGP_AGENT1(source), &json, result, &error);
	if (json == NULL)
		return; /* cancelled with the box; or a letter without the portal's address, which
			   staff see before they print */
	SgpCodeBox *self = SGP_CODE_BOX(user_data);
	g_autoptr(JsonNode) node = json_from_string(json, NULL);
	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node))
		return;
	self->origin = g_strdup(json_object_get_string_member_with_default(
		json_node_get_object(node), "origin", NULL));
	self->office = g_strdup(json_object_get_string_member_with_default(
		json_node_get_object(node), "office", NULL));
}

/* As seconds, or as ISO 8601. (transfer full) (nullable) */
static char *dup_until(JsonObject *invitation)
{
	JsonNode *valid = json_object_get_member(invitation, "valid_until");
	if (valid == NULL || !JSON_NODE_HOLDS_VALUE(valid))
		return NULL;
	if (json_node_get_value_type(valid) != G_TYPE_INT64)
		return sgp_words_dup_date(json_node_get_string(valid));
	if (json_node_get_int(valid) <= 0)
		return NULL;
	g_autofree char *seconds = g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(valid));
	return sgp_words_dup_date(seconds);
}

static void sgp_code_box_dispose(GObject *object)
{
	g_cancellable_cancel(SGP_CODE_BOX(object)->cancellable);
	G_OBJECT_CLASS(sgp_code_box_parent_class)->dispose(object);
}

static void sgp_code_box_finalize(GObject *object)
{
	SgpCodeBox *self = SGP_CODE_BOX(object);
	g_object_unref(self->cancellable);
	if (self->code != NULL)
		explicit_bzero(self->code, strlen(self->code));
	g_free(self->code);
	g_free(self->address);
	g_free(self->until);
	g_free(self->origin);
	g_free(self->office);
	G_OBJECT_CLASS(sgp_code_box_parent_class)->finalize(object);
}

static void sgp_code_box_class_init(SgpCodeBoxClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = sgp_code_box_dispose;
	G_OBJECT_CLASS(klass)->finalize = sgp_code_box_finalize;
}

static void sgp_code_box_init(SgpCodeBox *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	gtk_box_set_spacing(GTK_BOX(self), 4);
	self->cancellable = g_cancellable_new();
}

GtkWidget *sgp_code_box_new(SgpAgent1 *agent, JsonObject *invitation, SgpCodePurpose purpose)
{
	const char *digits = json_object_get_string_member_with_default(invitation, "code", NULL);
	if (digits == NULL)
		return NULL;
	SgpCodeBox *self = g_object_new(SGP_TYPE_CODE_BOX, NULL);
	GtkWidget *buttons = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	self->purpose = purpose;
	self->address =
		g_strdup(json_object_get_string_member_with_default(invitation, "address", "?"));
	self->code = dup_grouped(digits);
	self->until = dup_until(invitation);
	add_label(self, self->address);
	add_code(self);
	if (self->until != NULL) {
		g_autofree char *validity = g_strdup_printf(_("Valid until %s"), self->until);
		add_label(self, validity);
	}
	add_label(self, _("Every colleague can show this code once more: in the preferences, "
			  "under “Customers at the portal…”."));
	add_button(self, buttons, _("Copy the code"), G_CALLBACK(copy_clicked));
	add_button(self, buttons, _("Print a letter…"), G_CALLBACK(print_clicked));
	gtk_container_add(GTK_CONTAINER(self), buttons);
	gtk_widget_show_all(GTK_WIDGET(self));
	if (agent != NULL)
		sgp_agent1_call_portal_status(agent, self->cancellable, got_status, self);
	return GTK_WIDGET(self);
}
