/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The commands of the administrator, on the data directory, whether a server runs on it or not.
 * They print sentences and tokens to stdout and never a customer's address. */

#include "sgp-admin.h"

#include "sgp-api.h"
#include "sgp-backup.h"
#include "sgp-blob.h"
#include "sgp-bounce.h"
#include "sgp-protocol.h"
#include "sgp-scope.h"
#include "sgp-session-store.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>

#define BOUNCE_LIMIT (1024 * 1024)

static gboolean fail(GError **error, const char *sentence)
{
	g_set_error_literal(error, SGP_PROBLEM_ERROR, SGP_PROBLEM_BAD_REQUEST, sentence);
	return FALSE;
}

static gboolean init(SgpDatabase *database, const SgpAdminOptions *options, GError **error)
{
	g_autofree char *mail = sgp_protocol_canonical_address(options->portal_mail);
	g_autofree char *support = sgp_protocol_canonical_address(options->support_mail);
	g_autoptr(SgpTransaction) transaction = NULL;
	gint64 changed = 0;

	if (options->office == NULL || options->support_phone == NULL || support == NULL)
		return fail(error,
			_("Give --office NAME, --support-phone NUMBER and --support-mail ADDRESS: "
			  "customers need somebody to ask."));
	if (mail == NULL)
		return fail(error, _("Give --portal-mail ADDRESS: the portal's own address, from "
				     "which notices and "
				     "replies come."));
	transaction = sgp_transaction_begin(database, error);
	if (transaction == NULL ||
		!sgp_database_run(database, error, &changed,
			"INSERT INTO office (id, name, portal_address, support_name, "
			"support_phone, "
			"support_hours, support_mail, retention_days, invitation_days, created) "
			"VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO "
			"NOTHING",
			"ssssssiii", options->office, mail,
			options->support_name != NULL ? options->support_name : options->office,
			options->support_phone,
			options->support_hours != NULL ? options->support_hours : "", support,
			(gint64)(options->retention_days > 0 ? options->retention_days
							     : SGP_PROTOCOL_RETENTION_DAYS),
			(gint64)(options->invitation_days > 0 ? options->invitation_days
							      : SGP_PROTOCOL_INVITATION_DAYS),
			sgp_portal_get_time()) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	if (changed == 0)
		return fail(error, _("This portal is set up already; nothing was changed."));
	g_print(_("The portal of \"%s\" is set up.\n"
		  "Next: siegelpost-portal --data DIR admin add-staff ADDRESS --name NAME\n"
		  "for each staff member; the token that it prints goes into their mail program.\n"
		  "Keep a copy of DIR/guard.key in a safe place: without it nobody can log in.\n"),
		options->office);
	return TRUE;
}

static gboolean has_office(SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error, "SELECT id FROM office", "");

	if (rows == NULL)
		return FALSE;
	return sgp_rows_get_count(rows) == 1 ||
	       fail(error, _("The portal is not set up yet; run admin init first."));
}

static gboolean check_address(const char *given, const char *canonical, GError **error)
{
	return given == NULL || canonical != NULL ||
	       fail(error, _("One of these is no mail address."));
}

/* What is not given stays as it is. Messages that are published keep the days they were promised.
 */
static gboolean change(SgpDatabase *database, const SgpAdminOptions *options, GError **error)
{
	g_autofree char *mail = sgp_protocol_canonical_address(options->portal_mail);
	g_autofree char *support = sgp_protocol_canonical_address(options->support_mail);
	g_autoptr(SgpTransaction) transaction = NULL;

	if (!check_address(options->portal_mail, mail, error) ||
		!check_address(options->support_mail, support, error) ||
		!has_office(database, error))
		return FALSE;
	transaction = sgp_transaction_begin(database, error);
	if (transaction == NULL ||
		!sgp_database_run(database, error, NULL,
			"UPDATE office SET name = COALESCE($1, name), "
			"portal_address = COALESCE($2, portal_address), "
			"support_name = COALESCE($3, support_name), "
			"support_phone = COALESCE($4, support_phone), "
			"support_hours = COALESCE($5, support_hours), "
			"support_mail = COALESCE($6, support_mail), "
			"retention_days = CASE WHEN $7 > 0 THEN $7 ELSE retention_days END, "
			"invitation_days = CASE WHEN $8 > 0 THEN $8 ELSE invitation_days END",
			"ssssssii", options->office, mail, options->support_name,
			options->support_phone, options->support_hours, support,
			(gint64)options->retention_days, (gint64)options->invitation_days) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	g_print(_("The office is described as you say; the pages show it within a minute.\n"));
	return TRUE;
}

static gboolean add_staff(
	SgpDatabase *database, const SgpAdminOptions *options, const char *given, GError **error)
{
	g_autofree char *address = sgp_protocol_canonical_address(given);
	g_autofree char *token = NULL;
	g_autoptr(GBytes) hash = sgp_token_new(&token);
	g_autoptr(SgpTransaction) transaction = NULL;
	gint64 now = sgp_portal_get_time();

	if (address == NULL)
		return fail(error, _("Give the staff member's mail address."));
	transaction = has_office(database, error) ? sgp_transaction_begin(database, error) : NULL;
	if (transaction == NULL ||
		!sgp_database_run(database, error, NULL,
			"INSERT INTO staff (address, name, created) VALUES ($1, $2, $3) "
			"ON CONFLICT (address) DO NOTHING",
			"ssi", address, options->name != NULL ? options->name : address, now) ||
		!sgp_database_run(database, error, NULL,
			"INSERT INTO enrolments (token_hash, staff, expires) VALUES ($1, $2, $3)",
			"bsi", hash, address, now + SGP_PROTOCOL_ENROLMENT_SECONDS) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	/* The token alone on its line, so that a script can take it. */
	g_print("%s\n", token);
	g_printerr(_("The token is good for one device within 24 hours.\n"));
	return TRUE;
}

static gboolean list_staff(SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT s.address, s.name, d.id, d.name, d.revoked, d.state FROM staff s "
		"LEFT JOIN devices d ON d.staff = s.address ORDER BY s.created, s.address, "
		"d.created",
		"");

	if (rows == NULL)
		return FALSE;
	for (guint i = 0; i < sgp_rows_get_count(rows); i++) {
		g_print("%s\t%s", sgp_rows_get_text(rows, i, 0), sgp_rows_get_text(rows, i, 1));
		if (sgp_rows_is_null(rows, i, 2))
			g_print("\tno device enrolled\n");
		else
			g_print("\t%s\t%s\t%s\n", sgp_rows_get_text(rows, i, 2),
				sgp_rows_get_text(rows, i, 3),
				sgp_rows_get_integer(rows, i, 4) != 0 ? "revoked"
				: strcmp(sgp_rows_get_text(rows, i, 5), "pending") == 0
					? "waits for approval"
					: "enrolled");
	}
	return TRUE;
}

static gboolean revoke_device(
	SgpPortal *portal, SgpDatabase *database, const char *device, GError **error)
{
	g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);
	gint64 changed = 0;

	if (transaction == NULL || !sgp_device_revoke(database, device, &changed, files, error) ||
		!sgp_transaction_commit(transaction, error))
		return FALSE;
	if (changed == 0)
		return fail(error, _("There is no such device; admin list-staff shows them."));
	for (guint i = 0; i < files->len; i++)
		sgp_blob_remove(portal, files->pdata[i]);
	g_print(_("The device is revoked; its next request is refused.\n"));
	return TRUE;
}

/* For an office whose last approved device is lost: nobody is left who could approve. */
static gboolean approve_device(SgpDatabase *database, const char *device, GError **error)
{
	g_autoptr(SgpTransaction) transaction = sgp_transaction_begin(database, error);
	gint64 changed = 0;

	if (transaction == NULL ||
		!sgp_database_run(database, error, &changed,
			"UPDATE devices SET state = 'approved' "
			"WHERE id = $1 AND state = 'pending' AND revoked = 0",
			"s", device) ||
		!sgp_database_run(database, error, NULL,
			"UPDATE staff SET staff_key = (SELECT staff_key FROM devices WHERE id = "
			"$1) "
			"WHERE address = (SELECT staff FROM devices WHERE id = $1 "
			"AND state = 'approved' AND revoked = 0)",
			"s", device))
		return FALSE;
	if (changed == 0)
		return fail(error, _("No such device waits; admin list-staff shows them."));
	if (!sgp_transaction_commit(transaction, error))
		return FALSE;
	g_print(_("The device is approved, without the office's private key: the portal does not "
		  "have it. Import it from the office's own copy.\n"));
	return TRUE;
}

static GByteArray *read_input(GError **error)
{
	g_autoptr(GByteArray) mail = g_byte_array_new();
	guint8 buffer[16 * 1024];
	gsize length = 0;

	while ((length = fread(buffer, 1, sizeof buffer, stdin)) > 0) {
		/* Read to the end, so that the mail server sees no broken pipe; kept to a limit. */
		if (mail->len < BOUNCE_LIMIT)
			g_byte_array_append(mail, buffer, (guint)length);
	}
	if (ferror(stdin)) {
		fail(error, _("The mail could not be read."));
		return NULL;
	}
	return g_steal_pointer(&mail);
}

/* A mail that is no report of ours is a success too: a mail server would send it back. */
static gboolean take_bounce(SgpPortal *portal, SgpDatabase *database, GError **error)
{
	g_autoptr(GByteArray) mail = read_input(error);
	gboolean ours = FALSE;

	if (mail == NULL || !sgp_bounce_take_sync(portal, database, (const char *)mail->data,
				    mail->len, &ours, error))
		return FALSE;
	g_print("%s\n", ours ? _("A mail of ours came back; the staff are told.")
			     : _("This is no report about a mail of ours; nothing was changed."));
	return TRUE;
}

static gboolean print_count(
	SgpDatabase *database, const char *what, const char *sql, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error, sql, "");

	if (rows == NULL)
		return FALSE;
	g_print("%s\t%" G_GINT64_FORMAT "\n", what, sgp_rows_get_integer(rows, 0, 0));
	return TRUE;
}

static gboolean print_status(SgpDatabase *database, GError **error)
{
	static const char *const counts[][2] = {
		{ "staff", "SELECT COUNT(*) FROM staff" },
		{ "devices", "SELECT COUNT(*) FROM devices WHERE revoked = 0" },
		{ "customers invited", "SELECT COUNT(*) FROM customers WHERE state = 'invited'" },
		{ "customers registered",
			"SELECT COUNT(*) FROM customers WHERE state = 'registered'" },
		{ "messages published", "SELECT COUNT(*) FROM messages WHERE state = 'published'" },
		{ "messages not collected", "SELECT COUNT(*) FROM messages WHERE state = "
					    "'published' AND read_at IS NULL" },
		{ "mails queued", "SELECT COUNT(*) FROM outbox WHERE state = 'queued'" },
		{ "mails failed", "SELECT COUNT(*) FROM outbox WHERE state = 'failed'" },
		{ "uploads open", "SELECT COUNT(*) FROM uploads" },
		{ "blob bytes", "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM blobs" },
	};

	for (gsize i = 0; i < G_N_ELEMENTS(counts); i++) {
		if (!print_count(database, counts[i][0], counts[i][1], error))
			return FALSE;
	}
	return TRUE;
}

/* Opening the store has brought it up to date already. */
static gboolean migrate(SgpPortal *portal, SgpDatabase *database, const char *role, GError **error)
{
	if (role != NULL && portal->config->database == NULL)
		return fail(error, _("Only a store in PostgreSQL has roles."));
	if (role != NULL && !sgp_scope_grant_sync(portal, database, role, error))
		return FALSE;
	g_print("%s\n", role != NULL ? _("The store is up to date, and the role may do what the "
					 "service needs and nothing else.")
				     : _("The store is up to date."));
	return TRUE;
}

static gboolean run(SgpPortal *portal, SgpDatabase *database, const SgpAdminOptions *options,
	const char *command, const char *argument, GError **error)
{
	if (strcmp(command, "init") == 0)
		return init(database, options, error);
	if (strcmp(command, "change") == 0)
		return change(database, options, error);
	if (strcmp(command, "add-staff") == 0)
		return add_staff(database, options, argument, error);
	if (strcmp(command, "list-staff") == 0)
		return list_staff(database, error);
	if (strcmp(command, "revoke-device") == 0)
		return argument != NULL ? revoke_device(portal, database, argument, error)
					: fail(error, _("Give the id of a device."));
	if (strcmp(command, "approve-device") == 0)
		return argument != NULL ? approve_device(database, argument, error)
					: fail(error, _("Give the id of a device."));
	if (strcmp(command, "migrate") == 0)
		return migrate(portal, database, argument, error);
	if (strcmp(command, "bounce") == 0)
		return take_bounce(portal, database, error);
	if (strcmp(command, "status") == 0)
		return print_status(database, error);
	if (strcmp(command, "verify") == 0)
		return sgp_backup_verify_sync(portal, database, error);
	if (strcmp(command, "backup") == 0)
		return argument != NULL ? sgp_backup_write_sync(portal, database, argument, error)
					: fail(error, _("Give the file to write."));
	return fail(error,
		_("The admin commands are init, change, add-staff, list-staff, approve-device, "
		  "revoke-device, migrate, status, verify, backup and bounce."));
}

/**
 * sgp_admin_run_sync:
 * @argv: the command and its argument
 *
 * Returns: whether the command succeeded; the error is a sentence for the administrator.
 */
gboolean sgp_admin_run_sync(
	SgpPortal *portal, const SgpAdminOptions *options, int argc, char **argv, GError **error)
{
	SgpDatabase *database = NULL;
	gboolean good = FALSE;

	if (argc < 1 || argc > 2)
		return fail(error, _("Give one admin command and at most one argument."));
	database = sgp_portal_borrow_database(portal, error);
	good = database != NULL &&
	       run(portal, database, options, argv[0], argc > 1 ? argv[1] : NULL, error);
	sgp_portal_return_database(portal, database);
	return good;
}
