/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-error.h"
#include "sgp-gpgme.h"
#include "sgp-mime.h"
#include "sgp-openpgp-packets.h"
#include "sgp-sealer.h"

#include <json-glib/json-glib.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scratch-gpg.h"
#include "sealing.h"

#define HANDLE "00112233445566778899aabbccddeeff"
#define ORIGIN "https://portal.agentur.example"

typedef struct {
	ScratchGpg *gpg;
	SgpSettings *settings;
	SgpKeyLookup *keys;
	SgpVerdict *verdict;
	SgpMail *mail;
	char *anna, *erika, *max, *carla, *office; /* fingerprints */
	GPtrArray *mailboxes;
	char *mailbox_home; /* where the private MK is */
	SgpSealPortal portal;
} Fixture;

static void set_up(Fixture *self, gconstpointer unused)
{
	self->gpg = scratch_gpg_new();
	self->anna = sgp_gpgme_generate(self->gpg->home, "Anna <" ANNA ">", NULL);
	self->erika = sgp_gpgme_generate(self->gpg->home, "<" ERIKA ">", NULL);
	self->max = sgp_gpgme_generate(self->gpg->home, "<" MORITZ ">", NULL);
	self->carla = sgp_gpgme_generate(self->gpg->home, "<" CARLA ">", NULL);
	self->office = sgp_gpgme_generate(self->gpg->home, "<office@agentur.example>", NULL);
	g_assert_nonnull(self->office);
	self->settings = sgp_settings_new(NULL, NULL);
	self->keys = sgp_key_lookup_new(self->settings, self->gpg->home);
	sgp_key_lookup_set_state_directory(self->keys, self->gpg->directory);
	self->verdict = sgp_verdict_new();
	self->verdict->action = SGP_ACTION_SEND;
	self->mail = sealing_freeze();
	self->mailboxes = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_portal_mailbox_free);
	self->portal.origin = ORIGIN;
	self->portal.office_fingerprint = self->office;
}

static void tear_down(Fixture *self, gconstpointer unused)
{
	g_clear_pointer(&self->mail, sgp_mail_unref);
	g_clear_pointer(&self->verdict, sgp_verdict_free);
	g_clear_object(&self->keys);
	g_clear_object(&self->settings);
	g_ptr_array_unref(self->mailboxes);
	sgp_gpgme_home_destroy(self->mailbox_home);
	g_free(self->anna);
	g_free(self->erika);
	g_free(self->max);
	g_free(self->carla);
	g_free(self->office);
	scratch_gpg_free(self->gpg);
}

static void add_mailbox(Fixture *self, const char *address)
{
	self->mailbox_home = sgp_gpgme_home_new_temporary(NULL);
	g_autofree char *user_id = g_strdup_printf("<%s>", address);
	g_autofree char *key = sgp_gpgme_generate(self->mailbox_home, user_id, NULL);
	g_assert_nonnull(key);
	SgpPortalMailbox *mailbox = sgp_portal_mailbox_new(PAUL, SGP_MAILBOX_STATE_UNKNOWN);
	mailbox->handle = g_strdup(HANDLE);
	mailbox->mailbox_key = sgp_gpgme_export(self->mailbox_home, key, FALSE, NULL);
	g_ptr_array_add(self->mailboxes, mailbox);
}

static GPtrArray *seal(Fixture *self, GError **error)
{
	return sgp_sealer_seal(self->mail, self->verdict, self->keys, self->settings, &self->portal,
		self->mailboxes, NOW, NULL, NULL, NULL, error);
}

static GPtrArray *seal_well(Fixture *self)
{
	g_autoptr(GError) error = NULL;
	GPtrArray *copies = seal(self, &error);
	g_assert_no_error(error);
	return copies;
}

/* The armor of a copy, with CRLF line ends, as the transport guard will see it. */
static char *dup_armor(const char *text)
{
	const char *start = strstr(text, "-----BEGIN PGP MESSAGE-----");
	const char *end = strstr(text, "-----END PGP MESSAGE-----\r\n");
	g_assert_nonnull(start);
	g_assert_nonnull(end);
	return g_strndup(start, (gsize)(end - start) + strlen("-----END PGP MESSAGE-----\r\n"));
}

/* Opened by gpg itself; status lines too. */
static char *open_copy(Fixture *self, const SgpCopy *copy)
{
	g_autofree char *text = sealing_read_fd(copy->fd, NULL);
	g_autofree char *armor = dup_armor(text);
	g_autofree char *sum = g_compute_checksum_for_string(G_CHECKSUM_SHA256, armor, -1);
	g_assert_cmpstr(sum, ==, copy->digest);
	return scratch_gpg_run(self->gpg, armor, -1, "--status-fd 1 --decrypt");
}

static char *dup_key_ids(const SgpCopy *copy)
{
	g_autofree char *text = sealing_read_fd(copy->fd, NULL);
	g_autofree char *armor = dup_armor(text);
	g_autoptr(GInputStream) stream =
		g_memory_input_stream_new_from_data(armor, (gssize)strlen(armor), NULL);
	g_auto(GStrv) ids = sgp_openpgp_packets_check(stream, NULL, NULL);
	g_assert_nonnull(ids);
	return g_strjoinv(" ", ids);
}

static gboolean names_key(Fixture *self, const SgpCopy *copy, const char *fingerprint)
{
	g_autoptr(SgpKey) key = sgp_gpgme_load_key(self->gpg->home, fingerprint, NOW, NULL, NULL);
	g_autofree char *ids = dup_key_ids(copy);
	return strstr(ids, key->encryption_key_ids[0]) != NULL;
}

static void test_openpgp(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_OPENPGP, self->erika);
	sealing_add(self->verdict, MORITZ, SGP_FIELD_CC, SGP_CHANNEL_OPENPGP, self->max);
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_cmpuint(copies->len, ==, 2);
	const SgpCopy *copy = g_ptr_array_index(copies, 0);
	g_assert_false(copy->is_sent_copy);
	g_assert_cmpuint(copy->recipients->len, ==, 2);
	g_assert_cmpstr(copy->from, ==, ANNA);
	g_assert_true(names_key(self, copy, self->erika));
	g_assert_true(names_key(self, copy, self->max));
	g_assert_true(names_key(self, copy, self->anna));

	g_autofree char *outside = sealing_read_fd(copy->fd, NULL);
	assert_has(outside, "Subject: [...]\r\n");
	assert_has(outside, "To: Erika <" ERIKA ">, " PAUL "\r\nCc: " MORITZ "\r\n");
	assert_has(outside, copy->id);
	assert_has(outside, "Message-ID: <out@agentur.example>\r\n");
	g_assert_null(strstr(outside, "Geheimer"));
	g_assert_null(strstr(outside, CARLA));

	g_autofree char *inside = open_copy(self, copy);
	assert_has(inside, "[GNUPG:] GOODSIG");
	assert_has(inside, "Content-Type: multipart/mixed; boundary=");
	assert_has(inside, " protected-headers=\"v1\"; hp=\"cipher\"\r\n");
	assert_has(inside, "\r\nSubject: Geheimer Betreff\r\n");
	assert_has(inside, "HP-Outer: Subject: [...]\r\n");
	assert_has(inside, "HP-Outer: From: Anna <" ANNA ">\r\n");
	assert_has(inside, "In-Reply-To: <in@kunde.example>\r\n");
	assert_has(inside, "Sehr geehrte Frau M\xc3\xbcller\r\n");
	assert_has(inside, "AAECAwQF");
	g_assert_null(strstr(inside, CARLA));
	g_assert_null(strstr(inside, "secret-note"));
	g_autofree char *lines = g_strdup(strchr(strstr(inside, "Content-Type:"), ';'));
	for (const char *at = strchr(lines, '\n'); at != NULL; at = strchr(at + 1, '\n'))
		if (!g_str_has_prefix(at, "\n[GNUPG:]") && strstr(at, "--=-x--") != NULL)
			g_assert_cmpint(at[-1], ==, '\r');
}

static void test_bcc(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_OPENPGP, self->erika);
	sealing_add(self->verdict, MORITZ, SGP_FIELD_BCC, SGP_CHANNEL_OPENPGP, self->max);
	sealing_add(self->verdict, CARLA, SGP_FIELD_BCC, SGP_CHANNEL_OPENPGP, self->carla);
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_cmpuint(copies->len, ==, 4);
	const char *keys[] = { self->erika, self->max, self->carla };
	for (guint i = 0; i < 3; i++) {
		const SgpCopy *copy = g_ptr_array_index(copies, i);
		g_assert_cmpuint(copy->recipients->len, ==, 1);
		for (guint n = 0; n < 3; n++)
			g_assert_cmpint(names_key(self, copy, keys[n]), ==, i == n);
		g_autofree char *outside = sealing_read_fd(copy->fd, NULL);
		g_autofree char *inside = open_copy(self, copy);
		g_assert_null(strstr(outside, CARLA));
		g_assert_null(strstr(inside, CARLA));
	}
	const SgpCopy *sent = g_ptr_array_index(copies, 3);
	g_assert_true(sent->is_sent_copy);
	g_assert_cmpuint(sent->recipients->len, ==, 0);
	g_assert_true(names_key(self, sent, self->anna));
	for (guint n = 0; n < 3; n++)
		g_assert_false(names_key(self, sent, keys[n]));
	g_autofree char *outside = sealing_read_fd(sent->fd, NULL);
	g_assert_null(strstr(outside, CARLA));
	g_autofree char *inside = open_copy(self, sent);
	assert_has(inside, "Bcc: " MORITZ ",\r\n " CARLA "\r\n");
	assert_has(inside, "X-Siegelpost-Reached: " ERIKA "; openpgp\r\n");
	assert_has(inside, CARLA ": end-to-end encrypted (OpenPGP)\r\n");
}

static void test_plain(Fixture *self, gconstpointer unused)
{
	SgpRecipientVerdict *one =
		sealing_add(self->verdict, MORITZ, SGP_FIELD_CC, SGP_CHANNEL_PLAIN, NULL);
	one->basis = SGP_BASIS_INTERNAL;
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_cmpuint(copies->len, ==, 2);
	const SgpCopy *copy = g_ptr_array_index(copies, 0);
	g_autofree char *text = sealing_read_fd(copy->fd, NULL);
	g_assert_null(strstr(text, "Bcc"));
	g_assert_null(strstr(text, CARLA));
	assert_has(text, "Subject: Geheimer Betreff\r\n");
	g_autofree char *id = g_strdup_printf("X-Siegelpost-Copy: %s\r\n", copy->id);
	assert_has(text, id);
	g_autoptr(GBytes) bytes = g_bytes_new(text, strlen(text));
	g_autoptr(SgpMail) again = sgp_mime_freeze_bytes(bytes, NULL);
	g_autofree char *sum = sgp_mime_dup_content_digest(again, NULL);
	g_assert_cmpstr(sum, ==, copy->digest);
	g_autofree char *link = g_strdup_printf("/proc/self/fd/%d", copy->fd);
	g_autofree char *target = g_file_read_link(link, NULL);
	g_assert_true(g_str_has_prefix(target, "/memfd:")); /* clear text is on no disk */
}

static void test_portal(Fixture *self, gconstpointer unused)
{
	add_mailbox(self, PAUL);
	sealing_add(self->verdict, PAUL, SGP_FIELD_TO, SGP_CHANNEL_PORTAL, NULL);
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_cmpuint(copies->len, ==, 2);
	const SgpCopy *copy = g_ptr_array_index(copies, 0);
	g_assert_cmpint(copy->channel, ==, SGP_CHANNEL_PORTAL);
	g_assert_cmpint(copy->fd, ==, -1);
	g_assert_cmpuint(copy->blobs->len, ==, 2);
	g_autofree char *signer = NULL;
	g_autoptr(GError) error = NULL;
	g_autoptr(GBytes) cipher = g_bytes_new(copy->manifest, strlen(copy->manifest));
	g_autoptr(GBytes) json = sgp_gpgme_decrypt(self->gpg->home, cipher, &signer, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpstr(signer, ==, self->anna);
	g_autoptr(GBytes) for_customer =
		sgp_gpgme_decrypt(self->mailbox_home, cipher, NULL, NULL, &error);
	g_assert_no_error(error);
	g_assert_true(g_bytes_equal(json, for_customer));
	g_autoptr(JsonParser) parser = json_parser_new();
	g_assert_true(json_parser_load_from_data(
		parser, g_bytes_get_data(json, NULL), (gssize)g_bytes_get_size(json), NULL));
	JsonObject *manifest = json_node_get_object(json_parser_get_root(parser));
	g_assert_cmpstr(json_object_get_string_member(manifest, "portal"), ==, ORIGIN);
	g_assert_cmpstr(json_object_get_string_member(manifest, "mailbox"), ==, HANDLE);
	g_assert_cmpstr(json_object_get_string_member(manifest, "message"), ==, copy->id);
	g_assert_cmpstr(json_object_get_string_member(manifest, "subject"), ==, "Geheimer Betreff");
	g_assert_cmpstr(
		json_object_get_string_member(manifest, "message_id"), ==, "<out@agentur.example>");
	g_assert_cmpstr(
		json_object_get_string_member(manifest, "in_reply_to"), ==, "<in@kunde.example>");
	JsonObject *attachment = json_array_get_object_element(
		json_object_get_array_member(manifest, "attachments"), 0);
	const SgpBlob *blob = g_ptr_array_index(copy->blobs, 1);
	gsize length;
	g_autofree char *bytes = sealing_read_fd(blob->fd, &length);
	g_assert_cmpuint(length, ==, blob->size);
	g_autofree char *sum =
		g_compute_checksum_for_data(G_CHECKSUM_SHA256, (const guchar *)bytes, length);
	g_assert_cmpstr(sum, ==, json_object_get_string_member(attachment, "sha256"));
	g_assert_cmpstr(json_object_get_string_member(attachment, "name"), ==, "Police.pdf");
	g_assert_cmpint(json_object_get_int_member(attachment, "size"), ==, 6);
	g_autoptr(GBytes) sealed = g_bytes_new(bytes, length);
	g_autoptr(GBytes) opened =
		sgp_gpgme_decrypt(self->mailbox_home, sealed, NULL, NULL, &error);
	g_assert_no_error(error);
	g_assert_cmpmem(
		g_bytes_get_data(opened, NULL), g_bytes_get_size(opened), "\0\1\2\3\4\5", 6);
	g_assert_null(
		g_strstr_len(g_bytes_get_data(json, NULL), (gssize)g_bytes_get_size(json), CARLA));
	g_autofree char *keys = scratch_gpg_run(self->gpg, NULL, 0, "--list-keys");
	g_assert_null(strstr(keys, PAUL));
}

static void assert_fails(Fixture *self, SgpError code)
{
	g_autoptr(GError) error = NULL;
	g_assert_null(seal(self, &error));
	g_assert_error(error, SGP_ERROR, (int)code);
}

static void test_foreign_mailbox_key(Fixture *self, gconstpointer unused)
{
	add_mailbox(self, "mallory@evil.example");
	sealing_add(self->verdict, PAUL, SGP_FIELD_TO, SGP_CHANNEL_PORTAL, NULL);
	assert_fails(self, SGP_ERROR_CONFLICT);
}

static void test_key_changed(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_OPENPGP, self->erika);
	g_autofree char *other G_GNUC_UNUSED = scratch_gpg_run(
		self->gpg, NULL, 0, "--quick-add-uid %s '<erika@other.example>'", self->erika);
	g_autofree char *none G_GNUC_UNUSED = scratch_gpg_run(
		self->gpg, NULL, 0, "--quick-revoke-uid %s '<" ERIKA ">'", self->erika);
	assert_fails(self, SGP_ERROR_CONFLICT);
	g_autofree char *gone G_GNUC_UNUSED = scratch_gpg_run(
		self->gpg, NULL, 0, "--delete-secret-and-public-key %s", self->erika);
	assert_fails(self, SGP_ERROR_CONFLICT);
}

/* The user's own gpg.conf adds a reader to every message to Erika's key. */
static void test_gpg_conf(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_OPENPGP, self->erika);
	g_autofree char *path = g_build_filename(self->gpg->home, "gpg.conf", NULL);
	g_autofree char *group =
		g_strdup_printf("group %s=%s %s\n", self->erika, self->erika, self->carla);
	g_assert_true(g_file_set_contents(path, group, -1, NULL));
	assert_fails(self, SGP_ERROR_TAMPERED);
	g_autofree char *harmless =
		g_strdup_printf("encrypt-to %s\ncompress-level 9\n", self->carla);
	g_assert_true(g_file_set_contents(path, harmless, -1, NULL));
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_false(names_key(self, g_ptr_array_index(copies, 0), self->carla));
}

static void test_no_own_key(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_OPENPGP, self->erika);
	g_autofree char *gone G_GNUC_UNUSED = scratch_gpg_run(
		self->gpg, NULL, 0, "--delete-secret-and-public-key %s", self->anna);
	g_autoptr(GPtrArray) copies = seal_well(self);
	g_assert_cmpuint(copies->len, ==, 1);
	g_autofree char *inside = open_copy(self, g_ptr_array_index(copies, 0));
	g_assert_null(strstr(inside, "GOODSIG"));
}

static void test_mail_changed(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_OPENPGP, self->erika);
	g_autofree char *path = g_build_filename(self->gpg->directory, "mail.eml", NULL);
	g_assert_true(g_file_set_contents(path, SEALING_MAIL, -1, NULL));
	sgp_mail_unref(self->mail);
	self->mail = sgp_mime_freeze_file(path, NULL);
	g_autoptr(GPtrArray) copies G_GNUC_UNUSED = seal_well(self);
	close(self->mail->fd);
	self->mail->fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_fails(self, SGP_ERROR_CONFLICT);
}

/* A mail that was given as a memfd cannot be changed after it was assessed. */
static void test_mail_frozen(Fixture *self, gconstpointer unused)
{
	int fd = memfd_create("mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	g_assert_cmpint(
		write(fd, SEALING_MAIL, strlen(SEALING_MAIL)), ==, (gssize)strlen(SEALING_MAIL));
	g_autoptr(SgpMail) mail = sgp_mime_freeze(fd, NULL);
	g_assert_nonnull(mail);
	g_assert_cmpint(pwrite(fd, "A", 1, 0), ==, -1);
	close(fd);
}

static void test_undecided(Fixture *self, gconstpointer unused)
{
	sealing_add(self->verdict, ERIKA, SGP_FIELD_TO, SGP_CHANNEL_OPENPGP, self->erika);
	self->verdict->action = SGP_ACTION_HOLD;
	assert_fails(self, SGP_ERROR_REFUSED);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(path, func) g_test_add(path, Fixture, NULL, set_up, func, tear_down)
	ADD("/sealer/a-copy-is-for-its-readers-and-hides-its-subject", test_openpgp);
	ADD("/sealer/no-copy-names-another-bcc", test_bcc);
	ADD("/sealer/a-plain-copy-is-the-mail-without-bcc", test_plain);
	ADD("/sealer/a-portal-copy-is-pinned-by-its-signed-manifest", test_portal);
	ADD("/sealer/a-mailbox-key-of-somebody-else-is-refused", test_foreign_mailbox_key);
	ADD("/sealer/a-key-that-changed-since-is-a-conflict", test_key_changed);
	ADD("/sealer/a-reader-added-by-gpg-conf-is-found", test_gpg_conf);
	ADD("/sealer/without-an-own-key-nothing-lies-in-the-sent-folder", test_no_own_key);
	ADD("/sealer/a-mail-that-can-still-be-changed-is-a-conflict", test_mail_changed);
	ADD("/sealer/a-frozen-mail-cannot-be-changed", test_mail_frozen);
	ADD("/sealer/what-is-not-decided-is-not-sealed", test_undecided);
	return g_test_run();
}
