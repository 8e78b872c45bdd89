/* SPDX-License-Identifier: GPL-3.0-or-later */

/* How often one network may knock at the doors that are open to strangers. The guard counts for
 * each account; who tries one password at each of a thousand accounts is noticed only here (threat
 * 8; test "one network cannot knock for ever"). It is generous, because many people may share an
 * address, and keeps nothing on disk: whose address it was is nobody's business later. */

#include "sgp-network-limit.h"

#include <string.h>

/* So many at once, and one more every five seconds: 720 an hour. */
#define BURST          120
#define REFILL_SECONDS 5
#define NETWORKS_LIMIT 20000
/* All who come when so many networks are watched already share one, and all without a name. */
#define OTHERS "others"

typedef struct {
	gint64 left;
	gint64 since; /* when @left was true, in seconds of the monotonic clock */
} Bucket;

struct _SgpNetworkLimit {
	GHashTable *buckets; /* (owned) (element-type utf8 Bucket) */
};

/**
 * sgp_network_limit_new:
 *
 * Returns: (transfer full): nobody has knocked yet. For one thread.
 */
SgpNetworkLimit *sgp_network_limit_new(void)
{
	SgpNetworkLimit *limit = g_new0(SgpNetworkLimit, 1);

	limit->buckets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	return limit;
}

/**
 * sgp_network_limit_free:
 * @limit: (transfer full) (nullable):
 */
void sgp_network_limit_free(SgpNetworkLimit *limit)
{
	if (limit == NULL)
		return;
	g_hash_table_unref(limit->buckets);
	g_free(limit);
}

static void refill(Bucket *bucket, gint64 now)
{
	gint64 more = (now - bucket->since) / REFILL_SECONDS;

	bucket->left = MIN(bucket->left + more, (gint64)BURST);
	bucket->since = bucket->left == BURST ? now : bucket->since + more * REFILL_SECONDS;
}

static gboolean is_full_again(gpointer key, gpointer value, gpointer data)
{
	const gint64 *now = data;

	refill(value, *now);
	return ((Bucket *)value)->left == BURST;
}

static Bucket *find(SgpNetworkLimit *limit, const char *network, gint64 now)
{
	Bucket *bucket = g_hash_table_lookup(limit->buckets, network);

	if (bucket != NULL)
		return bucket;
	if (g_hash_table_size(limit->buckets) >= NETWORKS_LIMIT && strcmp(network, OTHERS) != 0) {
		g_hash_table_foreach_remove(limit->buckets, is_full_again, &now);
		if (g_hash_table_size(limit->buckets) >= NETWORKS_LIMIT)
			return find(limit, OTHERS, now);
	}
	bucket = g_new0(Bucket, 1);
	bucket->left = BURST;
	bucket->since = now;
	g_hash_table_insert(limit->buckets, g_strdup(network), bucket);
	return bucket;
}

/**
 * sgp_network_limit_take:
 * @network: of sgp_network_dup_name()
 * @now: seconds of a clock that nobody sets
 * @retry_after: (out): seconds until it is worth trying again, where it is not now
 *
 * Returns: whether this network may knock once more.
 */
gboolean sgp_network_limit_take(
	SgpNetworkLimit *limit, const char *network, gint64 now, gint64 *retry_after)
{
	Bucket *bucket = find(limit, network, now);

	refill(bucket, now);
	if (bucket->left > 0) {
		bucket->left--;
		return TRUE;
	}
	*retry_after = bucket->since + REFILL_SECONDS - now;
	return FALSE;
}

/* An IPv4 address as a proxy sees it that listens for IPv6 and IPv4 at once: ::ffff:203.0.113.7.
 * Named by its first 64 bits it would be one network with every other, and one guesser would keep
 * everybody out (test /network-limit/a-network-is-what-one-customer-has). */
static gboolean is_mapped(GInetAddress *address)
{
	static const guint8 prefix[] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

	return g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV6 &&
	       memcmp(g_inet_address_to_bytes(address), prefix, sizeof prefix) == 0;
}

/* What one customer's connection has: an IPv4 address, or the 64 bits that a provider gives out. */
static char *name_network(GInetAddress *address)
{
	const guint8 *bytes = g_inet_address_to_bytes(address);
	g_autoptr(GString) out = NULL;

	if (is_mapped(address))
		return g_strdup_printf("%u.%u.%u.%u", bytes[12], bytes[13], bytes[14], bytes[15]);
	if (g_inet_address_get_family(address) == G_SOCKET_FAMILY_IPV4)
		return g_inet_address_to_string(address);
	out = g_string_new("/64:");
	for (guint i = 0; i < 8; i++)
		g_string_append_printf(out, "%02x", bytes[i]);
	return g_string_free(g_steal_pointer(&out), FALSE);
}

/* As proxies write it: 203.0.113.7, 203.0.113.7:5678, 2001:db8::1, [2001:db8::1]:5678. */
static GInetAddress *read_told(const char *word)
{
	g_autoptr(GSocketConnectable) told = g_network_address_parse(word, 1, NULL);

	return told != NULL ? g_inet_address_new_from_string(
				      g_network_address_get_hostname(G_NETWORK_ADDRESS(told)))
			    : NULL;
}

/**
 * sgp_network_dup_name:
 * @remote: (nullable): who is connected
 * @forwarded: (nullable): the X-Forwarded-For of a proxy that is to be believed
 *
 * Returns: (transfer full) (nullable): the network that asks; %NULL for this computer itself, where
 * a proxy stands that does not tell. What it tells and nobody understands is one network: not to
 * count it would leave guessers alone without a word.
 */
char *sgp_network_dup_name(GSocketAddress *remote, const char *forwarded)
{
	GInetAddress *address = NULL;
	g_autoptr(GInetAddress) told = NULL;
	const char *last = forwarded != NULL ? strrchr(forwarded, ',') : NULL;
	g_autofree char *word = NULL;

	if (!G_IS_INET_SOCKET_ADDRESS(remote))
		return NULL;
	address = g_inet_socket_address_get_address(G_INET_SOCKET_ADDRESS(remote));
	if (!g_inet_address_get_is_loopback(address))
		return name_network(address);
	if (forwarded == NULL)
		return NULL;
	/* The last one is the proxy's own; what stands before it anybody may have written. */
	word = g_strstrip(g_strdup(last != NULL ? last + 1 : forwarded));
	told = read_told(word);
	return told != NULL ? name_network(told) : g_strdup(OTHERS);
}
