/* SPDX-License-Identifier: GPL-3.0-or-later */

/* Command line and configuration file, which take the same names; the command line wins. It reads
 * and checks words and opens nothing. */

#include "sgp-config.h"

#include "sgp-protocol.h"

#include <glib/gi18n.h>
#include <string.h>

#define GROUP          "portal"
#define DEFAULT_LISTEN "127.0.0.1:8480"
#define UNSET          G_MININT /* of no setting */
#define NOTICE_SECONDS (15 * 60)
#define HEAD_SECONDS   20
#define BODY_SECONDS   60

typedef struct {
	int head_seconds;
	int body_seconds;
	int notice_seconds;
	int attachment_megabytes;
	int message_megabytes;
	char *digest; /* (owned) (nullable): HH:MM */
	char *file;   /* (owned) */
} Numbers;

/* Nothing behind the number: GLib's own would take "7 MB" for 7. */
static int read_integer(GKeyFile *file, const char *name, GError **error)
{
	g_autoptr(GError) wrong = NULL;
	g_autofree char *text = g_key_file_get_string(file, GROUP, name, &wrong);
	gint64 number = UNSET;

	/* A backslash in front of nothing special is a text and an error at once to GLib. */
	if (wrong == NULL)
		g_ascii_string_to_signed(g_strstrip(text), 10, G_MININT, G_MAXINT, &number, &wrong);
	if (wrong != NULL)
		g_propagate_error(error, g_steal_pointer(&wrong));
	return (int)number;
}

static gboolean read_file(const char *path, const GOptionEntry *entries, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();

	if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, error))
		return FALSE;
	for (const GOptionEntry *entry = entries; entry->long_name != NULL; entry++) {
		g_autoptr(GError) wrong = NULL;

		if (!g_key_file_has_key(file, GROUP, entry->long_name, NULL))
			continue;
		if ((entry->arg == G_OPTION_ARG_STRING || entry->arg == G_OPTION_ARG_FILENAME) &&
			*(char **)entry->arg_data == NULL)
			*(char **)entry->arg_data =
				g_key_file_get_string(file, GROUP, entry->long_name, &wrong);
		else if (entry->arg == G_OPTION_ARG_INT && *(int *)entry->arg_data == UNSET)
			*(int *)entry->arg_data = read_integer(file, entry->long_name, &wrong);
		else if (entry->arg == G_OPTION_ARG_NONE)
			*(gboolean *)entry->arg_data |=
				g_key_file_get_boolean(file, GROUP, entry->long_name, &wrong);
		/* Else a limit with a slip of the pen would silently be the default (test "a
		 * configuration file takes the same names"). */
		if (wrong != NULL) {
			g_set_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST, "%s: %s",
				entry->long_name, wrong->message);
			return FALSE;
		}
	}
	return TRUE;
}

static gboolean has_name(const char *name, const GOptionEntry *entries)
{
	while (entries->long_name != NULL && strcmp(entries->long_name, name) != 0)
		entries++;
	return entries->long_name != NULL;
}

/* A name that nobody reads is a slip of the pen: a limit that was never set, a proxy that was never
 * asked (test "a configuration file takes no other names"). */
static gboolean check_names(
	const char *path, const GOptionEntry *entries, const GOptionEntry *more, GError **error)
{
	g_autoptr(GKeyFile) file = g_key_file_new();
	g_auto(GStrv) names = NULL;

	if (!g_key_file_load_from_file(file, path, G_KEY_FILE_NONE, error))
		return FALSE;
	names = g_key_file_get_keys(file, GROUP, NULL, error);
	if (names == NULL)
		return FALSE;
	for (guint i = 0; names[i] != NULL; i++) {
		if (has_name(names[i], entries) || has_name(names[i], more))
			continue;
		g_set_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST,
			_("There is no setting of this name: %s"), names[i]);
		return FALSE;
	}
	return TRUE;
}

static gboolean is_loopback(const char *host)
{
	g_autoptr(GInetAddress) address = g_inet_address_new_from_string(host);

	return address != NULL ? g_inet_address_get_is_loopback(address)
			       : g_ascii_strcasecmp(host, "localhost") == 0;
}

static gboolean is_origin(GUri *uri)
{
	const char *host = uri != NULL ? g_uri_get_host(uri) : NULL;

	/* Without TLS the session's cookie would cross the network in the clear, whatever stands in
	 * front (threat 17). */
	return host != NULL && *host != '\0' && g_uri_get_userinfo(uri) == NULL &&
	       g_uri_get_query(uri) == NULL && g_uri_get_fragment(uri) == NULL &&
	       strlen(g_uri_get_path(uri)) <= 1 &&
	       (strcmp(g_uri_get_scheme(uri), "https") == 0 ||
		       (strcmp(g_uri_get_scheme(uri), "http") == 0 && is_loopback(host)));
}

/* As browsers write it in their Origin, with which it is compared: the host in lower case and in
 * ASCII, a port only where it is not the scheme's own. */
static char *spell_origin(GUri *uri)
{
	const char *scheme = g_uri_get_scheme(uri);
	g_autofree char *ascii = g_hostname_to_ascii(g_uri_get_host(uri));
	g_autofree char *lower = ascii != NULL ? g_ascii_strdown(ascii, -1) : NULL;
	gboolean six = lower != NULL && strchr(lower, ':') != NULL;
	int port = g_uri_get_port(uri);
	g_autofree char *behind = port < 0 || port == (strcmp(scheme, "https") == 0 ? 443 : 80)
					  ? g_strdup("")
					  : g_strdup_printf(":%d", port);

	if (lower == NULL)
		return NULL;
	return g_strdup_printf(
		"%s://%s%s%s%s", scheme, six ? "[" : "", lower, six ? "]" : "", behind);
}

static gboolean read_origin(char **origin, GError **error)
{
	g_autoptr(GUri) uri = NULL;
	g_autofree char *spelt = NULL;

	if (*origin == NULL)
		return TRUE;
	uri = g_uri_parse(*origin, G_URI_FLAGS_NONE, NULL);
	spelt = is_origin(uri) ? spell_origin(uri) : NULL;
	if (spelt == NULL) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST,
			_("--origin must look like https://portal.office.example, without a "
			  "path."));
		return FALSE;
	}
	g_free(*origin);
	*origin = g_steal_pointer(&spelt);
	return TRUE;
}

static gboolean read_digest(const char *text, int *minute, GError **error)
{
	guint64 hours = 0;
	guint64 minutes = 0;

	*minute = -1;
	if (text == NULL || *text == '\0')
		return TRUE;
	if (strlen(text) == 5 && text[2] == ':') {
		g_autofree char *first = g_strndup(text, 2);

		if (g_ascii_string_to_unsigned(first, 10, 0, 23, &hours, NULL) &&
			g_ascii_string_to_unsigned(text + 3, 10, 0, 59, &minutes, NULL)) {
			*minute = (int)(hours * 60 + minutes);
			return TRUE;
		}
	}
	g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST,
		_("--staff-digest must be a time of day like 07:30."));
	return FALSE;
}

/* A number that is given means something: none that stands for "as usual". */
static gboolean check_number(const char *name, int number, int least, GError **error)
{
	if (number == UNSET || number >= least)
		return TRUE;
	g_set_error(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST, _("%s must be %d or more."),
		name, least);
	return FALSE;
}

static gboolean check_numbers(const Numbers *numbers, const SgpAdminOptions *admin, GError **error)
{
	return check_number("--head-timeout", numbers->head_seconds, 1, error) &&
	       check_number("--body-timeout", numbers->body_seconds, 1, error) &&
	       check_number("--notice-interval", numbers->notice_seconds, 0, error) &&
	       check_number("--attachment-limit", numbers->attachment_megabytes, 1, error) &&
	       check_number("--message-limit", numbers->message_megabytes, 1, error) &&
	       check_number("--retention-days", admin->retention_days, 1, error) &&
	       check_number("--invitation-days", admin->invitation_days, 1, error);
}

static void apply_defaults(SgpPortalConfig *config, const Numbers *numbers)
{
	if (config->listen == NULL)
		config->listen = g_strdup(DEFAULT_LISTEN);
	config->notice_seconds =
		numbers->notice_seconds >= 0 ? numbers->notice_seconds : NOTICE_SECONDS;
	config->head_seconds = numbers->head_seconds > 0 ? numbers->head_seconds : HEAD_SECONDS;
	config->body_seconds = numbers->body_seconds > 0 ? numbers->body_seconds : BODY_SECONDS;
	config->attachment_limit = numbers->attachment_megabytes > 0
					   ? (gint64)numbers->attachment_megabytes * 1024 * 1024
					   : SGP_PROTOCOL_ATTACHMENT_LIMIT;
	config->message_limit = numbers->message_megabytes > 0
					? (gint64)numbers->message_megabytes * 1024 * 1024
					: SGP_PROTOCOL_MESSAGE_LIMIT;
}

static gboolean check_database(const char *database, GError **error)
{
	if (database == NULL || g_str_has_prefix(database, "postgresql://") ||
		g_str_has_prefix(database, "postgres://"))
		return TRUE;
	g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST,
		_("--database must look like postgresql://host/name."));
	return FALSE;
}

static gboolean is_domain(const char *text)
{
	g_autofree char *address = g_strconcat("bounce@", text, NULL);
	g_autofree char *canonical = sgp_protocol_canonical_address(address);

	return canonical != NULL && g_str_is_ascii(text) && strpbrk(text, "<> \"@") == NULL;
}

static gboolean check(SgpPortalConfig *config, GError **error)
{
	if (config->data_directory == NULL) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST,
			_("--data DIR is missing: where the portal keeps its database and blobs."));
		return FALSE;
	}
	if (config->bounce_domain != NULL && !is_domain(config->bounce_domain)) {
		g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST,
			_("--bounce-domain must be a domain, like portal.office.example."));
		return FALSE;
	}
	return check_database(config->database, error) && read_origin(&config->origin, error);
}

static gboolean read_options(const GOptionEntry *entries, const GOptionEntry *more,
	Numbers *numbers, int *argc, char ***argv, GError **error)
{
	g_autoptr(GOptionContext) context = g_option_context_new(
		"[serve | admin "
		"init|change|add-staff|list-staff|approve-device|revoke-device|status|verify|"
		"migrate|backup|bounce …]");
	gboolean good = FALSE;

	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_add_main_entries(context, more, NULL);
	good = g_option_context_parse(context, argc, argv, error) &&
	       (numbers->file == NULL || (check_names(numbers->file, entries, more, error) &&
						 read_file(numbers->file, entries, error) &&
						 read_file(numbers->file, more, error)));
	g_clear_pointer(&numbers->file, g_free);
	return good;
}

/* @entries: all but those of the admin commands. */
static gboolean parse(const GOptionEntry *entries, Numbers *numbers, SgpPortalConfig *config,
	SgpAdminOptions *admin, int *argc, char ***argv, GError **error)
{
	const GOptionEntry more[] = {
		{ "office", 0, 0, G_OPTION_ARG_STRING, &admin->office, "admin init, change",
			"NAME" },
		{ "portal-mail", 0, 0, G_OPTION_ARG_STRING, &admin->portal_mail,
			"admin init, change: the portal's own mail address", "ADDRESS" },
		{ "support-name", 0, 0, G_OPTION_ARG_STRING, &admin->support_name,
			"admin init, change", "NAME" },
		{ "support-phone", 0, 0, G_OPTION_ARG_STRING, &admin->support_phone,
			"admin init, change", "NUMBER" },
		{ "support-hours", 0, 0, G_OPTION_ARG_STRING, &admin->support_hours,
			"admin init, change", "TEXT" },
		{ "support-mail", 0, 0, G_OPTION_ARG_STRING, &admin->support_mail,
			"admin init, change", "ADDRESS" },
		{ "name", 0, 0, G_OPTION_ARG_STRING, &admin->name, "admin add-staff", "NAME" },
		{ "retention-days", 0, 0, G_OPTION_ARG_INT, &admin->retention_days,
			"admin init, change", "DAYS" },
		{ "invitation-days", 0, 0, G_OPTION_ARG_INT, &admin->invitation_days,
			"admin init, change", "DAYS" },
		{ NULL },
	};
	gboolean good = FALSE;

	admin->retention_days = UNSET;
	admin->invitation_days = UNSET;
	good = read_options(entries, more, numbers, argc, argv, error) &&
	       check_numbers(numbers, admin, error) &&
	       read_digest(numbers->digest, &config->digest_minute, error);
	g_clear_pointer(&numbers->digest, g_free);
	if (!good)
		return FALSE;
	apply_defaults(config, numbers);
	return check(config, error);
}

/**
 * sgp_config_parse:
 * @argv: (inout): what is left are the program and the command
 *
 * Returns: whether everything was understood; the error is a sentence for the administrator.
 */
gboolean sgp_config_parse(
	int *argc, char ***argv, SgpPortalConfig *config, SgpAdminOptions *admin, GError **error)
{
	Numbers numbers = { UNSET, UNSET, UNSET, UNSET, UNSET, NULL, NULL };
	const GOptionEntry entries[] = {
		{ "data", 0, 0, G_OPTION_ARG_FILENAME, &config->data_directory,
			"database and blobs", "DIR" },
		{ "listen", 0, 0, G_OPTION_ARG_STRING, &config->listen,
			"address, " DEFAULT_LISTEN " unless given; port 0 takes a free one",
			"HOST:PORT" },
		{ "origin", 0, 0, G_OPTION_ARG_STRING, &config->origin,
			"what customers type into their browsers", "URL" },
		{ "database", 0, 0, G_OPTION_ARG_STRING, &config->database,
			"PostgreSQL instead of a file in DIR, for several nodes", "URL" },
		{ "smtp", 0, 0, G_OPTION_ARG_STRING, &config->smtp, "mail server", "HOST:PORT" },
		{ "smtp-user", 0, 0, G_OPTION_ARG_STRING, &config->smtp_user, "", "NAME" },
		{ "smtp-password-file", 0, 0, G_OPTION_ARG_FILENAME, &config->smtp_password_file,
			"", "FILE" },
		{ "smtp-plain", 0, 0, G_OPTION_ARG_NONE, &config->smtp_plain,
			"speak to the mail server without TLS even off this computer", NULL },
		{ "bounce-domain", 0, 0, G_OPTION_ARG_STRING, &config->bounce_domain,
			"mails go out as bounce+TAG@DOMAIN; pipe what comes back into admin bounce",
			"DOMAIN" },
		{ "staff-digest", 0, 0, G_OPTION_ARG_STRING, &numbers.digest,
			"numbers for the staff by mail once a day at this local time", "HH:MM" },
		{ "metrics-listen", 0, 0, G_OPTION_ARG_STRING, &config->metrics_listen,
			"numbers for Prometheus at /metrics; let no stranger reach it",
			"HOST:PORT" },
		{ "tls-cert", 0, 0, G_OPTION_ARG_FILENAME, &config->tls_certificate, "", "FILE" },
		{ "tls-key", 0, 0, G_OPTION_ARG_FILENAME, &config->tls_key, "", "FILE" },
		{ "web", 0, 0, G_OPTION_ARG_FILENAME, &config->web_directory, "built pages",
			"DIR" },
		{ "hsts-without-subdomains", 0, 0, G_OPTION_ARG_NONE, &config->hsts_alone,
			"what lies below the portal's name may go without TLS", NULL },
		{ "forwarded", 0, 0, G_OPTION_ARG_NONE, &config->forwarded,
			"the proxy on this computer tells by X-Forwarded-For who asks", NULL },
		{ "head-timeout", 0, 0, G_OPTION_ARG_INT, &numbers.head_seconds,
			"for the head of a request from its first byte on, and for a TLS handshake",
			"SECONDS" },
		{ "body-timeout", 0, 0, G_OPTION_ARG_INT, &numbers.body_seconds,
			"in which a body or an answer must get on by 16 KiB or be over",
			"SECONDS" },
		{ "notice-interval", 0, 0, G_OPTION_ARG_INT, &numbers.notice_seconds,
			"at most one notice per customer in this time", "SECONDS" },
		{ "attachment-limit", 0, 0, G_OPTION_ARG_INT, &numbers.attachment_megabytes,
			"largest attachment", "MIB" },
		{ "message-limit", 0, 0, G_OPTION_ARG_INT, &numbers.message_megabytes,
			"largest message", "MIB" },
		{ "config", 0, 0, G_OPTION_ARG_FILENAME, &numbers.file,
			"file with these names under [" GROUP "]", "FILE" },
		{ NULL },
	};

	return parse(entries, &numbers, config, admin, argc, argv, error);
}

/**
 * sgp_config_clear:
 *
 * Frees what @config owns.
 */
void sgp_config_clear(SgpPortalConfig *config)
{
	g_clear_pointer(&config->data_directory, g_free);
	g_clear_pointer(&config->listen, g_free);
	g_clear_pointer(&config->origin, g_free);
	g_clear_pointer(&config->database, g_free);
	g_clear_pointer(&config->smtp, g_free);
	g_clear_pointer(&config->smtp_user, g_free);
	g_clear_pointer(&config->smtp_password_file, g_free);
	g_clear_pointer(&config->bounce_domain, g_free);
	g_clear_pointer(&config->metrics_listen, g_free);
	g_clear_pointer(&config->tls_certificate, g_free);
	g_clear_pointer(&config->tls_key, g_free);
	g_clear_pointer(&config->web_directory, g_free);
}

/**
 * sgp_admin_options_clear:
 *
 * Frees what @admin owns.
 */
void sgp_admin_options_clear(SgpAdminOptions *admin)
{
	g_clear_pointer(&admin->office, g_free);
	g_clear_pointer(&admin->portal_mail, g_free);
	g_clear_pointer(&admin->support_name, g_free);
	g_clear_pointer(&admin->support_phone, g_free);
	g_clear_pointer(&admin->support_hours, g_free);
	g_clear_pointer(&admin->support_mail, g_free);
	g_clear_pointer(&admin->name, g_free);
}
