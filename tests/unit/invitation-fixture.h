/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "hostile-portal.h"
#include "scratch-gpg.h"
#include "sgp-dispatcher-private.h"
#include "sgp-invitation.h"
#include "state-fixture.h"

#define INVITATION_ADDRESS "erika@kunde.example"
#define INVITATION_HANDLE  "00112233445566778899aabbccddeeff"

/* The portal keeps what the agent puts there, and shows it, or something else. */
typedef struct {
	State state;
	ScratchGpg *gpg;           /* (owned) */
	HostilePortal *portal;     /* (owned) */
	SgpPortalClient *client;   /* (owned) */
	SgpPortalAccount *account; /* (owned) */
	SgpInvitationContext context;
	char *put;      /* (owned) (nullable) body of the last invitation */
	char *put_path; /* (owned) (nullable) where it went */
	/* What an office's agent asks through the dispatcher. */
	SgpDispatcher *dispatcher; /* (owned) (nullable) */
	gboolean is_late;          /* a colleague was faster, each time */
	char *rows[4];             /* (owned) the directory's answers, one after the other */
	guint n_lookups;
	char *events; /* (owned) */
	GString *told;
} InvitationFixture;

void invitation_setup(InvitationFixture *fixture, gconstpointer data);
void invitation_teardown(InvitationFixture *fixture, gconstpointer data);
/* The first invitation. (transfer full) */
SgpInvitation *invitation_make(InvitationFixture *fixture);
/* The mailbox as an honest portal shows it after the invitation. (transfer full) */
SgpPortalMailbox *invitation_shown(InvitationFixture *fixture, SgpMailboxState state);
/* What the browser does at registration: the MAC of this key under the code. (transfer full) */
char *invitation_mac_of(InvitationFixture *fixture, const char *code, GBytes *key);
GBytes *invitation_signature_key(void); /* (transfer full) */
/* One of a customer who writes something else into it. another: (nullable). (transfer full) */
GBytes *invitation_key_of(const char *user_id, const char *another);
void invitation_open_dispatcher(InvitationFixture *fixture);
/* A row of the directory. mailbox: (nullable). (transfer full) */
char *invitation_row_of(const SgpPortalMailbox *mailbox, const char *state);
/* What the directory answers first and later. first, later: (transfer full) */
void invitation_set_rows(InvitationFixture *fixture, char *first, char *later);
