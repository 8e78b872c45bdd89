/* SPDX-License-Identifier: GPL-3.0-or-later */

/* P13's measure: CPU time of one multiplication in ristretto255, by libsodium. Prints nanoseconds,
 * the median of 101 rounds. */

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 101
#define EACH   50

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
	return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
	double one = *(const double *)a;
	double other = *(const double *)b;

	return (one > other) - (one < other);
}

int main(void)
{
	unsigned char scalar[crypto_core_ristretto255_SCALARBYTES];
	unsigned char point[crypto_core_ristretto255_BYTES];
	double samples[ROUNDS];

	if (sodium_init() < 0)
		return 1;
	crypto_core_ristretto255_random(point);
	for (int i = 0; i < ROUNDS; i++) {
		double start = now();

		for (int j = 0; j < EACH; j++) {
			crypto_core_ristretto255_scalar_random(scalar);
			if (crypto_scalarmult_ristretto255(point, scalar, point) != 0)
				return 1;
		}
		samples[i] = (now() - start) / EACH;
	}
	qsort(samples, ROUNDS, sizeof *samples, compare);
	printf("%.0f\n", samples[ROUNDS / 2]);
	return 0;
}
