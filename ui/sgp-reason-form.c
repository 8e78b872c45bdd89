/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inline form for the written reason. It accepts no empty reason; whether a reason helps is the
 * agent's decision. */
#include "sgp-reason-form.h"

#include "sgp-ui.h"

struct _SgpReasonForm {
	GtkBox parent_instance;

	GtkWidget *reason;   /* (template child) */
	GtkWidget *overrule; /* (template child) */
	SgpDraft *draft;     /* (owned) */
	char *objection;     /* (owned) id of what the reason is for */
};

G_DEFINE_FINAL_TYPE(SgpReasonForm, sgp_reason_form, GTK_TYPE_BOX)

static guint closed_signal;

static char *dup_reason(SgpReasonForm *self)
{
	return g_strstrip(g_strdup(gtk_entry_get_text(GTK_ENTRY(self->reason))));
}

static void reason_changed(SgpReasonForm *self)
{
	g_autofree char *reason = dup_reason(self);
	gtk_widget_set_sensitive(self->overrule, *reason != '\0');
}

static void overrule_clicked(SgpReasonForm *self)
{
	g_autofree char *reason = dup_reason(self);
	if (*reason == '\0')
		return;
	sgp_draft_overrule(self->draft, self->objection, reason);
	g_signal_emit(self, closed_signal, 0);
}

static void close_clicked(SgpReasonForm *self)
{
	g_signal_emit(self, closed_signal, 0);
}

static void sgp_reason_form_dispose(GObject *object)
{
	g_clear_object(&SGP_REASON_FORM(object)->draft);
	g_clear_pointer(&SGP_REASON_FORM(object)->objection, g_free);
	G_OBJECT_CLASS(sgp_reason_form_parent_class)->dispose(object);
}

static void sgp_reason_form_class_init(SgpReasonFormClass *klass)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
	G_OBJECT_CLASS(klass)->dispose = sgp_reason_form_dispose;
	sgp_ui_init();
	gtk_widget_class_set_template_from_resource(
		widget_class, SGP_UI_RESOURCE "sgp-reason-form.ui");
	gtk_widget_class_bind_template_child(widget_class, SgpReasonForm, reason);
	gtk_widget_class_bind_template_child(widget_class, SgpReasonForm, overrule);
	gtk_widget_class_bind_template_callback(widget_class, reason_changed);
	gtk_widget_class_bind_template_callback(widget_class, overrule_clicked);
	gtk_widget_class_bind_template_callback(widget_class, close_clicked);
	closed_signal = g_signal_new("closed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL,
		NULL, NULL, G_TYPE_NONE, 0);
}

static void sgp_reason_form_init(SgpReasonForm *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

GtkWidget *sgp_reason_form_new(SgpDraft *draft, const char *objection)
{
	SgpReasonForm *self = g_object_new(SGP_TYPE_REASON_FORM, NULL);
	self->draft = g_object_ref(draft);
	self->objection = g_strdup(objection);
	return GTK_WIDGET(self);
}
