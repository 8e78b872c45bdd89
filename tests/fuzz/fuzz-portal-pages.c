/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The portal's pages as the agent watches them: a page from whoever rules that server, and the
 * release's manifest. The input's first line is the manifest, the rest every page and script. What
 * must hold: an error, or a look with a sum; "as released" is said only of a manifest or a setting
 * that names this sum; the contact is cut out the same way twice. */
#include "sgp-page-contact.h"
#include "sgp-portal-pages.h"

#include <sys/mman.h>

#include "fuzz-peer.h"
#include "fuzz-scratch.h"

static void check_contact(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) page = g_bytes_new(data, size);
	g_autoptr(GBytes) cut = sgp_page_contact_cut(page);
	g_autoptr(GBytes) again = sgp_page_contact_cut(cut);
	g_autoptr(GBytes) filled =
		sgp_page_contact_fill(cut, "<a href=\"tel:1\">1</a>", "<a href=\"tel:2\">2</a>");
	g_autoptr(GBytes) emptied = sgp_page_contact_cut(filled);
	FUZZ_HOLDS(g_bytes_equal(cut, again));
	FUZZ_HOLDS(g_bytes_get_size(cut) <= size);
	/* Unless somebody wrote between the comments what may not stand there. */
	if (memchr(data, '\0', size) == NULL && !g_bytes_equal(page, cut))
		FUZZ_HOLDS(g_bytes_equal(emptied, cut));
}

static SgpPagesLook *look(const char *manifest, const uint8_t *data, size_t size, GError **error)
{
	static SgpStore *store;
	static SgpSettings *settings;
	FuzzPeer *peer = fuzz_peer_get();
	g_autofree char *origin = g_strdup_printf("http://127.0.0.1:%u", peer->port);
	g_autofree char *head = g_strdup_printf(
		"HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: "
		"close\r\nContent-Length: %zu\r\n\r\n",
		size);
	if (store == NULL) {
		store = sgp_store_new(fuzz_scratch_get(), NULL);
		settings = sgp_settings_new(NULL, NULL);
		FUZZ_HOLDS(store != NULL && settings != NULL);
	}
	FUZZ_HOLDS(sgp_portal_pages_forget(store, NULL));
	fuzz_peer_set(peer, head, data, size);
	return sgp_portal_pages_look_sync(origin, manifest, settings, store, NULL, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *manifest = fuzz_take_line(&data, &size);
	g_autofree char *path = g_build_filename(fuzz_scratch_get(), "release.json", NULL);
	const gboolean has_manifest = *manifest != '\0';
	g_autoptr(GError) error = NULL;
	check_contact(data, size);
	FUZZ_HOLDS(g_file_set_contents(path, manifest, -1, NULL));
	g_autoptr(SgpPagesLook) seen = look(has_manifest ? path : "", data, size, &error);
	FUZZ_HOLDS((seen == NULL) == (error != NULL));
	if (seen == NULL)
		return 0;
	FUZZ_HOLDS(seen->state != SGP_PAGES_UNKNOWN);
	FUZZ_HOLDS((seen->state == SGP_PAGES_DIFFER) == (seen->path != NULL));
	FUZZ_HOLDS(seen->path == NULL || fuzz_is_one_line(seen->path));
	FUZZ_HOLDS(seen->state == SGP_PAGES_DIFFER || g_str_has_prefix(seen->digest, "sha384-"));
	FUZZ_HOLDS(seen->state != SGP_PAGES_RELEASE || strstr(manifest, "sha384-") != NULL ||
		   strchr(manifest, '\\') != NULL);
	FUZZ_HOLDS(seen->state != SGP_PAGES_PINNED || !has_manifest);
	return 0;
}
