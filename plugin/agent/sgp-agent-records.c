/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Agent1's calls about matters, consents, keys and settings. It owns their shape on the bus only.
 */

#include "sgp-agent.h"
#include "sgp-error.h"

/* Answers with nothing, or the error; TRUE tells everybody that verdicts may be others now. */
static void answer_done(
	SgpAgent *self, GDBusMethodInvocation *invocation, gboolean done, GError *error)
{
	if (!done) {
		sgp_agent_return_error(invocation, error);
		return;
	}
	g_dbus_method_invocation_return_value(invocation, NULL);
	sgp_agent_emit_changed(self);
}

static void answer_text(GDBusMethodInvocation *invocation, const char *text, GError *error)
{
	if (text)
		g_dbus_method_invocation_return_value(invocation, g_variant_new("(s)", text));
	else
		sgp_agent_return_error(invocation, error);
}

static SgpConsentLedger *get_ledger(SgpAgent *self)
{
	return sgp_dispatcher_get_ledger(self->dispatcher);
}

static void list_matters(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	GError *error = NULL;
	g_autofree char *json = sgp_consent_ledger_list_matters_json(get_ledger(self), &error);

	answer_text(invocation, json, error);
}

static void add_matter(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *reference = NULL, *title = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&s&s)", &reference, &title);
	gint64 entry = sgp_consent_ledger_add_matter(
		get_ledger(self), reference, title, sgp_agent_get_now(), &error);

	sgp_delivery_kick(self->delivery);
	answer_done(self, invocation, entry > 0, error);
}

static void close_matter(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *reference = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&s)", &reference);
	gint64 entry = sgp_consent_ledger_close_matter(
		get_ledger(self), reference, sgp_agent_get_now(), &error);

	sgp_delivery_kick(self->delivery);
	answer_done(self, invocation, entry > 0, error);
}

static gboolean parse_kind(const char *text, SgpConsentKind *kind)
{
	static const struct {
		const char *nick;
		SgpConsentKind kind;
	} kinds[] = {
		{ "phone", SGP_CONSENT_PHONE },
		{ "letter", SGP_CONSENT_LETTER },
		{ "agreement", SGP_CONSENT_AGREEMENT },
		{ "withdrawal", SGP_CONSENT_WITHDRAWAL },
	};

	for (gsize i = 0; text && i < G_N_ELEMENTS(kinds); i++) {
		if (g_str_equal(kinds[i].nick, text)) {
			*kind = kinds[i].kind;
			return TRUE;
		}
	}
	return FALSE;
}

/* The consent borrows its strings from `given`. */
static gboolean parse_consent(GVariant *given, SgpConsent *consent, GError **error)
{
	const char *kind = NULL, *key;
	GVariantIter iter;
	GVariant *value;
	const struct {
		const char *key;
		const char **to;
	} texts[] = {
		{ "kind", &kind },
		{ "address", &consent->address },
		{ "matter", &consent->matter },
		{ "words", &consent->words },
		{ "attachment-sha256", &consent->attachment_sha256 },
		{ "taken-by", &consent->taken_by },
	};

	g_variant_iter_init(&iter, given);
	while (g_variant_iter_next(&iter, "{&sv}", &key, &value)) {
		g_autoptr(GVariant) held G_GNUC_UNUSED = value;
		gboolean is_known = TRUE;

		if (g_str_equal(key, "given") && g_variant_is_of_type(value, G_VARIANT_TYPE_INT64))
			consent->given = g_variant_get_int64(value);
		else if (g_str_equal(key, "valid-until") &&
			 g_variant_is_of_type(value, G_VARIANT_TYPE_INT64))
			consent->valid_until = g_variant_get_int64(value);
		else if (g_str_equal(key, "names-plain") &&
			 g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN))
			consent->names_plain = g_variant_get_boolean(value);
		else
			is_known = FALSE;
		for (gsize i = 0; !is_known && i < G_N_ELEMENTS(texts); i++) {
			if (!g_str_equal(key, texts[i].key) ||
				!g_variant_is_of_type(value, G_VARIANT_TYPE_STRING))
				continue;
			const char *text = g_variant_get_string(value, NULL); /* inside `given` */

			*texts[i].to = text[0] != '\0' ? text : NULL;
			is_known = TRUE;
		}
		if (!is_known) {
			g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID,
				"the consent's %s cannot be read", key);
			return FALSE;
		}
	}
	if (consent->address && parse_kind(kind, &consent->kind))
		return TRUE;
	g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "a consent needs a kind and an address");
	return FALSE;
}

static void record_consent(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	g_autoptr(GVariant) given = g_variant_get_child_value(parameters, 0);
	SgpConsent consent = { 0 };
	GError *error = NULL;
	gint64 entry = 0;

	if (parse_consent(given, &consent, &error))
		entry = sgp_consent_ledger_record(
			get_ledger(self), &consent, sgp_agent_get_now(), &error);
	if (error) {
		sgp_agent_return_error(invocation, error);
		return;
	}
	sgp_delivery_kick(self->delivery); /* to the colleagues too */
	g_dbus_method_invocation_return_value(invocation, g_variant_new("(x)", entry));
	sgp_agent_emit_changed(self);
}

static void list_consents(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *address = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&s)", &address);
	g_autofree char *json = sgp_consent_ledger_list_json(get_ledger(self),
		address[0] != '\0' ? address : NULL, NULL, sgp_agent_get_now(), &error);

	answer_text(invocation, json, error);
}

static void accept_key(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	const char *fingerprint = NULL, *address = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&s&s)", &fingerprint, &address);
	gboolean done = sgp_key_lookup_accept(
		sgp_dispatcher_get_keys(self->dispatcher), fingerprint, address, &error);

	answer_done(self, invocation, done, error);
}

static void get_settings(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	GVariant *all = sgp_settings_ref_all(sgp_dispatcher_get_settings(self->dispatcher));

	g_dbus_method_invocation_return_value(invocation, g_variant_new_tuple(&all, 1));
}

static void set_setting(SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters)
{
	g_autoptr(GVariant) value = NULL;
	const char *key = NULL;
	GError *error = NULL;

	g_variant_get(parameters, "(&sv)", &key, &value);
	gboolean done =
		sgp_settings_set(sgp_dispatcher_get_settings(self->dispatcher), key, value, &error);

	answer_done(self, invocation, done, error);
}

SgpAgentWork sgp_agent_find_record_method(const char *name)
{
	static const struct {
		const char *name;
		SgpAgentWork func;
	} methods[] = {
		{ "ListMatters", list_matters },
		{ "AddMatter", add_matter },
		{ "CloseMatter", close_matter },
		{ "RecordConsent", record_consent },
		{ "ListConsents", list_consents },
		{ "AcceptKey", accept_key },
		{ "GetSettings", get_settings },
		{ "SetSetting", set_setting },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(methods); i++) {
		if (g_str_equal(methods[i].name, name))
			return methods[i].func;
	}
	return NULL;
}
