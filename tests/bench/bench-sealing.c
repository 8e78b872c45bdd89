/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Seals a mail with one attachment of random bytes, as compressed files are, and measures time,
 * memory and size. Each round runs the reference first, so that a busy machine is busy for both. */
#include "bench-sealing.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sgp-mime.h"

#define MEGABYTE 1000000

static void write_all(int fd, const void *data, gsize length)
{
	bench_must(write(fd, data, length) == (gssize)length, "write");
}

/* The attachment as a file, and the mail that carries it as a mail program writes it. */
static int make_mail(const char *path, gsize size)
{
	static const char HEAD[] =
		"From: Anna <" BENCH_SENDER ">\nTo: Erika <" BENCH_RECIPIENT ">\n"
		"Subject: Bench\nDate: Mon, 24 Nov 2025 16:00:00 +0100\n"
		"Message-ID: <bench@agentur.example>\nMIME-Version: 1.0\n"
		"Content-Type: multipart/mixed; boundary=\"=-b\"\n\n\n--=-b\n"
		"Content-Type: text/plain; charset=utf-8\n\nHallo\n\n--=-b\n"
		"Content-Type: application/pdf; name=a.pdf\n"
		"Content-Disposition: attachment; filename=a.pdf\n"
		"Content-Transfer-Encoding: base64\n\n";
	enum { LINE = 57, LINES = 1024 };
	guint8 chunk[LINE * LINES];
	int mail = memfd_create("mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
	int random = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
	bench_must(mail >= 0 && file >= 0 && random >= 0, "open");
	write_all(mail, HEAD, sizeof(HEAD) - 1);
	for (gsize done = 0; done < size; done += sizeof(chunk)) {
		gsize n = MIN(sizeof(chunk), size - done);
		bench_must(read(random, chunk, n) == (gssize)n, "random");
		write_all(file, chunk, n);
		g_autoptr(GString) text = g_string_sized_new(LINES * 78);
		for (gsize at = 0; at < n; at += LINE) {
			g_autofree char *line = g_base64_encode(chunk + at, MIN(LINE, n - at));
			g_string_append_printf(text, "%s\n", line);
		}
		write_all(mail, text->str, text->len);
	}
	write_all(mail, "\n--=-b--\n", 9);
	close(file);
	close(random);
	return mail;
}

static SgpVerdict *make_verdict(const BenchSealing *self)
{
	SgpVerdict *verdict = sgp_verdict_new();
	g_autoptr(SgpAddress) address = sgp_address_new(BENCH_RECIPIENT, NULL);
	SgpRecipientVerdict *one = sgp_recipient_verdict_new(address, SGP_FIELD_TO);
	one->action = SGP_ACTION_SEND;
	one->channel = self->channel;
	g_ptr_array_add(one->keys,
		sgp_key_new(self->channel, self->recipient_key, SGP_KEY_STATE_USABLE, NULL));
	g_ptr_array_add(verdict->recipients, one);
	verdict->action = SGP_ACTION_SEND;
	return verdict;
}

static gint64 read_status(const char *name)
{
	g_autofree char *text = NULL;
	bench_must(g_file_get_contents("/proc/self/status", &text, NULL, NULL), "status");
	const char *line = strstr(text, name);
	bench_must(line != NULL, name);
	return g_ascii_strtoll(line + strlen(name) + 1, NULL, 10) * 1024;
}

/* The copy that is mailed, and the sender's own, as each mail is sealed: time for one of them. */
static double seal(const BenchSealing *self, int fd, BenchSealed *sealed)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = sgp_mime_freeze(fd, &error);
	bench_must(mail != NULL, "freeze");
	g_autoptr(SgpVerdict) verdict = make_verdict(self);
	int reset = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC); /* forgets the peak */
	write_all(reset, "5", 1);
	close(reset);
	gint64 before = read_status("VmRSS:");
	double start = bench_now_us();
	g_autoptr(GPtrArray) copies = sgp_sealer_seal(mail, verdict, self->keys, self->settings,
		NULL, NULL, g_get_real_time() / G_USEC_PER_SEC, NULL, NULL, NULL, &error);
	double seconds = (bench_now_us() - start) / G_USEC_PER_SEC;
	bench_must(copies != NULL && copies->len == 2, error != NULL ? error->message : "seal");
	sealed->memory = MAX(sealed->memory, read_status("VmHWM:") - before);
	struct stat status;
	const SgpCopy *copy = g_ptr_array_index(copies, 0);
	bench_must(fstat(copy->fd, &status) == 0, "stat");
	sealed->size = status.st_size;
	return seconds / copies->len;
}

BenchSealed bench_sealing_run(const BenchSealing *self, gsize megabytes)
{
	BenchSealed sealed = { 0 };
	double reference[BENCH_ROUNDS], ours[BENCH_ROUNDS], ratios[BENCH_ROUNDS];
	g_autofree char *path = g_build_filename(self->directory, "attachment", NULL);
	int fd = make_mail(path, megabytes * MEGABYTE);
	for (guint i = 0; i < BENCH_ROUNDS; i++) {
		reference[i] = self->run_reference(self, path);
		ours[i] = seal(self, fd, &sealed);
		ratios[i] = reference[i] / ours[i];
	}
	sealed.ours = (double)megabytes / bench_median(ours, BENCH_ROUNDS);
	sealed.reference = (double)megabytes / bench_median(reference, BENCH_ROUNDS);
	sealed.ratio = bench_median(ratios, BENCH_ROUNDS);
	close(fd);
	g_unlink(path);
	return sealed;
}

double bench_sealing_time(const char *const *arguments)
{
	double start = bench_now_us();
	g_autoptr(GSubprocess) process =
		g_subprocess_newv(arguments, G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
	bench_must(process != NULL && g_subprocess_wait_check(process, NULL, NULL), arguments[0]);
	return (bench_now_us() - start) / G_USEC_PER_SEC;
}

void bench_sealing_init(BenchSealing *self)
{
	g_autoptr(GError) error = NULL;
	self->directory = bench_scratch_new();
	self->settings = sgp_settings_new(NULL, &error);
	bench_must(self->settings != NULL, "settings");
	self->keys = sgp_key_lookup_new(self->settings, self->home);
	sgp_key_lookup_set_state_directory(self->keys, self->directory);
}

void bench_sealing_clear(BenchSealing *self)
{
	g_clear_object(&self->keys);
	g_clear_object(&self->settings);
	g_clear_pointer(&self->directory, bench_scratch_free);
	g_clear_pointer(&self->home, g_free);
	g_clear_pointer(&self->sender_key, g_free);
	g_clear_pointer(&self->recipient_key, g_free);
}
