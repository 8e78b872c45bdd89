/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Medians, lines and scratch directories of all benchmarks. Owns how a figure is told; judges none:
 * whether a goal is reached is for `run` to say, and no goal fails anything. */
#include "bench-common.h"

#include <stdlib.h>

void bench_must(gboolean is_good, const char *what)
{
	if (is_good)
		return;
	g_printerr("%s: %s\n", g_get_prgname() != NULL ? g_get_prgname() : "bench", what);
	exit(1);
}

static int compare_doubles(const void *a, const void *b)
{
	double one = *(const double *)a, other = *(const double *)b;
	return (one > other) - (one < other);
}

double bench_share(double *samples, guint n, double share)
{
	qsort(samples, n, sizeof *samples, compare_doubles);
	return samples[MIN((guint)(share * n), n - 1)];
}

double bench_median(double *samples, guint n)
{
	return bench_share(samples, n, 0.5);
}

double bench_now_us(void)
{
	return (double)g_get_monotonic_time();
}

guint64 bench_random(guint64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

void bench_line(const char *what, double figure, const char *unit, double reference,
	const char *goal, const char *against)
{
	g_print("%s\t%.6g\t%s\t%.6g\t%s\t%s\n", what, figure, unit, reference, goal, against);
}

char *bench_scratch_new(void)
{
	/* Not where files are in memory: a disk is part of what is measured. */
	char *directory = g_strdup("/var/tmp/siegelpost-bench-XXXXXX");
	bench_must(g_mkdtemp(directory) != NULL, "no scratch directory");
	return directory;
}

void bench_scratch_free(char *directory)
{
	const char *arguments[] = { "rm", "-rf", directory, NULL };
	g_autoptr(GSubprocess) process =
		g_subprocess_newv(arguments, G_SUBPROCESS_FLAGS_NONE, NULL);
	bench_must(process != NULL && g_subprocess_wait_check(process, NULL, NULL), "rm");
	g_free(directory);
}
