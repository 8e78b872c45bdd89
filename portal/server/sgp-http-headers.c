/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The one place where security headers are made, for every answer, of pages and interfaces alike.
 */

#include "sgp-http-headers.h"

/* Exactly what the pages need (portal/web/README.md) and nothing more. Scripts and styles are ours
 * alone; 'wasm-unsafe-eval' is OPAQUE and Argon2; workers start from bytes whose hash was checked;
 * pictures inside a formatted message are data:, its frame inherits all of this (threats 5, 6, 7).
 */
#define CONTENT_SECURITY_POLICY                                                                    \
	"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "             \
	"img-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; "            \
	"form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "         \
	"trusted-types siegelpost"

/**
 * sgp_http_headers_secure:
 * @portal: (nullable): unless it is the customers' portal that answers
 * @is_immutable: whether the address changes with the content
 *
 * Sets them all.
 */
void sgp_http_headers_secure(
	SoupMessageHeaders *headers, const SgpPortal *portal, gboolean is_immutable)
{
	soup_message_headers_replace(headers, "Content-Security-Policy", CONTENT_SECURITY_POLICY);
	soup_message_headers_replace(headers, "X-Content-Type-Options", "nosniff");
	soup_message_headers_replace(headers, "Referrer-Policy", "no-referrer");
	soup_message_headers_replace(headers, "Cross-Origin-Opener-Policy", "same-origin");
	soup_message_headers_replace(headers, "Cross-Origin-Resource-Policy", "same-origin");
	soup_message_headers_replace(headers, "X-Frame-Options", "DENY");
	soup_message_headers_replace(headers, "Permissions-Policy",
		"camera=(), microphone=(), geolocation=(), payment=(), usb=()");
	soup_message_headers_replace(headers, "Cache-Control",
		is_immutable ? "public, max-age=31536000, immutable" : "no-store");
	/* Two years; with everything below its name, where nobody may take the portal's cookies or
	 * its customers' trust (threat 17). */
	if (portal != NULL && portal->secure)
		soup_message_headers_replace(headers, "Strict-Transport-Security",
			portal->config->hsts_alone ? "max-age=63072000"
						   : "max-age=63072000; includeSubDomains");
}
