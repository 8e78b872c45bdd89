/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P8: how fast and with how much memory one S/MIME copy is sealed, signature included, against
 * gpgsm on the raw attachment, without one, in the same run. Keys without passphrase. The issuer's
 * revocation list is served on the loopback, as a real one would be. */
#include "bench-sealing.h"

#include <glib/gstdio.h>
#include <locale.h>

#include "scratch-ca.h"
#include "scratch-gpg.h"

static double run_gpgsm(const BenchSealing *self, const char *path)
{
	g_autofree char *output = g_strconcat(path, ".p7m", NULL);
	const char *arguments[] = { "gpgsm", "--homedir", self->home, "--batch", "--yes", "--quiet",
		"--disable-crl-checks", "-e", "-r", self->recipient_key, "-r", self->sender_key,
		"-o", output, path, NULL };
	double seconds = bench_sealing_time(arguments);
	g_unlink(output);
	return seconds;
}

static void run(const BenchSealing *self, gsize megabytes)
{
	BenchSealed sealed = bench_sealing_run(self, megabytes);
	g_autofree char *speed = g_strdup_printf("P8 seal S/MIME, %zu MB, a copy", megabytes);
	g_autofree char *memory = g_strdup_printf("P8 memory while sealing, %zu MB", megabytes);
	bench_line(speed, sealed.ratio * sealed.reference, "MB/s", sealed.reference, ">= 0.8",
		"gpgsm -e");
	bench_line(memory, (double)sealed.memory / 1e6, "MB", 64, "<= 1", "64 MB more than idle");
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
	g_autoptr(ScratchGpg) gpg = scratch_gpg_new();
	g_autoptr(ScratchCa) ca = scratch_ca_new();
	BenchSealing self = { .channel = SGP_CHANNEL_SMIME, .run_reference = run_gpgsm };
	self.home = g_strdup(gpg->home);
	scratch_ca_import(ca, gpg->home, "root", FALSE);
	scratch_ca_trust(ca, gpg->home);
	self.sender_key = make_person(ca, gpg->home, "anna", BENCH_SENDER);
	self.recipient_key = make_person(ca, gpg->home, "erika", BENCH_RECIPIENT);
	bench_sealing_init(&self);
	run(&self, 25);
	if (argc < 2 || !g_str_equal(argv[1], "--quick"))
		run(&self, 200);
	bench_sealing_clear(&self);
	return 0;
}
