/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P8: how fast and with how much memory one S/MIME copy is sealed, signature included, against
 * gpgsm on the raw attachment in the same run. Keys without passphrase; random bytes, as compressed
 * files are. The issuer's revocation list is served on the loopback, as a real one would be. */
#include "sgp-mime.h"
#include "sgp-sealer.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "scratch-ca.h"
#include "scratch-gpg.h"

#define ROUNDS    5
#define MEGABYTE  1000000
#define SENDER    "anna@agentur.example"
#define RECIPIENT "erika@kunde.example"

typedef struct {
	char *directory;                  /* (owned) on a disk: attachment and gpg's output */
	char *home;                       /* (owned) */
	char *sender_key, *recipient_key; /* (owned) */
	SgpSettings *settings;
	SgpKeyLookup *keys;
} Bench;

static void must(gboolean is_good, const char *what)
{
	if (is_good)
		return;
	fprintf(stderr, "bench-smime: %s\n", what);
	exit(1);
}

static int compare(gconstpointer a, gconstpointer b)
{
	double one = *(const double *)a;
	double other = *(const double *)b;
	return (one > other) - (one < other);
}

static double median(const double *values)
{
	double sorted[ROUNDS];
	memcpy(sorted, values, sizeof(sorted));
	qsort(sorted, ROUNDS, sizeof(double), compare);
	return sorted[ROUNDS / 2];
}

static void write_all(int fd, const void *data, gsize length)
{
	must(write(fd, data, length) == (gssize)length, "write");
}

/* The attachment as a file, and the mail that carries it as a mail program writes it. */
static int make_mail(const Bench *self, const char *path, gsize size)
{
	static const char HEAD[] = "From: Anna <" SENDER ">\nTo: Erika <" RECIPIENT ">\n"
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
	must(mail >= 0 && file >= 0 && random >= 0, "open");
	write_all(mail, HEAD, sizeof(HEAD) - 1);
	for (gsize done = 0; done < size; done += sizeof(chunk)) {
		gsize n = MIN(sizeof(chunk), size - done);
		must(read(random, chunk, n) == (gssize)n, "random");
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

static double run_gpgsm(const Bench *self, const char *path)
{
	g_autofree char *output = g_strconcat(path, ".p7m", NULL);
	const char *arguments[] = { "gpgsm", "--homedir", self->home, "--batch", "--yes", "--quiet",
		"--disable-crl-checks", "-e", "-r", self->recipient_key, "-r", self->sender_key,
		"-o", output, path, NULL };
	gint64 start = g_get_monotonic_time();
	g_autoptr(GSubprocess) process =
		g_subprocess_newv(arguments, G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL);
	must(process != NULL && g_subprocess_wait_check(process, NULL, NULL), "gpgsm");
	double seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
	g_unlink(output);
	return seconds;
}

static SgpVerdict *make_verdict(const Bench *self)
{
	SgpVerdict *verdict = sgp_verdict_new();
	g_autoptr(SgpAddress) address = sgp_address_new(RECIPIENT, NULL);
	SgpRecipientVerdict *one = sgp_recipient_verdict_new(address, SGP_FIELD_TO);
	one->action = SGP_ACTION_SEND;
	one->channel = SGP_CHANNEL_SMIME;
	g_ptr_array_add(one->keys,
		sgp_key_new(SGP_CHANNEL_SMIME, self->recipient_key, SGP_KEY_STATE_USABLE, NULL));
	g_ptr_array_add(verdict->recipients, one);
	verdict->action = SGP_ACTION_SEND;
	return verdict;
}

static gint64 read_status(const char *name)
{
	g_autofree char *text = NULL;
	must(g_file_get_contents("/proc/self/status", &text, NULL, NULL), "status");
	const char *line = strstr(text, name);
	must(line != NULL, name);
	return g_ascii_strtoll(line + strlen(name) + 1, NULL, 10) * 1024;
}

typedef struct {
	double seconds; /* per copy */
	gint64 memory;  /* more than before, at the most */
} Sealed;

static Sealed run_seal(const Bench *self, int fd)
{
	Sealed sealed = { 0 };
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpMail) mail = sgp_mime_freeze(fd, &error);
	must(mail != NULL, "freeze");
	g_autoptr(SgpVerdict) verdict = make_verdict(self);
	int reset = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC); /* forgets the peak */
	write_all(reset, "5", 1);
	close(reset);
	gint64 before = read_status("VmRSS:");
	gint64 start = g_get_monotonic_time();
	g_autoptr(GPtrArray) copies = sgp_sealer_seal(mail, verdict, self->keys, self->settings,
		NULL, NULL, g_get_real_time() / G_USEC_PER_SEC, NULL, NULL, NULL, &error);
	double seconds = (double)(g_get_monotonic_time() - start) / G_USEC_PER_SEC;
	must(copies != NULL && copies->len == 2, error != NULL ? error->message : "seal");
	sealed.memory = read_status("VmHWM:") - before;
	sealed.seconds = seconds / copies->len;
	return sealed;
}

static void run(const Bench *self, gsize megabytes)
{
	gsize size = megabytes * MEGABYTE;
	g_autofree char *path = g_build_filename(self->directory, "attachment", NULL);
	int fd = make_mail(self, path, size);
	double reference[ROUNDS];
	double ours[ROUNDS];
	double ratios[ROUNDS];
	Sealed sealed = { 0 };
	gint64 memory = 0;
	for (gsize i = 0; i < ROUNDS; i++) {
		reference[i] = run_gpgsm(self, path);
		sealed = run_seal(self, fd);
		ours[i] = sealed.seconds;
		ratios[i] = reference[i] / ours[i];
		memory = MAX(memory, sealed.memory);
	}
	printf("P8 seal S/MIME, %zu MB\t%.0f MB/s a copy\tgpgsm -e: %.0f MB/s\t%.2f\t>= 0.8\n",
		megabytes, (double)megabytes / median(ours), (double)megabytes / median(reference),
		median(ratios));
	printf("P8 memory while sealing, %zu MB\t+%.1f MB\tidle\t\t<= +64 MB\n", megabytes,
		(double)memory / MEGABYTE);
	fflush(stdout);
	close(fd);
	g_unlink(path);
}

static char *make_person(ScratchCa *ca, const char *home, const char *name, const char *address)
{
	g_autofree char *names = g_strconcat("email:", address, NULL);
	const ScratchCertificate how = { .names = names };
	char *fingerprint = scratch_ca_make(ca, name, &how);
	scratch_ca_import(ca, home, name, TRUE);
	return fingerprint;
}

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	Bench self = { 0 };
	g_autoptr(GError) error = NULL;
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autoptr(ScratchCa) ca = scratch_ca_new();
	self.home = gpg->home;
	scratch_ca_import(ca, gpg->home, "root", FALSE);
	scratch_ca_trust(ca, gpg->home);
	self.directory = g_strdup("/var/tmp/bench-smime-XXXXXX");
	must(g_mkdtemp(self.directory) != NULL, "directory");
	self.sender_key = make_person(ca, gpg->home, "anna", SENDER);
	self.recipient_key = make_person(ca, gpg->home, "erika", RECIPIENT);
	self.settings = sgp_settings_new(NULL, &error);
	must(self.settings != NULL, "settings");
	self.keys = sgp_key_lookup_new(self.settings, self.home);
	sgp_key_lookup_set_state_directory(self.keys, self.directory);
	run(&self, 25);
	run(&self, 200);
	g_object_unref(self.keys);
	g_object_unref(self.settings);
	g_rmdir(self.directory);
	g_free(self.directory);
	g_free(self.sender_key);
	g_free(self.recipient_key);
	return 0;
}
