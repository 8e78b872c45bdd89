/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Shows, copies and prints registration codes. It keeps none of them longer than the window is open
 * and writes none to a disk or a log; what the print system makes of a letter is the print
 * system's. */
#include "sgp-invitation-window.h"

#include <glib/gi18n-lib.h>
#include "sgp-ui.h"
#include "sgp-words.h"

struct _SgpInvitationWindow {
	GtkWindow parent_instance;

	GtkWidget *invitations;    /* (template child) */
	SgpAgent1 *agent;          /* (owned) (nullable) */
	GCancellable *cancellable; /* (owned) */
	char *origin;              /* (owned) (nullable) the portal's address */
	char *office;              /* (owned) (nullable) */
};

G_DEFINE_FINAL_TYPE(SgpInvitationWindow, sgp_invitation_window, GTK_TYPE_WINDOW)

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

static void copy_clicked(GtkButton *button, SgpInvitationWindow *self)
{
	GtkClipboard *clipboard =
		gtk_widget_get_clipboard(GTK_WIDGET(button), GDK_SELECTION_CLIPBOARD);
	gtk_clipboard_set_text(clipboard, g_object_get_data(G_OBJECT(button), "sgp-code"), -1);
}

static char *dup_letter(
	SgpInvitationWindow *self, const char *address, const char *code, const char *until)
{
	g_autoptr(GDateTime) now = g_date_time_new_now_local();
	g_autofree char *today = g_date_time_format(now, _("%m/%d/%Y"));
	g_autoptr(GString) text = g_string_new(NULL);
	if (self->office != NULL)
		g_string_append_printf(text, "%s\n\n\n", self->office);
	g_string_append_printf(text, "%s\n\n\n", today);
	g_string_append(text, _("Your code for our WebMail portal\n\nDear customer,\n\nwe have put "
				"an encrypted message for you into our WebMail portal. "
				"To read it, please register once:\n\n"));
	g_string_append_printf(
		text, _("Address of the portal: %s\n"), self->origin != NULL ? self->origin : "");
	g_string_append_printf(text, _("Your e-mail address: %s\n"), address);
	g_string_append_printf(text, _("Your code: %s\n"), code);
	if (until != NULL)
		g_string_append_printf(text, _("Valid until: %s\n"), until);
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

static void print_clicked(GtkButton *button, SgpInvitationWindow *self)
{
	GObject *object = G_OBJECT(button);
	g_autoptr(GtkPrintOperation) operation = gtk_print_operation_new();
	g_autoptr(GtkPageSetup) page = gtk_page_setup_new();
	char *letter = dup_letter(self, g_object_get_data(object, "sgp-address"),
		g_object_get_data(object, "sgp-code"), g_object_get_data(object, "sgp-until"));
	gtk_page_setup_set_left_margin(page, 25, GTK_UNIT_MM);
	gtk_page_setup_set_right_margin(page, 20, GTK_UNIT_MM);
	gtk_page_setup_set_top_margin(page, 45, GTK_UNIT_MM);
	gtk_page_setup_set_bottom_margin(page, 25, GTK_UNIT_MM);
	gtk_print_operation_set_default_page_setup(operation, page);
	gtk_print_operation_set_n_pages(operation, 1);
	gtk_print_operation_set_job_name(operation, _("Portal code"));
	/* Without this GTK would run a main loop of its own inside the mail program. */
	gtk_print_operation_set_allow_async(operation, TRUE);
	g_signal_connect_data(operation, "draw-page", G_CALLBACK(draw_letter), letter,
		(GClosureNotify)(void (*)(void))g_free, 0);
	gtk_print_operation_run(
		operation, GTK_PRINT_OPERATION_ACTION_PRINT_DIALOG, GTK_WINDOW(self), NULL);
}

static GtkWidget *add_button(SgpInvitationWindow *self, GtkWidget *box, const char *label,
	GCallback callback, const char *address, const char *code, const char *until)
{
	GtkWidget *button = gtk_button_new_with_label(label);
	atk_object_set_description(gtk_widget_get_accessible(button), address);
	g_object_set_data_full(G_OBJECT(button), "sgp-address", g_strdup(address), g_free);
	g_object_set_data_full(G_OBJECT(button), "sgp-code", g_strdup(code), g_free);
	g_object_set_data_full(G_OBJECT(button), "sgp-until", g_strdup(until), g_free);
	g_signal_connect_object(button, "clicked", callback, self, 0);
	gtk_container_add(GTK_CONTAINER(box), button);
	return button;
}

static void add_invitation(SgpInvitationWindow *self, JsonObject *invitation)
{
	const char *address =
		json_object_get_string_member_with_default(invitation, "address", "?");
	const char *digits = json_object_get_string_member_with_default(invitation, "code", NULL);
	if (digits == NULL)
		return;
	JsonNode *valid = json_object_get_member(invitation, "valid_until");
	g_autofree char *seconds =
		valid != NULL && JSON_NODE_HOLDS_VALUE(valid) &&
				json_node_get_value_type(valid) == G_TYPE_INT64
			? g_strdup_printf("%" G_GINT64_FORMAT, json_node_get_int(valid))
			: NULL;
	g_autofree char *until =
		sgp_words_dup_date(seconds != NULL ? seconds
						   : json_object_get_string_member_with_default(
							     invitation, "valid_until", NULL));
	g_autofree char *code = dup_grouped(digits);
	g_autofree char *big = g_markup_printf_escaped(
		"<span font_family=\"monospace\" size=\"x-large\" weight=\"bold\">%s</span>", code);
	g_autofree char *validity =
		until != NULL ? g_strdup_printf(_("Valid until %s"), until) : g_strdup("");

	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
	GtkWidget *buttons = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	const char *const texts[] = { address, NULL, validity };
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++) {
		GtkWidget *label = gtk_label_new(texts[i]);
		if (texts[i] == NULL) {
			gtk_label_set_markup(GTK_LABEL(label), big);
			gtk_label_set_selectable(GTK_LABEL(label), TRUE);
			gtk_widget_set_can_focus(label, FALSE); /* or it would be shown selected */
		}
		gtk_label_set_xalign(GTK_LABEL(label), 0);
		gtk_container_add(GTK_CONTAINER(box), label);
	}
	add_button(
		self, buttons, _("Copy the code"), G_CALLBACK(copy_clicked), address, code, until);
	add_button(self, buttons, _("Print a letter…"), G_CALLBACK(print_clicked), address, code,
		until);
	gtk_container_add(GTK_CONTAINER(box), buttons);
	gtk_widget_show_all(box);
	gtk_container_add(GTK_CONTAINER(self->invitations), box);
}

static void got_status(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autofree char *json = NULL;
	g_autoptr(GError) error = NULL;
	sgp_agent1_call_portal_status_finish(SGP_AGENT1(source), &json, result, &error);
	if (json == NULL)
		return; /* cancelled with the window; or a letter without the portal's address,
			   which staff see before they print */
	SgpInvitationWindow *self = SGP_INVITATION_WINDOW(user_data);
	g_autoptr(JsonNode) node = json_from_string(json, NULL);
	if (node == NULL || !JSON_NODE_HOLDS_OBJECT(node))
		return;
	self->origin = g_strdup(json_object_get_string_member_with_default(
		json_node_get_object(node), "origin", NULL));
	self->office = g_strdup(json_object_get_string_member_with_default(
		json_node_get_object(node), "office", NULL));
}

static void close_clicked(SgpInvitationWindow *self)
{
	gtk_widget_destroy(GTK_WIDGET(self));
}

static void sgp_invitation_window_dispose(GObject *object)
{
	SgpInvitationWindow *self = SGP_INVITATION_WINDOW(object);
	if (self->cancellable != NULL)
		g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->cancellable);
	g_clear_object(&self->agent);
	g_clear_pointer(&self->origin, g_free);
	g_clear_pointer(&self->office, g_free);
	G_OBJECT_CLASS(sgp_invitation_window_parent_class)->dispose(object);
}

static void sgp_invitation_window_class_init(SgpInvitationWindowClass *klass)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
	G_OBJECT_CLASS(klass)->dispose = sgp_invitation_window_dispose;
	sgp_ui_init();
	gtk_widget_class_set_template_from_resource(
		widget_class, SGP_UI_RESOURCE "sgp-invitation-window.ui");
	gtk_widget_class_bind_template_child(widget_class, SgpInvitationWindow, invitations);
	gtk_widget_class_bind_template_callback(widget_class, close_clicked);
}

static void sgp_invitation_window_init(SgpInvitationWindow *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
	self->cancellable = g_cancellable_new();
}

GtkWidget *sgp_invitation_window_new(
	GtkApplication *application, SgpAgent1 *agent, JsonArray *invitations)
{
	SgpInvitationWindow *self =
		g_object_new(SGP_TYPE_INVITATION_WINDOW, "application", application, NULL);
	g_set_object(&self->agent, agent);
	for (guint i = 0; i < json_array_get_length(invitations); i++)
		add_invitation(self, json_array_get_object_element(invitations, i));
	if (agent != NULL)
		sgp_agent1_call_portal_status(agent, self->cancellable, got_status, self);
	return GTK_WIDGET(self);
}
