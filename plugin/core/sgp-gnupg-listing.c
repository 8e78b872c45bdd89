/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads a whole GnuPG keyring by gpg's own listing for programs (doc/DETAILS of GnuPG). It is here
 * because GPGME does not look at gpg's exit status: with a damaged keyring, or a gpg that was
 * killed half-way, its listing just ends early, and "could not look" would become "there is no
 * key". Starts one process, keeps nothing, judges nothing. */
#include "sgp-gnupg-listing.h"

#include <gpg-error.h>
#include <stdlib.h>
#include <string.h>

#include "sgp-address.h"
#include "sgp-error.h"
#include "sgp-gnupg-run.h"

#define AGENT_LIMIT 20 /* seconds, for an agent that has to be started */

/* Fields of a line, counted from 0. */
enum {
	FIELD_TYPE,
	FIELD_VALIDITY,
	FIELD_LENGTH,
	FIELD_ALGORITHM,
	FIELD_KEY_ID,
	FIELD_CREATED,
	FIELD_EXPIRES,
	FIELD_USER_ID = 9,
	FIELD_CAPABILITIES = 11,
	N_FIELDS = 12, /* what a line of ours has at least */
};

typedef struct {
	SgpGnupgListingFunc func;
	gpointer user_data;
	SgpKeyRecord *record; /* (owned) (nullable) */
	gboolean is_expired;  /* that record's key */
	GString *text;        /* (borrowed) (nullable) gets every line */
} Listing;

/* The address of a user id: what stands in the only pair of angle brackets, at the end; or the
 * whole user id. "bob@a.example <mallory@b.example>" is mallory's, and two pairs are nobody's. */
char *sgp_gnupg_listing_dup_addr_spec(const char *user_id)
{
	const char *open = strchr(user_id, '<');
	g_autofree char *text = NULL;
	if (open == NULL) {
		text = g_strdup(user_id);
	} else {
		gsize length = strlen(open);
		if (open[length - 1] != '>')
			return NULL;
		text = g_strndup(open + 1, length - 2);
	}
	/* A second pair of brackets is found here too. */
	if (strpbrk(text, "<>, \t\r\n") != NULL || strchr(text, '@') == NULL)
		return NULL;
	g_autoptr(SgpAddress) address = sgp_address_new(text, NULL);
	return address == NULL ? NULL : g_strdup(sgp_address_get_addr_spec(address));
}

/* RFC 9580 section 9.1. */
static SgpKeyAlgorithm get_algorithm(const char *number)
{
	switch (atoi(number)) {
	case 1:
	case 2:
	case 3:
		return SGP_KEY_ALGORITHM_RSA;
	case 16:
	case 20:
		return SGP_KEY_ALGORITHM_ELGAMAL;
	case 17:
		return SGP_KEY_ALGORITHM_DSA;
	case 18:
	case 19:
	case 22:
		return SGP_KEY_ALGORITHM_CURVE;
	}
	return SGP_KEY_ALGORITHM_UNKNOWN;
}

/* Seconds, or the ISO form that gpg uses for times that it cannot say in seconds. */
static gint64 read_time(const char *text)
{
	if (strchr(text, 'T') == NULL)
		return g_ascii_strtoll(text, NULL, 10);
	g_autoptr(GTimeZone) zone = g_time_zone_new_utc();
	g_autoptr(GDateTime) time = g_date_time_new_from_iso8601(text, zone);
	return time == NULL ? 0 : g_date_time_to_unix(time);
}

static void finish_record(Listing *listing)
{
	if (listing->record != NULL && listing->record->fingerprint != NULL &&
		*listing->record->fingerprint != '\0')
		listing->func(listing->record, listing->user_data);
	g_clear_pointer(&listing->record, sgp_key_record_unref);
}

static void add_part(SgpKeyRecord *record, char **fields)
{
	char validity = *fields[FIELD_VALIDITY];
	const char *can = fields[FIELD_CAPABILITIES];
	SgpKeyPart part = {
		.algorithm = get_algorithm(fields[FIELD_ALGORITHM]),
		.bits = (guint)g_ascii_strtoull(fields[FIELD_LENGTH], NULL, 10),
		.created = read_time(fields[FIELD_CREATED]),
		.expires = read_time(fields[FIELD_EXPIRES]),
		.can_encrypt = strchr(can, 'e') != NULL, /* lower case: this part; upper: any */
		.can_sign = strchr(can, 's') != NULL,
		.is_revoked = validity == 'r',
		.is_disabled = strchr(can, 'D') != NULL,
		.is_invalid = validity == 'i',
	};
	part.is_invalid |= part.created <= 0;
	g_strlcpy(part.key_id, fields[FIELD_KEY_ID], sizeof(part.key_id));
	g_array_append_val(record->parts, part);
}

/* gpg writes ':' and what is not printable as \xHH. What stands before a zero byte is not the user
 * id: "" then, which names nobody. */
static char *dup_unescaped(const char *text)
{
	GString *out = g_string_sized_new(strlen(text));
	for (const char *c = text; *c != '\0'; c++) {
		gboolean is_escape = c[0] == '\\' && c[1] == 'x' && g_ascii_isxdigit(c[2]) &&
				     g_ascii_isxdigit(c[3]);
		if (is_escape && c[2] == '0' && c[3] == '0') {
			g_string_truncate(out, 0);
			break;
		}
		if (is_escape) {
			g_string_append_c(out, (char)(g_ascii_xdigit_value(c[2]) * 16 +
						       g_ascii_xdigit_value(c[3])));
			c += 3;
		} else {
			g_string_append_c(out, *c);
		}
	}
	return g_string_free(out, FALSE);
}

static void add_user_id(SgpKeyRecord *record, char **fields, gboolean is_key_expired)
{
	char validity = *fields[FIELD_VALIDITY];
	if (validity == 'i')
		return;
	g_autofree char *text = dup_unescaped(fields[FIELD_USER_ID]);
	g_autofree char *addr_spec =
		g_utf8_validate(text, -1, NULL) ? sgp_gnupg_listing_dup_addr_spec(text) : NULL;
	if (addr_spec == NULL)
		return;
	/* The user ids of an expired key are all called expired. */
	if (validity == 'e' && !is_key_expired)
		sgp_key_record_add_expired_user_id(record, addr_spec);
	else
		sgp_key_record_add_user_id(
			record, addr_spec, validity == 'r', validity == 'f' || validity == 'u');
}

static void read_line(Listing *listing, char *line)
{
	g_auto(GStrv) fields = g_strsplit(line, ":", -1);
	if (g_strv_length(fields) < FIELD_USER_ID + 1)
		return;
	gboolean is_long = g_strv_length(fields) >= N_FIELDS;
	if (g_str_equal(fields[FIELD_TYPE], "pub") && is_long) {
		finish_record(listing);
		listing->record = sgp_key_record_new(SGP_CHANNEL_OPENPGP, "");
		add_part(listing->record, fields);
		char validity = *fields[FIELD_VALIDITY];
		listing->is_expired = validity == 'e';
		listing->record->is_revoked = validity == 'r';
		listing->record->is_invalid = validity == 'i';
		listing->record->is_disabled = strchr(fields[FIELD_CAPABILITIES], 'D') != NULL;
	} else if (listing->record == NULL) {
		return;
	} else if (g_str_equal(fields[FIELD_TYPE], "fpr")) {
		if (*listing->record->fingerprint ==
			'\0') { /* the first one is the primary key's */
			g_free(listing->record->fingerprint);
			listing->record->fingerprint = g_ascii_strup(fields[FIELD_USER_ID], -1);
		}
	} else if (g_str_equal(fields[FIELD_TYPE], "sub") && is_long) {
		add_part(listing->record, fields);
	} else if (g_str_equal(fields[FIELD_TYPE], "uid")) {
		add_user_id(listing->record, fields, listing->is_expired);
	}
}

static gboolean read_all(
	Listing *listing, GInputStream *stdout_stream, GCancellable *cancellable, GError **error)
{
	g_autoptr(GDataInputStream) lines = g_data_input_stream_new(stdout_stream);
	g_buffered_input_stream_set_buffer_size(G_BUFFERED_INPUT_STREAM(lines), 65536);
	g_autoptr(GError) local_error = NULL;
	while (TRUE) {
		g_autofree char *line =
			g_data_input_stream_read_line(lines, NULL, cancellable, &local_error);
		if (local_error != NULL) {
			g_propagate_error(error, g_steal_pointer(&local_error));
			return FALSE;
		}
		if (line == NULL)
			return TRUE;
		if (listing->text != NULL)
			g_string_append_printf(listing->text, "%s\n", line);
		read_line(listing, line);
	}
}

static void take_first(SgpKeyRecord *record, gpointer user_data)
{
	SgpKeyRecord **first = user_data;
	if (*first == NULL)
		*first = sgp_key_record_ref(record);
}

/**
 * sgp_gnupg_listing_read:
 * @text: what gpg --with-colons --list-keys said once
 *
 * Returns: (transfer full) (nullable): its first key
 */
SgpKeyRecord *sgp_gnupg_listing_read(const char *text)
{
	SgpKeyRecord *first = NULL;
	sgp_gnupg_listing_visit_text(text, take_first, &first);
	return first;
}

void sgp_gnupg_listing_visit_text(const char *text, SgpGnupgListingFunc func, gpointer user_data)
{
	Listing listing = { .func = func, .user_data = user_data };
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	for (gsize i = 0; lines[i] != NULL; i++)
		read_line(&listing, lines[i]);
	finish_record(&listing);
}

/* last: gpg's last arguments, NULL ends them. */
static GSubprocess *start(const char *program, const char *home, const char *const *last,
	GSubprocessFlags errors, GError **error)
{
	g_autoptr(GError) local_error = NULL;
	gboolean has_home = home != NULL && *home != '\0';
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_strv_builder_add(builder, program);
	if (has_home)
		g_strv_builder_add_many(builder, "--homedir", home, NULL);
	g_strv_builder_add_many(
		builder, "--batch", "--no-tty", "--with-colons", "--fixed-list-mode", NULL);
	g_strv_builder_addv(builder, (const char **)last);
	g_auto(GStrv) arguments = g_strv_builder_end(builder);
	GSubprocess *process = g_subprocess_newv((const char *const *)arguments,
		G_SUBPROCESS_FLAGS_STDOUT_PIPE | errors, &local_error);
	if (process == NULL)
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_UNREACHABLE, "gpg: %s", local_error->message);
	return process;
}

/**
 * sgp_gnupg_listing_visit:
 * @program: path of gpg
 * @home: (nullable)
 * @func: called for each key; what it got counts only if this returns %TRUE
 * @text: (nullable): gets what gpg said, for sgp_gnupg_listing_visit_text()
 *
 * Reads the whole public keyring once, without signatures and without asking the agent. The first
 * reading after a change of the keyring makes gpg check its trust database.
 */
gboolean sgp_gnupg_listing_visit(const char *program, const char *home, SgpGnupgListingFunc func,
	gpointer user_data, GString *text, GCancellable *cancellable, GError **error)
{
	const char *const last[] = { "--list-keys", NULL };
	g_autoptr(GSubprocess) process =
		start(program, home, last, G_SUBPROCESS_FLAGS_STDERR_SILENCE, error);
	if (process == NULL)
		return FALSE;
	Listing listing = { .func = func, .user_data = user_data, .text = text };
	gboolean is_read =
		read_all(&listing, g_subprocess_get_stdout_pipe(process), cancellable, error);
	finish_record(&listing);
	if (!is_read)
		g_subprocess_force_exit(process);
	g_subprocess_wait(process, NULL, NULL);
	if (is_read && !g_subprocess_get_successful(process)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"gpg did not read the whole keyring");
		return FALSE;
	}
	return is_read;
}

/* Given less than a whole fingerprint gpg would find somebody's key. */
static gboolean names_fingerprint(GBytes *listing, const char *fingerprint)
{
	gsize size = 0;
	const char *start = listing == NULL ? NULL : g_bytes_get_data(listing, &size);
	g_autofree char *text = g_strndup(start != NULL ? start : "", size);
	g_autofree char *upper = g_ascii_strup(fingerprint, -1);
	g_autofree char *line = g_strdup_printf("\nfpr:::::::::%s:", upper);
	return strstr(text, line) != NULL;
}

/**
 * sgp_gnupg_listing_has_secret:
 * @fingerprint: whole
 * @has_secret: (out)
 *
 * gpg ends as badly where it has no such key as where its agent cannot be started; only its status
 * line tells them apart, and GPGME does not hand that on. A sender whose agent is down would send
 * unsigned, and keep a copy that nobody can read (test
 * /gnupg-listing/an-agent-that-is-down-is-not-no-key).
 */
gboolean sgp_gnupg_listing_has_secret(const char *program, const char *home,
	const char *fingerprint, gboolean *has_secret, GCancellable *cancellable, GError **error)
{
	const char *const last[] = { "--status-fd", "2", "--list-secret-keys", fingerprint, NULL };
	g_auto(SgpGnupgRun) run = { 0 };
	g_autoptr(GSubprocess) process =
		start(program, home, last, G_SUBPROCESS_FLAGS_STDERR_PIPE, error);
	if (process == NULL ||
		!sgp_gnupg_run_finish(&run, process, "gpg", NULL, AGENT_LIMIT, cancellable, error))
		return FALSE;
	g_autofree char *none =
		g_strdup_printf("[GNUPG:] ERROR keylist.getkey %u\n", (guint)GPG_ERR_NO_SECKEY);
	if (!run.is_successful && !sgp_gnupg_run_has_status(&run, none)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"gpg could not ask its agent for a secret key");
		return FALSE;
	}
	*has_secret = run.is_successful && names_fingerprint(run.out, fingerprint);
	return TRUE;
}
