/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The portal's configuration file. What must hold: it is refused with a reason, or its limits and
 * times can be worked with, and an origin is one of the web. */
#include "sgp-config.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("config", MFD_CLOEXEC);
	FUZZ_HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	char *words[] = { "siegelpost-portal", "--data", "/nowhere", "--config", path, "serve",
		NULL };
	int n_words = (int)G_N_ELEMENTS(words) - 1;
	char **left = words;
	g_auto(SgpPortalConfig) config = { 0 };
	g_auto(SgpAdminOptions) admin = { 0 };
	g_autoptr(GError) error = NULL;
	gboolean is_good = sgp_config_parse(&n_words, &left, &config, &admin, &error);
	close(fd);
	FUZZ_HOLDS(is_good == (error == NULL));
	if (!is_good)
		return 0;
	FUZZ_HOLDS(config.attachment_limit > 0 && config.message_limit > 0);
	FUZZ_HOLDS(
		config.head_seconds > 0 && config.body_seconds > 0 && config.notice_seconds >= 0);
	FUZZ_HOLDS(config.digest_minute >= -1 && config.digest_minute < 24 * 60);
	FUZZ_HOLDS(config.origin == NULL || g_ascii_strncasecmp(config.origin, "http", 4) == 0);
	return 0;
}
