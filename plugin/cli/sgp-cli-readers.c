/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mails are read by several threads and written by one: reading is nine tenths of the work, and the
 * index takes one writer at a time. Owns the order and how much is in memory at once; never touches
 * the index. */
#include "sgp-cli-readers.h"

#include <glib/gstdio.h>

#include "sgp-mime.h"
#include "sgp-opened-mail.h"

/* What may be under way: enough for no thread to wait for the writer, little enough that large
 * mails do not fill the memory. */
#define MAXIMAL_MAILS 256
#define MAXIMAL_BYTES (64 * 1024 * 1024)

typedef struct {
	SgpCliReading *reading; /* (owned) */
	gsize size;
	gboolean is_done; /* under the lock */
} Job;

struct _SgpCliReaders {
	char *home;        /* (owned) (nullable) */
	GThreadPool *pool; /* (owned) */
	GQueue jobs;       /* (owned) (element-type Job) oldest first; of the caller's thread */
	gsize size;        /* of all of them */
	GMutex lock;
	GCond is_read;
};

SgpCliReading *sgp_cli_reading_new(const char *place)
{
	SgpCliReading *self = g_new0(SgpCliReading, 1);
	self->place = g_strdup(place);
	return self;
}

void sgp_cli_reading_free(SgpCliReading *self)
{
	if (self == NULL)
		return;
	g_free(self->place);
	g_free(self->path);
	g_clear_pointer(&self->bytes, g_bytes_unref);
	g_clear_pointer(&self->mail, sgp_mail_unref);
	g_clear_error(&self->why);
	g_clear_pointer(&self->opened, sgp_mail_unref);
	g_clear_pointer(&self->judgement, sgp_mail_judgement_free);
	g_free(self);
}

static void job_free(Job *job)
{
	sgp_cli_reading_free(job->reading);
	g_free(job);
}

static void read_mail(SgpCliReading *reading, const char *home)
{
	reading->mail = reading->path != NULL
				? sgp_mime_freeze_file(reading->path, &reading->why)
				: sgp_mime_freeze_bytes(reading->bytes, &reading->why);
	g_clear_pointer(&reading->bytes, g_bytes_unref);
	if (reading->mail == NULL)
		return;
	reading->opened = sgp_opened_mail_read(reading->mail, home, NULL);
	reading->judgement = sgp_mail_judgement_new(reading->opened);
}

static void run_job(gpointer data, gpointer user_data)
{
	SgpCliReaders *self = user_data;
	Job *job = data;
	read_mail(job->reading, self->home);
	g_mutex_lock(&self->lock);
	job->is_done = TRUE;
	g_cond_signal(&self->is_read);
	g_mutex_unlock(&self->lock);
}

SgpCliReaders *sgp_cli_readers_new(const char *home)
{
	SgpCliReaders *self = g_new0(SgpCliReaders, 1);
	self->home = g_strdup(home);
	g_mutex_init(&self->lock);
	g_cond_init(&self->is_read);
	/* Not exclusive: cannot fail, a thread that is not there yet is waited for. */
	self->pool = g_thread_pool_new(run_job, self, (gint)g_get_num_processors(), FALSE, NULL);
	return self;
}

void sgp_cli_readers_free(SgpCliReaders *self)
{
	if (self == NULL)
		return;
	g_thread_pool_free(self->pool, TRUE, TRUE);
	g_queue_clear_full(&self->jobs, (GDestroyNotify)job_free);
	g_mutex_clear(&self->lock);
	g_cond_clear(&self->is_read);
	g_free(self->home);
	g_free(self);
}

void sgp_cli_readers_push(SgpCliReaders *self, SgpCliReading *reading)
{
	GStatBuf status;
	Job *job = g_new0(Job, 1);
	job->reading = reading;
	if (reading->bytes != NULL)
		job->size = g_bytes_get_size(reading->bytes);
	else if (g_stat(reading->path, &status) == 0)
		job->size = (gsize)status.st_size;
	self->size += job->size;
	g_queue_push_tail(&self->jobs, job);
	g_thread_pool_push(self->pool, job, NULL);
}

gboolean sgp_cli_readers_is_full(const SgpCliReaders *self)
{
	return self->jobs.length >= MAXIMAL_MAILS || self->size >= MAXIMAL_BYTES;
}

SgpCliReading *sgp_cli_readers_pop(SgpCliReaders *self)
{
	Job *job = g_queue_pop_head(&self->jobs);
	if (job == NULL)
		return NULL;
	g_mutex_lock(&self->lock);
	while (!job->is_done)
		g_cond_wait(&self->is_read, &self->lock);
	g_mutex_unlock(&self->lock);
	self->size -= job->size;
	SgpCliReading *reading = g_steal_pointer(&job->reading);
	job_free(job);
	return reading;
}
