/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A portal that keeps what the agent puts there, and an office with its keys. */
#include "invitation-fixture.h"

#include "sgp-base64url.h"
#include "sgp-gpgme.h"
#include "sgp-protocol.h"
#include "sgp-registration-code.h"

#include <string.h>

static guint take(const char *method, const char *path, GBytes *body, char **answer,
	char **location, gpointer user_data)
{
	InvitationFixture *fixture = user_data;

	if (g_str_has_suffix(path, "/directory:lookup")) {
		guint n = MIN(fixture->n_lookups, G_N_ELEMENTS(fixture->rows) - 1);

		fixture->n_lookups++;
		*answer = g_strdup_printf("{\"customers\":[%s]}", fixture->rows[n]);
		return 200;
	}
	if (g_str_has_suffix(path, "/events")) {
		*answer = g_strdup(fixture->events);
		return 200;
	}
	if (g_str_has_prefix(path, "/api/v1/customers/") && fixture->is_late) {
		*answer = g_strdup("{\"code\":\"conflict\"}");
		return 409;
	}
	if (g_str_has_prefix(path, "/api/v1/customers/")) {
		gsize length = 0;
		const char *text = g_bytes_get_data(body, &length);

		g_free(fixture->put);
		g_free(fixture->put_path);
		fixture->put = g_strndup(text, length);
		fixture->put_path = g_strconcat(method, " ", path, NULL);
		*answer = g_strdup(
			"{\"state\":\"invited\",\"invitation\":\"aa\",\"expires\":1900000000}");
		return 201;
	}
	*answer = g_strdup("{\"name\":\"Office\",\"origin\":\"x\",\"limits\":"
			   "{\"attachment\":1,\"message\":1},\"roster\":null}");
	return 200;
}

void invitation_setup(InvitationFixture *fixture, gconstpointer data)
{
	state_setup(&fixture->state, data);
	fixture->gpg = scratch_gpg_new();
	fixture->portal = hostile_portal_new(take, fixture, NULL, NULL);
	fixture->client =
		sgp_portal_client_new(hostile_portal_get_origin(fixture->portal), "token", NULL);
	fixture->account = g_new0(SgpPortalAccount, 1);
	fixture->account->origin = g_strdup("https://portal.office.example");
	fixture->account->office_fingerprint = sgp_gpgme_generate(
		fixture->gpg->home, "Office <office@portal.office.example>", NULL);
	fixture->account->staff_fingerprint =
		sgp_gpgme_generate(fixture->gpg->home, "Sabine <sabine@office.example>", NULL);
	fixture->context = (SgpInvitationContext){ fixture->client, fixture->account,
		fixture->state.store, fixture->gpg->home, "de" };
}

void invitation_teardown(InvitationFixture *fixture, gconstpointer data)
{
	hostile_portal_free(fixture->portal);
	g_clear_object(&fixture->dispatcher);
	for (gsize i = 0; i < G_N_ELEMENTS(fixture->rows); i++)
		g_free(fixture->rows[i]);
	g_free(fixture->events);
	if (fixture->told)
		g_string_free(fixture->told, TRUE);
	g_object_unref(fixture->client);
	sgp_portal_account_free(fixture->account);
	scratch_gpg_free(fixture->gpg);
	g_free(fixture->put);
	g_free(fixture->put_path);
	state_teardown(&fixture->state, data);
}

SgpInvitation *invitation_make(InvitationFixture *fixture)
{
	g_autoptr(SgpPortalMailbox) mailbox =
		sgp_portal_mailbox_new(INVITATION_ADDRESS, SGP_MAILBOX_STATE_NONE);
	g_autoptr(GError) error = NULL;

	mailbox->handle = g_strdup(INVITATION_HANDLE);
	SgpInvitation *invitation =
		sgp_invitation_ensure_sync(&fixture->context, mailbox, NULL, &error);

	g_assert_no_error(error);
	return invitation;
}

/* The mailbox as an honest portal shows it after the invitation. */
SgpPortalMailbox *invitation_shown(InvitationFixture *fixture, SgpMailboxState state)
{
	g_autoptr(JsonObject) put = sgp_protocol_parse_object(fixture->put, strlen(fixture->put));
	SgpPortalMailbox *mailbox = sgp_portal_mailbox_new(INVITATION_ADDRESS, state);

	mailbox->handle = g_strdup(INVITATION_HANDLE);
	mailbox->generation = 1;
	mailbox->mailbox_key = g_strdup(sgp_protocol_get_text(put, "mailbox_key"));
	mailbox->escrow = g_strdup(sgp_protocol_get_text(put, "escrow"));
	return mailbox;
}

/* What the browser does at registration. (transfer full) the MAC of this key under the code */
char *invitation_mac_of(InvitationFixture *fixture, const char *code, GBytes *key)
{
	g_autoptr(JsonObject) put = sgp_protocol_parse_object(fixture->put, strlen(fixture->put));
	g_autoptr(GBytes) salt = sgp_protocol_dup_b64u(put, "salt");
	g_autoptr(GHmac) hmac = NULL;
	const char head[] = "sgp1 cs\0" INVITATION_HANDLE "\0"
			    "1"; /* and its NUL */
	guint8 digest[32];
	gsize length = sizeof(digest);
	SgpCodeKeys keys;

	g_assert_true(
		sgp_registration_code_derive(code, g_bytes_get_data(salt, NULL), &keys, NULL));
	hmac = g_hmac_new(G_CHECKSUM_SHA256, keys.mac, sizeof(keys.mac));
	g_hmac_update(hmac, (const guchar *)head, sizeof(head));
	g_hmac_update(hmac, g_bytes_get_data(key, NULL), (gssize)g_bytes_get_size(key));
	g_hmac_get_digest(hmac, digest, &length);
	return sgp_base64url_encode(digest, length);
}

GBytes *invitation_signature_key(void)
{
	return invitation_key_of("<" INVITATION_ADDRESS ">", NULL);
}

GBytes *invitation_key_of(const char *user_id, const char *another)
{
	g_autoptr(ScratchGpg) browser = scratch_gpg_new();
	g_autofree char *fingerprint = scratch_gpg_make_key(browser, user_id, "ed25519", "never");
	g_autofree char *added G_GNUC_UNUSED =
		another ? scratch_gpg_run(
				  browser, NULL, 0, "--quick-add-uid %s '%s'", fingerprint, another)
			: NULL;
	g_autofree char *armored = sgp_gpgme_export(browser->home, fingerprint, FALSE, NULL);
	g_autofree char *path = g_build_filename(browser->directory, "cs.asc", NULL);
	g_autofree char *binary = g_build_filename(browser->directory, "cs.bin", NULL);
	char *data = NULL;
	gsize length = 0;

	g_assert_true(g_file_set_contents(path, armored, -1, NULL));
	g_autofree char *said G_GNUC_UNUSED =
		scratch_gpg_run(browser, NULL, 0, "--output %s --dearmor %s", binary, path);

	g_assert_true(g_file_get_contents(binary, &data, &length, NULL));
	return g_bytes_new_take(data, length);
}

void invitation_open_dispatcher(InvitationFixture *fixture)
{
	const char *origin = hostile_portal_get_origin(fixture->portal);
	g_autofree char *url = g_strdup_printf("'%s'", origin);
	g_autofree char *home = g_strdup_printf("'%s'", fixture->gpg->home);
	g_autoptr(GError) error = NULL;

	state_set(&fixture->state, "portal-url", url);
	state_set(&fixture->state, "gnupg-home", home);
	fixture->dispatcher =
		sgp_dispatcher_new(fixture->state.settings, fixture->state.directory, &error);
	g_assert_no_error(error);
	SgpStore *store = sgp_dispatcher_get_store(fixture->dispatcher);

	g_assert_true(sgp_store_set_value(
		store, "portal.office-fingerprint", fixture->account->office_fingerprint, NULL));
	g_assert_true(sgp_store_set_value(
		store, "portal.staff-fingerprint", fixture->account->staff_fingerprint, NULL));
	fixture->dispatcher->portal = sgp_portal_client_new(origin, "token", NULL);
	fixture->dispatcher->roster_until = G_MAXINT64;
}

char *invitation_row_of(const SgpPortalMailbox *mailbox, const char *state)
{
	g_autoptr(JsonObject) row = json_object_new();
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), row);

	sgp_protocol_set_text(row, "address", INVITATION_ADDRESS);
	sgp_protocol_set_text(row, "handle", INVITATION_HANDLE);
	sgp_protocol_set_text(row, "state", state);
	json_object_set_int_member(row, "generation", mailbox ? mailbox->generation : 0);
	sgp_protocol_set_text(row, "mailbox_key", mailbox ? mailbox->mailbox_key : NULL);
	sgp_protocol_set_text(row, "escrow", mailbox ? mailbox->escrow : NULL);
	sgp_protocol_set_text(row, "signature_key", mailbox ? mailbox->signature_key : NULL);
	sgp_protocol_set_text(row, "signature_mac", mailbox ? mailbox->signature_mac : NULL);
	return json_to_string(node, FALSE);
}

void invitation_set_rows(InvitationFixture *fixture, char *first, char *later)
{
	fixture->rows[0] = first;
	for (gsize i = 1; i < G_N_ELEMENTS(fixture->rows); i++)
		fixture->rows[i] = g_strdup(later);
	g_free(later);
}
