/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What staff do with one customer of the portal. It owns which buttons a state has, and that every
 * order but showing the code is asked for once, with its consequence; what an order does is the
 * agent's. A code stays on the screen only until another customer is chosen. */
#include "sgp-customer-care.h"

#include <glib/gi18n-lib.h>
#include "sgp-care-form.h"
#include "sgp-care-words.h"
#include "sgp-code-box.h"
#include "sgp-ui.h"

typedef enum {
	ORDER_SHOW_CODE = 0, /* changes nothing */
	ORDER_RENEW,
	ORDER_RESET,
	ORDER_FREEZE,
	ORDER_UNFREEZE,
	ORDER_ERASE,
} Order;

struct _SgpCustomerCare {
	GtkBox parent_instance;

	GtkWidget *address;
	GtkWidget *state;
	GtkWidget *buttons;
	GtkWidget *place;          /* the form, or the code */
	GtkWidget *result;         /* one sentence */
	SgpAgent1 *agent;          /* (owned) (nullable) */
	char *whom;                /* (owned) (nullable) */
	char *shown_state;         /* (owned) (nullable) what the buttons were made for */
	GCancellable *cancellable; /* (owned) ends with the customer that is shown */
};

G_DEFINE_FINAL_TYPE(SgpCustomerCare, sgp_customer_care, GTK_TYPE_BOX)

static const struct {
	Order order;
	const char *states[4]; /* in which it can be given */
	const char *label;
	const char *words;  /* (nullable) the consequence; NULL: done at once */
	const char *action; /* (nullable) */
	const char *entries[2];
} orders[] = {
	{ ORDER_SHOW_CODE, { "invited", "expired" }, N_("Show the code"), NULL, NULL, { NULL } },
	{ ORDER_RENEW, { "invited", "expired" }, N_("New code…"),
		N_("The customer gets a new code. The old one no longer works, not even the one "
		   "in a letter that is on its way."),
		N_("Make a new code"), { NULL } },
	{ ORDER_RESET, { "registered", "frozen" }, N_("Renew the access…"),
		N_("For a customer who can no longer log in. First check who it is, as the office "
		   "does it; both entries are recorded. Then the customer gets a new code and "
		   "registers once more. No message is lost; whoever is logged in is logged out."),
		N_("Renew the access"),
		{ N_("How was the identity checked?"), N_("Who checked it?") } },
	{ ORDER_FREEZE, { "registered" }, N_("Lock…"),
		N_("Nobody can log in to this mailbox any more until you unlock it. Nothing is "
		   "deleted."),
		N_("Lock the mailbox"), { NULL } },
	{ ORDER_UNFREEZE, { "frozen" }, N_("Unlock…"),
		N_("The customer can log in again with the password as before. If the customer "
		   "has forgotten it, please renew the access instead."),
		N_("Unlock the mailbox"), { NULL } },
	{ ORDER_ERASE, { "invited", "expired", "registered", "frozen" }, N_("Erase…"),
		N_("The mailbox is deleted for good, with every message in it, read or unread. "
		   "Nobody can bring it back. The reason is recorded."),
		N_("Erase for good"), { N_("Reason") } },
};

static void clear_place(SgpCustomerCare *self)
{
	sgp_ui_remove_children(self->place);
}

static void say(SgpCustomerCare *self, const char *words)
{
	gtk_label_set_text(GTK_LABEL(self->result), words);
	gtk_widget_set_visible(self->result, *words != '\0');
}

/* Of the order, not of the state that came with the answer: who asks for a code and finds the
 * customer registered meanwhile has unlocked nothing. */
static const char *get_done_words(Order order)
{
	switch (order) {
	case ORDER_FREEZE:
		return _("The mailbox is locked.");
	case ORDER_UNFREEZE:
		return _("The mailbox is unlocked.");
	case ORDER_ERASE:
		return _("The mailbox is erased.");
	case ORDER_SHOW_CODE:
	case ORDER_RENEW:
	case ORDER_RESET:
		break;
	}
	return _("There is no code: the customer is registered, or this computer cannot open it.");
}

/* json: answer of the call, {"address","state","code","valid_until"}. */
static void show_answer(SgpCustomerCare *self, const char *json, Order order)
{
	g_autoptr(JsonNode) node = json_from_string(json, NULL);
	JsonObject *answer =
		node != NULL && JSON_NODE_HOLDS_OBJECT(node) ? json_node_get_object(node) : NULL;
	GtkWidget *code = answer != NULL ? sgp_code_box_new(self->agent, answer,
						   order == ORDER_RESET ? SGP_CODE_RENEWAL
									: SGP_CODE_INVITATION)
					 : NULL;
	clear_place(self);
	if (code != NULL) {
		say(self,
			_("Please tell the code on the phone or by letter only, never by e-mail."));
		gtk_container_add(GTK_CONTAINER(self->place), code);
		return;
	}
	say(self, get_done_words(order));
}

typedef struct {
	SgpCustomerCare *self; /* (owned) */
	Order order;
} Call;

static void call_free(Call *call)
{
	g_object_unref(call->self);
	g_free(call);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Call, call_free)

static void answered(GObject *source, GAsyncResult *result, gpointer user_data)
{
	g_autoptr(Call) call = user_data;
	g_autoptr(GError) error = NULL;
	g_autoptr(GVariant) answer = g_dbus_proxy_call_finish(G_DBUS_PROXY(source), result, &error);
	SgpCustomerCare *self = call->self;
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* another customer is shown, or none */
	gtk_widget_set_sensitive(GTK_WIDGET(self), TRUE);
	if (answer == NULL) {
		g_autofree char *words = sgp_care_words_dup_error(error);
		say(self, words);
		return;
	}
	const char *json = NULL;
	g_variant_get(answer, "(&s)", &json);
	show_answer(self, json, call->order);
}

static const char *get_method(Order order)
{
	switch (order) {
	case ORDER_RENEW:
		return "RenewInvitation";
	case ORDER_RESET:
		return "ResetCustomer";
	case ORDER_FREEZE:
		return "FreezeCustomer";
	case ORDER_UNFREEZE:
		return "UnfreezeCustomer";
	case ORDER_ERASE:
		return "EraseCustomer";
	case ORDER_SHOW_CODE:
		break;
	}
	return "PortalCustomer";
}

/* first, second: what was filled in, as the entries of `orders` name it. */
static void give_order(SgpCustomerCare *self, Order order, const char *first, const char *second)
{
	GVariant *parameters;
	Call *call = g_new0(Call, 1);
	if (order == ORDER_RESET)
		parameters = g_variant_new("(sss)", self->whom, second, first);
	else if (order == ORDER_ERASE)
		parameters = g_variant_new("(ss)", self->whom, first);
	else
		parameters = g_variant_new("(s)", self->whom);
	call->self = g_object_ref(self);
	call->order = order;
	say(self, _("One moment…"));
	/* One order at a time; the answer, or another customer, gives the buttons back. */
	gtk_widget_set_sensitive(GTK_WIDGET(self), FALSE);
	g_dbus_proxy_call(G_DBUS_PROXY(self->agent), get_method(order), parameters,
		G_DBUS_CALL_FLAGS_NONE, SGP_CARE_TIMEOUT_MS, self->cancellable, answered, call);
}

static void form_accepted(
	GtkWidget *form, const char *first, const char *second, SgpCustomerCare *self)
{
	Order order = GPOINTER_TO_INT(g_object_get_data(G_OBJECT(form), "sgp-order"));
	if (self->agent != NULL && self->whom != NULL)
		give_order(self, order, first, second);
}

static void form_closed(GtkWidget *form, SgpCustomerCare *self)
{
	clear_place(self);
	gtk_widget_child_focus(self->buttons, GTK_DIR_TAB_FORWARD);
}

static void button_clicked(GtkButton *button, SgpCustomerCare *self)
{
	gsize n = GPOINTER_TO_SIZE(g_object_get_data(G_OBJECT(button), "sgp-order"));
	g_autofree char *user = g_strdup(g_get_real_name());
	clear_place(self);
	say(self, "");
	if (self->agent == NULL || self->whom == NULL)
		return;
	if (orders[n].words == NULL) {
		give_order(self, orders[n].order, "", "");
		return;
	}
	GtkWidget *form = sgp_care_form_new(_(orders[n].words), _(orders[n].action));
	g_object_set_data(G_OBJECT(form), "sgp-order", GINT_TO_POINTER(orders[n].order));
	if (orders[n].entries[0] != NULL)
		sgp_care_form_add_entry(SGP_CARE_FORM(form), _(orders[n].entries[0]), NULL);
	if (orders[n].entries[1] != NULL)
		sgp_care_form_add_entry(SGP_CARE_FORM(form), _(orders[n].entries[1]),
			g_str_equal(user, "Unknown") || g_str_equal(user, "root") ? NULL : user);
	g_signal_connect_object(form, "accepted", G_CALLBACK(form_accepted), self, 0);
	g_signal_connect_object(form, "closed", G_CALLBACK(form_closed), self, 0);
	gtk_container_add(GTK_CONTAINER(self->place), form);
	sgp_care_form_begin(SGP_CARE_FORM(form));
}

static gboolean is_possible(gsize n, const char *state)
{
	for (gsize i = 0; i < G_N_ELEMENTS(orders[n].states); i++)
		if (orders[n].states[i] != NULL && g_strcmp0(orders[n].states[i], state) == 0)
			return TRUE;
	return FALSE;
}

static void make_buttons(SgpCustomerCare *self, const char *state)
{
	sgp_ui_remove_children(self->buttons);
	for (gsize n = 0; n < G_N_ELEMENTS(orders); n++) {
		if (!is_possible(n, state))
			continue;
		GtkWidget *button = gtk_button_new_with_label(_(orders[n].label));
		g_object_set_data(G_OBJECT(button), "sgp-order", GSIZE_TO_POINTER(n));
		g_signal_connect_object(button, "clicked", G_CALLBACK(button_clicked), self, 0);
		gtk_container_add(GTK_CONTAINER(self->buttons), button);
	}
	gtk_widget_show_all(self->buttons);
}

/* (transfer none) (nullable) the form, or the code */
static GtkWidget *get_inside(SgpCustomerCare *self)
{
	g_autoptr(GList) inside = gtk_container_get_children(GTK_CONTAINER(self->place));
	return inside != NULL ? inside->data : NULL;
}

/* A form for what is not possible any more goes; one that is being filled in, and a code, stay. */
static void drop_outdated_form(SgpCustomerCare *self, const char *state)
{
	GtkWidget *inside = get_inside(self);
	if (!SGP_IS_CARE_FORM(inside))
		return;
	Order order = GPOINTER_TO_INT(g_object_get_data(G_OBJECT(inside), "sgp-order"));
	for (gsize n = 0; n < G_N_ELEMENTS(orders); n++)
		if (orders[n].order == order && !is_possible(n, state))
			clear_place(self);
}

static void forget_customer(SgpCustomerCare *self)
{
	g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->cancellable);
	self->cancellable = g_cancellable_new();
	g_clear_pointer(&self->whom, g_free);
	g_clear_pointer(&self->shown_state, g_free);
	gtk_widget_set_sensitive(GTK_WIDGET(self), TRUE);
	clear_place(self);
	say(self, "");
}

void sgp_customer_care_show(SgpCustomerCare *self, SgpAgent1 *agent, JsonObject *customer)
{
	g_return_if_fail(SGP_IS_CUSTOMER_CARE(self));
	const char *whom = customer != NULL ? json_object_get_string_member_with_default(
						      customer, "address", NULL)
					    : NULL;
	const char *state = customer != NULL ? json_object_get_string_member_with_default(
						       customer, "state", NULL)
					     : NULL;
	/* Who was erased a moment ago is not listed any more: that it was done is still said. */
	g_autofree char *said = whom == NULL && get_inside(self) == NULL
					? g_strdup(gtk_label_get_text(GTK_LABEL(self->result)))
					: NULL;
	if (g_strcmp0(whom, self->whom) != 0 || agent != self->agent)
		forget_customer(self);
	if (said != NULL)
		say(self, said);
	g_set_object(&self->agent, agent);
	if (whom == NULL) {
		gtk_widget_hide(self->address);
		gtk_label_set_text(GTK_LABEL(self->state), _("Please choose a customer."));
		sgp_ui_remove_children(self->buttons);
		return;
	}
	g_autofree char *words = sgp_care_words_dup_customer(customer);
	g_autofree char *kept = g_strdup(whom);
	g_autofree char *bold = g_markup_printf_escaped("<b>%s</b>", whom);
	gtk_label_set_markup(GTK_LABEL(self->address), bold);
	gtk_widget_show(self->address);
	gtk_label_set_text(GTK_LABEL(self->state), words);
	g_free(self->whom);
	self->whom = g_steal_pointer(&kept);
	if (self->shown_state != NULL && g_strcmp0(state, self->shown_state) == 0)
		return;
	drop_outdated_form(self, state);
	make_buttons(self, state);
	g_free(self->shown_state);
	self->shown_state = g_strdup(state != NULL ? state : "");
}

static void sgp_customer_care_dispose(GObject *object)
{
	SgpCustomerCare *self = SGP_CUSTOMER_CARE(object);
	g_cancellable_cancel(self->cancellable);
	g_clear_object(&self->agent);
	G_OBJECT_CLASS(sgp_customer_care_parent_class)->dispose(object);
}

static void sgp_customer_care_finalize(GObject *object)
{
	SgpCustomerCare *self = SGP_CUSTOMER_CARE(object);
	g_clear_object(&self->cancellable);
	g_free(self->whom);
	g_free(self->shown_state);
	G_OBJECT_CLASS(sgp_customer_care_parent_class)->finalize(object);
}

static void sgp_customer_care_class_init(SgpCustomerCareClass *klass)
{
	G_OBJECT_CLASS(klass)->dispose = sgp_customer_care_dispose;
	G_OBJECT_CLASS(klass)->finalize = sgp_customer_care_finalize;
}

static GtkWidget *add_label(SgpCustomerCare *self)
{
	GtkWidget *label = gtk_label_new(NULL);
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_line_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 60);
	gtk_container_add(GTK_CONTAINER(self), label);
	return label;
}

static void sgp_customer_care_init(SgpCustomerCare *self)
{
	gtk_orientable_set_orientation(GTK_ORIENTABLE(self), GTK_ORIENTATION_VERTICAL);
	gtk_box_set_spacing(GTK_BOX(self), 8);
	self->cancellable = g_cancellable_new();
	self->address = add_label(self);
	self->state = add_label(self);
	self->buttons = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	gtk_container_add(GTK_CONTAINER(self), self->buttons);
	self->result = add_label(self);
	self->place = gtk_box_new(GTK_ORIENTATION_VERTICAL, 6);
	gtk_container_add(GTK_CONTAINER(self), self->place);
	gtk_widget_show_all(GTK_WIDGET(self));
	gtk_widget_set_no_show_all(self->address, TRUE);
	gtk_widget_set_no_show_all(self->result, TRUE);
	gtk_widget_hide(self->result);
}

GtkWidget *sgp_customer_care_new(void)
{
	return g_object_new(SGP_TYPE_CUSTOMER_CARE, NULL);
}
