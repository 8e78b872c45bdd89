/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <json-glib/json-glib.h>
#include "sgp-dispatcher.h"

G_BEGIN_DECLS

/* Exit status: a contract (scripts depend on it). */
typedef enum {
	SGP_EXIT_DONE = 0,
	SGP_EXIT_USAGE = 1,
	SGP_EXIT_FAILED = 2,
	SGP_EXIT_HOLD = 3,
	SGP_EXIT_ASK = 4,
	SGP_EXIT_TEMPORARY = 75, /* sendmail only: EX_TEMPFAIL */
	SGP_EXIT_REFUSED = 77,   /* sendmail only: EX_NOPERM */
} SgpExit;

/* One run of the command line. */
typedef struct {
	char *state_dir;     /* (owned) (nullable) NULL: the user's own */
	char *settings_path; /* (owned) (nullable) */
	gboolean is_json;
	gint64 now;       /* seconds UTC */
	gboolean is_live; /* FALSE: --now was given */

	SgpSettings *settings;     /* (owned) (nullable) sgp_cli_open() */
	SgpDispatcher *dispatcher; /* (owned) (nullable) sgp_cli_open() */
	GDBusConnection *bus;      /* (owned) (nullable) sgp_cli_call_agent() */
} SgpCli;

typedef SgpExit (*SgpCliFunc)(SgpCli *self, int argc, char **argv);

/* The settings alone. FALSE: said on standard error. */
gboolean sgp_cli_open_settings(SgpCli *self);
/* The state directory after them, in this process. Errors: STORAGE. */
gboolean sgp_cli_try_open(SgpCli *self, GError **error);
/* Both. FALSE: said on standard error. */
gboolean sgp_cli_open(SgpCli *self);
/* TRUE when the user's agent is to do it: neither --state-dir nor --settings nor --now was given.
 */
gboolean sgp_cli_uses_agent(const SgpCli *self);
/* One call of Agent1; NULL: said on standard error. (transfer full) */
GVariant *sgp_cli_call_agent(SgpCli *self, const char *method, GVariant *parameters);
/* A call that has nothing to tell but that it was done. */
SgpExit sgp_cli_do_by_agent(SgpCli *self, const char *method, GVariant *parameters);
/* The text that the agent's method answers; where the agent is not to be asked, what func answers
 * in this process. NULL: said on standard error. (transfer full) */
typedef char *(*SgpCliAnswerFunc)(SgpCli *self, gconstpointer what, GError **error);
char *sgp_cli_ask(SgpCli *self, const char *method, GVariant *parameters, SgpCliAnswerFunc func,
	gconstpointer what);
/* Runs a job of the agent's to its end. (transfer full) the JSON of Result; NULL: said on standard
 * error. */
char *sgp_cli_run_agent_job(SgpCli *self, const char *method, GVariant *parameters);

/* What goes wrong outside of core; the message is a sentence for people already. */
#define SGP_CLI_ERROR (sgp_cli_error_quark())
typedef enum {
	SGP_CLI_ERROR_SENDMAIL, /* the command of the settings did not take a copy */
} SgpCliError;
GQuark sgp_cli_error_quark(void);

/* Says what happened and what to do about it. Returns SGP_EXIT_FAILED. */
SgpExit sgp_cli_fail(const GError *error);
/* Says what happened where it is no failure of the call, or not yet. */
void sgp_cli_note(const GError *error);
/* The same about one of several files. */
SgpExit sgp_cli_fail_path(const char *path, const GError *error);
SgpExit sgp_cli_fail_nick(const char *nick, const char *detail);
/* TRUE: a file that can be read and is not empty. FALSE: said on standard error. */
gboolean sgp_cli_check_file(const char *path);
SgpExit sgp_cli_usage(const char *format, ...) G_GNUC_PRINTF(1, 2);
/* Options of one call. FALSE: said on standard error. */
gboolean sgp_cli_parse(const GOptionEntry *entries, int *argc, char ***argv);
/* From now on: what programs read is UTF-8 in every locale. */
void sgp_cli_print_as_utf8(void);
void sgp_cli_print_json(JsonBuilder *out);
/* {"done":true} where --json was given: for a call that has nothing else to tell. */
void sgp_cli_print_done(const SgpCli *self);
/* The end of such a call in this process. error: set where it is not done. */
SgpExit sgp_cli_end(const SgpCli *self, gboolean done, const GError *error);
/* A member for people: "-" where there is none. (borrowed) */
const char *sgp_cli_get_text(JsonObject *object, const char *name);
/* A list of objects: as it is for --json, else one line each with these members. NULL ends the
 * names. */
SgpExit sgp_cli_print_list(const SgpCli *self, const char *json, const char *const *names);
/* "2026-11-24T08:00:00Z", or with a date only, which begins then; UTC where no offset is given.
 * FALSE: said on standard error. */
gboolean sgp_cli_parse_time(const char *text, gint64 *seconds);
/* The same for the end of a period: a date alone belongs to it to its last second. */
gboolean sgp_cli_parse_end(const char *text, gint64 *seconds);
char *sgp_cli_dup_time(gint64 seconds);
char *sgp_cli_dup_number(gint64 number);

SgpExit sgp_cli_assess(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_seal(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_send(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_sendmail(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_history(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_scan(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_keys(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_matter(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_consent(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_ledger(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_spool(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_portal(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_provider(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_submission(SgpCli *self, int argc, char **argv);
SgpExit sgp_cli_doctor(SgpCli *self, int argc, char **argv);

G_END_DECLS
