/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nicks about customers, computers and waiting copies as sentences. It decides nothing; what it
 * does not know it names. */
#include "sgp-care-words.h"

#include <glib/gi18n-lib.h>
#include "sgp-words.h"

typedef struct {
	const char *nick;
	const char *words;
} Entry;

static const Entry customer_states[] = {
	{ "invited", N_("invited, not registered yet") },
	{ "expired", N_("the invitation has run out") },
	{ "registered", N_("registered") },
	{ "frozen", N_("locked: nobody can log in") },
	{ "none", N_("no mailbox at the portal") },
	{ "unknown", N_("could not be looked up") },
};

static const Entry device_states[] = {
	{ "pending", N_("waits to be let in") },
	{ "approved", N_("is let in") },
	{ "revoked", N_("is shut out") },
};

/* By the D-Bus error's last word. The sentences of sgp-words are about sending. */
static const Entry errors[] = {
	{ "Failed", N_("That did not work. Nothing was changed. Please tell your administrator.") },
	{ "Invalid", N_("Something in this input is not right. Please correct it and try again.") },
	{ "NotFound", N_("There is no such customer or computer, or this computer does not have "
			 "the office's key. A colleague whose computer was let in can do it.") },
	/* It may have been done all the same. */
	{ "Unreachable", N_("The portal, the keyring or GnuPG does not answer. Please look again "
			    "later.") },
	{ "Refused",
		N_("The portal does not allow this from this computer. It may have to be let in "
		   "by a colleague first.") },
	{ "Conflict", N_("It is in another state meanwhile. Please look again.") },
	{ "Tampered", N_("A signature or a check sum does not fit. Nothing was changed. Please "
			 "tell your administrator at once.") },
	{ "Storage", N_("The disk is full or cannot be written. Nothing was changed.") },
};

static const char *find(const Entry *entries, gsize n, const char *nick)
{
	for (gsize i = 0; nick != NULL && i < n; i++)
		if (g_str_equal(entries[i].nick, nick))
			return _(entries[i].words);
	return NULL;
}

static char *dup_state(const Entry *entries, gsize n, const char *nick)
{
	const char *words = find(entries, n, nick);
	return words != NULL ? g_strdup(words)
			     : g_strdup_printf(_("Something this version does not know (%s)."),
				       nick != NULL ? nick : "?");
}

char *sgp_care_words_dup_customer_state(const char *nick)
{
	return dup_state(customer_states, G_N_ELEMENTS(customer_states), nick);
}

char *sgp_care_words_dup_device_state(const char *nick)
{
	return dup_state(device_states, G_N_ELEMENTS(device_states), nick);
}

/* 0: there is none. The portal's numbers may be null. */
static gint64 get_number(JsonObject *object, const char *member)
{
	JsonNode *node = json_object_get_member(object, member);
	return node != NULL && JSON_NODE_HOLDS_VALUE(node) &&
			       json_node_get_value_type(node) == G_TYPE_INT64
		       ? json_node_get_int(node)
		       : 0;
}

/* (nullable) */
static char *dup_day(gint64 seconds)
{
	g_autofree char *text = g_strdup_printf("%" G_GINT64_FORMAT, seconds);
	return seconds > 0 ? sgp_words_dup_date(text) : NULL;
}

static void add(GString *text, const char *words)
{
	if (text->len > 0)
		g_string_append(text, ", ");
	g_string_append(text, words);
}

static void add_unread(GString *text, JsonObject *customer)
{
	gulong n = (gulong)MAX(get_number(customer, "unread"), 0);
	g_autofree char *since = dup_day(get_number(customer, "oldest_unread"));
	if (n == 0)
		return;
	g_autofree char *count = g_strdup_printf(
		g_dngettext(GETTEXT_PACKAGE, "%lu unread message", "%lu unread messages", n), n);
	g_autofree char *words =
		since != NULL ? g_strdup_printf(_("%s since %s"), count, since) : g_strdup(count);
	add(text, words);
}

char *sgp_care_words_dup_customer(JsonObject *customer)
{
	const char *state = json_object_get_string_member_with_default(customer, "state", NULL);
	g_autoptr(GString) text = g_string_new(NULL);
	g_autofree char *words = sgp_care_words_dup_customer_state(state);
	g_autofree char *until = dup_day(get_number(customer, "invitation_expires"));
	gulong n_keys = (gulong)MAX(get_number(customer, "keys"), 0);
	add(text, words);
	if (g_strcmp0(state, "invited") == 0 && until != NULL) {
		g_autofree char *valid = g_strdup_printf(_("code valid until %s"), until);
		add(text, valid);
	}
	add_unread(text, customer);
	if (n_keys > 0) {
		g_autofree char *keys =
			g_strdup_printf(g_dngettext(GETTEXT_PACKAGE, "%lu deposited key",
						"%lu deposited keys", n_keys),
				n_keys);
		add(text, keys);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

char *sgp_care_words_dup_fingerprint(const char *hex)
{
	g_autoptr(GString) text = g_string_new(NULL);
	for (gsize i = 0; hex[i] != '\0'; i++) {
		/* The gap in the middle makes halves that the eye finds again. */
		if (i > 0 && i % 4 == 0)
			g_string_append(text, i == 20 ? "  " : " ");
		g_string_append_c(text, hex[i]);
	}
	return g_string_free(g_steal_pointer(&text), FALSE);
}

char *sgp_care_words_dup_copy(JsonObject *copy)
{
	JsonNode *node = json_object_get_member(copy, "recipients");
	JsonArray *people =
		node != NULL && JSON_NODE_HOLDS_ARRAY(node) ? json_node_get_array(node) : NULL;
	g_autofree char *way = sgp_words_dup_channel_short(
		json_object_get_string_member_with_default(copy, "channel", NULL));
	g_autoptr(GString) names = g_string_new(NULL);
	for (guint i = 0; people != NULL && i < json_array_get_length(people); i++)
		add(names, json_array_get_string_element(people, i));
	return g_strdup_printf("%s (%s)", names->str, way);
}

char *sgp_care_words_dup_copy_state(JsonObject *copy)
{
	const char *problem = json_object_get_string_member_with_default(copy, "problem", NULL);
	g_autofree char *state = sgp_words_dup_spool_state(
		json_object_get_string_member_with_default(copy, "state", NULL));
	g_autofree char *when = sgp_words_dup_moment(get_number(copy, "created"));
	/* Translators: when a mail was written, and what happens to it. */
	g_autofree char *text = g_strdup_printf(_("written %s, %s"), when, state);
	if (problem == NULL || *problem == '\0')
		return g_steal_pointer(&text);
	g_autofree char *why = sgp_words_dup_spool_problem(problem);
	return g_strdup_printf("%s. %s", text, why);
}

char *sgp_care_words_dup_error(const GError *error)
{
	g_autofree char *remote = error != NULL && g_dbus_error_is_remote_error(error)
					  ? g_dbus_error_get_remote_error(error)
					  : NULL;
	const char *nick = remote != NULL && g_str_has_prefix(remote, "org.siegelpost.Error.")
				   ? remote + strlen("org.siegelpost.Error.")
				   : NULL;
	const char *words = find(errors, G_N_ELEMENTS(errors), nick);
	return words != NULL ? g_strdup(words) : sgp_words_dup_error_of(error);
}
