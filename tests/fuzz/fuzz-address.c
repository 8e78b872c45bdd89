/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mailboxes and address lists of strangers (RFC 5322). What must hold: a canonical addr-spec is
 * UTF-8 on one line, has a domain behind its last "@", and is its own canonical form; what is
 * written out is read back as the same person; the portal's reading of a bare address and ours
 * agree, or a message would go to somebody else's mailbox; where a key may be looked for stands on
 * one line without blanks. */
#include "sgp-address.h"
#include "sgp-protocol.h"
#include "sgp-wkd.h"

#include "fuzz.h"

static void check_canonical(const SgpAddress *address)
{
	const char *addr_spec = sgp_address_get_addr_spec(address);
	const char *at = strrchr(addr_spec, '@');
	FUZZ_HOLDS(fuzz_is_text(addr_spec) && fuzz_is_one_line(addr_spec));
	FUZZ_HOLDS(at != NULL && strcmp(at + 1, sgp_address_get_domain(address)) == 0);
	g_autoptr(SgpAddress) again = sgp_address_new(addr_spec, NULL);
	FUZZ_HOLDS(again != NULL && sgp_address_equal(address, again));
	FUZZ_HOLDS(sgp_address_hash((gpointer)address) == sgp_address_hash(again));
}

static void check_text(const SgpAddress *address)
{
	g_autofree char *text = sgp_address_dup_text(address);
	FUZZ_HOLDS(fuzz_is_text(text) && fuzz_is_one_line(text));
	g_autoptr(SgpAddress) again = sgp_address_new(text, NULL);
	FUZZ_HOLDS(again != NULL && sgp_address_equal(address, again));
}

static void check_places(const SgpAddress *address)
{
	for (int is_advanced = 0; is_advanced < 2; is_advanced++) {
		const char *addr_spec = sgp_address_get_addr_spec(address);
		g_autofree char *host = sgp_wkd_dup_host(addr_spec, is_advanced != 0);
		g_autofree char *target = sgp_wkd_dup_target(addr_spec, is_advanced != 0);
		FUZZ_HOLDS(host == NULL || strpbrk(host, " /?#@\t\r\n") == NULL);
		FUZZ_HOLDS(target == NULL || strpbrk(target, " #\t\r\n") == NULL);
	}
}

static void check(const SgpAddress *address)
{
	check_canonical(address);
	check_text(address);
	check_places(address);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_dup_raw(data, size);
	g_autoptr(SgpAddress) address = sgp_address_new(text, NULL);
	if (address != NULL)
		check(address);
	g_autoptr(GPtrArray) list = sgp_address_parse_list(text, NULL);
	for (guint i = 0; list != NULL && i < list->len; i++)
		check(g_ptr_array_index(list, i));
	g_autofree char *portal = sgp_protocol_canonical_address(text);
	if (portal == NULL)
		return 0;
	g_autofree char *again = sgp_protocol_canonical_address(portal);
	FUZZ_HOLDS(g_strcmp0(portal, again) == 0);
	FUZZ_HOLDS(address == NULL || strcmp(portal, sgp_address_get_addr_spec(address)) == 0);
	return 0;
}
