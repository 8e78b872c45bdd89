/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"
#include "sgp-protocol.h"

G_BEGIN_DECLS

typedef struct _SgpCall SgpCall;

/* Who may call a route. Zero: nobody, so that a route that says nothing is closed. */
typedef enum {
	SGP_CALLER_NOBODY = 0,
	SGP_CALLER_ANYBODY,  /* public, changes nothing */
	SGP_CALLER_PAGE,     /* our own pages, not logged in */
	SGP_CALLER_CUSTOMER, /* our own pages, with a session */
	SGP_CALLER_STAFF,    /* an agent that is not enrolled yet */
	SGP_CALLER_DEVICE,   /* an enrolled agent */
} SgpCaller;

typedef gboolean (*SgpHandler)(SgpCall *call, GError **error);

typedef struct {
	const char *method;
	const char *path; /* "{}" stands for one segment */
	SgpCaller caller;
	gsize body_limit; /* bytes */
	SgpHandler handler;
	gboolean streams;  /* the body goes to an upload */
	gboolean is_idle;  /* does not keep the session alive */
	gboolean may_wait; /* open to a device that waits for approval */
	gboolean is_door;  /* open to strangers who try something: counted for their network */
	gboolean is_once;  /* counts or uses something up: never repeated as a whole */
} SgpRoute;

/* A part of a handler that may be repeated by itself. */
typedef gboolean (*SgpStep)(SgpCall *call, gpointer data, GError **error);

/**
 * SgpCall:
 *
 * One request and its answer, free of libsoup, so that a worker thread owns it alone.
 */
struct _SgpCall {
	SgpPortal *portal;     /* (borrowed) */
	SgpDatabase *database; /* (borrowed): set while the handler runs; nothing of it is kept */
	gint64 now;
	const SgpRoute *route; /* (nullable) */
	char *method;          /* (owned) */
	char *params[2];       /* (owned) (nullable) */
	GHashTable *query;     /* (owned) (nullable) */
	GHashTable *headers;   /* (owned): names in lower case */
	GBytes *body;          /* (owned) (nullable) */
	JsonObject *json;      /* (owned) (nullable): the body, where it is JSON */
	gboolean no_more_waiting;

	char *staff;     /* (owned) (nullable): the address behind the device */
	char *device;    /* (owned) (nullable): its id */
	char *handle;    /* (owned) (nullable): the customer who is logged in */
	GBytes *session; /* (owned) (nullable): hash of the session's token */
	char *scope;     /* (owned) (nullable): whose rows its statements are about */

	guint status;
	JsonObject *answer; /* (owned) (nullable) */
	GBytes *content;    /* (owned) (nullable): instead of @answer */
	const char *content_type;
	GPtrArray *extra; /* (owned): names and values by turns */
	gboolean wait;    /* nothing happened yet: ask again on the next event */
	gint64 retry_after;
	guint problem_status; /* of a problem, instead of its code's own; 0 for none */
};

SgpCall *sgp_call_new(SgpPortal *portal, const char *method);
void sgp_call_free(SgpCall *call);

const char *sgp_call_get_header(const SgpCall *call, const char *name);
const char *sgp_call_get_query(const SgpCall *call, const char *name);
char *sgp_call_dup_cookie(const SgpCall *call, const char *name);
void sgp_call_add_header(SgpCall *call, const char *name, const char *value);
void sgp_call_set_cookie(SgpCall *call, const char *name, const char *value, gint64 seconds);
JsonObject *sgp_call_begin_answer(SgpCall *call);
void sgp_call_set_problem(SgpCall *call, const GError *problem);
gboolean sgp_call_refuse(GError **error, SgpProblem problem, const char *detail);

void sgp_call_enter(SgpCall *call, const char *scope);
void sgp_call_enter_customer(SgpCall *call, const char *handle);
gboolean sgp_call_repeat(SgpCall *call, SgpStep step, gpointer data, GError **error);
gboolean sgp_call_authenticate(SgpCall *call, GError **error);
void sgp_call_run(SgpCall *call);
void sgp_call_serialise(SgpCall *call);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpCall, sgp_call_free)

G_END_DECLS
