/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-cms-head.h"
#include "sgp-cms-stream.h"
#include "sgp-error.h"

#include <string.h>

#include "scratch-ca.h"

typedef struct {
	ScratchCa *ca;
} Fixture;

static void set_up(Fixture *self, gconstpointer unused)
{
	const ScratchCertificate erika = { .names = "email:erika@kunde.example" };
	const ScratchCertificate moritz = { .names = "email:moritz@kunde.example",
		.key = "ec:prime256v1",
		.usage = "critical,digitalSignature,keyAgreement" };
	self->ca = scratch_ca_new();
	g_free(scratch_ca_make(self->ca, "erika", &erika));
	g_free(scratch_ca_make(self->ca, "moritz", &moritz));
}

static void tear_down(Fixture *self, gconstpointer unused)
{
	scratch_ca_free(self->ca);
}

/* By openssl, for comparison; options name cipher and readers. */
static GBytes *encrypt(Fixture *self, const char *options)
{
	g_autoptr(GBytes) words = g_bytes_new_static("Hallo", 5);
	return scratch_ca_run(
		self->ca, words, "openssl cms -encrypt -binary -outform DER %s", options);
}

static GBytes *seal(Fixture *self, const char *name, const char *other)
{
	g_autoptr(GPtrArray) certificates =
		g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable();
	g_autoptr(GError) error = NULL;
	const char *names[] = { name, other };
	for (gsize i = 0; i < 2 && names[i] != NULL; i++)
		g_ptr_array_add(
			certificates, scratch_ca_run(self->ca, NULL,
					      "openssl x509 -in %s.pem -outform DER", names[i]));
	g_autoptr(SgpCmsStream) stream = sgp_cms_stream_new(certificates, memory, &error);
	g_assert_no_error(error);
	g_output_stream_write_all(G_OUTPUT_STREAM(stream), "Hallo", 5, NULL, NULL, &error);
	g_assert_no_error(error);
	sgp_cms_stream_finish(stream, NULL, &error);
	g_assert_no_error(error);
	g_output_stream_write(memory, "", 1, NULL, NULL);
	gsize length = 0;
	guchar *data = g_base64_decode(
		g_memory_output_stream_get_data(G_MEMORY_OUTPUT_STREAM(memory)), &length);
	return g_bytes_new_take(data, length);
}

static void test_read(Fixture *self, gconstpointer unused)
{
	g_autoptr(GBytes) ours = seal(self, "erika", "moritz");
	g_autoptr(GBytes) theirs = encrypt(self, "-aes256 erika.pem moritz.pem");
	g_autoptr(SgpCmsHead) head = sgp_cms_head_read(ours, NULL);
	g_autoptr(SgpCmsHead) other = sgp_cms_head_read(theirs, NULL);
	g_assert_nonnull(head);
	g_assert_nonnull(other);
	g_assert_cmpuint(head->readers->len, ==, 2);
	g_assert_true(sgp_cms_head_check(head, other->readers, NULL));
	g_assert_true(sgp_cms_head_check(other, head->readers, NULL));
}

static void assert_other(const SgpCmsHead *head, GPtrArray *readers)
{
	g_autoptr(GError) error = NULL;
	g_assert_false(sgp_cms_head_check(head, readers, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
}

static void test_plan(Fixture *self, gconstpointer unused)
{
	g_autoptr(GBytes) both = encrypt(self, "-aes256 erika.pem moritz.pem");
	g_autoptr(GBytes) one = encrypt(self, "-aes256 erika.pem");
	g_autoptr(GBytes) weak = encrypt(self, "-aes128 erika.pem");
	g_autoptr(SgpCmsHead) both_head = sgp_cms_head_read(both, NULL);
	g_autoptr(SgpCmsHead) one_head = sgp_cms_head_read(one, NULL);
	g_autoptr(SgpCmsHead) weak_head = sgp_cms_head_read(weak, NULL);
	g_autoptr(GPtrArray) nobody = g_ptr_array_new();
	assert_other(both_head, one_head->readers);
	assert_other(one_head, both_head->readers);
	assert_other(weak_head, one_head->readers);
	assert_other(one_head, nobody);
}

static void test_others(Fixture *self, gconstpointer unused)
{
	const char *others[] = {
		"-aes256 -pwri_password geheim", /* who knows the word reads it */
		"-aes256 -pwri_password geheim erika.pem",
		"-aes256 -secretkey 00112233445566778899aabbccddeeff -secretkeyid c0ffee",
		"-aes256 -keyid erika.pem", /* named in another way */
	};
	for (gsize i = 0; i < G_N_ELEMENTS(others); i++) {
		g_autoptr(GBytes) message = encrypt(self, others[i]);
		g_autoptr(GError) error = NULL;
		g_assert_null(sgp_cms_head_read(message, &error));
		g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
	}
	g_autoptr(GBytes) words = g_bytes_new_static("Hallo", 5);
	g_autoptr(GBytes) open = scratch_ca_run(self->ca, words,
		"openssl cms -sign -nodetach -outform DER -signer erika.pem -inkey erika.key");
	g_assert_null(sgp_cms_head_read(open, NULL));
}

/* Each byte cut off and flipped: never more readers than there are, never a crash. */
static void test_hostile(Fixture *self, gconstpointer unused)
{
	GBytes *messages[] = { seal(self, "erika", "moritz"),
		encrypt(self, "-aes256 erika.pem moritz.pem") };
	for (gsize m = 0; m < G_N_ELEMENTS(messages); m++) {
		gsize size = 0;
		const guint8 *start = g_bytes_get_data(messages[m], &size);
		for (gsize length = 0; length <= size; length++) {
			g_autoptr(GBytes) cut = g_bytes_new(start, length);
			g_autoptr(SgpCmsHead) head = sgp_cms_head_read(cut, NULL);
			g_assert_true(head == NULL || head->readers->len == 2);
		}
		for (gsize at = 0; at < size; at++) {
			for (guint bit = 0; bit < 8; bit++) {
				g_autofree guint8 *copy = g_memdup2(start, size);
				copy[at] ^= (guint8)(1u << bit);
				g_autoptr(GBytes) flipped = g_bytes_new(copy, size);
				g_autoptr(SgpCmsHead) head = sgp_cms_head_read(flipped, NULL);
				g_assert_true(head == NULL || head->readers->len <= 2);
			}
		}
		g_clear_pointer(&messages[m], g_bytes_unref);
	}
	static const guint8 SHORT[][6] = { { 0x30, 0x80 }, { 0x30, 0x84, 0xff, 0xff, 0xff, 0xff },
		{ 0x30, 0x80, 0x06, 0x80 }, { 0x3f, 0x80 } };
	for (gsize i = 0; i < G_N_ELEMENTS(SHORT); i++) {
		g_autoptr(GBytes) bytes = g_bytes_new(SHORT[i], sizeof(SHORT[i]));
		g_assert_null(sgp_cms_head_read(bytes, NULL));
	}
}

static void test_unfit(Fixture *self, gconstpointer unused)
{
	g_autoptr(GOutputStream) memory = g_memory_output_stream_new_resizable();
	g_autoptr(GPtrArray) nobody = g_ptr_array_new();
	g_autoptr(GPtrArray) noise = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
	g_autoptr(GError) error = NULL;
	g_assert_null(sgp_cms_stream_new(nobody, memory, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_FAILED);
	g_clear_error(&error);
	g_ptr_array_add(noise, g_bytes_new_static("0\x80noise", 7));
	g_assert_null(sgp_cms_stream_new(noise, memory, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_CONFLICT);
}

#define ADD(name, test) g_test_add("/cms-head/" name, Fixture, NULL, set_up, test, tear_down)

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	ADD("readers-and-cipher-are-read", test_read);
	ADD("what-was-not-planned-is-found", test_plan);
	ADD("any-other-reader-or-message-is-refused", test_others);
	ADD("cut-and-flipped-bytes-do-no-harm", test_hostile);
	ADD("nothing-is-encrypted-to-nobody", test_unfit);
	return g_test_run();
}
