/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inline form that ties a mail to a matter, an old one or a new one. It changes the draft, and
 * through the chooser the office's list of matters. */
#include "sgp-matter-form.h"

#include "sgp-matter-chooser.h"
#include "sgp-ui.h"
#include "sgp-words.h"

struct _SgpMatterForm {
	GtkBox parent_instance;

	GtkWidget *chooser; /* (template child) */
	GtkWidget *problem; /* (template child) */
	GtkWidget *use;     /* (template child) */
	SgpDraft *draft;    /* (owned) */
};

G_DEFINE_FINAL_TYPE(SgpMatterForm, sgp_matter_form, GTK_TYPE_BOX)

static guint closed_signal;

static void matter_ready(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(SgpMatterForm) self = SGP_MATTER_FORM(user_data);
	g_autoptr(GError) error = NULL;
	g_autofree char *reference =
		sgp_matter_chooser_commit_finish(SGP_MATTER_CHOOSER(source), result, &error);
	if (self->draft == NULL)
		return; /* closed meanwhile */
	gtk_widget_set_sensitive(self->use, TRUE);
	if (error != NULL) {
		g_autofree char *words = sgp_words_dup_error_of(error);
		gtk_label_set_text(GTK_LABEL(self->problem), words);
		gtk_widget_show(self->problem);
		return;
	}
	sgp_draft_choose_matter(self->draft, reference);
	g_signal_emit(self, closed_signal, 0);
}

static void use_clicked(SgpMatterForm *self)
{
	gtk_widget_hide(self->problem);
	/* Pressed twice it would make the matter twice, and the second time be refused. */
	gtk_widget_set_sensitive(self->use, FALSE);
	sgp_matter_chooser_commit_async(
		SGP_MATTER_CHOOSER(self->chooser), matter_ready, g_object_ref(self));
}

static void none_clicked(SgpMatterForm *self)
{
	sgp_draft_choose_matter(self->draft, NULL);
	g_signal_emit(self, closed_signal, 0);
}

static void close_clicked(SgpMatterForm *self)
{
	g_signal_emit(self, closed_signal, 0);
}

static void sgp_matter_form_dispose(GObject *object)
{
	g_clear_object(&SGP_MATTER_FORM(object)->draft);
	G_OBJECT_CLASS(sgp_matter_form_parent_class)->dispose(object);
}

static void sgp_matter_form_class_init(SgpMatterFormClass *klass)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
	G_OBJECT_CLASS(klass)->dispose = sgp_matter_form_dispose;
	sgp_ui_init();
	g_type_ensure(SGP_TYPE_MATTER_CHOOSER);
	gtk_widget_class_set_template_from_resource(
		widget_class, SGP_UI_RESOURCE "sgp-matter-form.ui");
	gtk_widget_class_bind_template_child(widget_class, SgpMatterForm, chooser);
	gtk_widget_class_bind_template_child(widget_class, SgpMatterForm, problem);
	gtk_widget_class_bind_template_child(widget_class, SgpMatterForm, use);
	gtk_widget_class_bind_template_callback(widget_class, use_clicked);
	gtk_widget_class_bind_template_callback(widget_class, none_clicked);
	gtk_widget_class_bind_template_callback(widget_class, close_clicked);
	closed_signal = g_signal_new("closed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL,
		NULL, NULL, G_TYPE_NONE, 0);
}

static void sgp_matter_form_init(SgpMatterForm *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sgp_matter_form_new(SgpDraft *draft)
{
	SgpMatterForm *self = g_object_new(SGP_TYPE_MATTER_FORM, NULL);
	self->draft = g_object_ref(draft);
	sgp_matter_chooser_load(SGP_MATTER_CHOOSER(self->chooser), sgp_draft_get_agent(draft),
		sgp_draft_get_matter(draft));
	return GTK_WIDGET(self);
}
