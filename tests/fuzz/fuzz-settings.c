/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file of settings, as an administrator or a broken disk wrote it. What must hold: it is refused
 * with a reason, or every setting has a value of its own type. */
#include "sgp-settings.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("settings", MFD_CLOEXEC);
	FUZZ_HOLDS(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	g_autoptr(GError) error = NULL;
	g_autoptr(SgpSettings) settings = sgp_settings_new(path, &error);
	close(fd);
	FUZZ_HOLDS((settings == NULL) == (error != NULL));
	if (settings == NULL)
		return 0;
	g_autoptr(GVariant) all = g_variant_ref_sink(sgp_settings_ref_all(settings));
	FUZZ_HOLDS(g_variant_n_children(all) > 10);
	g_autofree char *profile = sgp_settings_dup_string(settings, "policy-profile");
	g_auto(GStrv) domains = sgp_settings_dup_strv(settings, "own-domains");
	FUZZ_HOLDS(strcmp(profile, "strict") == 0 || strcmp(profile, "by-class") == 0);
	FUZZ_HOLDS(domains != NULL);
	FUZZ_HOLDS(sgp_settings_get_int(settings, "inquiry-valid-days") >= 0);
	return 0;
}
