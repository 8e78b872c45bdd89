/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "state-fixture.h"

#include "sgp-error.h"
#include "sgp-spool.h"
#include "sgp-uuid7.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define NOW    G_GINT64_CONSTANT(1800000000)
#define DIGEST "aa"
#define HANDLE "00112233445566778899aabbccddeeff"

typedef struct {
	State state;
	SgpSpool *spool; /* (owned) */
} Fixture;

static void setup(Fixture *fixture, gconstpointer data)
{
	state_setup(&fixture->state, data);
	fixture->spool = sgp_spool_new(fixture->state.store, NULL);
	g_assert_nonnull(fixture->spool);
}

static void teardown(Fixture *fixture, gconstpointer data)
{
	g_clear_object(&fixture->spool);
	state_teardown(&fixture->state, data);
}

static int memory_of(const char *text)
{
	int fd = memfd_create("test", MFD_CLOEXEC);

	g_assert_cmpint(write(fd, text, strlen(text)), ==, (gssize)strlen(text));
	return fd;
}

static SgpCopy *new_copy(SgpChannel channel, const char *recipient)
{
	SgpCopy *copy = g_new0(SgpCopy, 1);

	copy->id = sgp_uuid7_new(g_get_real_time() / 1000);
	copy->channel = channel;
	copy->from = g_strdup("sabine@office.example");
	copy->digest = g_strdup(DIGEST);
	copy->recipients = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_address_unref);
	g_ptr_array_add(copy->recipients, sgp_address_new(recipient, NULL));
	copy->fd = -1;
	if (channel == SGP_CHANNEL_PORTAL) {
		SgpBlob *blob = g_new0(SgpBlob, 1);

		blob->fd = memory_of("blob");
		blob->size = 4;
		blob->sha256 = g_strdup("bb");
		copy->manifest = g_strdup("manifest");
		copy->blobs = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_blob_free);
		g_ptr_array_add(copy->blobs, blob);
	} else {
		copy->fd = memory_of("sealed");
	}
	return copy;
}

/* A sealed copy for Olaf and a portal copy for Erika. */
static GPtrArray *new_copies(void)
{
	GPtrArray *copies = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_copy_free);

	g_ptr_array_add(copies, new_copy(SGP_CHANNEL_OPENPGP, "olaf@kunde.example"));
	g_ptr_array_add(copies, new_copy(SGP_CHANNEL_PORTAL, "erika@kunde.example"));
	return copies;
}

static const char *id_of(GPtrArray *copies, guint n)
{
	return ((SgpCopy *)g_ptr_array_index(copies, n))->id;
}

static gboolean try_commit(Fixture *fixture, GPtrArray *copies, const char *draft, GError **error)
{
	g_autoptr(GPtrArray) mailboxes =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_portal_mailbox_free);
	SgpPortalMailbox *mailbox =
		sgp_portal_mailbox_new("erika@kunde.example", SGP_MAILBOX_STATE_REGISTERED);

	mailbox->handle = g_strdup(HANDLE);
	g_ptr_array_add(mailboxes, mailbox);
	if (!sgp_store_begin(fixture->state.store, TRUE, error))
		return FALSE;
	if (sgp_spool_commit(fixture->spool, copies, draft, mailboxes, NOW, error))
		return sgp_store_commit(fixture->state.store, error);
	sgp_store_rollback(fixture->state.store);
	return FALSE;
}

static GPtrArray *committed(Fixture *fixture, const char *draft)
{
	GPtrArray *copies = new_copies();
	g_autoptr(GError) error = NULL;

	g_assert_true(sgp_spool_write(fixture->spool, copies, draft, &error));
	g_assert_no_error(error);
	g_assert_true(try_commit(fixture, copies, draft, &error));
	g_assert_no_error(error);
	return copies;
}

static guint count_files(Fixture *fixture)
{
	g_autofree char *path = g_build_filename(fixture->state.directory, "spool", NULL);
	g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
	const char *name;
	guint n = 0;

	while ((name = g_dir_read_name(dir)))
		n += name[0] != '.';
	return n;
}

static void test_committed(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) copies = committed(fixture, "d1");
	g_autoptr(GPtrArray) pending = sgp_spool_load_pending(fixture->spool, NULL, NULL);
	gint64 next_due = 0;
	g_autoptr(SgpSpoolEntry) due = sgp_spool_load_due(fixture->spool, NOW, &next_due, NULL);

	g_assert_cmpuint(pending->len, ==, 1);
	g_assert_cmpstr(((SgpSpoolEntry *)g_ptr_array_index(pending, 0))->id, ==, id_of(copies, 0));
	g_assert_cmpstr(due->id, ==, id_of(copies, 1));
	g_assert_cmpstr(due->handle, ==, HANDLE);
	g_assert_cmpuint(due->blobs->len, ==, 1);
	g_assert_true(sgp_spool_is_committed_draft(fixture->spool, "d1", NULL));
	g_assert_cmpuint(sgp_spool_count_waiting(fixture->spool), ==, 1);
	int fd = sgp_spool_open_mail(fixture->spool, g_ptr_array_index(pending, 0), NULL);
	char text[16] = "";

	g_assert_cmpint(read(fd, text, sizeof(text)), ==, 6);
	g_assert_cmpstr(text, ==, "sealed");
	close(fd);
}

/* The crash between writing and committing. */
static void test_orphans(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) lost = new_copies();

	g_assert_true(sgp_spool_write(fixture->spool, lost, "lost", NULL));
	g_autoptr(GPtrArray) kept = committed(fixture, "kept");

	g_assert_cmpuint(count_files(fixture), ==, 4);
	g_assert_true(sgp_spool_recover(fixture->spool, NOW, NULL));
	g_assert_cmpuint(count_files(fixture), ==, 2);
	g_assert_false(sgp_spool_is_committed_draft(fixture->spool, "lost", NULL));
	int fd = sgp_spool_open_blob(fixture->spool, id_of(kept, 1), 0, NULL);

	g_assert_cmpint(fd, >=, 0);
	close(fd);
}

/* Somebody else may be about to commit what looks like a leftover. */
static void test_no_recovery_beside_others(Fixture *fixture, gconstpointer data)
{
	g_autoptr(SgpSpool) other = sgp_spool_new(fixture->state.store, NULL);
	g_autoptr(GPtrArray) copies = new_copies();

	g_assert_true(sgp_spool_write(other, copies, "soon", NULL));
	g_assert_true(sgp_spool_recover(fixture->spool, NOW, NULL));
	g_assert_cmpuint(count_files(fixture), ==, 2);
	g_clear_object(&other);
	g_assert_true(sgp_spool_recover(fixture->spool, NOW, NULL));
	g_assert_cmpuint(count_files(fixture), ==, 0);
}

static void test_draft_once(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) first G_GNUC_UNUSED = committed(fixture, "d1");
	g_autoptr(GPtrArray) second = new_copies();
	g_autoptr(GError) error = NULL;

	g_assert_true(sgp_spool_write(fixture->spool, second, "d1", NULL));
	g_assert_false(try_commit(fixture, second, "d1", &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_ALREADY_DONE);
	g_assert_cmpstr(sgp_error_get_nick(error), ==, "already-done");
	sgp_spool_discard(fixture->spool, second);
	g_assert_cmpuint(count_files(fixture), ==, 2);
	g_assert_cmpuint(sgp_spool_count_waiting(fixture->spool), ==, 1);
}

static void assert_may(Fixture *fixture, const char *id, const char *digest, const char *const *to,
	const char *expected)
{
	g_autofree char *reason = NULL;
	gboolean may = sgp_spool_may_leave(fixture->spool, id, digest, to, &reason, NULL);

	g_assert_cmpint(may, ==, expected == NULL);
	g_assert_cmpstr(reason, ==, expected);
}

static void test_may_leave(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) copies = committed(fixture, "d1");
	const char *olaf[] = { "olaf@KUNDE.example", NULL };
	const char *twice[] = { "olaf@kunde.example", "<olaf@kunde.example>", NULL };
	const char *more[] = { "olaf@kunde.example", "otto@kunde.example", NULL };
	const char *nobody[] = { NULL };
	const char *id = id_of(copies, 0);

	assert_may(fixture, id, DIGEST, olaf, NULL);
	assert_may(fixture, id, DIGEST, twice, NULL);
	assert_may(fixture, id, "ab", olaf, "changed");
	assert_may(fixture, id, "", olaf, "changed");
	assert_may(fixture, id, DIGEST, more, "other-recipients");
	assert_may(fixture, id, DIGEST, nobody, "other-recipients");
	assert_may(fixture, id_of(copies, 1), DIGEST, olaf, "not-committed");
	assert_may(fixture, "no-such-copy", DIGEST, olaf, "not-committed");
	g_assert_true(sgp_spool_take_over(fixture->spool, id, NOW, NULL));
	assert_may(fixture, id, DIGEST, olaf, NULL);
	g_assert_true(sgp_spool_take_over(fixture->spool, id, NOW, NULL));
}

static void test_uncommitted_may_not_leave(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) copies = new_copies();
	const char *olaf[] = { "olaf@kunde.example", NULL };

	g_assert_true(sgp_spool_write(fixture->spool, copies, "d1", NULL));
	assert_may(fixture, id_of(copies, 0), DIGEST, olaf, "not-committed");
}

static void test_retry(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) copies = committed(fixture, "d1");
	const char *id = id_of(copies, 1);
	gint64 next_due = 0;

	g_assert_true(sgp_spool_postpone(fixture->spool, id, "unreachable", NOW + 100, NULL));
	g_assert_null(sgp_spool_load_due(fixture->spool, NOW, &next_due, NULL));
	g_assert_cmpint(next_due, ==, NOW + 100);
	g_assert_true(sgp_spool_retry(fixture->spool, NULL, NOW, NULL));
	g_autoptr(SgpSpoolEntry) due = sgp_spool_load_due(fixture->spool, NOW, &next_due, NULL);

	g_assert_cmpuint(due->tries, ==, 1);
	g_assert_cmpstr(due->problem, ==, "unreachable");
	g_assert_cmpuint(sgp_spool_count_held(fixture->spool), ==, 0);
	/* Held: only a person sends it again. */
	g_assert_true(sgp_spool_set_state(
		fixture->spool, id, SGP_SPOOL_STATE_HELD, "refused", NOW, NULL));
	g_assert_true(sgp_spool_retry(fixture->spool, NULL, NOW, NULL));
	g_assert_null(sgp_spool_load_due(fixture->spool, NOW, &next_due, NULL));
	g_assert_true(sgp_spool_is_empty(fixture->spool));
	g_assert_cmpuint(sgp_spool_count_held(fixture->spool), ==, 1);
	g_assert_true(sgp_spool_retry(fixture->spool, id, NOW, NULL));
	g_assert_false(sgp_spool_is_empty(fixture->spool));
	g_assert_false(sgp_spool_retry(fixture->spool, "no-such-copy", NOW, NULL));
}

/* An upload that was under way when a person gave the copy up. */
static void test_dropped_goes_nowhere(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) copies = committed(fixture, "d1");
	const char *id = id_of(copies, 1);
	g_autoptr(GError) error = NULL;

	g_assert_true(sgp_spool_drop(fixture->spool, id, "told by phone", NOW, NULL));
	g_assert_false(sgp_spool_set_state(
		fixture->spool, id, SGP_SPOOL_STATE_UPLOADED, NULL, NOW, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_REFUSED);
	g_clear_error(&error);
	g_assert_false(sgp_spool_postpone(fixture->spool, id, "unreachable", NOW, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_REFUSED);
	g_clear_error(&error);
	g_assert_false(sgp_spool_finish(fixture->spool, id, NOW, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_REFUSED);
	g_autoptr(SgpSpoolEntry) entry = sgp_spool_load(fixture->spool, id, NULL);

	g_assert_cmpint(entry->state, ==, SGP_SPOOL_STATE_DROPPED);
	g_assert_cmpstr(entry->problem, ==, "told by phone");
}

/* The command line was killed while the sendmail command ran. */
static void test_cut_short(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) copies = committed(fixture, "cli:d1");
	const char *id = id_of(copies, 0);
	g_autoptr(GError) error = NULL;

	g_assert_true(sgp_spool_begin_hand_over(fixture->spool, id, NOW, NULL));
	g_assert_false(sgp_spool_begin_hand_over(fixture->spool, id, NOW, NULL));
	g_assert_false(sgp_spool_drop(fixture->spool, id, "told by phone", NOW, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_CONFLICT);
	g_assert_true(sgp_spool_recover(fixture->spool, NOW, NULL));
	g_autoptr(SgpSpoolEntry) held = sgp_spool_load(fixture->spool, id, NULL);
	g_autoptr(GPtrArray) pending = sgp_spool_load_pending(fixture->spool, NULL, NULL);
	g_autoptr(SgpSpoolEntry) other = sgp_spool_load(fixture->spool, id_of(copies, 1), NULL);

	g_assert_cmpint(held->state, ==, SGP_SPOOL_STATE_HELD);
	g_assert_cmpstr(held->problem, ==, "maybe-left");
	g_assert_cmpuint(pending->len, ==, 0);
	g_assert_cmpint(other->state, ==, SGP_SPOOL_STATE_SEALED);
	g_assert_true(sgp_spool_retry(fixture->spool, id, NOW, NULL));
	g_assert_true(sgp_spool_begin_hand_over(fixture->spool, id, NOW, NULL));
	g_assert_true(sgp_spool_take_over(fixture->spool, id, NOW, NULL));
}

/* A crash between two removals. */
static void test_gap(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) copies = committed(fixture, "d1");
	g_autofree char *path =
		g_strdup_printf("%s/spool/%s", fixture->state.directory, id_of(copies, 1));
	g_autofree char *first = g_strconcat(path, ".0", NULL);
	g_autofree char *second = g_strconcat(path, ".1", NULL);

	g_assert_cmpint(g_rename(first, second), ==, 0);
	g_assert_true(sgp_spool_finish(fixture->spool, id_of(copies, 1), NOW, NULL));
	g_assert_cmpuint(count_files(fixture), ==, 1);
}

static void test_finish_and_drop(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) copies = committed(fixture, "d1");
	g_autoptr(GPtrArray) more = committed(fixture, "d2");
	g_autoptr(GError) error = NULL;

	g_assert_true(sgp_spool_finish(fixture->spool, id_of(copies, 1), NOW, NULL));
	g_assert_false(sgp_spool_drop(fixture->spool, id_of(copies, 1), "late", NOW, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_CONFLICT);
	g_clear_error(&error);
	g_assert_false(sgp_spool_drop(fixture->spool, id_of(more, 1), "", NOW, &error));
	g_assert_error(error, SGP_ERROR, SGP_ERROR_INVALID);
	g_assert_true(sgp_spool_drop(fixture->spool, id_of(more, 1), "told by phone", NOW, NULL));
	g_assert_true(sgp_spool_drop(fixture->spool, id_of(more, 0), "told by phone", NOW, NULL));
	const char *olaf[] = { "olaf@kunde.example", NULL };

	assert_may(fixture, id_of(more, 0), DIGEST, olaf, "not-committed");
	g_assert_cmpuint(count_files(fixture), ==, 1);
}

/* Nothing unsealed is written to a disk by us: what is in clear inside the office neither. */
static void test_plain(Fixture *fixture, gconstpointer data)
{
	g_autoptr(GPtrArray) copies = g_ptr_array_new_with_free_func((GDestroyNotify)sgp_copy_free);
	g_autofree char *path = NULL;
	g_autofree char *file = NULL;
	gsize length = 0;
	char text[8] = "";

	g_ptr_array_add(copies, new_copy(SGP_CHANNEL_PLAIN, "anna@office.example"));
	g_assert_true(sgp_spool_write(fixture->spool, copies, "d1", NULL));
	g_assert_true(try_commit(fixture, copies, "d1", NULL));
	path = g_strdup_printf("%s/spool/%s.plain", fixture->state.directory, id_of(copies, 0));
	g_assert_true(g_file_get_contents(path, &file, &length, NULL));
	g_assert_null(memmem(file, length, "sealed", strlen("sealed")));
	g_autoptr(SgpSpoolEntry) entry = sgp_spool_load(fixture->spool, id_of(copies, 0), NULL);
	int fd = sgp_spool_open_mail(fixture->spool, entry, NULL);

	g_assert_cmpint(read(fd, text, sizeof(text)), ==, (gssize)strlen("sealed"));
	g_assert_cmpstr(text, ==, "sealed");
	close(fd);
	/* Another one's bytes under its name are not it. */
	file[length - 1] ^= 1;
	g_assert_true(g_file_set_contents(path, file, (gssize)length, NULL));
	g_autoptr(GError) error = NULL;

	g_assert_cmpint(sgp_spool_open_mail(fixture->spool, entry, &error), ==, -1);
	g_assert_error(error, SGP_ERROR, SGP_ERROR_TAMPERED);
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
#define ADD(name, func) g_test_add("/spool/" name, Fixture, NULL, setup, func, teardown)
	ADD("what-was-committed-is-there", test_committed);
	ADD("files-without-a-row-are-removed", test_orphans);
	ADD("nothing-is-removed-beside-another-process", test_no_recovery_beside_others);
	ADD("a-draft-is-committed-once", test_draft_once);
	ADD("a-copy-leaves-as-it-was-to-whom-it-was", test_may_leave);
	ADD("what-was-not-committed-may-not-leave", test_uncommitted_may_not_leave);
	ADD("a-held-copy-waits-for-a-person", test_retry);
	ADD("a-dropped-copy-goes-nowhere", test_dropped_goes_nowhere);
	ADD("a-hand-over-that-was-cut-short-waits-for-a-person", test_cut_short);
	ADD("no-file-of-a-copy-stays-behind", test_gap);
	ADD("what-left-cannot-be-dropped", test_finish_and_drop);
	ADD("a-plain-copy-lies-there-sealed", test_plain);
	return g_test_run();
}
