/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A mailbox: a display name and a canonical addr-spec. Only the addr-spec ever counts. Immutable,
 * reference counted. */
typedef struct _SgpAddress SgpAddress;

/* Reads one RFC 5322 mailbox ("Erika <erika@kunde.example>" or a bare addr-spec). Canonical: NFC,
 * domain IDNA 2008 A-labels in lower case, local part lower case and unquoted where it may be,
 * nothing else folded (03-policy, An inquiry, 2). Errors: SGP_ERROR_INVALID. */
SgpAddress *sgp_address_new(const char *mailbox, GError **error);
SgpAddress *sgp_address_new_with_name(const char *addr_spec, const char *name, GError **error);
/* An address list as in To:; groups are flattened, an empty list is fine. (element-type SgpAddress)
 * (transfer full) */
GPtrArray *sgp_address_parse_list(const char *list, GError **error);
SgpAddress *sgp_address_ref(SgpAddress *self);
void sgp_address_unref(SgpAddress *self);
const char *sgp_address_get_addr_spec(const SgpAddress *self); /* canonical */
const char *sgp_address_get_domain(const SgpAddress *self);    /* canonical, borrowed */
const char *sgp_address_get_name(const SgpAddress *self);      /* may be NULL */
/* The local part is a way on, and the domain only its first stop: "kunde%example.net@",
 * "example.net!kunde@", "\"kunde@example.net\"@" (RFC 5321, appendix F.2; the percent hack). */
gboolean sgp_address_is_routed(const SgpAddress *self);
gboolean sgp_address_equal(
	gconstpointer a, gconstpointer b); /* by canonical addr-spec; GEqualFunc */
guint sgp_address_hash(gconstpointer self);
/* "Name <addr>" for a header (encoded words are the caller's business). (transfer full) */
char *sgp_address_dup_text(const SgpAddress *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC(SgpAddress, sgp_address_unref)

G_END_DECLS
