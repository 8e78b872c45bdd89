/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "bench-common.h"
#include "sgp-sealer.h"

G_BEGIN_DECLS

/* What the two benchmarks of sealing share: a mail with a large attachment, sealed for one
 * recipient and for the sender. */

#define BENCH_SENDER    "anna@agentur.example"
#define BENCH_RECIPIENT "erika@kunde.example"
#define BENCH_ROUNDS    5

typedef struct _BenchSealing BenchSealing;
struct _BenchSealing {
	SgpChannel channel;
	char *home;      /* (owned) */
	char *directory; /* (owned) on a disk: attachment and the reference's output */
	char *sender_key, *recipient_key; /* (owned) */
	SgpSettings *settings;            /* (owned) */
	SgpKeyLookup *keys;               /* (owned) */
	/* The same attachment by the program one compares with; seconds. */
	double (*run_reference)(const BenchSealing *self, const char *path);
};

/* Medians of BENCH_ROUNDS. */
typedef struct {
	double ours, reference; /* MB/s, a copy */
	double ratio;           /* of both, round by round */
	gint64 size;            /* of the copy that is mailed, bytes */
	gint64 memory;          /* more than before, at the most, bytes */
} BenchSealed;

/* Sets up what the keys do not tell: settings, look-up, directory. */
void bench_sealing_init(BenchSealing *self);
void bench_sealing_clear(BenchSealing *self);
BenchSealed bench_sealing_run(const BenchSealing *self, gsize megabytes);
/* Seconds of a program that must succeed. */
double bench_sealing_time(const char *const *arguments);

G_END_DECLS
