/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <stdlib.h>

/* What all benchmarks share: medians, one line per figure, a repeatable stream of numbers. */

static inline int compare_doubles(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;
	return (one > other) - (one < other);
}

/* Sorts the samples. share: 0.5 is the median. */
static inline double bench_share(double *samples, guint n, double share)
{
	qsort(samples, n, sizeof *samples, compare_doubles);
	return samples[MIN((guint)(share * n), n - 1)];
}

static inline double bench_now_us(void)
{
	return (double)g_get_monotonic_time();
}

static inline void bench_line(
	const char *what, double figure, const char *unit, double reference, const char *goal)
{
	g_print("%-44s %12.2f %-4s %12.2f %8.3f  %s\n", what, figure, unit, reference,
		figure / reference, goal);
}

static inline void bench_head(void)
{
	g_print("%-44s %12s %-4s %12s %8s  %s\n", "", "figure", "", "reference", "ratio", "goal");
}

/* xorshift: the same mails in every run. */
static inline guint64 bench_random(guint64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}
