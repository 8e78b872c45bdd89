/* SPDX-License-Identifier: GPL-3.0-or-later */

/* doctor: looks at everything the product leans on, and says how to mend what it finds. It owns the
 * list of checks; it changes nothing, and a check that could not be made is a finding, not a pass.
 */

#include "sgp-cli.h"
#include "sgp-cli-words.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-portal-enrolment.h"
#include "sgp-secret-store.h"

typedef struct {
	SgpCli *cli;      /* (borrowed) */
	JsonBuilder *out; /* (owned) */
	guint n_findings;
} Doctor;

static void note(
	Doctor *self, const char *what, gboolean is_well, const char *detail, const char *mend)
{
	json_builder_begin_object(self->out);
	sgp_json_add_text(self->out, "check", what);
	sgp_json_add_boolean(self->out, "ok", is_well);
	sgp_json_add_text(self->out, "detail", detail);
	sgp_json_add_text(self->out, "remedy", is_well ? NULL : mend);
	json_builder_end_object(self->out);
	if (!is_well)
		self->n_findings++;
	if (self->cli->is_json)
		return;
	g_print("%s %s%s%s\n", is_well ? "✓" : "✗", what, detail ? ": " : "", detail ? detail : "");
	if (!is_well)
		g_print("    %s\n", mend);
}

static void check_programs(Doctor *self)
{
	static const struct {
		const char *program;
		const char *mend;
	} programs[] = {
		{ "gpg", N_("Install GnuPG: apt install gnupg") },
		{ "gpg-agent", N_("Install GnuPG's agent: apt install gpg-agent") },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(programs); i++) {
		g_autofree char *path = g_find_program_in_path(programs[i].program);

		note(self, programs[i].program, path != NULL, path, _(programs[i].mend));
	}
}

static void check_schema(Doctor *self)
{
	g_autoptr(GVariant) all = g_variant_ref_sink(sgp_settings_ref_all(self->cli->settings));
	GVariantIter iter;
	gboolean is_writable = FALSE, one;
	const char *key;
	GVariant *value;

	g_variant_iter_init(&iter, all);
	while (g_variant_iter_next(&iter, "{&s(vb)}", &key, &value, &one)) {
		is_writable = is_writable || one;
		g_variant_unref(value);
	}
	note(self, _("settings"), is_writable, NULL,
		_("No setting can be changed: install the schema org.siegelpost, or ask the "
		  "administrator."));
}

/* error: (nullable). (transfer full) (nullable) */
static char *dup_words(const GError *error)
{
	return error ? sgp_cli_words_dup_error(sgp_error_get_nick(error), error->message) : NULL;
}

static void check_state(Doctor *self)
{
	g_autofree char *why = NULL;
	g_autoptr(GError) error = NULL;
	gint64 n_entries = 0, bad_entry = 0;
	gboolean holds = sgp_consent_ledger_verify(sgp_dispatcher_get_ledger(self->cli->dispatcher),
		&n_entries, &bad_entry, &why, &error);

	g_autofree char *found = why ? sgp_cli_words_dup_tampering(why, bad_entry) : NULL;
	g_autofree char *failed = dup_words(error);

	note(self, _("state directory"), TRUE,
		sgp_store_get_directory(sgp_dispatcher_get_store(self->cli->dispatcher)), NULL);
	note(self, _("ledger"), holds, error ? failed : found,
		_("Do not go on. Tell the person who is responsible for data protection."));
}

static void check_keyring(Doctor *self)
{
	g_autoptr(GError) error = NULL;
	char *token = NULL;
	g_autofree char *origin = sgp_settings_dup_string(self->cli->settings, "portal-url");

	token = sgp_secret_store_lookup_sync(SGP_SECRET_DEVICE_TOKEN, origin, NULL, &error);
	g_autofree char *failed = dup_words(error);

	note(self, _("keyring"), error == NULL, failed,
		_("Log in to the desktop, or start and unlock gnome-keyring; internal mail and the "
		  "portal need it."));
	if (origin[0] != '\0' && !error)
		note(self, _("device token"), token != NULL, NULL,
			_("Enrol again: siegelpost portal enroll URL"));
	if (token)
		sgp_secret_free(token);
}

static void check_portal(Doctor *self)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *json =
		sgp_dispatcher_dup_portal_json_sync(self->cli->dispatcher, NULL, &error);
	SgpPortalState state = sgp_dispatcher_get_portal_state(self->cli->dispatcher);
	g_autofree char *origin = sgp_settings_dup_string(self->cli->settings, "portal-url");
	gboolean is_set_up = origin[0] != '\0';

	note(self, _("portal"), json && (!is_set_up || state == SGP_PORTAL_STATE_ENROLLED),
		is_set_up ? sgp_cli_words_get_state(sgp_portal_state_get_nick(state))
			  : _("none is set up"),
		_("Check the network and the portal; if this device was revoked, enrol it again."));
}

/* The agent is asked on the bus, as a mail program would. */
static void check_agent(Doctor *self)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GDBusConnection) bus = g_bus_get_sync(G_BUS_TYPE_SESSION, NULL, &error);
	g_autoptr(GVariant) answer =
		bus ? g_dbus_connection_call_sync(bus, "org.siegelpost.Agent1",
			      "/org/siegelpost/Agent1", "org.freedesktop.DBus.Properties", "Get",
			      g_variant_new("(ss)", "org.siegelpost.Agent1", "Version"), NULL,
			      G_DBUS_CALL_FLAGS_NONE, 20 * 1000, NULL, &error)
		    : NULL;

	note(self, _("agent"), answer != NULL, error ? error->message : NULL,
		_("Mail programs hold every mail until the agent runs: check that its D-Bus "
		  "service is installed, and that there is a session bus."));
}

SgpExit sgp_cli_doctor(SgpCli *self, int argc, char **argv)
{
	Doctor doctor = { self, NULL, 0 };
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	if (argc != 1)
		return sgp_cli_usage(_("doctor: no argument is expected"));
	if (!sgp_cli_open(self))
		return SGP_EXIT_FAILED;
	doctor.out = out;
	json_builder_begin_object(out);
	json_builder_set_member_name(out, "checks");
	json_builder_begin_array(out);
	check_programs(&doctor);
	check_schema(&doctor);
	check_state(&doctor);
	check_keyring(&doctor);
	check_portal(&doctor);
	if (sgp_cli_uses_agent(self))
		check_agent(&doctor);
	json_builder_end_array(out);
	json_builder_end_object(out);
	if (self->is_json)
		sgp_cli_print_json(out);
	return doctor.n_findings == 0 ? SGP_EXIT_DONE : SGP_EXIT_FAILED;
}
