/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "invitation-fixture.h"

#include "sgp-base64url.h"
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-protocol.h"
#include "sgp-registration-code.h"
#include "sgp-wrap.h"

#include <gcrypt.h>
#include <string.h>

static void forget(InvitationFixture *fixture)
{
	g_assert_true(sgp_store_exec(fixture->state.store, "DELETE FROM value", NULL));
}

static void assert_tampered(InvitationFixture *fixture, SgpPortalMailbox *mailbox)
{
	g_autoptr(GError) error = NULL;

	g_assert_false(sgp_invitation_check_mailbox_sync(&fixture->context, mailbox, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
}

static void test_invite(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation = invitation_make(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = invitation_shown(fixture, SGP_MAILBOX_STATE_INVITED);
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
static void test_wrap(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation = invitation_make(fixture);
	g_autoptr(JsonObject) put = sgp_protocol_parse_object(fixture->put, strlen(fixture->put));
	g_autoptr(GBytes) salt = sgp_protocol_dup_b64u(put, "salt");
	g_autoptr(GBytes) wrap = sgp_protocol_dup_b64u(put, "code_wrap");
	g_autoptr(GBytes) hash = sgp_protocol_dup_b64u(put, "auth_hash");
	guint8 expected[32];
	SgpCodeKeys keys;

	g_assert_true(sgp_registration_code_derive(
		invitation->code, g_bytes_get_data(salt, NULL), &keys, NULL));
	g_autoptr(GBytes) plain = sgp_wrap_open(keys.kek, "code", INVITATION_HANDLE, 1, wrap, NULL);

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
	g_autofree char *fingerprint =
		sgp_gpgme_generate(elsewhere->home, "<" INVITATION_ADDRESS ">", NULL);

	return sgp_gpgme_export(elsewhere->home, fingerprint, FALSE, NULL);
}

static void test_swapped_key(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation G_GNUC_UNUSED = invitation_make(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = invitation_shown(fixture, SGP_MAILBOX_STATE_INVITED);

	g_assert_true(sgp_invitation_check_mailbox_sync(&fixture->context, mailbox, NULL, NULL));
	g_free(mailbox->mailbox_key);
	mailbox->mailbox_key = foreign_key();
	assert_tampered(fixture, mailbox);
	/* On another device, which remembers nothing, the escrow tells. */
	forget(fixture);
	assert_tampered(fixture, mailbox);
}

static void test_other_escrow(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation G_GNUC_UNUSED = invitation_make(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = invitation_shown(fixture, SGP_MAILBOX_STATE_INVITED);

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
static void test_strange_signer(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation G_GNUC_UNUSED = invitation_make(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = invitation_shown(fixture, SGP_MAILBOX_STATE_INVITED);

	forget(fixture);
	g_free(fixture->account->staff_fingerprint);
	fixture->account->staff_fingerprint =
		sgp_gpgme_generate(fixture->gpg->home, "Bernd <bernd@office.example>", NULL);
	assert_tampered(fixture, mailbox);
}

static void test_registration(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation = invitation_make(fixture);
	g_autoptr(SgpPortalMailbox) mailbox =
		invitation_shown(fixture, SGP_MAILBOX_STATE_REGISTERED);
	g_autoptr(GBytes) key = invitation_signature_key();
	g_autoptr(GBytes) swapped = invitation_signature_key();
	g_autoptr(GError) error = NULL;

	mailbox->signature_mac = invitation_mac_of(fixture, invitation->code, key);
	mailbox->signature_key =
		sgp_base64url_encode(g_bytes_get_data(swapped, NULL), g_bytes_get_size(swapped));
	g_assert_false(
		sgp_invitation_accept_registration_sync(&fixture->context, mailbox, NULL, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	g_clear_error(&error);
	g_autofree char *before = scratch_gpg_run(fixture->gpg, NULL, 0, "--list-keys");

	g_assert_null(strstr(before, INVITATION_ADDRESS));
	g_free(mailbox->signature_key);
	mailbox->signature_key =
		sgp_base64url_encode(g_bytes_get_data(key, NULL), g_bytes_get_size(key));
	g_assert_true(
		sgp_invitation_accept_registration_sync(&fixture->context, mailbox, NULL, &error));
	g_assert_no_error(error);
	g_autofree char *after = scratch_gpg_run(fixture->gpg, NULL, 0, "--list-keys");

	g_assert_nonnull(strstr(after, INVITATION_ADDRESS));
}

/* The customer knows the code, and is not who the key says. */
static void test_other_name(InvitationFixture *fixture, gconstpointer data)
{
	static const char *const names[][2] = {
		{ "<anna@office.example>", NULL },
		{ "<" INVITATION_ADDRESS ">", "<anna@office.example>" },
		{ "Anna Amtmann <" INVITATION_ADDRESS ">", NULL },
		{ "<" INVITATION_ADDRESS ">", "Anna Amtmann" },
	};
	g_autoptr(SgpInvitation) invitation = invitation_make(fixture);
	g_autofree char *before = scratch_gpg_run(fixture->gpg, NULL, 0, "--list-keys");

	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		g_autoptr(SgpPortalMailbox) mailbox =
			invitation_shown(fixture, SGP_MAILBOX_STATE_REGISTERED);
		g_autoptr(GBytes) key = invitation_key_of(names[i][0], names[i][1]);
		g_autoptr(GError) error = NULL;

		mailbox->signature_mac = invitation_mac_of(fixture, invitation->code, key);
		mailbox->signature_key =
			sgp_base64url_encode(g_bytes_get_data(key, NULL), g_bytes_get_size(key));
		g_assert_false(sgp_invitation_accept_registration_sync(
			&fixture->context, mailbox, NULL, &error));
		g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
		g_autofree char *after = scratch_gpg_run(fixture->gpg, NULL, 0, "--list-keys");

		g_assert_cmpstr(after, ==, before);
	}
}

/* What the keyring knows of the key beside it is not certified. */
static void test_more_names(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) invitation = invitation_make(fixture);
	g_autoptr(SgpPortalMailbox) mailbox =
		invitation_shown(fixture, SGP_MAILBOX_STATE_REGISTERED);
	g_autoptr(ScratchGpg) browser = scratch_gpg_new();
	g_autofree char *fingerprint =
		scratch_gpg_make_key(browser, "<" INVITATION_ADDRESS ">", "ed25519", "never");
	g_autofree char *alone = sgp_gpgme_export(browser->home, fingerprint, FALSE, NULL);
	g_autofree char *said G_GNUC_UNUSED = scratch_gpg_run(
		browser, NULL, 0, "--quick-add-uid %s '<anna@office.example>'", fingerprint);
	g_autofree char *both = sgp_gpgme_export(browser->home, fingerprint, FALSE, NULL);
	g_autoptr(GBytes) sent = g_bytes_new_static(alone, strlen(alone));
	g_autoptr(GBytes) there = g_bytes_new_static(both, strlen(both));
	g_autofree char *imported = sgp_gpgme_import(fixture->gpg->home, there, NULL);
	g_autoptr(GError) error = NULL;

	mailbox->signature_mac = invitation_mac_of(fixture, invitation->code, sent);
	mailbox->signature_key = sgp_base64url_encode((const guint8 *)alone, strlen(alone));
	g_assert_true(
		sgp_invitation_accept_registration_sync(&fixture->context, mailbox, NULL, &error));
	g_assert_no_error(error);
	g_autoptr(SgpKeyRecord) record =
		sgp_gpgme_load_record(fixture->gpg->home, imported, NULL, &error);

	g_assert_no_error(error);
	g_assert_cmpuint(record->user_ids->len, ==, 2);
	for (guint i = 0; i < record->user_ids->len; i++) {
		const SgpKeyUserId *one = g_ptr_array_index(record->user_ids, i);

		g_assert_cmpint(one->is_valid, ==, g_str_equal(one->addr_spec, INVITATION_ADDRESS));
	}
}

/* Renewal and reset */

static JsonObject *last_put(InvitationFixture *fixture)
{
	return sgp_protocol_parse_object(fixture->put, strlen(fixture->put));
}

/* What the code of the last invitation opens. */
static JsonObject *open_wrap(InvitationFixture *fixture, const char *code, gint64 generation)
{
	g_autoptr(JsonObject) put = last_put(fixture);
	g_autoptr(GBytes) salt = sgp_protocol_dup_b64u(put, "salt");
	g_autoptr(GBytes) wrap = sgp_protocol_dup_b64u(put, "code_wrap");
	gsize length = 0;
	SgpCodeKeys keys;

	g_assert_true(
		sgp_registration_code_derive(code, g_bytes_get_data(salt, NULL), &keys, NULL));
	g_autoptr(GBytes) plain =
		sgp_wrap_open(keys.kek, "code", INVITATION_HANDLE, generation, wrap, NULL);

	g_assert_nonnull(plain);
	const char *text = g_bytes_get_data(plain, &length);

	return sgp_protocol_parse_object(text, length);
}

static void test_renewal(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) first = invitation_make(fixture);
	g_autoptr(JsonObject) before = last_put(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = invitation_shown(fixture, SGP_MAILBOX_STATE_INVITED);
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpInvitation) second =
		sgp_invitation_renew_sync(&fixture->context, mailbox, NULL, &error);

	g_assert_no_error(error);
	g_autoptr(JsonObject) after = last_put(fixture);

	g_assert_cmpstr(fixture->put_path, ==,
		"POST /api/v1/customers/" INVITATION_HANDLE ":renew-invitation");
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
	InvitationFixture *fixture, const SgpInvitation *invitation, GBytes *key)
{
	SgpPortalMailbox *mailbox = invitation_shown(fixture, SGP_MAILBOX_STATE_REGISTERED);

	mailbox->signature_mac = invitation_mac_of(fixture, invitation->code, key);
	mailbox->signature_key =
		sgp_base64url_encode(g_bytes_get_data(key, NULL), g_bytes_get_size(key));
	return mailbox;
}

static void test_reset(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) first = invitation_make(fixture);
	g_autoptr(GBytes) key = invitation_signature_key();
	g_autoptr(SgpPortalMailbox) mailbox = registered_with(fixture, first, key);
	g_autoptr(GError) error = NULL;
	g_autoptr(JsonObject) before = open_wrap(fixture, first->code, 1);

	g_assert_false(json_object_has_member(before, "former_signature_keys"));
	g_autoptr(SgpInvitation) second =
		sgp_invitation_reset_sync(&fixture->context, mailbox, RECORD, NULL, &error);

	g_assert_no_error(error);
	g_autoptr(JsonObject) put = last_put(fixture);

	g_assert_cmpstr(
		fixture->put_path, ==, "POST /api/v1/customers/" INVITATION_HANDLE ":reset");
	g_assert_cmpstr(sgp_protocol_get_text(put, "identity_record"), ==, RECORD);
	/* The new code opens the same mailbox, and vouches for the signature key of so far. */
	g_autoptr(JsonObject) inside = open_wrap(fixture, second->code, 2);
	JsonArray *former = json_object_get_array_member(inside, "former_signature_keys");

	g_assert_cmpstr(sgp_protocol_get_text(inside, "mailbox_key"), ==,
		sgp_protocol_get_text(before, "mailbox_key"));
	g_assert_cmpuint(json_array_get_length(former), ==, 1);
	g_assert_cmpstr(json_array_get_string_element(former, 0), ==, mailbox->signature_key);
	/* A renewal after that still does. */
	g_autoptr(SgpPortalMailbox) invited = invitation_shown(fixture, SGP_MAILBOX_STATE_EXPIRED);

	invited->generation = 2;
	g_autoptr(SgpInvitation) third =
		sgp_invitation_renew_sync(&fixture->context, invited, NULL, &error);

	g_assert_no_error(error);
	g_autoptr(JsonObject) later = open_wrap(fixture, third->code, 3);

	g_assert_cmpuint(
		json_array_get_length(json_object_get_array_member(later, "former_signature_keys")),
		==, 1);
}

static void test_reset_without_record(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) first = invitation_make(fixture);
	g_autoptr(GBytes) key = invitation_signature_key();
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
static void test_reset_with_swapped_key(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) first = invitation_make(fixture);
	g_autoptr(GBytes) key = invitation_signature_key();
	g_autoptr(GBytes) other = invitation_signature_key();
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
static void test_new_mailbox(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(SgpInvitation) first G_GNUC_UNUSED = invitation_make(fixture);
	g_autoptr(SgpPortalMailbox) old = invitation_shown(fixture, SGP_MAILBOX_STATE_INVITED);
	g_autofree char *pinned = sgp_store_lookup_value(
		fixture->state.store, "mailbox-key:" INVITATION_HANDLE, NULL);
	g_autoptr(SgpPortalMailbox) none =
		sgp_portal_mailbox_new(INVITATION_ADDRESS, SGP_MAILBOX_STATE_NONE);

	none->handle = g_strdup(INVITATION_HANDLE);
	none->generation = 1;
	g_autoptr(SgpInvitation) second G_GNUC_UNUSED =
		sgp_invitation_ensure_sync(&fixture->context, none, NULL, NULL);
	g_autoptr(SgpPortalMailbox) fresh = invitation_shown(fixture, SGP_MAILBOX_STATE_INVITED);

	fresh->generation = 2;
	/* This device remembers the first one only. */
	g_assert_true(sgp_store_set_value(
		fixture->state.store, "mailbox-key:" INVITATION_HANDLE, pinned, NULL));
	g_assert_true(sgp_invitation_check_mailbox_sync(&fixture->context, fresh, NULL, NULL));
	assert_tampered(fixture, old);
	old->generation = 3; /* the escrow says 1 */
	assert_tampered(fixture, old);
}

/* Through the dispatcher */

static gboolean ready_mailbox(InvitationFixture *fixture, GPtrArray *invitations, GError **error)
{
	g_autoptr(SgpVerdict) verdict = sgp_verdict_new();
	g_autoptr(SgpAddress) address = sgp_address_new(INVITATION_ADDRESS, NULL);
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
static void test_late_and_failed(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) invitations =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_invitation_free);
	g_autoptr(GError) error = NULL;

	invitation_open_dispatcher(fixture);
	fixture->is_late = TRUE;
	invitation_set_rows(
		fixture, invitation_row_of(NULL, "none"), invitation_row_of(NULL, "expired"));
	g_assert_false(ready_mailbox(fixture, invitations, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED); /* no escrow */
	g_assert_cmpuint(invitations->len, ==, 0);
}

static void test_late_and_lucky(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) invitations =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_invitation_free);
	g_autoptr(SgpInvitation) theirs = invitation_make(fixture);
	g_autoptr(SgpPortalMailbox) mailbox = invitation_shown(fixture, SGP_MAILBOX_STATE_INVITED);
	g_autoptr(GError) error = NULL;

	invitation_open_dispatcher(fixture);
	fixture->is_late = TRUE;
	invitation_set_rows(
		fixture, invitation_row_of(NULL, "none"), invitation_row_of(mailbox, "invited"));
	g_assert_true(ready_mailbox(fixture, invitations, &error));
	g_assert_no_error(error);
	g_assert_cmpuint(invitations->len, ==, 1);
	const SgpInvitation *invitation = g_ptr_array_index(invitations, 0);

	g_assert_cmpstr(invitation->code, ==, theirs->code);
}

static void test_unknown_state(InvitationFixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) invitations =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_invitation_free);
	g_autoptr(GError) error = NULL;

	invitation_open_dispatcher(fixture);
	invitation_set_rows(fixture, invitation_row_of(NULL, "a-newer-word"),
		invitation_row_of(NULL, "frozen"));
	g_assert_false(ready_mailbox(fixture, invitations, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_UNREACHABLE);
	g_clear_error(&error);
	sgp_portal_client_forget(fixture->dispatcher->portal, NULL);
	g_assert_false(ready_mailbox(fixture, invitations, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_REFUSED);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, func)                                                                            \
	g_test_add("/invitation/" name, InvitationFixture, NULL, invitation_setup, func,           \
		invitation_teardown)
	ADD("a-customer-is-invited-and-the-code-can-be-shown-again", test_invite);
	ADD("a-key-that-names-somebody-else-is-not-accepted", test_other_name);
	ADD("only-the-customer-s-user-id-is-certified", test_more_names);
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
	return g_test_run();
}
