/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The data of DNS records from a stranger's zone. What must hold: an MX host is a host name in
 * lower case without a dot at its end, as long as DNS allows; strings are no longer than the record
 * was; an address that is public stays so in its other spelling; a usable TLSA record has a known
 * usage. */
#include "sgp-dns-data.h"

#include "fuzz.h"

static void check_mx(const uint8_t *data, size_t size)
{
	guint16 preference = 0;
	g_autofree char *host = NULL;
	if (!sgp_dns_data_read_mx(data, size, &preference, &host))
		return;
	FUZZ_HOLDS(host != NULL && strlen(host) <= 253);
	FUZZ_HOLDS(strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789-_.") == strlen(host));
	FUZZ_HOLDS(host[0] != '.' && !g_str_has_suffix(host, ".") && strstr(host, "..") == NULL);
}

static void check_address(const uint8_t *data, size_t size)
{
	g_autoptr(GInetAddress) address = sgp_dns_data_dup_address(data, size);
	if (address == NULL)
		return;
	FUZZ_HOLDS(size == g_inet_address_get_native_size(address));
	g_autofree char *text = g_inet_address_to_string(address);
	g_autoptr(GInetAddress) again = g_inet_address_new_from_string(text);
	FUZZ_HOLDS(again != NULL);
	FUZZ_HOLDS(sgp_dns_data_is_public(address) == sgp_dns_data_is_public(again));
	FUZZ_HOLDS(!sgp_dns_data_is_public(address) ||
		   !(g_inet_address_get_is_loopback(address) ||
			   g_inet_address_get_is_link_local(address) ||
			   g_inet_address_get_is_any(address) ||
			   g_inet_address_get_is_multicast(address) ||
			   g_inet_address_get_is_site_local(address)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree uint8_t *exact = g_memdup2(data, size);
	g_autoptr(GBytes) text = sgp_dns_data_dup_text(exact, size);
	FUZZ_HOLDS(text == NULL || g_bytes_get_size(text) < MAX(size, 1));
	check_mx(exact, size);
	check_address(exact, size);
	FUZZ_HOLDS(!sgp_dns_data_is_usable_tlsa(exact, size) ||
		   (size > 3 && (exact[0] == 2 || exact[0] == 3)));
	return 0;
}
