/* SPDX-License-Identifier: GPL-3.0-or-later */

/* P13: CPU time of the server's part of one OPAQUE login, with the fake record that is made for
 * everybody. Prints nanoseconds, the median of 101 rounds. */

#include "sgp-opaque.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define ROUNDS 101
#define EACH   10

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

static gboolean log_in(const SgpOpaqueKeys *keys, const guint8 secret[64], const guint8 *ke1)
{
	guint8 record[SGP_OPAQUE_RECORD_SIZE];
	guint8 ke2[SGP_OPAQUE_KE2_SIZE];
	guint8 expected[SGP_OPAQUE_KE3_SIZE];
	guint8 session_key[SGP_OPAQUE_SESSION_KEY_SIZE];
	SgpOpaqueCoins coins;

	if (!sgp_opaque_fake_record(secret, record))
		return FALSE;
	sgp_opaque_coins_draw(&coins);
	return sgp_opaque_answer_login(
		keys, NULL, &coins, "somebody/pw", record, ke1, ke2, expected, session_key);
}

int main(void)
{
	guint8 ke1[SGP_OPAQUE_KE1_SIZE];
	guint8 secret[64];
	double samples[ROUNDS];
	SgpOpaqueKeys keys;

	if (sodium_init() < 0)
		return 1;
	sgp_opaque_keys_generate(&keys);
	randombytes_buf(secret, sizeof secret);
	randombytes_buf(ke1, sizeof ke1);
	/* A blinded element, a nonce, an ephemeral key (RFC 9807, section 6.1). */
	crypto_core_ristretto255_random(ke1);
	crypto_core_ristretto255_random(ke1 + 64);
	for (int i = 0; i < ROUNDS; i++) {
		double start = now();

		for (int j = 0; j < EACH; j++) {
			if (!log_in(&keys, secret, ke1))
				return 1;
		}
		samples[i] = (now() - start) / EACH;
	}
	qsort(samples, ROUNDS, sizeof *samples, compare);
	printf("%.0f\n", samples[ROUNDS / 2]);
	return 0;
}
