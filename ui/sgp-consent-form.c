/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The inline form for a permission on the phone, a letter or a standing agreement. It hands the
 * record to the agent, which keeps it for ever; it never changes the verdict by itself. */
#include "sgp-consent-form.h"

#include <glib/gi18n-lib.h>
#include "sgp-matter-chooser.h"
#include "sgp-ui.h"
#include "sgp-words.h"

struct _SgpConsentForm {
	GtkBox parent_instance;

	GtkWidget *heading; /* (template child) */
	GtkWidget *chooser; /* (template child) */
	GtkWidget *words;   /* (template child) */
	GtkWidget *problem; /* (template child) */
	GtkWidget *record;  /* (template child) */
	SgpDraft *draft;    /* (owned) */
	char *kind;         /* (owned) */
	char *address;      /* (owned) */
	char *matter;       /* (owned) (nullable) being recorded */
};

G_DEFINE_FINAL_TYPE(SgpConsentForm, sgp_consent_form, GTK_TYPE_BOX)

static guint closed_signal;

/* Closed, alone or with its composer, while the agent was asked: nothing of it may be touched.
 * Shown by tests/hosts/test_send.py. */
static gboolean is_gone(SgpConsentForm *self)
{
	return self->draft == NULL;
}

static void show_problem(SgpConsentForm *self, const char *words)
{
	gtk_label_set_text(GTK_LABEL(self->problem), words);
	gtk_widget_show(self->problem);
	gtk_widget_set_sensitive(self->record, TRUE);
}

static void consent_recorded(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(SgpConsentForm) self = SGP_CONSENT_FORM(user_data);
	g_autoptr(GError) error = NULL;
	gint64 entry = 0;
	gboolean done =
		sgp_agent1_call_record_consent_finish(SGP_AGENT1(source), &entry, result, &error);
	if (is_gone(self))
		return;
	if (!done) {
		g_autofree char *words = sgp_words_dup_error_of(error);
		show_problem(self, words);
		return;
	}
	g_autoptr(SgpDraft) draft = g_object_ref(self->draft);
	const char *matter = self->matter;
	/* A permission counts for its matter only, so the mail is tied to it as well. */
	if (matter != NULL && g_strcmp0(matter, sgp_draft_get_matter(draft)) != 0)
		sgp_draft_choose_matter(draft, matter);
	else
		sgp_draft_retry(draft);
	g_signal_emit(self, closed_signal, 0);
}

static void record(SgpConsentForm *self)
{
	SgpAgent1 *agent = sgp_draft_get_agent(self->draft);
	if (agent == NULL) {
		g_autofree char *words = sgp_words_dup_error("no-agent");
		show_problem(self, words);
		return;
	}
	g_auto(GVariantBuilder) consent = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_VARDICT);
	const char *from = sgp_draft_get_from(self->draft);
	g_variant_builder_add(&consent, "{sv}", "kind", g_variant_new_string(self->kind));
	g_variant_builder_add(&consent, "{sv}", "address", g_variant_new_string(self->address));
	g_variant_builder_add(
		&consent, "{sv}", "taken-by", g_variant_new_string(from != NULL ? from : ""));
	g_variant_builder_add(&consent, "{sv}", "words",
		g_variant_new_string(gtk_entry_get_text(GTK_ENTRY(self->words))));
	if (self->matter != NULL)
		g_variant_builder_add(
			&consent, "{sv}", "matter", g_variant_new_string(self->matter));
	sgp_agent1_call_record_consent(
		agent, g_variant_builder_end(&consent), NULL, consent_recorded, g_object_ref(self));
}

static void matter_ready(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(SgpConsentForm) self = SGP_CONSENT_FORM(user_data);
	g_autoptr(GError) error = NULL;
	g_autofree char *matter =
		sgp_matter_chooser_commit_finish(SGP_MATTER_CHOOSER(source), result, &error);
	if (is_gone(self))
		return;
	g_free(self->matter);
	self->matter = g_steal_pointer(&matter);
	if (error != NULL) {
		g_autofree char *words = sgp_words_dup_error_of(error);
		show_problem(self, words);
		return;
	}
	record(self);
}

static void record_clicked(SgpConsentForm *self)
{
	gboolean needs_matter = !g_str_equal(self->kind, "agreement");
	g_autofree char *words = g_strstrip(g_strdup(gtk_entry_get_text(GTK_ENTRY(self->words))));
	if (*words == '\0') {
		show_problem(self, _("Please note what the customer said or wrote."));
		return;
	}
	if (needs_matter && !sgp_matter_chooser_is_filled(SGP_MATTER_CHOOSER(self->chooser))) {
		show_problem(self, _("Please choose the matter, or give a new one a reference."));
		return;
	}
	gtk_widget_hide(self->problem);
	gtk_widget_set_sensitive(self->record, FALSE);
	if (needs_matter)
		sgp_matter_chooser_commit_async(
			SGP_MATTER_CHOOSER(self->chooser), matter_ready, g_object_ref(self));
	else
		record(self);
}

static void close_clicked(SgpConsentForm *self)
{
	g_signal_emit(self, closed_signal, 0);
}

static void sgp_consent_form_dispose(GObject *object)
{
	SgpConsentForm *self = SGP_CONSENT_FORM(object);
	g_clear_object(&self->draft);
	g_clear_pointer(&self->kind, g_free);
	g_clear_pointer(&self->address, g_free);
	g_clear_pointer(&self->matter, g_free);
	G_OBJECT_CLASS(sgp_consent_form_parent_class)->dispose(object);
}

static void sgp_consent_form_class_init(SgpConsentFormClass *klass)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(klass);
	G_OBJECT_CLASS(klass)->dispose = sgp_consent_form_dispose;
	sgp_ui_init();
	g_type_ensure(SGP_TYPE_MATTER_CHOOSER);
	gtk_widget_class_set_template_from_resource(
		widget_class, SGP_UI_RESOURCE "sgp-consent-form.ui");
	gtk_widget_class_bind_template_child(widget_class, SgpConsentForm, heading);
	gtk_widget_class_bind_template_child(widget_class, SgpConsentForm, chooser);
	gtk_widget_class_bind_template_child(widget_class, SgpConsentForm, words);
	gtk_widget_class_bind_template_child(widget_class, SgpConsentForm, problem);
	gtk_widget_class_bind_template_child(widget_class, SgpConsentForm, record);
	gtk_widget_class_bind_template_callback(widget_class, record_clicked);
	gtk_widget_class_bind_template_callback(widget_class, close_clicked);
	closed_signal = g_signal_new("closed", G_TYPE_FROM_CLASS(klass), G_SIGNAL_RUN_LAST, 0, NULL,
		NULL, NULL, G_TYPE_NONE, 0);
}

static void sgp_consent_form_init(SgpConsentForm *self)
{
	gtk_widget_init_template(GTK_WIDGET(self));
}

static char *dup_heading(const char *kind, const char *address)
{
	if (g_str_equal(kind, "phone"))
		return g_strdup_printf(
			_("%s permitted e-mail on the phone, for this matter:"), address);
	if (g_str_equal(kind, "letter"))
		return g_strdup_printf(
			_("%s asked by letter for an answer by e-mail, for this matter:"), address);
	return g_strdup_printf(
		_("%s and the office agreed that e-mail may be used, for all matters:"), address);
}

GtkWidget *sgp_consent_form_new(SgpDraft *draft, const char *kind, const char *address)
{
	SgpConsentForm *self = g_object_new(SGP_TYPE_CONSENT_FORM, NULL);
	self->draft = g_object_ref(draft);
	self->kind = g_strdup(kind);
	self->address = g_strdup(address);
	g_autofree char *heading = dup_heading(kind, address);
	gtk_label_set_text(GTK_LABEL(self->heading), heading);
	gtk_widget_set_visible(self->chooser, !g_str_equal(kind, "agreement"));
	sgp_matter_chooser_load(SGP_MATTER_CHOOSER(self->chooser), sgp_draft_get_agent(draft),
		sgp_draft_get_matter(draft));
	return GTK_WIDGET(self);
}
