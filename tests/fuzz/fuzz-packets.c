/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The packet headers of an OpenPGP message (RFC 9580), in binary and in armor. What must hold: the
 * answer does not hang on how the bytes came in, at once or one by one; nothing may stand behind a
 * message, and nothing may be missing at its end; key ids are 16 hexadecimal digits. */
#include "sgp-openpgp-packets.h"

#include "fuzz.h"

static GStrv read_packets(const uint8_t *data, size_t size, size_t step)
{
	g_autoptr(SgpOpenpgpPackets) packets = sgp_openpgp_packets_new();
	for (size_t at = 0; at < size; at += step)
		sgp_openpgp_packets_feed(packets, data + at, MIN(step, size - at));
	return sgp_openpgp_packets_finish(packets, NULL);
}

static void check_ids(GStrv ids)
{
	for (guint i = 0; ids != NULL && ids[i] != NULL; i++)
		FUZZ_HOLDS(fuzz_is_hex(ids[i], 16));
}

static void check_exact(const uint8_t *data, size_t size)
{
	g_autofree uint8_t *longer = g_malloc(size + 1);
	memcpy(longer, data, size);
	longer[size] = 0;
	g_auto(GStrv) more = read_packets(longer, size + 1, size + 1);
	g_auto(GStrv) less = read_packets(data, size - 1, size);
	FUZZ_HOLDS(more == NULL && less == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_auto(GStrv) at_once = read_packets(data, size, size + 1);
	g_auto(GStrv) one_by_one = read_packets(data, size, 1);
	g_autoptr(GInputStream) stream =
		g_memory_input_stream_new_from_data(data, (gssize)size, NULL);
	g_auto(GStrv) streamed = sgp_openpgp_packets_check(stream, NULL, NULL);
	check_ids(at_once);
	check_ids(streamed);
	FUZZ_HOLDS((at_once == NULL) == (one_by_one == NULL));
	FUZZ_HOLDS(at_once == NULL ||
		   g_strv_equal((const char *const *)at_once, (const char *const *)one_by_one));
	FUZZ_HOLDS(at_once == NULL || streamed != NULL);
	if (at_once != NULL)
		check_exact(data, size);
	return 0;
}
