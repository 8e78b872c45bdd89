/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a portal answers to an agent, over HTTP. The input's first byte says what was asked, the
 * rest of its first line is a header field, what follows the body. What must hold: an answer is
 * used or it is an error; whoever was asked for is who comes back; what will stand in a path or a
 * line of text is one word. */
#include "sgp-ledger-sync-private.h"
#include "sgp-portal-client-care.h"
#include "sgp-portal-client.h"
#include "sgp-portal-office.h"
#include "sgp-protocol.h"

#include "fuzz-peer.h"

#define ADDRESS "erika@kunde.example"
#define HANDLE  "00112233445566778899aabbccddeeff"
#define ID      "01890a5d-ac96-774b-bcce-b302099a8057"

static void check_lookup(SgpPortalClient *client, GError **error)
{
	static const char *const addresses[] = { ADDRESS, "b@kunde.example", NULL };
	g_autoptr(GPtrArray) mailboxes =
		sgp_portal_client_lookup_sync(client, addresses, 5000, NULL, error);
	FUZZ_HOLDS(mailboxes == NULL || mailboxes->len == 2);
	for (guint i = 0; mailboxes != NULL && i < mailboxes->len; i++) {
		const SgpPortalMailbox *one = g_ptr_array_index(mailboxes, i);
		FUZZ_HOLDS(strcmp(one->address, addresses[i]) == 0);
		FUZZ_HOLDS(one->handle == NULL || sgp_protocol_is_handle(one->handle));
	}
}

static void check_events(SgpPortalClient *client, GError **error)
{
	gint64 last = 7;
	g_autoptr(GPtrArray) events =
		sgp_portal_client_poll_events_sync(client, 7, 0, &last, NULL, error);
	for (guint i = 0; events != NULL && i < events->len; i++) {
		const SgpPortalEvent *one = g_ptr_array_index(events, i);
		FUZZ_HOLDS(one->kind != NULL && fuzz_is_text(one->kind));
	}
}

static void check_office(SgpPortalClient *client, GError **error)
{
	g_autoptr(SgpPortalOffice) office = sgp_portal_client_load_office_sync(client, NULL, error);
	if (office == NULL)
		return;
	g_autofree char *name = sgp_portal_office_dup_staff_name(office, ADDRESS);
	FUZZ_HOLDS(name == NULL || fuzz_is_text(name));
	sgp_portal_office_has_staff(office, "0123456789ABCDEF");
}

static void check_care(SgpPortalClient *client, GError **error)
{
	g_autoptr(GPtrArray) customers = sgp_portal_client_list_customers_sync(client, NULL, error);
	g_clear_error(error);
	g_autoptr(GPtrArray) devices = sgp_portal_client_list_devices_sync(client, NULL, error);
	for (guint i = 0; devices != NULL && i < devices->len; i++) {
		const SgpPortalDevice *one = g_ptr_array_index(devices, i);
		FUZZ_HOLDS(one->id != NULL && one->staff != NULL && one->state != NULL);
	}
}

static void check_records(SgpPortalClient *client, GError **error)
{
	g_autoptr(GPtrArray) records = sgp_portal_client_list_records_sync(client, 3, NULL, error);
	gint64 before = 3;
	for (guint i = 0; records != NULL && i < records->len; i++) {
		const SgpPortalRecord *one = g_ptr_array_index(records, i);
		FUZZ_HOLDS(one->n > before && one->id != NULL && one->entry != NULL);
		before = one->n;
	}
}

static void check_message(SgpPortalClient *client, GError **error)
{
	SgpPortalMessageState state = SGP_PORTAL_MESSAGE_UNKNOWN;
	g_autofree char *upload = sgp_portal_client_create_upload_sync(client, 10, NULL, error);
	FUZZ_HOLDS(upload == NULL || strpbrk(upload, "/?#\r\n ") == NULL);
	g_clear_error(error);
	gint64 offset = sgp_portal_client_lookup_offset_sync(client, ID, NULL, error);
	FUZZ_HOLDS(offset >= -1);
	g_clear_error(error);
	sgp_portal_client_lookup_message_sync(client, ID, &state, NULL, error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const CHECKS[])(SgpPortalClient *, GError **) = { check_lookup, check_events,
		check_office, check_care, check_records, check_message };
	static const char *const STATUS[] = { "200 OK", "201 Created", "404 Not Found",
		"409 Conflict", "503 Service Unavailable" };
	if (size < 1)
		return 0;
	guint what = data[0];
	FuzzPeer *peer = fuzz_peer_get();
	data++;
	size--;
	g_autofree char *line = fuzz_take_line(&data, &size);
	g_strdelimit(line, "\r", ' ');
	g_autofree char *head = g_strdup_printf(
		"HTTP/1.1 %s\r\nContent-Type: application/json\r\nConnection: "
		"close\r\nContent-Length: %zu\r\n%s%s\r\n",
		STATUS[what / 16 % G_N_ELEMENTS(STATUS)], size, line, *line != '\0' ? "\r\n" : "");
	g_autofree char *origin = g_strdup_printf("http://127.0.0.1:%u", peer->port);
	g_autoptr(SgpPortalClient) client = sgp_portal_client_new(origin, "token", NULL);
	g_autoptr(GError) error = NULL;
	fuzz_peer_set(peer, head, data, size);
	CHECKS[what % 16 % G_N_ELEMENTS(CHECKS)](client, &error);
	return 0;
}
