/* SPDX-License-Identifier: GPL-3.0-or-later */
/* P5, P6 and P7: how fast, how large and with how much memory one OpenPGP copy is sealed, against
 * gpg on the raw attachment in the same run. Keys without passphrase. */
#include "bench-sealing.h"

#include <glib/gstdio.h>
#include <locale.h>

#include "sgp-gpgme.h"

static double run_gpg(const BenchSealing *self, const char *path)
{
	g_autofree char *output = g_strconcat(path, ".asc", NULL);
	const char *arguments[] = { "gpg", "--homedir", self->home, "--batch", "--yes", "--quiet",
		"--trust-model", "always", "--compress-algo", "none", "-a", "-se", "-u",
		self->sender_key, "-r", self->recipient_key, "-r", self->sender_key, "-o", output,
		path, NULL };
	double seconds = bench_sealing_time(arguments);
	g_unlink(output);
	return seconds;
}

static void run(const BenchSealing *self, gsize megabytes)
{
	BenchSealed sealed = bench_sealing_run(self, megabytes);
	g_autofree char *speed = g_strdup_printf("P5 seal OpenPGP, %zu MB, a copy", megabytes);
	g_autofree char *size = g_strdup_printf("P6 size on the wire, %zu MB", megabytes);
	g_autofree char *memory = g_strdup_printf("P7 memory while sealing, %zu MB", megabytes);
	bench_line(speed, sealed.ratio * sealed.reference, "MB/s", sealed.reference, ">= 0.95",
		"gpg --compress-algo none -a -se");
	bench_line(size, (double)sealed.size / 1e6, "MB", (double)megabytes, "<= 1.37",
		"the attachment");
	bench_line(memory, (double)sealed.memory / 1e6, "MB", 16, "<= 1", "16 MB more than idle");
}

int main(int argc, char **argv)
{
	setlocale(LC_ALL, "");
	g_autoptr(GError) error = NULL;
	BenchSealing self = { .channel = SGP_CHANNEL_OPENPGP, .run_reference = run_gpg };
	self.home = sgp_gpgme_home_new_temporary(&error);
	bench_must(self.home != NULL, "home");
	self.sender_key = sgp_gpgme_generate(self.home, "<" BENCH_SENDER ">", &error);
	self.recipient_key = sgp_gpgme_generate(self.home, "<" BENCH_RECIPIENT ">", &error);
	bench_must(self.recipient_key != NULL, "keys");
	bench_sealing_init(&self);
	run(&self, 25);
	if (argc < 2 || !g_str_equal(argv[1], "--quick"))
		run(&self, 200);
	char *home = g_steal_pointer(&self.home);
	bench_sealing_clear(&self);
	sgp_gpgme_home_destroy(home);
	return 0;
}
