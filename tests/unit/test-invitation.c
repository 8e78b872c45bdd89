/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"

#include "hostile-portal.h"
#include "scratch-gpg.h"
#include "sgp-base64url.h"
#include "sgp-delivery-private.h"
#include "sgp-dispatcher-private.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-invitation.h"
#include "sgp-protocol.h"
#include "sgp-registration-code.h"
#include "sgp-wrap.h"

#include <gcrypt.h>
#include <string.h>

#define ADDRESS "erika@kunde.example"
#define HANDLE  "00112233445566778899aabbccddeeff"

/* The portal keeps what the agent puts there, and shows it, or something else. */
typedef struct {
	State state;
	ScratchGpg *gpg;           /* (owned) */
	HostilePortal *portal;     /* (owned) */
	SgpPortalClient *client;   /* (owned) */
	SgpPortalAccount *account; /* (owned) */
	SgpInvitationContext context;
	char *put;      /* (owned) (nullable) body of the last invitation */
	char *put_path; /* (owned) (nullable) where it went */
	/* What an office's agent asks through the dispatcher. */
	SgpDispatcher *dispatcher; /* (owned) (nullable) */
	gboolean is_late;          /* a colleague was faster, each time */
	char *rows[4];             /* (owned) the directory's answers, one after the other */
	guint n_lookups;
	char *events; /* (owned) */
	GString *told;
} Fixture;

static guint take(const char *method, const char *path, GBytes *body, char **answer,
	char **location, gpointer user_data)
{
	Fixture *fixture = user_data;

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

static void setup(Fixture *fixture, gconstpointer data)
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

static void teardown(Fixture *fixture, gconstpointer data)
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

static SgpInvitation *invite(Fixture *fixture)
{
	g_autoptr(SgpPortalMailbox) mailbox =
		sgp_portal_mailbox_new(ADDRESS, SGP_MAILBOX_STATE_NONE);
	g_autoptr(GError) error = NULL;

	mailbox->handle = g_strdup(HANDLE);
	SgpInvitation *invitation =
		sgp_invitation_ensure_sync(&fixture->context, mailbox, NULL, &error);

	g_assert_no_error(error);
	return invitation;
}

/* The mailbox as an honest portal shows it after the invitation. */
static SgpPortalMailbox *shown(Fixture *fixture, SgpMailboxState state)
{
	g_autoptr(JsonObject) put = sgp_protocol_parse_object(fixture->put, strlen(fixture->put));
	SgpPortalMailbox *mailbox = sgp_portal_mailbox_new(ADDRESS, state);

	mailbox->handle = g_strdup(HANDLE);
	mailbox->generation = 1;
	mailbox->mailbox_key = g_strdup(sgp_protocol_get_text(put, "mailbox_key"));
	mailbox->escrow = g_strdup(sgp_protocol_get_text(put, "escrow"));
	return mailbox;
}

static void forget(Fixture *fixture)
{
	g_assert_true(sgp_store_exec(fixture->state.store, "DELETE FROM value", NULL));
}

static void assert_tampered(Fixture *fixture, SgpPortalMailbox *mailbox)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(sgp_invitation_check_mailbox_sync(&fixture->context, mailbox, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
}

static void test_invite(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation = invite(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = shown(fixture, SGP_MAILBOX_STATE_INVITED);
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpInvitation) again =
		sgp_invitation_ensure_sync(&fixture->context, mailbox, NULL, &error);

	g_assert_no_error(error);
	g_assert_true(sgp_registration_code_is_valid(invitation->code));
	g_assert_cmpint(invitation->valid_until, ==, 1900000000);
	g_assert_cmpstr(again->code, ==, invitation->code);
	/* The server gets neither the code nor a private key. */
	g_assert_null(strstr(fixture->put, invitation->code));
	g_assert_null(strstr(fixture->put, "PRIVATE KEY"));
}

/* The code opens the wrap, and what is in it pins the office. */
static void test_wrap(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation = invite(fixture);
	g_autoptr(JsonObject) put = sgp_protocol_parse_object(fixture->put, strlen(fixture->put));
	g_autoptr(GBytes) salt = sgp_protocol_dup_b64u(put, "salt");
	g_autoptr(GBytes) wrap = sgp_protocol_dup_b64u(put, "code_wrap");
	g_autoptr(GBytes) hash = sgp_protocol_dup_b64u(put, "auth_hash");
	guint8 expected[32];
	SgpCodeKeys keys;

	g_assert_true(sgp_registration_code_derive(
		invitation->code, g_bytes_get_data(salt, NULL), &keys, NULL));
	g_autoptr(GBytes) plain = sgp_wrap_open(keys.kek, "code", HANDLE, 1, wrap, NULL);

	g_assert_nonnull(plain);
	g_assert_cmpuint(g_bytes_get_size(plain) % 4096, ==, 0);
	gsize length = 0;
	const char *text = g_bytes_get_data(plain, &length);
	g_autoptr(JsonObject) inside = sgp_protocol_parse_object(text, length);

	g_assert_cmpstr(
		sgp_protocol_get_text(inside, "office"), ==, fixture->account->office_fingerprint);
	g_assert_cmpstr(sgp_protocol_get_text(inside, "portal"), ==, fixture->account->origin);
	g_assert_nonnull(strstr(sgp_protocol_get_text(inside, "mailbox_key"), "PRIVATE KEY"));
	gcry_md_hash_buffer(GCRY_MD_SHA256, expected, keys.auth, sizeof(keys.auth));
	g_assert_cmpmem(g_bytes_get_data(hash, NULL), g_bytes_get_size(hash), expected, 32);
}

static char *foreign_key(void)
{
	g_autoptr(ScratchGpg) elsewhere = scratch_gpg_new();
	g_autofree char *fingerprint = sgp_gpgme_generate(elsewhere->home, "<" ADDRESS ">", NULL);

	return sgp_gpgme_export(elsewhere->home, fingerprint, FALSE, NULL);
}

static void test_swapped_key(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation G_GNUC_UNUSED = invite(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = shown(fixture, SGP_MAILBOX_STATE_INVITED);

	g_assert_true(sgp_invitation_check_mailbox_sync(&fixture->context, mailbox, NULL, NULL));
	g_free(mailbox->mailbox_key);
	mailbox->mailbox_key = foreign_key();
	assert_tampered(fixture, mailbox);
	/* On another device, which remembers nothing, the escrow tells. */
	forget(fixture);
	assert_tampered(fixture, mailbox);
}

static void test_other_escrow(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation G_GNUC_UNUSED = invite(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = shown(fixture, SGP_MAILBOX_STATE_INVITED);

	forget(fixture);
	g_assert_true(sgp_invitation_check_mailbox_sync(&fixture->context, mailbox, NULL, NULL));
	forget(fixture);
	mailbox->generation = 2;
	assert_tampered(fixture, mailbox);
	mailbox->generation = 1;
	mailbox->handle[0] = 'f';
	assert_tampered(fixture, mailbox);
	mailbox->handle[0] = '0';
	g_clear_pointer(&mailbox->escrow, g_free);
	assert_tampered(fixture, mailbox);
}

/* Signed by a key that no roster names: the server could make one with a key of its own. */
static void test_strange_signer(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation G_GNUC_UNUSED = invite(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = shown(fixture, SGP_MAILBOX_STATE_INVITED);

	forget(fixture);
	g_free(fixture->account->staff_fingerprint);
	fixture->account->staff_fingerprint =
		sgp_gpgme_generate(fixture->gpg->home, "Bernd <bernd@office.example>", NULL);
	assert_tampered(fixture, mailbox);
}

/* What the browser does at registration. (transfer full) the MAC of this key under the code */
static char *mac_of(Fixture *fixture, const char *code, GBytes *key)
{
	g_autoptr(JsonObject) put = sgp_protocol_parse_object(fixture->put, strlen(fixture->put));
	g_autoptr(GBytes) salt = sgp_protocol_dup_b64u(put, "salt");
	g_autoptr(GHmac) hmac = NULL;
	const char head[] = "sgp1 cs\0" HANDLE "\0"
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

static GBytes *signature_key(void)
{
	g_autoptr(ScratchGpg) browser = scratch_gpg_new();
	g_autofree char *fingerprint =
		scratch_gpg_make_key(browser, "<" ADDRESS ">", "ed25519", "never");
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

static void test_registration(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation = invite(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = shown(fixture, SGP_MAILBOX_STATE_REGISTERED);
	g_autoptr(GBytes) key = signature_key();
	g_autoptr(GBytes) swapped = signature_key();
	g_autoptr(GError) error = NULL;

	mailbox->signature_mac = mac_of(fixture, invitation->code, key);
	mailbox->signature_key =
		sgp_base64url_encode(g_bytes_get_data(swapped, NULL), g_bytes_get_size(swapped));
	g_assert_false(
		sgp_invitation_accept_registration_sync(&fixture->context, mailbox, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	g_clear_error(&error);
	g_autofree char *before = scratch_gpg_run(fixture->gpg, NULL, 0, "--list-keys");

	g_assert_null(strstr(before, ADDRESS));
	g_free(mailbox->signature_key);
	mailbox->signature_key =
		sgp_base64url_encode(g_bytes_get_data(key, NULL), g_bytes_get_size(key));
	g_assert_true(
		sgp_invitation_accept_registration_sync(&fixture->context, mailbox, NULL, &error));
	g_assert_no_error(error);
	g_autofree char *after = scratch_gpg_run(fixture->gpg, NULL, 0, "--list-keys");

	g_assert_nonnull(strstr(after, ADDRESS));
}

/* Renewal and reset */

static JsonObject *last_put(Fixture *fixture)
{
	return sgp_protocol_parse_object(fixture->put, strlen(fixture->put));
}

/* What the code of the last invitation opens. */
static JsonObject *open_wrap(Fixture *fixture, const char *code, gint64 generation)
{
	g_autoptr(JsonObject) put = last_put(fixture);
	g_autoptr(GBytes) salt = sgp_protocol_dup_b64u(put, "salt");
	g_autoptr(GBytes) wrap = sgp_protocol_dup_b64u(put, "code_wrap");
	gsize length = 0;
	SgpCodeKeys keys;

	g_assert_true(
		sgp_registration_code_derive(code, g_bytes_get_data(salt, NULL), &keys, NULL));
	g_autoptr(GBytes) plain = sgp_wrap_open(keys.kek, "code", HANDLE, generation, wrap, NULL);

	g_assert_nonnull(plain);
	const char *text = g_bytes_get_data(plain, &length);

	return sgp_protocol_parse_object(text, length);
}

static void test_renewal(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) first = invite(fixture);
	g_autoptr(JsonObject) before = last_put(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = shown(fixture, SGP_MAILBOX_STATE_INVITED);
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpInvitation) second =
		sgp_invitation_renew_sync(&fixture->context, mailbox, NULL, &error);

	g_assert_no_error(error);
	g_autoptr(JsonObject) after = last_put(fixture);

	g_assert_cmpstr(
		fixture->put_path, ==, "POST /api/v1/customers/" HANDLE ":renew-invitation");
	g_assert_cmpint(json_object_get_int_member(after, "generation"), ==, 2);
	g_assert_cmpstr(second->code, !=, first->code);
	/* The very same bytes: the portal compares them. */
	g_assert_cmpstr(sgp_protocol_get_text(after, "mailbox_key"), ==,
		sgp_protocol_get_text(before, "mailbox_key"));
	g_assert_false(json_object_has_member(after, "identity_record"));
	mailbox->state = SGP_MAILBOX_STATE_REGISTERED;
	g_assert_null(sgp_invitation_renew_sync(&fixture->context, mailbox, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_CONFLICT);
}

#define RECORD "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

/* A registered customer's mailbox, with this key. */
static SgpPortalMailbox *registered_with(
	Fixture *fixture, const SgpInvitation *invitation, GBytes *key)
{
	SgpPortalMailbox *mailbox = shown(fixture, SGP_MAILBOX_STATE_REGISTERED);

	mailbox->signature_mac = mac_of(fixture, invitation->code, key);
	mailbox->signature_key =
		sgp_base64url_encode(g_bytes_get_data(key, NULL), g_bytes_get_size(key));
	return mailbox;
}

static void test_reset(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) first = invite(fixture);
	g_autoptr(GBytes) key = signature_key();
	g_autoptr(SgpPortalMailbox) mailbox = registered_with(fixture, first, key);
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) before = open_wrap(fixture, first->code, 1);

	g_assert_false(json_object_has_member(before, "former_signature_keys"));
	g_autoptr(SgpInvitation) second =
		sgp_invitation_reset_sync(&fixture->context, mailbox, RECORD, NULL, &error);

	g_assert_no_error(error);
	g_autoptr(JsonObject) put = last_put(fixture);

	g_assert_cmpstr(fixture->put_path, ==, "POST /api/v1/customers/" HANDLE ":reset");
	g_assert_cmpstr(sgp_protocol_get_text(put, "identity_record"), ==, RECORD);
	/* The new code opens the same mailbox, and vouches for the signature key of so far. */
	g_autoptr(JsonObject) inside = open_wrap(fixture, second->code, 2);
	JsonArray *former = json_object_get_array_member(inside, "former_signature_keys");

	g_assert_cmpstr(sgp_protocol_get_text(inside, "mailbox_key"), ==,
		sgp_protocol_get_text(before, "mailbox_key"));
	g_assert_cmpuint(json_array_get_length(former), ==, 1);
	g_assert_cmpstr(json_array_get_string_element(former, 0), ==, mailbox->signature_key);
	/* A renewal after that still does. */
	g_autoptr(SgpPortalMailbox) invited = shown(fixture, SGP_MAILBOX_STATE_EXPIRED);

	invited->generation = 2;
	g_autoptr(SgpInvitation) third =
		sgp_invitation_renew_sync(&fixture->context, invited, NULL, &error);

	g_assert_no_error(error);
	g_autoptr(JsonObject) later = open_wrap(fixture, third->code, 3);

	g_assert_cmpuint(
		json_array_get_length(json_object_get_array_member(later, "former_signature_keys")),
		==, 1);
}

static void test_reset_without_record(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) first = invite(fixture);
	g_autoptr(GBytes) key = signature_key();
	g_autoptr(SgpPortalMailbox) mailbox = registered_with(fixture, first, key);
	g_autoptr(GError) error = NULL;
	guint before = hostile_portal_count(fixture->portal);

	g_assert_null(sgp_invitation_reset_sync(&fixture->context, mailbox, NULL, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	g_clear_error(&error);
	g_assert_null(sgp_invitation_reset_sync(&fixture->context, mailbox, "", NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	g_assert_cmpuint(hostile_portal_count(fixture->portal), ==, before);
}

/* Else the customer's browser would show the portal's forgeries as the customer's own mail. */
static void test_reset_with_swapped_key(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) first = invite(fixture);
	g_autoptr(GBytes) key = signature_key();
	g_autoptr(GBytes) other = signature_key();
	g_autoptr(SgpPortalMailbox) mailbox = registered_with(fixture, first, key);
	g_autoptr(GError) error = NULL;

	g_free(mailbox->signature_key);
	mailbox->signature_key =
		sgp_base64url_encode(g_bytes_get_data(other, NULL), g_bytes_get_size(other));
	g_assert_null(sgp_invitation_reset_sync(&fixture->context, mailbox, RECORD, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	g_assert_true(g_str_has_prefix(fixture->put_path, "PUT "));
}

/* A colleague erased the mailbox and invited anew; and a portal that kept the old one. */
static void test_new_mailbox(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) first G_GNUC_UNUSED = invite(fixture);
	g_autoptr(SgpPortalMailbox) old = shown(fixture, SGP_MAILBOX_STATE_INVITED);
	g_autofree char *pinned =
		sgp_store_lookup_value(fixture->state.store, "mailbox-key:" HANDLE, NULL);
	g_autoptr(SgpPortalMailbox) none = sgp_portal_mailbox_new(ADDRESS, SGP_MAILBOX_STATE_NONE);

	none->handle = g_strdup(HANDLE);
	none->generation = 1;
	g_autoptr(SgpInvitation) second G_GNUC_UNUSED =
		sgp_invitation_ensure_sync(&fixture->context, none, NULL, NULL);
	g_autoptr(SgpPortalMailbox) fresh = shown(fixture, SGP_MAILBOX_STATE_INVITED);

	fresh->generation = 2;
	/* This device remembers the first one only. */
	g_assert_true(
		sgp_store_set_value(fixture->state.store, "mailbox-key:" HANDLE, pinned, NULL));
	g_assert_true(sgp_invitation_check_mailbox_sync(&fixture->context, fresh, NULL, NULL));
	assert_tampered(fixture, old);
	old->generation = 3; /* the escrow says 1 */
	assert_tampered(fixture, old);
}

/* Through the dispatcher */

static void open_dispatcher(Fixture *fixture)
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

static char *row_of(const SgpPortalMailbox *mailbox, const char *state)
{
	g_autoptr(JsonObject) row = json_object_new();
	g_autoptr(JsonNode) node = json_node_init_object(json_node_alloc(), row);

	sgp_protocol_set_text(row, "address", ADDRESS);
	sgp_protocol_set_text(row, "handle", HANDLE);
	sgp_protocol_set_text(row, "state", state);
	json_object_set_int_member(row, "generation", mailbox ? mailbox->generation : 0);
	sgp_protocol_set_text(row, "mailbox_key", mailbox ? mailbox->mailbox_key : NULL);
	sgp_protocol_set_text(row, "escrow", mailbox ? mailbox->escrow : NULL);
	sgp_protocol_set_text(row, "signature_key", mailbox ? mailbox->signature_key : NULL);
	sgp_protocol_set_text(row, "signature_mac", mailbox ? mailbox->signature_mac : NULL);
	return json_to_string(node, FALSE);
}

static void set_rows(Fixture *fixture, char *first, char *later)
{
	fixture->rows[0] = first;
	for (gsize i = 1; i < G_N_ELEMENTS(fixture->rows); i++)
		fixture->rows[i] = g_strdup(later);
	g_free(later);
}

static gboolean ready_mailbox(Fixture *fixture, GPtrArray *invitations, GError **error)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	g_autoptr(SgpAddress) address = sgp_address_new(ADDRESS, NULL);
	SgpRecipientVerdict *recipient = sgp_recipient_verdict_new(address, SGP_FIELD_TO);
	g_autoptr(GPtrArray) mailboxes = NULL;
	g_autoptr(SgpPortalAccount) account = NULL;

	recipient->channel = SGP_CHANNEL_PORTAL;
	g_ptr_array_add(verdict->recipients, recipient);
	return sgp_dispatcher_ready_mailboxes_sync(
		fixture->dispatcher, verdict, &mailboxes, &account, invitations, NULL, error);
}

/* A colleague's invitation that ran out cannot be renewed here: nothing is sealed for a customer
 * whom nobody invited. */
static void test_late_and_failed(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) invitations =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_invitation_free);
	g_autoptr(GError) error = NULL;

	open_dispatcher(fixture);
	fixture->is_late = TRUE;
	set_rows(fixture, row_of(NULL, "none"), row_of(NULL, "expired"));
	g_assert_false(ready_mailbox(fixture, invitations, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED); /* no escrow */
	g_assert_cmpuint(invitations->len, ==, 0);
}

static void test_late_and_lucky(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) invitations =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_invitation_free);
	g_autoptr(SgpInvitation) theirs = invite(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = shown(fixture, SGP_MAILBOX_STATE_INVITED);
	g_autoptr(GError) error = NULL;

	open_dispatcher(fixture);
	fixture->is_late = TRUE;
	set_rows(fixture, row_of(NULL, "none"), row_of(mailbox, "invited"));
	g_assert_true(ready_mailbox(fixture, invitations, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(invitations->len, ==, 1);
	const SgpInvitation *invitation = g_ptr_array_index(invitations, 0);

	g_assert_cmpstr(invitation->code, ==, theirs->code);
}

static void test_unknown_state(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) invitations =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_invitation_free);
	g_autoptr(GError) error = NULL;

	open_dispatcher(fixture);
	set_rows(fixture, row_of(NULL, "a-newer-word"), row_of(NULL, "frozen"));
	g_assert_false(ready_mailbox(fixture, invitations, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
	g_clear_error(&error);
	sgp_portal_client_forget(fixture->dispatcher->portal, NULL);
	g_assert_false(ready_mailbox(fixture, invitations, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_REFUSED);
}

/* Events */

static void on_event(const char *kind, const char *detail, gpointer user_data)
{
	Fixture *fixture = user_data;

	g_string_append_printf(fixture->told, "%s ", kind);
}

/* Returns what was told, space after each. */
static const char *poll_events(Fixture *fixture, gboolean expected)
{
	g_autoptr(GError) error = NULL;

	g_string_truncate(fixture->told, 0);
	g_assert_cmpint(
		sgp_portal_events_poll_sync(fixture->dispatcher, on_event, fixture, NULL, &error),
		==, expected);
	g_assert_true((error == NULL) == expected);
	return fixture->told->str;
}

static void assert_position(Fixture *fixture, const char *expected)
{
	g_autofree char *position = sgp_store_lookup_value(
		sgp_dispatcher_get_store(fixture->dispatcher), "portal.events.last", NULL);

	g_assert_cmpstr(position, ==, expected);
}

/* A customer who read a message (event 6) and one who registered (event 7). */
static void registered(Fixture *fixture, gboolean is_swapped)
{
	g_autoptr(SgpInvitation) invitation = invite(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = shown(fixture, SGP_MAILBOX_STATE_REGISTERED);
	g_autoptr(GBytes) key = signature_key();
	g_autoptr(GBytes) other = is_swapped ? signature_key() : g_bytes_ref(key);

	mailbox->signature_mac = mac_of(fixture, invitation->code, key);
	mailbox->signature_key =
		sgp_base64url_encode(g_bytes_get_data(other, NULL), g_bytes_get_size(other));
	open_dispatcher(fixture);
	set_rows(fixture, row_of(mailbox, "registered"), row_of(mailbox, "registered"));
	fixture->told = g_string_new(NULL);
	fixture->events = g_strdup("{\"events\":[{\"id\":6,\"type\":\"read\",\"address\":"
				   "\"" ADDRESS "\"},{\"id\":7,\"type\":\"registered\","
				   "\"address\":\"" ADDRESS "\"}],\"last\":9}");
}

/* configuration: (nullable) one that gpg cannot work with, or NULL for what works. */
static void break_gpg(Fixture *fixture, const char *configuration)
{
	g_autofree char *path = g_build_filename(fixture->gpg->home, "gpg.conf", NULL);
	g_autofree char *kill =
		g_strdup_printf("gpgconf --homedir '%s' --kill gpg-agent", fixture->gpg->home);

	g_assert_true(g_file_set_contents(path, configuration ? configuration : "", -1, NULL));
	g_assert_true(g_spawn_command_line_sync(kill, NULL, NULL, NULL, NULL));
}

static gboolean knows_customer(Fixture *fixture)
{
	g_autofree char *keys = scratch_gpg_run(fixture->gpg, NULL, 0, "--list-keys");

	return strstr(keys, ADDRESS) != NULL;
}

static void test_unchecked_registration(Fixture *fixture, gconstpointer data)
{
	registered(fixture, FALSE);
	break_gpg(fixture, data);
	for (guint i = 0; i < 3; i++) {
		g_assert_cmpstr(poll_events(fixture, FALSE), ==, "read ");
		/* What was told before it is not lost, and what failed is still to come. */
		assert_position(fixture, "6");
	}
	break_gpg(fixture, NULL);
	g_assert_false(knows_customer(fixture));
	g_assert_cmpstr(poll_events(fixture, TRUE), ==, "read registered ");
	g_assert_true(knows_customer(fixture));
	assert_position(fixture, "9");
}

/* A gpg that never works again must not keep all later events away. */
static void test_never_checked(Fixture *fixture, gconstpointer data)
{
	registered(fixture, FALSE);
	break_gpg(fixture, data);
	for (guint i = 0; i < 7; i++)
		g_assert_cmpstr(poll_events(fixture, FALSE), ==, "read ");
	g_assert_cmpstr(poll_events(fixture, TRUE), ==, "read unchecked ");
	assert_position(fixture, "9");
}

static void test_swapped_registration(Fixture *fixture, gconstpointer data)
{
	registered(fixture, TRUE);
	g_assert_cmpstr(poll_events(fixture, FALSE), ==, "read ");
	g_assert_cmpstr(poll_events(fixture, TRUE), ==, "read tampered ");
	g_assert_false(knows_customer(fixture));
	assert_position(fixture, "9");
}

/* The office key is on the administrator's computer only. */
static void test_for_colleagues(Fixture *fixture, gconstpointer data)
{
	registered(fixture, FALSE);
	g_autofree char *gone G_GNUC_UNUSED = scratch_gpg_run(fixture->gpg, NULL, 0,
		"--delete-secret-keys %s", fixture->account->office_fingerprint);
	g_assert_cmpstr(poll_events(fixture, TRUE), ==, "read registered ");
	g_assert_false(knows_customer(fixture));
	assert_position(fixture, "9");
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/invitation/" name, Fixture, NULL, setup, func, teardown)
	ADD("a-customer-is-invited-and-the-code-can-be-shown-again", test_invite);
	ADD("the-code-opens-the-wrap", test_wrap);
	ADD("a-swapped-mailbox-key-is-seen", test_swapped_key);
	ADD("an-escrow-is-its-mailbox-s-own", test_other_escrow);
	ADD("an-escrow-signed-by-a-stranger-is-refused", test_strange_signer);
	ADD("a-registration-counts-with-the-code-only", test_registration);
	ADD("a-renewal-is-a-new-code-for-the-same-mailbox", test_renewal);
	ADD("a-reset-keeps-the-mailbox-and-vouches-for-the-key-before", test_reset);
	ADD("nobody-is-reset-without-a-record-of-who-they-are", test_reset_without_record);
	ADD("a-swapped-signature-key-is-vouched-for-by-nobody", test_reset_with_swapped_key);
	ADD("after-an-erasure-only-a-later-mailbox-counts", test_new_mailbox);
	ADD("a-colleague-who-was-faster-has-invited", test_late_and_lucky);
	ADD("without-an-invitation-nothing-is-sealed", test_late_and_failed);
	ADD("a-mailbox-in-an-unknown-state-is-tried-later", test_unknown_state);
#undef ADD
#define ADD(name, func, data) g_test_add("/events/" name, Fixture, data, setup, func, teardown)
	/* An agent that died: no secret keys, and no error. A gpg that dies at once: no data. */
	ADD("a-registration-that-gpg-cannot-check-is-not-announced", test_unchecked_registration,
		"no-autostart\n");
	ADD("a-registration-that-a-broken-gpg-cannot-check-is-not-announced",
		test_unchecked_registration, "trust-model none-of-them\n");
	ADD("a-registration-that-can-never-be-checked-ends-as-unchecked", test_never_checked,
		"no-autostart\n");
	ADD("a-registration-with-another-key-is-said-aloud", test_swapped_registration, NULL);
	ADD("without-the-office-key-a-colleague-checks", test_for_colleagues, NULL);
	return g_test_run();
}
