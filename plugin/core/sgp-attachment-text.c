/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Has foreign files read by siegelpost-extract, which is started for each and ended at a deadline.
 * Owns how many run at once, and what was read before in this process. Never parses such a file
 * itself, and takes a crash, a limit or a missing program for "not read", never for "nothing in
 * it". */
#include "sgp-attachment-text.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixoutputstream.h>
#include <glib/gstdio.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sgp-mime.h"

#define PROGRAM     "siegelpost-extract"
#define MAX_TEXT    (1024 * 1024)
#define MAX_RUNNING 2
#define MAX_KNOWN   64
#define MAX_KEPT    (8 * 1024 * 1024) /* bytes of texts in memory */
#define CHUNK       65536
#define EXIT_ALL    0   /* of the program: the text is whole */
#define LOOK_AGAIN  100 /* ms: was it cancelled? */
#define ONE_FILE    (10 * G_TIME_SPAN_SECOND)

typedef struct {
	char *text; /* (owned) (nullable) */
	gboolean is_whole;
} Known;

static GMutex lock; /* guards what follows */
static GCond slot_free;
static guint n_running;
static GHashTable *known;           /* (owned) (element-type utf8 Known) SHA-256 in hex */
static GQueue order = G_QUEUE_INIT; /* (element-type utf8) borrowed keys, oldest first */
static gsize n_kept;

static void known_free(gpointer data)
{
	Known *self = data;
	n_kept -= self->text != NULL ? strlen(self->text) : 0;
	g_free(self->text);
	g_free(self);
}

static gboolean look_up(const char *digest, char **text, gboolean *is_whole)
{
	g_mutex_lock(&lock);
	const Known *one = known != NULL ? g_hash_table_lookup(known, digest) : NULL;
	if (one != NULL) {
		*text = g_strdup(one->text);
		*is_whole = one->is_whole;
	}
	g_mutex_unlock(&lock);
	return one != NULL;
}

static void remember(const char *digest, const char *text, gboolean is_whole)
{
	g_mutex_lock(&lock);
	if (known == NULL)
		known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, known_free);
	if (!g_hash_table_contains(known, digest)) {
		Known *one = g_new0(Known, 1);
		one->text = g_strdup(text);
		one->is_whole = is_whole;
		n_kept += text != NULL ? strlen(text) : 0;
		char *key = g_strdup(digest);
		g_hash_table_insert(known, key, one);
		g_queue_push_tail(&order, key);
	}
	while (order.length > MAX_KNOWN || (n_kept > MAX_KEPT && order.length > 1))
		g_hash_table_remove(known, g_queue_pop_head(&order));
	g_mutex_unlock(&lock);
}

static gboolean take_slot(gint64 deadline)
{
	gboolean is_taken = TRUE;
	g_mutex_lock(&lock);
	while (n_running >= MAX_RUNNING && is_taken)
		is_taken = g_cond_wait_until(&slot_free, &lock, deadline);
	if (is_taken)
		n_running++;
	g_mutex_unlock(&lock);
	return is_taken;
}

static void give_slot_back(void)
{
	g_mutex_lock(&lock);
	n_running--;
	g_cond_signal(&slot_free);
	g_mutex_unlock(&lock);
}

/* In the build tree the programs lie beside each other; installed, in libexec. No variable names
 * it: whoever could set one would choose what reads the attachments. (transfer full) */
static char *dup_program(void)
{
	static const struct {
		const char *folder, *way;
	} places[] = {
		{ "/plugin/cli", "../extract/" PROGRAM },
		{ "/plugin/agent", "../extract/" PROGRAM },
		{ "/tests/unit", "../../plugin/extract/" PROGRAM },
		{ "/tests/bench", "../../plugin/extract/" PROGRAM },
	};
	g_autofree char *self = g_file_read_link("/proc/self/exe", NULL);
	g_autofree char *folder = g_path_get_dirname(self != NULL ? self : "/");
	for (gsize i = 0; i < G_N_ELEMENTS(places); i++) {
		if (g_str_has_suffix(folder, places[i].folder))
			return g_build_filename(folder, places[i].way, NULL);
	}
	return g_build_filename(SGP_LIBEXECDIR, PROGRAM, NULL);
}

/* The attachment's bytes in memory, and their digest. -1: they cannot be had. */
static int open_bytes(const SgpMail *mail, guint n, GCancellable *cancellable, char **digest)
{
	int fd = memfd_create("attachment", MFD_CLOEXEC);
	if (fd < 0)
		return -1;
	g_autoptr(GOutputStream) out = g_unix_output_stream_new(fd, FALSE);
	off_t length = 0;
	if (!sgp_mime_write_attachment(mail, n, out, cancellable, NULL) ||
		(length = lseek(fd, 0, SEEK_END)) < 0 || lseek(fd, 0, SEEK_SET) != 0) {
		close(fd);
		return -1;
	}
	void *bytes = length > 0 ? mmap(NULL, (size_t)length, PROT_READ, MAP_SHARED, fd, 0) : NULL;
	if (bytes == MAP_FAILED) {
		close(fd);
		return -1;
	}
	*digest = g_compute_checksum_for_data(G_CHECKSUM_SHA256, bytes, (gsize)length);
	if (bytes != NULL)
		munmap(bytes, (size_t)length);
	return fd;
}

/* FALSE: deadline, cancelled, or not possible. */
static gboolean wait_for(int fd, gint64 deadline, GCancellable *cancellable)
{
	for (;;) {
		gint64 left = (deadline - g_get_monotonic_time()) / 1000;
		if (left <= 0 || g_cancellable_is_cancelled(cancellable))
			return FALSE;
		struct pollfd polled = { .fd = fd, .events = POLLIN };
		int n = poll(&polled, 1, (int)MIN(left, LOOK_AGAIN));
		if (n > 0)
			return TRUE;
		if (n < 0 && errno != EINTR)
			return FALSE;
	}
}

/* TRUE: the program closed its end, and text is all that it wrote. */
static gboolean read_text(int fd, GString *text, gint64 deadline, GCancellable *cancellable)
{
	g_autofree char *buffer = g_malloc(CHUNK);
	while (wait_for(fd, deadline, cancellable)) {
		gssize n = read(fd, buffer, CHUNK);
		if (n == 0)
			return TRUE;
		if (n < 0 && errno != EINTR)
			return FALSE;
		/* More than it may write: it is not doing what it should. */
		if (n > 0 && text->len + (gsize)n > 2 * MAX_TEXT)
			return FALSE;
		if (n > 0)
			g_string_append_len(text, buffer, n);
	}
	return FALSE;
}

/* Waits for the end, or makes it. TRUE: it said that the text is whole. */
static gboolean end_program(
	GPid pid, gboolean may_go_on, gint64 deadline, GCancellable *cancellable)
{
	int status = 0;
	int pidfd = may_go_on ? (int)syscall(SYS_pidfd_open, pid, 0) : -1;
	/* Not yet reaped: the number is still its own. */
	if (pidfd < 0 || !wait_for(pidfd, deadline, cancellable))
		kill(pid, SIGKILL);
	if (pidfd >= 0)
		close(pidfd);
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return FALSE;
	}
	return WIFEXITED(status) && WEXITSTATUS(status) == EXIT_ALL;
}

static char *run(int in, gint64 deadline, GCancellable *cancellable, gboolean *is_whole)
{
	g_autofree char *program = dup_program();
	const char *const argv[] = { program, NULL };
	const char *const envp[] = { NULL }; /* nothing of ours is its business */
	GPid pid = 0;
	int out = -1;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	/* stderr: parsers name what they stumble over, which is a customer's text. */
	gboolean is_started =
		g_spawn_async_with_pipes_and_fds("/", argv, envp, G_SPAWN_DO_NOT_REAP_CHILD, NULL,
			NULL, in, -1, null, NULL, NULL, 0, &pid, NULL, &out, NULL, NULL);
	if (null >= 0)
		close(null);
	if (!is_started)
		return NULL;
	g_autoptr(GString) text = g_string_new(NULL);
	gboolean is_read = read_text(out, text, deadline, cancellable);
	*is_whole = end_program(pid, is_read, deadline, cancellable);
	close(out);
	return g_utf8_make_valid(text->str, (gssize)text->len);
}

char *sgp_attachment_text_dup(const SgpMail *mail, guint n, gint64 deadline,
	GCancellable *cancellable, gboolean *is_whole)
{
	g_autofree char *digest = NULL;
	char *text = NULL;
	*is_whole = FALSE;
	int fd = open_bytes(mail, n, cancellable, &digest);
	if (fd < 0)
		return NULL;
	if (look_up(digest, &text, is_whole)) {
		close(fd);
		return text;
	}
	if (take_slot(deadline)) {
		gint64 own_deadline = MIN(deadline, g_get_monotonic_time() + ONE_FILE);
		text = run(fd, own_deadline, cancellable, is_whole);
		give_slot_back();
		/* Not what the caller ended: it may be read at another time. */
		if (text != NULL && g_get_monotonic_time() < deadline &&
			!g_cancellable_is_cancelled(cancellable))
			remember(digest, text, *is_whole);
	}
	close(fd);
	return text;
}
