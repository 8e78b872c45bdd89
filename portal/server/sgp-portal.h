/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-database.h"
#include "sgp-guard.h"
#include "sgp-metrics.h"

#include <gio/gio.h>

G_BEGIN_DECLS

/* What the command line and the configuration file say. */
typedef struct {
	char *data_directory; /* (owned) */
	char *listen;         /* (owned): HOST:PORT */
	char *origin;         /* (owned) (nullable): made from the address listened on if unset */
	char *database;  /* (owned) (nullable): postgresql://...; SQLite in the data directory if
			    unset */
	char *smtp;      /* (owned) (nullable): HOST:PORT; without it mail stays queued */
	char *smtp_user; /* (owned) (nullable) */
	char *smtp_password_file; /* (owned) (nullable) */
	char *tls_certificate;    /* (owned) (nullable) */
	char *tls_key;            /* (owned) (nullable) */
	char *web_directory;      /* (owned) (nullable) */
	char *bounce_domain;      /* (owned) (nullable): where mails that come back arrive */
	char *metrics_listen;     /* (owned) (nullable): HOST:PORT; without it no metrics */
	int digest_minute;        /* of the local day; -1 for no digest */
	int head_seconds;         /* for a TLS handshake, and for the head of a request */
	int body_seconds;         /* in which a body or an answer must get on */
	gboolean forwarded;       /* a proxy on this computer says who asks */
	gboolean hsts_alone;      /* HSTS without includeSubDomains */
	gboolean smtp_plain;      /* mail may leave this host without TLS */
	gint64 notice_seconds;    /* at most one notice per customer in this time */
	gint64 attachment_limit;  /* bytes of plaintext */
	gint64 message_limit;     /* bytes of plaintext */
} SgpPortalConfig;

/**
 * SgpPortal:
 *
 * What all parts of one running portal share. Read-only after sgp_portal_open() and
 * sgp_portal_set_origin(), except for what has a lock of its own.
 */
typedef struct {
	const SgpPortalConfig *config; /* (borrowed) */
	char *origin;                  /* (owned): without a slash at its end */
	gboolean secure;               /* the customer's browser reaches us by https */
	char *blob_directory;          /* (owned) */
	SgpGuard *guard;               /* (owned) */
	GAsyncQueue *connections;      /* (owned) (element-type SgpDatabase): idle ones */
	void (*events_changed)(gpointer data);
	gpointer events_data;
	GMutex mail_lock;
	GCond mail_cond;
	gboolean mail_waiting;
	int stopping;        /* atomic */
	SgpMetrics *metrics; /* (owned) */
} SgpPortal;

SgpPortal *sgp_portal_open(const SgpPortalConfig *config, GError **error);
void sgp_portal_free(SgpPortal *portal);
void sgp_portal_set_origin(SgpPortal *portal, const char *origin);
char *sgp_portal_dup_host(const SgpPortal *portal);

SgpDatabase *sgp_portal_borrow_database(SgpPortal *portal, GError **error);
void sgp_portal_return_database(SgpPortal *portal, SgpDatabase *database);

void sgp_portal_announce_event(SgpPortal *portal);
void sgp_portal_announce_mail(SgpPortal *portal);

void sgp_portal_run_in_main(GSourceFunc function, gpointer data, GDestroyNotify destroy);
gint64 sgp_portal_get_time(void);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpPortal, sgp_portal_free)

G_END_DECLS
