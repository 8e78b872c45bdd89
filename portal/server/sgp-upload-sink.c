/* SPDX-License-Identifier: GPL-3.0-or-later */

/* PATCH of tus: bytes from the main loop, through a queue, to the end of a file, and fdatasync
 * before the answer. What came before a connection broke is kept; it is the final SHA-256 of the
 * message that decides whether an upload is good. One writer for each upload, the newest. */

#include "sgp-upload-sink.h"

#include "sgp-blob.h"
#include "sgp-upload.h"

#include <sodium.h>
#include <string.h>

#define WRITE_SIZE   (256 * 1024)
#define POOL_THREADS 4

struct _SgpUploadSink {
	gatomicrefcount references;
	SgpCall *call;    /* (owned): its answer is written by the pool */
	gint64 announced; /* bytes, -1 if the client did not say */
	SgpUploadProgress progress;
	gpointer data;

	GByteArray *gathering; /* (owned): main thread only */

	GMutex lock;
	GQueue chunks; /* (owned) (element-type GBytes) */
	gsize waiting; /* bytes in @chunks or being written */
	gboolean running;
	gboolean finishing;
	gboolean abandoned;
	gboolean failed;

	/* Of the thread that runs it. */
	gboolean opened;
	SgpBlobWriter *writer; /* (owned) (nullable) */
	gint64 start;
	gint64 offset;
	gint64 length;
	crypto_hash_sha256_state hash;

	/* Under active_lock. */
	gboolean superseded;
	gboolean writing;
};

static GMutex active_lock;
static GCond active_cond;
static int alive;
static GHashTable *active; /* (element-type utf8 SgpUploadSink): the writer of each upload */
static GHashTable *sealed; /* (element-type utf8 guint): how many messages take the upload */

static void sink_unref(SgpUploadSink *sink)
{
	if (!g_atomic_ref_count_dec(&sink->references))
		return;
	sgp_blob_writer_free(sink->writer);
	g_queue_clear_full(&sink->chunks, (GDestroyNotify)g_bytes_unref);
	g_byte_array_unref(sink->gathering);
	sgp_call_free(sink->call);
	g_mutex_clear(&sink->lock);
	g_free(sink);
	g_atomic_int_add(&alive, -1);
}

static SgpUploadSink *sink_ref(SgpUploadSink *sink)
{
	g_atomic_ref_count_inc(&sink->references);
	return sink;
}

/* With active_lock held. */
static void stop_writer(const char *name)
{
	SgpUploadSink *old = active != NULL ? g_hash_table_lookup(active, name) : NULL;

	if (old == NULL)
		return;
	sink_ref(old);
	old->superseded = TRUE;
	while (old->writing)
		g_cond_wait(&active_cond, &active_lock);
	sink_unref(old);
}

/**
 * sgp_upload_sink_supersede:
 * @name: of an upload
 *
 * Returns when no PATCH writes to the upload any more, nor will.
 */
void sgp_upload_sink_supersede(const char *name)
{
	g_mutex_lock(&active_lock);
	stop_writer(name);
	g_mutex_unlock(&active_lock);
}

/**
 * sgp_upload_sink_seal:
 * @name: of an upload of the caller's
 *
 * Returns when no PATCH writes to the upload any more, nor will until sgp_upload_sink_unseal(). A
 * message seals its uploads before it looks at them and until they are its own: a PATCH whose
 * checksum is wrong takes its bytes back, and would take them from under the message, whose blob is
 * mapped (test "a checksum that differs does not take a blob from a message").
 */
void sgp_upload_sink_seal(const char *name)
{
	guint count = 0;

	g_mutex_lock(&active_lock);
	if (sealed == NULL)
		sealed = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	count = GPOINTER_TO_UINT(g_hash_table_lookup(sealed, name));
	g_hash_table_replace(sealed, g_strdup(name), GUINT_TO_POINTER(count + 1));
	stop_writer(name);
	g_mutex_unlock(&active_lock);
}

/**
 * sgp_upload_sink_unseal:
 * @name: as sealed
 *
 * Ends one sgp_upload_sink_seal().
 */
void sgp_upload_sink_unseal(const char *name)
{
	guint count = 0;

	g_mutex_lock(&active_lock);
	count = GPOINTER_TO_UINT(g_hash_table_lookup(sealed, name));
	if (count > 1)
		g_hash_table_replace(sealed, g_strdup(name), GUINT_TO_POINTER(count - 1));
	else
		g_hash_table_remove(sealed, name);
	g_mutex_unlock(&active_lock);
}

static gboolean become_writer(SgpUploadSink *sink, GError **error)
{
	const char *name = sink->call->params[0];
	gboolean taken = FALSE;

	g_mutex_lock(&active_lock);
	taken = sealed != NULL && g_hash_table_contains(sealed, name);
	if (active == NULL)
		active = g_hash_table_new_full(
			g_str_hash, g_str_equal, g_free, (GDestroyNotify)sink_unref);
	if (!taken) {
		stop_writer(name);
		g_hash_table_replace(active, g_strdup(name), sink_ref(sink));
	}
	g_mutex_unlock(&active_lock);
	return !taken ||
	       sgp_call_refuse(error, SGP_PROBLEM_BUSY, "A message takes this upload just now.");
}

static void resign(SgpUploadSink *sink)
{
	g_mutex_lock(&active_lock);
	if (active != NULL && g_hash_table_lookup(active, sink->call->params[0]) == sink)
		g_hash_table_remove(active, sink->call->params[0]);
	g_mutex_unlock(&active_lock);
}

static gboolean begin_writing(SgpUploadSink *sink)
{
	g_mutex_lock(&active_lock);
	sink->writing = !sink->superseded;
	g_mutex_unlock(&active_lock);
	return sink->writing;
}

static void end_writing(SgpUploadSink *sink)
{
	g_mutex_lock(&active_lock);
	sink->writing = FALSE;
	g_cond_broadcast(&active_cond);
	g_mutex_unlock(&active_lock);
}

static gboolean check_start(SgpUploadSink *sink, GError **error)
{
	SgpCall *call = sink->call;
	const char *type = sgp_call_get_header(call, "content-type");
	const char *offset = sgp_call_get_header(call, "upload-offset");
	guint64 wanted = 0;

	if (g_strcmp0(type, "application/offset+octet-stream") != 0)
		return sgp_call_refuse(error, SGP_PROBLEM_UNSUPPORTED,
			"The body must be application/offset+octet-stream.");
	if (offset == NULL || !g_ascii_string_to_unsigned(offset, 10, 0, G_MAXINT64, &wanted, NULL))
		return sgp_call_refuse(
			error, SGP_PROBLEM_BAD_REQUEST, "Upload-Offset is missing or no number.");
	if ((gint64)wanted != sink->start)
		return sgp_call_refuse(error, SGP_PROBLEM_OFFSET_MISMATCH,
			"The upload stands elsewhere; ask with HEAD.");
	if (sink->announced > sink->length - sink->start)
		return sgp_call_refuse(
			error, SGP_PROBLEM_TOO_LARGE, "There is more than the upload announced.");
	return TRUE;
}

static gboolean open_upload(SgpUploadSink *sink, GError **error)
{
	SgpCall *call = sink->call;

	if (!sgp_call_authenticate(call, error) || !sgp_upload_check_version(call, error) ||
		!sgp_upload_load(call, call->params[0], &sink->length, error))
		return FALSE;
	if (!become_writer(sink, error))
		return FALSE;
	sink->writer = sgp_blob_writer_open(call->portal, call->params[0], &sink->start);
	if (sink->writer == NULL)
		return sgp_call_refuse(error, SGP_PROBLEM_NOT_FOUND, "There is no such upload.");
	sink->offset = sink->start;
	crypto_hash_sha256_init(&sink->hash);
	return check_start(sink, error);
}

static void fail_sink(SgpUploadSink *sink, const GError *error)
{
	sgp_call_set_problem(sink->call, error);
	g_mutex_lock(&sink->lock);
	sink->failed = TRUE;
	g_mutex_unlock(&sink->lock);
}

static void run_open(SgpUploadSink *sink)
{
	g_autoptr(GError) error = NULL;
	SgpCall *call = sink->call;

	sink->opened = TRUE;
	call->database = sgp_portal_borrow_database(call->portal, &error);
	if (call->database == NULL || !open_upload(sink, &error))
		fail_sink(sink, error);
	sgp_portal_return_database(call->portal, g_steal_pointer(&call->database));
}

static void run_chunk(SgpUploadSink *sink, GBytes *chunk)
{
	g_autoptr(GError) error = NULL;
	gsize size = 0;
	const guint8 *data = g_bytes_get_data(chunk, &size);

	if ((gint64)size > sink->length - sink->offset) {
		sgp_call_refuse(
			&error, SGP_PROBLEM_TOO_LARGE, "There is more than the upload announced.");
	} else if (!begin_writing(sink)) {
		sgp_call_refuse(&error, SGP_PROBLEM_BUSY, "A newer request continues this upload.");
	} else {
		if (sgp_blob_writer_append(sink->writer, data, size, &error))
			sink->offset += (gint64)size;
		end_writing(sink);
		if (sgp_call_get_header(sink->call, "upload-checksum") != NULL)
			crypto_hash_sha256_update(&sink->hash, data, size);
	}
	if (error != NULL)
		fail_sink(sink, error);
}

static gboolean checksum_matches(SgpUploadSink *sink, GError **error)
{
	const char *header = sgp_call_get_header(sink->call, "upload-checksum");
	g_autofree char *expected = NULL;
	guint8 hash[crypto_hash_sha256_BYTES];

	if (header == NULL)
		return TRUE;
	if (!g_str_has_prefix(header, "sha256 "))
		return sgp_call_refuse(
			error, SGP_PROBLEM_UNSUPPORTED, "The only checksum is sha256.");
	crypto_hash_sha256_final(&sink->hash, hash);
	expected = g_base64_encode(hash, sizeof hash);
	if (strcmp(header + strlen("sha256 "), expected) == 0)
		return TRUE;
	return sgp_call_refuse(
		error, SGP_PROBLEM_CHECKSUM_MISMATCH, "The bytes were changed on their way.");
}

static void run_finish(SgpUploadSink *sink)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *offset = NULL;

	if (!begin_writing(sink)) {
		sgp_call_refuse(&error, SGP_PROBLEM_BUSY, "A newer request continues this upload.");
	} else {
		if (!checksum_matches(sink, &error)) {
			if (sgp_blob_writer_cut(sink->writer, sink->start, NULL))
				sink->offset = sink->start;
		}
		sgp_blob_writer_sync(sink->writer, error == NULL ? &error : NULL);
		end_writing(sink);
	}
	if (error != NULL) {
		fail_sink(sink, error);
		return;
	}
	offset = g_strdup_printf("%" G_GINT64_FORMAT, sink->offset);
	sgp_call_add_header(sink->call, "Upload-Offset", offset);
	sgp_upload_add_expiry(sink->call);
	sink->call->status = 204;
}

static gboolean report(gpointer data, gboolean done)
{
	SgpUploadSink *sink = data;
	gboolean abandoned = FALSE;

	g_mutex_lock(&sink->lock);
	abandoned = sink->abandoned;
	g_mutex_unlock(&sink->lock);
	if (!abandoned)
		sink->progress(sink->data, done);
	return G_SOURCE_REMOVE;
}

static gboolean report_progress(gpointer data)
{
	return report(data, FALSE);
}

static gboolean report_done(gpointer data)
{
	return report(data, TRUE);
}

static void report_later(SgpUploadSink *sink, GSourceFunc how)
{
	sgp_portal_run_in_main(how, sink_ref(sink), (GDestroyNotify)sink_unref);
}

/* Takes the next chunk, or NULL when there is none for now. */
static GBytes *take_chunk(SgpUploadSink *sink, gboolean *finish, gboolean *gone)
{
	GBytes *chunk = NULL;

	g_mutex_lock(&sink->lock);
	chunk = g_queue_pop_head(&sink->chunks);
	*finish = chunk == NULL && sink->finishing;
	*gone = chunk == NULL && sink->abandoned;
	if (*finish)
		sink->finishing = FALSE;
	if (chunk == NULL)
		sink->running = FALSE;
	g_mutex_unlock(&sink->lock);
	return chunk;
}

/* The connection broke: what came is kept, as far as nobody else writes already. */
static void keep_what_came(SgpUploadSink *sink)
{
	if (sink->writer == NULL || sgp_upload_sink_has_failed(sink) || !begin_writing(sink))
		return;
	sgp_blob_writer_sync(sink->writer, NULL);
	end_writing(sink);
}

static void run(gpointer data, gpointer nothing)
{
	SgpUploadSink *sink = data;
	gboolean finish = FALSE;
	gboolean gone = FALSE;

	if (!sink->opened)
		run_open(sink);
	for (GBytes *chunk = take_chunk(sink, &finish, &gone); chunk != NULL;
		chunk = take_chunk(sink, &finish, &gone)) {
		gsize size = g_bytes_get_size(chunk);

		if (!sgp_upload_sink_has_failed(sink))
			run_chunk(sink, chunk);
		g_bytes_unref(chunk);
		g_mutex_lock(&sink->lock);
		sink->waiting -= size;
		g_mutex_unlock(&sink->lock);
		report_later(sink, report_progress);
	}
	if (finish) {
		if (!sgp_upload_sink_has_failed(sink))
			run_finish(sink);
		sgp_call_serialise(sink->call);
		report_later(sink, report_done);
	}
	if (gone)
		keep_what_came(sink);
	if (finish || gone)
		resign(sink);
	sink_unref(sink);
}

/* With the sink's lock held. */
static void schedule(SgpUploadSink *sink)
{
	static gsize once;
	static GThreadPool *pool;

	if (g_once_init_enter(&once)) {
		pool = g_thread_pool_new(run, NULL, POOL_THREADS, FALSE, NULL);
		g_once_init_leave(&once, 1);
	}
	if (sink->running)
		return;
	sink->running = TRUE;
	g_thread_pool_push(pool, sink_ref(sink), NULL);
}

/**
 * sgp_upload_sink_new:
 * @call: (transfer full): the PATCH; not authenticated yet
 * @announced: the body's length, or -1
 *
 * Begins to open the upload.
 *
 * Returns: (transfer full): the sink, for sgp_upload_sink_abandon().
 */
SgpUploadSink *sgp_upload_sink_new(
	SgpCall *call, gint64 announced, SgpUploadProgress progress, gpointer data)
{
	SgpUploadSink *sink = g_new0(SgpUploadSink, 1);

	g_atomic_int_inc(&alive);
	g_atomic_ref_count_init(&sink->references);
	sink->call = call;
	sink->announced = announced;
	sink->progress = progress;
	sink->data = data;
	sink->gathering = g_byte_array_sized_new(WRITE_SIZE);
	g_mutex_init(&sink->lock);
	g_queue_init(&sink->chunks);
	g_mutex_lock(&sink->lock);
	schedule(sink);
	g_mutex_unlock(&sink->lock);
	return sink;
}

static void flush(SgpUploadSink *sink)
{
	gsize size = sink->gathering->len;

	if (size == 0)
		return;
	g_mutex_lock(&sink->lock);
	g_queue_push_tail(&sink->chunks, g_byte_array_free_to_bytes(sink->gathering));
	sink->waiting += size;
	schedule(sink);
	g_mutex_unlock(&sink->lock);
	sink->gathering = g_byte_array_sized_new(WRITE_SIZE);
}

/**
 * sgp_upload_sink_push:
 *
 * Takes bytes in; main thread only.
 *
 * Returns: how many bytes wait to be written; the caller stops reading when they are too many.
 */
gsize sgp_upload_sink_push(SgpUploadSink *sink, const void *data, gsize size)
{
	if (!sgp_upload_sink_has_failed(sink)) {
		g_byte_array_append(sink->gathering, data, (guint)size);
		if (sink->gathering->len >= WRITE_SIZE)
			flush(sink);
	}
	return sgp_upload_sink_get_waiting(sink);
}

/**
 * sgp_upload_sink_get_waiting:
 *
 * Returns: how many bytes wait to be written.
 */
gsize sgp_upload_sink_get_waiting(SgpUploadSink *sink)
{
	gsize waiting = 0;

	g_mutex_lock(&sink->lock);
	waiting = sink->waiting;
	g_mutex_unlock(&sink->lock);
	return waiting;
}

/**
 * sgp_upload_sink_finish:
 *
 * The body is complete: progress is called with done when it is on disk.
 */
void sgp_upload_sink_finish(SgpUploadSink *sink)
{
	flush(sink);
	g_mutex_lock(&sink->lock);
	sink->finishing = TRUE;
	schedule(sink);
	g_mutex_unlock(&sink->lock);
}

/**
 * sgp_upload_sink_abandon:
 * @sink: (transfer full): nothing is reported any more; what has come is still written
 */
void sgp_upload_sink_abandon(SgpUploadSink *sink)
{
	flush(sink);
	g_mutex_lock(&sink->lock);
	sink->abandoned = TRUE;
	schedule(sink);
	g_mutex_unlock(&sink->lock);
	sink_unref(sink);
}

/**
 * sgp_upload_sink_is_any_alive:
 *
 * Returns: whether an upload still uses its portal, in any thread.
 */
gboolean sgp_upload_sink_is_any_alive(void)
{
	return g_atomic_int_get(&alive) > 0;
}

/**
 * sgp_upload_sink_get_call:
 *
 * Returns: (transfer none): the call with its answer, once progress was called with done.
 */
SgpCall *sgp_upload_sink_get_call(SgpUploadSink *sink)
{
	return sink->call;
}

/**
 * sgp_upload_sink_has_failed:
 *
 * Returns: whether the answer is a problem already and more bytes are of no use.
 */
gboolean sgp_upload_sink_has_failed(SgpUploadSink *sink)
{
	gboolean failed = FALSE;

	g_mutex_lock(&sink->lock);
	failed = sink->failed;
	g_mutex_unlock(&sink->lock);
	return failed;
}
