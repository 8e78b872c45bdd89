/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Makes the ids of copies, drafts and portal messages. Holds no state: two ids of one millisecond
 * differ by 74 random bits, and are not ordered among themselves. */
#include "sgp-uuid7.h"

#include <sys/random.h>

char *sgp_uuid7_new(gint64 now_ms)
{
	guint8 b[16];
	while (getrandom(b, sizeof(b), 0) != sizeof(b))
		continue; /* interrupted by a signal before the kernel's generator was seeded */
	for (int i = 0; i < 6; i++)
		b[i] = (guint8)(now_ms >> (8 * (5 - i)));
	b[6] = (b[6] & 0x0f) | 0x70;
	b[8] = (b[8] & 0x3f) | 0x80;
	return g_strdup_printf(
		"%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
		b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13], b[14],
		b[15]);
}
