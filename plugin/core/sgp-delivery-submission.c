/* SPDX-License-Identifier: GPL-3.0-or-later */

/* From the spool to the verified submission service. It owns what comes after each answer, and that
 * nobody gets a mail twice without a person's word: the row says "publishing" before the end of the
 * mail is sent, so that a crash in the gap between that and the record of the answer is seen. Such
 * a copy is held ("maybe-left"): sent again blindly it could arrive twice, given up it could be
 * lost. Its Message-ID stays, should a person send it again. (Tests: /delivery-submission,
 * tests/agent/provider.py.) */

#include "sgp-delivery-private.h"
#include "sgp-error.h"
#include "sgp-secret-store.h"
#include "sgp-spool-answers.h"

#include <unistd.h>

#define ASK_AFTER_SECONDS (72 * 3600)

typedef struct {
	SgpDispatcher *dispatcher; /* (borrowed) */
	SgpSpool *spool;           /* (borrowed) */
	SgpSpoolEntry *entry;      /* (borrowed) */
	gint64 now;
	GCancellable *cancellable;
} Attempt;

SgpSubmissionService *sgp_delivery_open_service_sync(
	SgpSettings *settings, GCancellable *cancellable, GError **error)
{
	g_autofree char *setting = sgp_settings_dup_string(settings, "verified-submission");
	g_autofree char *ca_file = sgp_settings_dup_string(settings, "submission-ca-file");
	g_autofree char *user = sgp_settings_dup_string(settings, "submission-user");
	g_autoptr(SgpSubmissionService) service = sgp_submission_service_new(setting, error);
	g_autoptr(GError) local = NULL;

	if (!service)
		return NULL;
	service->ca_file = ca_file[0] != '\0' ? g_steal_pointer(&ca_file) : NULL;
	if (user[0] == '\0')
		return g_steal_pointer(&service);
	char *password = sgp_secret_store_lookup_sync(
		SGP_SECRET_SUBMISSION_PASSWORD, user, cancellable, &local);

	if (local) {
		g_propagate_error(error, g_steal_pointer(&local));
		return NULL;
	}
	service->user = g_steal_pointer(&user);
	service->password = g_strdup(password);
	if (password)
		sgp_secret_free(password);
	return g_steal_pointer(&service);
}

/* The last moment at which a person can give the copy up: fails on a dropped one, and then the end
 * of the mail is not sent. */
static gboolean on_commit(gpointer user_data, GError **error)
{
	Attempt *self = user_data;

	return sgp_spool_set_state(
		self->spool, self->entry->id, SGP_SPOOL_STATE_PUBLISHING, NULL, self->now, error);
}

static gboolean has_answer(
	const SgpSubmissionAnswer *answers, const GPtrArray *people, SgpSubmissionAnswer wanted)
{
	for (guint i = 0; i + 1 < people->len; i++) {
		if (answers[i] == wanted)
			return TRUE;
	}
	return FALSE;
}

static gboolean hold(Attempt *self, const char *problem, GError **error)
{
	return sgp_spool_set_state(
		self->spool, self->entry->id, SGP_SPOOL_STATE_HELD, problem, self->now, error);
}

/* Back from "publishing": nothing more has left than what is recorded. */
static gboolean postpone(Attempt *self, const char *problem, GError **error)
{
	gint64 due = self->now + sgp_delivery_next_delay(self->entry->tries);

	if (self->now - self->entry->created >= ASK_AFTER_SECONDS)
		return hold(self, problem, error);
	return sgp_spool_set_state(self->spool, self->entry->id, SGP_SPOOL_STATE_SEALED, problem,
		       self->now, error) &&
	       sgp_spool_postpone(self->spool, self->entry->id, problem, due, error);
}

/* Taken for some of them, or for all. */
static gboolean settle(
	Attempt *self, const GPtrArray *people, const SgpSubmissionAnswer *answers, GError **error)
{
	if (!sgp_spool_note_answers(self->spool, self->entry->id,
		    (const char *const *)people->pdata, answers, error))
		return FALSE;
	if (has_answer(answers, people, SGP_SUBMISSION_LATER)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE,
			"the submission service does not take it for everybody yet");
		postpone(self, "submission-later", NULL);
		return FALSE;
	}
	if (has_answer(answers, people, SGP_SUBMISSION_REFUSED)) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_REFUSED,
			"the submission service refuses somebody");
		hold(self, "submission-refused", NULL);
		return FALSE;
	}
	return sgp_spool_finish(self->spool, self->entry->id, self->now, error);
}

/* What the row says after a failure. Cancelled before the end of the mail: as before. */
static void note_failure(Attempt *self, const GError *error, gboolean is_open)
{
	if (is_open)
		hold(self, "maybe-left", NULL);
	else if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		sgp_spool_set_state(self->spool, self->entry->id, SGP_SPOOL_STATE_SEALED, NULL,
			self->now, NULL);
	else if (g_error_matches(error, SGP_ERROR, SGP_ERROR_REFUSED))
		hold(self, "submission-refused", NULL);
	else if (g_error_matches(error, SGP_ERROR, SGP_ERROR_LOCKED))
		postpone(self, "locked", NULL);
	else if (g_error_matches(error, SGP_ERROR, SGP_ERROR_UNREACHABLE))
		postpone(self, "submission-unreachable", NULL);
	else /* a setting, the disk, nonsense from the service: it may be mended meanwhile */
		postpone(self, sgp_error_get_nick(error), NULL);
}

static gboolean submit_to(Attempt *self, GPtrArray *people, GError **error)
{
	SgpSettings *settings = sgp_dispatcher_get_settings(self->dispatcher);
	g_autofree SgpSubmissionAnswer *answers = g_new0(SgpSubmissionAnswer, people->len + 1);
	g_autoptr(GError) local = NULL;
	g_autoptr(SgpSubmissionService) service =
		sgp_delivery_open_service_sync(settings, self->cancellable, &local);
	int fd = service ? sgp_spool_open_mail(self->spool, self->entry, &local) : -1;

	g_ptr_array_add(people, NULL);
	SgpSubmissionMail mail = {
		.from = self->entry->from,
		.recipients = (const char *const *)people->pdata,
		.fd = fd,
		.commit = on_commit,
		.commit_data = self,
		.answers = answers,
	};
	gboolean is_taken = fd >= 0 &&
			    sgp_spool_set_state(self->spool, self->entry->id,
				    SGP_SPOOL_STATE_UPLOADING, NULL, self->now, &local) &&
			    sgp_submission_send_sync(service, &mail, self->cancellable, &local);

	if (fd >= 0)
		close(fd);
	if (is_taken)
		return settle(self, people, answers, error);
	/* Nobody has it; who refused it is still worth knowing. */
	if (!mail.is_open && has_answer(answers, people, SGP_SUBMISSION_REFUSED) &&
		!has_answer(answers, people, SGP_SUBMISSION_ACCEPTED))
		sgp_spool_note_answers(
			self->spool, self->entry->id, mail.recipients, answers, NULL);
	note_failure(self, local, mail.is_open);
	g_propagate_error(error, g_steal_pointer(&local));
	return FALSE;
}

gboolean sgp_delivery_submit_sync(SgpDispatcher *dispatcher, SgpSpoolEntry *entry, gint64 now,
	GCancellable *cancellable, GError **error)
{
	SgpSpool *spool = sgp_dispatcher_get_spool(dispatcher);
	Attempt attempt = { dispatcher, spool, entry, now, cancellable };
	g_autoptr(GPtrArray) left =
		sgp_spool_load_answered(spool, entry, SGP_SUBMISSION_UNKNOWN, error);

	if (!left)
		return FALSE;
	/* All answers were recorded, and only the end was not. */
	if (left->len == 0)
		return sgp_spool_finish(spool, entry->id, now, error);
	/* Somebody ended between the end of the mail and the record of its answer. */
	if (entry->state == SGP_SPOOL_STATE_PUBLISHING) {
		if (!hold(&attempt, "maybe-left", error))
			return FALSE;
		g_set_error(
			error, SGP_ERROR, SGP_ERROR_CONFLICT, "this copy may have left already");
		return FALSE;
	}
	return submit_to(&attempt, left, error);
}
