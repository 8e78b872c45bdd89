/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Sentences for people, made from the nicks of the agent's JSON. Borrowed strings live as long as
 * the program. A nick that nobody knows gets a sentence that says so and names it, never silence:
 * an unknown refusal must not look like none. */

/* "OpenPGP, encrypted end to end", for "openpgp", "smime", "portal", "transport", "plain". NULL or
 * "none": no way was found. (transfer full) */
char *sgp_words_dup_channel(const char *nick);
/* One word for it, to stand in a sentence: "OpenPGP". (transfer full) */
char *sgp_words_dup_channel_short(const char *nick);
/* "health", ... as shown in the class chooser. (transfer full) */
char *sgp_words_dup_class(const char *nick);
/* Why this recipient may be written to, or why not: from the verdict's "basis" object. (transfer
 * full) */
char *sgp_words_dup_basis(JsonObject *basis);
/* Which way, or why none: from the verdict's "channel" object. is_internal: to a colleague, whose
 * mail does not leave the own mail system and needs no warning. (transfer full) */
char *sgp_words_dup_way(JsonObject *channel, gboolean is_internal);
/* Why a stronger rung was not taken: one element of "not_stronger". (transfer full) */
char *sgp_words_dup_not_stronger(JsonObject *rung);
/* A refusal of basis or channel by its nick. (transfer full) */
char *sgp_words_dup_refusal(const char *nick);
/* The label of the button that cures it, or NULL where a remedy needs no button ("wait"). (transfer
 * full) */
char *sgp_words_dup_remedy(const char *nick);
/* An inquiry that could be answered, in a list of them: "24.11.2026  Angebot Hausratversicherung".
 * offer: one element of "offers". In one line, whatever its author wrote. (transfer full) */
char *sgp_words_dup_inquiry(JsonObject *offer);
/* An open question as a sentence: one element of "questions". (transfer full) */
char *sgp_words_dup_question(JsonObject *question);
/* The label of the answer that lets the mail go. (transfer full) */
char *sgp_words_dup_answer(const char *kind);
/* The whole mail in one line: from "action" of the verdict. (transfer full) */
char *sgp_words_dup_action(const char *nick);
/* Progress of a job, by its stage. (transfer full) */
char *sgp_words_dup_stage(const char *nick);
/* What failed and what to do: "failed", "invalid", "unreachable", ... (transfer full) */
char *sgp_words_dup_error(const char *nick);
/* The same for a D-Bus error of the agent, or of a bus without agent. (transfer full) */
char *sgp_words_dup_error_of(const GError *error);
/* Why the transport refused: reason of MayLeave. (transfer full) */
char *sgp_words_dup_may_leave(const char *reason);
/* State of the portal, by its nick. (transfer full) */
char *sgp_words_dup_portal_state(const char *nick);
/* State of a copy in the spool, by its nick. (transfer full) */
char *sgp_words_dup_spool_state(const char *nick);
/* Why a copy in the spool is held or failed. (transfer full) */
char *sgp_words_dup_spool_problem(const char *nick);
/* What the portal told, as a sentence; address: (nullable) the customer. (transfer full) */
char *sgp_words_dup_event(const char *kind, const char *address);
/* What somebody has to do about it; NULL: nothing. (transfer full) */
char *sgp_words_dup_event_to_do(const char *kind);
/* Day and time for people. (transfer full) */
char *sgp_words_dup_moment(gint64 seconds);
/* A remedy that is no button: what others have to do ("accept-key:FINGERPRINT"); NULL for those
 * that are. (transfer full) */
char *sgp_words_dup_advice(const char *nick);
/* names: (nullable) attachments whose text could not be looked at; NULL if there are none.
 * (transfer full) */
char *sgp_words_dup_unread(JsonArray *names);
/* A profile as shown in the preferences. (transfer full) */
char *sgp_words_dup_profile(const char *nick);
/* A date for people, from ISO 8601 or seconds as a string; the text itself if it is neither.
 * (transfer full) */
char *sgp_words_dup_date(const char *iso);

G_END_DECLS
