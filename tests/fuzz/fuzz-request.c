/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The head of a request to the portal: "METHOD PATH" in the first line, "name: value" in the
 * others. What must hold: a route has exactly the method that was asked for and a caller; what
 * stood in its path holds no slash; a cookie is a part of its header; a tus request of another
 * version is refused; a network and a browser are named in words of our own. */
#include "sgp-blob.h"
#include "sgp-client-name.h"
#include "sgp-network-limit.h"
#include "sgp-router.h"
#include "sgp-upload.h"

#include "fuzz.h"

static void check_route(const char *method, const char *path)
{
	char *params[2] = { NULL, NULL };
	gboolean other_method = FALSE;
	const SgpRoute *route = sgp_router_find(method, path, params, &other_method);
	FUZZ_HOLDS(route != NULL || (params[0] == NULL && params[1] == NULL));
	if (route != NULL)
		FUZZ_HOLDS(
			strcmp(route->method, method) == 0 && route->caller != SGP_CALLER_NOBODY);
	for (guint i = 0; i < G_N_ELEMENTS(params); i++) {
		FUZZ_HOLDS(params[i] == NULL || strchr(params[i], '/') == NULL);
		if (params[i] != NULL && sgp_blob_is_name(params[i]))
			FUZZ_HOLDS(strpbrk(params[i], "./\\") == NULL);
		g_free(params[i]);
	}
}

static void check_names(const SgpCall *call)
{
	static const char ours[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
	g_autoptr(GSocketAddress) proxy = g_inet_socket_address_new_from_string("127.0.0.1", 1);
	g_autofree char *network =
		sgp_network_dup_name(proxy, sgp_call_get_header(call, "x-forwarded-for"));
	g_autofree char *client = sgp_client_name_dup(sgp_call_get_header(call, "user-agent"));
	FUZZ_HOLDS(network == NULL || strspn(network, "0123456789abcdef./:") == strlen(network));
	for (const char *c = client; *c != '\0'; c++)
		FUZZ_HOLDS(strchr(ours, *c) != NULL || *c == ' ' || *c == ',');
}

static void check_headers(const uint8_t *data, size_t size)
{
	SgpPortal portal = { 0 };
	g_autoptr(SgpCall) call = sgp_call_new(&portal, "PATCH");
	while (size > 0) {
		g_autofree char *line = fuzz_take_line(&data, &size);
		char *colon = strchr(line, ':');
		if (colon == NULL)
			continue;
		*colon = '\0';
		g_hash_table_replace(
			call->headers, g_ascii_strdown(line, -1), g_strdup(g_strchug(colon + 1)));
	}
	check_names(call);
	g_autoptr(GError) error = NULL;
	g_autofree char *cookie = sgp_call_dup_cookie(call, "session");
	const char *header = sgp_call_get_header(call, "cookie");
	FUZZ_HOLDS(cookie == NULL || strstr(header, cookie) != NULL);
	const gboolean is_version = sgp_upload_check_version(call, &error);
	FUZZ_HOLDS(is_version == (error == NULL));
	FUZZ_HOLDS(
		!is_version || g_strcmp0(sgp_call_get_header(call, "tus-resumable"), "1.0.0") == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *line = fuzz_take_line(&data, &size);
	char *blank = strchr(line, ' ');
	if (blank != NULL) {
		*blank = '\0';
		check_route(line, blank + 1);
	}
	check_headers(data, size);
	return 0;
}
