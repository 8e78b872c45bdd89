/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A network address whose resolving is over. Owns that a name which was judged once cannot lead
 * elsewhere a moment later (DNS rebinding; test: tests/agent/provider.py, "a policy host inside the
 * office ..."). It looks nothing up. */
#include "sgp-pinned-address.h"

struct _SgpPinnedAddress {
	GNetworkAddress parent_instance;
	GPtrArray *addresses; /* (owned) (element-type GSocketAddress) */
};

/* ---- the enumerator ---- */

#define SGP_TYPE_PINNED_ENUMERATOR (sgp_pinned_enumerator_get_type())
G_DECLARE_FINAL_TYPE(SgpPinnedEnumerator, sgp_pinned_enumerator, SGP, PINNED_ENUMERATOR,
	GSocketAddressEnumerator)

struct _SgpPinnedEnumerator {
	GSocketAddressEnumerator parent_instance;
	GPtrArray *addresses; /* (owned) shared with the address */
	guint next;
};

G_DEFINE_FINAL_TYPE(SgpPinnedEnumerator, sgp_pinned_enumerator, G_TYPE_SOCKET_ADDRESS_ENUMERATOR)

static GSocketAddress *sgp_pinned_enumerator_next(
	GSocketAddressEnumerator *enumerator, GCancellable *cancellable, GError **error)
{
	SgpPinnedEnumerator *self = SGP_PINNED_ENUMERATOR(enumerator);
	if (g_cancellable_set_error_if_cancelled(cancellable, error) ||
		self->next >= self->addresses->len)
		return NULL;
	return g_object_ref(g_ptr_array_index(self->addresses, self->next++));
}

static void sgp_pinned_enumerator_finalize(GObject *object)
{
	g_clear_pointer(&SGP_PINNED_ENUMERATOR(object)->addresses, g_ptr_array_unref);
	G_OBJECT_CLASS(sgp_pinned_enumerator_parent_class)->finalize(object);
}

static void sgp_pinned_enumerator_class_init(SgpPinnedEnumeratorClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_pinned_enumerator_finalize;
	G_SOCKET_ADDRESS_ENUMERATOR_CLASS(klass)->next = sgp_pinned_enumerator_next;
}

static void sgp_pinned_enumerator_init(SgpPinnedEnumerator *self)
{
}

/* ---- the address ---- */

static GSocketAddressEnumerator *sgp_pinned_address_enumerate(GSocketConnectable *connectable)
{
	SgpPinnedEnumerator *enumerator = g_object_new(SGP_TYPE_PINNED_ENUMERATOR, NULL);
	enumerator->addresses = g_ptr_array_ref(SGP_PINNED_ADDRESS(connectable)->addresses);
	return G_SOCKET_ADDRESS_ENUMERATOR(enumerator);
}

static void connectable_init(GSocketConnectableIface *iface)
{
	/* Not through a proxy either: it would resolve the name anew. */
	iface->enumerate = sgp_pinned_address_enumerate;
	iface->proxy_enumerate = sgp_pinned_address_enumerate;
}

G_DEFINE_FINAL_TYPE_WITH_CODE(SgpPinnedAddress, sgp_pinned_address, G_TYPE_NETWORK_ADDRESS,
	G_IMPLEMENT_INTERFACE(G_TYPE_SOCKET_CONNECTABLE, connectable_init))

SgpPinnedAddress *sgp_pinned_address_new(const char *host, guint16 port, const GPtrArray *addresses)
{
	SgpPinnedAddress *self = g_object_new(SGP_TYPE_PINNED_ADDRESS, "hostname", host, "port",
		(guint)port, "scheme", "https", NULL);
	for (guint i = 0; i < addresses->len; i++)
		g_ptr_array_add(self->addresses,
			g_inet_socket_address_new(g_ptr_array_index(addresses, i), port));
	return self;
}

static void sgp_pinned_address_finalize(GObject *object)
{
	g_clear_pointer(&SGP_PINNED_ADDRESS(object)->addresses, g_ptr_array_unref);
	G_OBJECT_CLASS(sgp_pinned_address_parent_class)->finalize(object);
}

static void sgp_pinned_address_class_init(SgpPinnedAddressClass *klass)
{
	G_OBJECT_CLASS(klass)->finalize = sgp_pinned_address_finalize;
}

static void sgp_pinned_address_init(SgpPinnedAddress *self)
{
	self->addresses = g_ptr_array_new_with_free_func(g_object_unref);
}
