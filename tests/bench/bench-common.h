/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* What all benchmarks share. */

/* Ends the program if it is not so. */
void bench_must(gboolean is_good, const char *what);

/* Sorts the samples. share: 0.5 is the median. */
double bench_share(double *samples, guint n, double share);
double bench_median(double *samples, guint n);

double bench_now_us(void);

/* xorshift: the same mails in every run. */
guint64 bench_random(guint64 *state);

/* One line for `run`, fields separated by tabs: the ratio is the figure divided by the reference.
 * goal: ">= 0.95" or "<= 2", of the ratio; "": none. against: what the reference is. */
void bench_line(const char *what, double figure, const char *unit, double reference,
	const char *goal, const char *against);

/* A directory on a disk, and its end. (transfer full) */
char *bench_scratch_new(void);
void bench_scratch_free(char *directory);

G_END_DECLS
