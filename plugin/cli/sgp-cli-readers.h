/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-mail-judgement.h"

G_BEGIN_DECLS

/* One mail on its way: where it lies, and then what was read. */
typedef struct {
	char *place;       /* (owned) what a person, or the index, knows it by */
	char *path;        /* (owned) (nullable) the file; NULL: it is in bytes */
	GBytes *bytes;     /* (owned) (nullable) */
	gboolean is_named; /* for the caller: it was named, and is not one of many */

	SgpMail *mail;               /* (owned) (nullable) NULL: why says it */
	GError *why;                 /* (owned) (nullable) */
	SgpMail *opened;             /* (owned) (nullable) sgp_opened_mail_read() */
	SgpMailJudgement *judgement; /* (owned) (nullable) of opened */
} SgpCliReading;

SgpCliReading *sgp_cli_reading_new(const char *place);
void sgp_cli_reading_free(SgpCliReading *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpCliReading, sgp_cli_reading_free)

/* Reads mails with all processors and gives them back in the order they came in. For one thread. */
typedef struct _SgpCliReaders SgpCliReaders;

/* home: (nullable) GnuPG's, for encrypted mails. */
SgpCliReaders *sgp_cli_readers_new(const char *home);
/* Ends when what is being read has been read; the rest is dropped. */
void sgp_cli_readers_free(SgpCliReaders *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpCliReaders, sgp_cli_readers_free)

/* reading: (transfer full). */
void sgp_cli_readers_push(SgpCliReaders *self, SgpCliReading *reading);
/* TRUE: enough is under way or waits to be taken; take some before more is pushed. */
gboolean sgp_cli_readers_is_full(const SgpCliReaders *self);
/* The oldest that was pushed; waits for it. NULL: none is under way. (transfer full) (nullable) */
SgpCliReading *sgp_cli_readers_pop(SgpCliReaders *self);

G_END_DECLS
