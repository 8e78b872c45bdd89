/* SPDX-License-Identifier: GPL-3.0-or-later */

/* doctor: looks at everything the product leans on, and says how to mend what it finds. It owns the
 * list of checks; it changes nothing, and a check that could not be made is a finding, not a pass.
 */

#include "sgp-cli.h"
#include "sgp-cli-words.h"
#include "sgp-delivery.h"
#include "sgp-error.h"
#include "sgp-json-private.h"
#include "sgp-portal-enrolment.h"
#include "sgp-portal-pages.h"
#include "sgp-secret-store.h"
#include "sgp-store-private.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

#define EARLIEST_NOW    ((gint64)1767225600) /* 2026-01-01, before which this was not written */
#define CLOCK_TOLERANCE 300                  /* seconds */

typedef struct {
	SgpCli *cli;      /* (borrowed) */
	JsonBuilder *out; /* (owned) */
	guint n_findings;
} Doctor;

/* what: in English, which is what scripts find it by; it is told in the user's language. detail:
 * (nullable). */
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
	g_print("%s %s%s%s\n", is_well ? "✓" : "✗", _(what), detail ? ": " : "",
		detail ? detail : "");
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
		{ "gpgsm", N_("Install GnuPG's S/MIME part: apt install gpgsm") },
		{ "dirmngr",
			N_("Install GnuPG's network part, which asks whether certificates were "
			   "revoked: apt install dirmngr") },
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
	note(self, N_("settings"), is_writable, NULL,
		_("No setting can be changed: install the schema org.siegelpost, or ask the "
		  "administrator."));
}

/* error: (nullable). (transfer full) (nullable) */
static char *dup_words(const GError *error)
{
	return error ? sgp_cli_words_dup_error(sgp_error_get_nick(error), error->message) : NULL;
}

static void check_ledger(Doctor *self)
{
	g_autofree char *why = NULL;
	g_autoptr(GError) error = NULL;
	gint64 n_entries = 0, bad_entry = 0;
	gboolean holds = sgp_consent_ledger_verify(sgp_dispatcher_get_ledger(self->cli->dispatcher),
		&n_entries, &bad_entry, &why, &error);

	g_autofree char *found = why ? sgp_cli_words_dup_tampering(why, bad_entry) : NULL;
	g_autofree char *failed = dup_words(error);

	note(self, N_("ledger"), holds, error ? failed : found,
		_("Do not go on: until this is cleared up no permission and no inquiry counts. "
		  "Tell "
		  "the person who is responsible for data protection."));
}

/* A mail of 25 MB is written up to three times until it has left. */
#define SPACE_NEEDED ((guint64)200 * 1024 * 1024)

static void check_space(Doctor *self, const char *directory)
{
	struct statvfs status;
	gboolean is_known = statvfs(directory, &status) == 0;
	guint64 space = is_known ? (guint64)status.f_bavail * status.f_frsize : 0;
	g_autofree char *size = g_format_size(space);

	note(self, N_("disk space"), is_known && space >= SPACE_NEEDED,
		is_known ? size : g_strerror(errno),
		_("Make room on the disk that holds the state directory; without it no mail can "
		  "be sealed."));
}

/* Consents, keys and certificates end by the clock. What was written in the future shows that it
 * went back. */
static void check_clock(Doctor *self, const char *directory)
{
	static const char *const names[] = { "state.sqlite", "state.sqlite-wal", "ledger.heads" };
	gint64 now = g_get_real_time() / G_USEC_PER_SEC, newest = 0;

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autofree char *path = g_build_filename(directory, names[i], NULL);
		struct stat status;

		if (stat(path, &status) == 0)
			newest = MAX(newest, (gint64)status.st_mtime);
	}
	g_autofree char *time = sgp_cli_dup_time(now);

	note(self, N_("clock"), now >= EARLIEST_NOW && newest <= now + CLOCK_TOLERANCE, time,
		_("Set the clock (timedatectl set-ntp true): what is valid is reckoned by it."));
}

/* FALSE: what is kept there cannot be looked at. */
static gboolean open_state(Doctor *self)
{
	g_autoptr(GError) error = NULL;

	if (sgp_cli_try_open(self->cli, &error))
		return TRUE;
	g_autofree char *failed = dup_words(error);

	note(self, N_("state directory"), FALSE, failed,
		_("Check the directory's permissions and the free space. If the database is "
		  "damaged, stop the agent, and bring the directory back from a backup; what a "
		  "newer version wrote needs that version."));
	return FALSE;
}

static void check_state(Doctor *self)
{
	SgpStore *store = sgp_dispatcher_get_store(self->cli->dispatcher);
	const char *directory = sgp_store_get_directory(store);
	g_autoptr(GError) error = NULL;
	gboolean is_whole = sgp_store_check(store, &error);
	g_autofree char *failed = dup_words(error);

	note(self, N_("state directory"), is_whole, is_whole ? directory : failed,
		_("The database is damaged: stop the agent, and bring the state directory back "
		  "from a backup."));
	check_ledger(self);
	check_space(self, directory);
	check_clock(self, directory);
}

/* Copies that need a person. */
static void check_spool(Doctor *self)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *json =
		sgp_spool_list_json(sgp_dispatcher_get_spool(self->cli->dispatcher), &error);
	g_autoptr(JsonNode) node = json ? json_from_string(json, NULL) : NULL;
	JsonArray *list = node ? json_node_get_array(node) : NULL;
	guint n_held = 0;

	for (guint i = 0; list && i < json_array_get_length(list); i++) {
		const char *state = json_object_get_string_member_with_default(
			json_array_get_object_element(list, i), "state", "failed");

		if (g_str_equal(state, "held") || g_str_equal(state, "failed"))
			n_held++;
	}
	g_autofree char *count = g_strdup_printf(
		ngettext("%u copy needs a person", "%u copies need a person", n_held), n_held);

	note(self, N_("outbox"), list && n_held == 0, list && n_held == 0 ? NULL : count,
		_("See what it is, and send it again or drop it: siegelpost spool list"));
}

/* Whom the office is, and how the command line hands mail on. */
static void check_office(Doctor *self)
{
	SgpSettings *settings = self->cli->settings;
	g_auto(GStrv) domains = sgp_settings_dup_strv(settings, "own-domains");
	g_auto(GStrv) addresses = sgp_settings_dup_strv(settings, "own-addresses");
	g_auto(GStrv) command = sgp_settings_dup_strv(settings, "sendmail-command");
	g_autofree char *own = g_strjoinv(", ", domains[0] ? domains : addresses);
	g_autofree char *program = command[0] ? g_find_program_in_path(command[0]) : NULL;

	note(self, N_("own domains"), own[0] != '\0', own[0] != '\0' ? own : NULL,
		_("Name the office's domains: gsettings set org.siegelpost own-domains "
		  "\"['DOMAIN']\". Without them colleagues count as customers, and own mail as "
		  "inquiries."));
	/* Where there is no MTA, nobody is meant to use it. */
	gboolean is_default = g_strcmp0(command[0], "/usr/sbin/sendmail") == 0;

	note(self, N_("sendmail command"), program || is_default,
		program      ? program
		: is_default ? _("none; only 'siegelpost send' and 'sendmail' need it")
			     : command[0],
		_("The program that is named in the setting sendmail-command is not there: correct "
		  "it."));
}

/* Asked about nobody: whether it can be read is what counts. */
static void check_keys(Doctor *self)
{
	g_autoptr(SgpKeyAnswer) answer =
		sgp_key_lookup_run(sgp_dispatcher_get_keys(self->cli->dispatcher),
			"nobody@doctor.invalid", self->cli->now, NULL);

	note(self, N_("keys"), answer->is_known, NULL,
		_("GnuPG's keyring cannot be read: 'gpg --list-keys' says why. Until then no mail "
		  "is let down to a weaker way."));
}

static void check_hosts(Doctor *self)
{
	g_autofree char *evolution = g_find_program_in_path("evolution");
	g_autofree char *module =
		g_build_filename(SGP_EVOLUTION_MODULE_DIR, "module-siegelpost.so", NULL);
	gboolean is_there = g_file_test(module, G_FILE_TEST_IS_REGULAR);

	note(self, N_("Evolution"), !evolution || is_there,
		!evolution ? _("not installed")
		: is_there ? module
			   : NULL,
		_("Evolution is here without Siegelpost's module: install it, and start Evolution "
		  "again. Until then its mails leave without being looked at."));
}

static void check_keyring(Doctor *self)
{
	g_autoptr(GError) error = NULL;
	char *token = NULL;
	g_autofree char *origin = sgp_settings_dup_string(self->cli->settings, "portal-url");

	token = sgp_secret_store_lookup_sync(SGP_SECRET_DEVICE_TOKEN, origin, NULL, &error);
	g_autofree char *failed = dup_words(error);
	g_autofree char *user = sgp_settings_dup_string(self->cli->settings, "submission-user");
	/* A directory that was named keeps the key of waiting internal mail itself. */
	gboolean is_needed = !self->cli->state_dir || origin[0] != '\0' || user[0] != '\0';

	note(self, N_("keyring"), error == NULL || !is_needed,
		error && !is_needed ? _("none; it is not needed with this state directory")
				    : failed,
		_("Log in to the desktop, or start and unlock gnome-keyring; internal mail and the "
		  "portal need it."));
	if (origin[0] != '\0' && !error)
		note(self, N_("device token"), token != NULL, NULL,
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

	if (json && is_set_up && state == SGP_PORTAL_STATE_NONE) {
		note(self, N_("portal"), FALSE, _("this device is not enrolled there"),
			_("Enrol it: siegelpost portal enroll URL"));
		return;
	}
	note(self, N_("portal"), json && (!is_set_up || state == SGP_PORTAL_STATE_ENROLLED),
		is_set_up ? sgp_cli_words_get_state(sgp_portal_state_get_nick(state))
			  : _("none is set up"),
		_("Check the network and the portal; if this device was revoked, enrol it again."));
}

/* The detail is what staff need to name the pages to somebody: the sum of index.html. */
static void check_pages(Doctor *self)
{
	g_autofree char *origin = sgp_settings_dup_string(self->cli->settings, "portal-url");
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpPagesLook) look = NULL;

	if (origin[0] == '\0')
		return;
	look = sgp_portal_pages_look_sync(origin, NULL, self->cli->settings,
		sgp_dispatcher_get_store(self->cli->dispatcher), NULL, &error);
	SgpPagesState state = look ? look->state : SGP_PAGES_UNKNOWN;
	g_autofree char *failed = dup_words(error);
	g_autofree char *found =
		state == SGP_PAGES_DIFFER
			? g_strdup_printf(_("not those of this release, first: %s (%s)"),
				  look->path, look->digest ? look->digest : "-")
		: state == SGP_PAGES_PINNED
			? g_strdup(_("unchanged since the first look; there is no release here to "
				     "compare with"))
			: NULL;

	note(self, N_("portal pages"), state == SGP_PAGES_RELEASE || state == SGP_PAGES_PINNED,
		found ? found : failed,
		state == SGP_PAGES_DIFFER
			? _("Somebody may have changed the program that customers get: nobody "
			    "should log in there until this is cleared up. If the portal runs "
			    "another release, and its portal-release.json names this sum for "
			    "index.html, add it to the setting portal-pages.")
			: _("The pages could not be looked at, so nothing is known of them: check "
			    "the network and the portal."));
}

/* Only where the transport rung is on the ladder: else neither is needed. */
static void check_transport(Doctor *self)
{
	SgpSettings *settings = self->cli->settings;
	g_autofree char *profile = sgp_settings_dup_string(settings, "policy-profile");
	g_autofree char *setting = sgp_settings_dup_string(settings, "verified-submission");
	g_autoptr(SgpSubmissionService) service = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GError) dns_error = NULL;

	if (!g_str_equal(profile, "by-class") || g_strstrip(setting)[0] == '\0')
		return;
	service = sgp_delivery_open_service_sync(settings, NULL, &error);
	gboolean answers = service && sgp_submission_check_sync(service, NULL, &error);
	SgpDnssec dnssec = sgp_transport_probe_check_resolver_sync(
		sgp_dispatcher_get_transport_probe(self->cli->dispatcher), NULL, &dns_error);
	g_autofree char *failed = dup_words(error);
	g_autofree char *unresolved = dup_words(dns_error);

	note(self, N_("submission service"), answers, answers ? setting : failed,
		_("Check the settings verified-submission, submission-ca-file and submission-user; "
		  "'siegelpost submission password' stores the password."));
	note(self, N_("DNS with DNSSEC"), dnssec == SGP_DNSSEC_SECURE, unresolved,
		_("The DNS server must pass DNSSEC on (setting dns-resolver), and the package "
		  "dns-root-data must be installed."));
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

	note(self, N_("agent"), answer != NULL, error ? error->message : NULL,
		_("Mail programs hold every mail until the agent runs: check that its D-Bus "
		  "service is installed, and that there is a session bus."));
}

SgpExit sgp_cli_doctor(SgpCli *self, int argc, char **argv)
{
	Doctor doctor = { self, NULL, 0 };
	g_autoptr(JsonBuilder) out = json_builder_new_immutable();

	if (argc != 1)
		return sgp_cli_usage(_("doctor: no argument is expected"));
	if (!sgp_cli_open_settings(self))
		return SGP_EXIT_FAILED;
	doctor.out = out;
	json_builder_begin_object(out);
	json_builder_set_member_name(out, "checks");
	json_builder_begin_array(out);
	check_programs(&doctor);
	check_schema(&doctor);
	check_office(&doctor);
	check_hosts(&doctor);
	check_keyring(&doctor);
	if (open_state(&doctor)) {
		check_state(&doctor);
		check_spool(&doctor);
		check_keys(&doctor);
		check_portal(&doctor);
		check_pages(&doctor);
		check_transport(&doctor);
	}
	if (sgp_cli_uses_agent(self))
		check_agent(&doctor);
	json_builder_end_array(out);
	json_builder_end_object(out);
	if (self->is_json)
		sgp_cli_print_json(out);
	return doctor.n_findings == 0 ? SGP_EXIT_DONE : SGP_EXIT_FAILED;
}
