/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-delivery.h"

static void test_delay(void)
{
	guint least = G_MAXUINT, most = 0;

	for (guint round = 0; round < 200; round++) {
		for (guint tries = 0; tries < 40; tries++) {
			guint delay = sgp_delivery_next_delay(tries);

			g_assert_cmpuint(delay, >=, 5);
			g_assert_cmpuint(delay, <=, 900);
			if (tries == 5) { /* 160 s: the jitter is seen */
				least = MIN(least, delay);
				most = MAX(most, delay);
			}
		}
	}
	g_assert_cmpuint(sgp_delivery_next_delay(0), <=, 7);
	g_assert_cmpuint(sgp_delivery_next_delay(30), >=, 600);
	g_assert_cmpuint(most - least, >, 20);
	g_assert_cmpuint(least, >=, 119);
	g_assert_cmpuint(most, <=, 201);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/delivery/waits-5-seconds-to-15-minutes-with-jitter", test_delay);
	return g_test_run();
}
