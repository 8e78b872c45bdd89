/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What Evolution calls. It registers the extensions, and refuses to run in an Evolution it was not
 * built for: structures and enums differ between minor versions while the library names stay, so a
 * module of the wrong version would corrupt memory instead of failing. */
#include <libedataserver/libedataserver.h>

#include "sgp-composer-extension.h"
#include "sgp-session-extension.h"
#include "sgp-shell-extension.h"

G_MODULE_EXPORT void e_module_load(GTypeModule *type_module);
G_MODULE_EXPORT void e_module_unload(GTypeModule *type_module);

/* Called twice by Evolution, and outside of its main context: idempotent, and no widget is made
 * here. */
G_MODULE_EXPORT void e_module_load(GTypeModule *type_module)
{
	if (eds_major_version != EDS_MAJOR_VERSION || eds_minor_version != EDS_MINOR_VERSION) {
		g_critical("Siegelpost was built for Evolution %d.%d and this is %u.%u: not "
			   "loaded. Please install the package for this version.",
			EDS_MAJOR_VERSION, EDS_MINOR_VERSION, eds_major_version, eds_minor_version);
		return;
	}
	sgp_session_extension_register(type_module);
	sgp_composer_extension_register(type_module);
	sgp_shell_extension_register(type_module);
}

G_MODULE_EXPORT void e_module_unload(GTypeModule *type_module)
{
}
