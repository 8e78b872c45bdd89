/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>
#include "sgp-delivery.h"
#include "sgp-dispatcher.h"

G_BEGIN_DECLS

#define SGP_AGENT_NAME "org.siegelpost.Agent1"
#define SGP_AGENT_PATH "/org/siegelpost/Agent1"

typedef struct _SgpAgent SgpAgent;
typedef struct _SgpAgentJob SgpAgentJob;

/* The agent on the bus: one dispatcher, one delivery. */
struct _SgpAgent {
	SgpDispatcher *dispatcher; /* (owned) */
	SgpDelivery *delivery;     /* (owned) */
	GDBusConnection *bus;      /* (owned) (nullable) until the bus is there */
	GMainLoop *loop;           /* (owned) */
	GThreadPool *workers;     /* (owned) calls that may wait for gpg, the keyring, the portal */
	GThreadPool *scribe;      /* (owned) one thread: history calls stay in order */
	GThreadPool *job_workers; /* (owned) Prepare and EnrolPortal */
	GThreadPool *observer;    /* (owned) one thread: looks at the store now and then */
	GHashTable *clients;      /* (owned) bus name -> watch id; main thread only */
	GHashTable *jobs;         /* (owned) path -> SgpAgentJob; main thread only */
	guint n_jobs;             /* made so far: the next one's number */
	GMutex lock;
	GHashTable *folder_roles; /* (owned) uri -> role; under lock */
	GHashTable *given; /* (owned) set of "bus name copy-id": who has a copy's bytes; under lock
			    */
	int n_busy;        /* atomic: calls in worker threads */
	int n_held;        /* atomic: copies that need a person, likewise */
	int n_waiting;     /* atomic: copies for the portal, as last seen in the store */
	int is_history_complete; /* atomic: as last seen in the store */
	gint64 last_call;        /* monotonic; main thread only */
	guint idle_seconds;
	gboolean may_hold;   /* a test agent: Prepare's option hold-at is understood */
	gboolean has_failed; /* the name was lost, or somebody else has it */
};

/* A call's work, in a worker thread: answers the invocation (which is taken), with a value or an
 * error. */
typedef void (*SgpAgentWork)(
	SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters);

SgpAgent *sgp_agent_new(SgpDispatcher *dispatcher);
void sgp_agent_run(SgpAgent *self); /* until idle, terminated, or the name is lost */
void sgp_agent_free(SgpAgent *self);
/* From any thread. */
void sgp_agent_emit_changed(SgpAgent *self);
void sgp_agent_emit_event(SgpAgent *self, const char *kind, const char *detail);
void sgp_agent_notify_properties(SgpAgent *self);
/* Notes what the properties say of the store; worker threads only, after a change and before it is
 * answered. */
void sgp_agent_look_at_store(SgpAgent *self);
/* Answers with org.siegelpost.Error.*; takes both. */
void sgp_agent_return_error(GDBusMethodInvocation *invocation, GError *error);
gint64 sgp_agent_get_now(void);

/* The call's file descriptor number `handle`: a descriptor of its own; -1 with an error. */
int sgp_agent_take_fd(GDBusMethodInvocation *invocation, gint32 handle, GError **error);

/* The caller has seen this copy's bytes (or has just shown that it has them), so that it may say
 * that it has taken the copy over; and whether it has. Any thread. */
void sgp_agent_note_given(SgpAgent *self, const char *sender, const char *copy_id);
gboolean sgp_agent_is_given(SgpAgent *self, const char *sender, const char *copy_id);

/* Methods, by subject. NULL: none of this file's. */
SgpAgentWork sgp_agent_find_mail_method(const char *name);
SgpAgentWork sgp_agent_find_record_method(const char *name);
SgpAgentWork sgp_agent_find_history_method(const char *name);
SgpAgentWork sgp_agent_find_portal_method(const char *name);
SgpAgentWork sgp_agent_find_care_method(const char *name); /* customers, devices */
/* Prepare and EnrolPortal, main thread: start a job and answer with its path. */
void sgp_agent_start_prepare(
	SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters);
void sgp_agent_start_enrolment(
	SgpAgent *self, GDBusMethodInvocation *invocation, GVariant *parameters);

G_END_DECLS
