/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Comes with every mail session, before it has a service, and puts the guard in. That is all it
 * does, so that nothing can go wrong before it. */
#include "sgp-session-extension.h"

#include <libebackend/libebackend.h>
#include "sgp-transport-guard.h"

#define SGP_TYPE_SESSION_EXTENSION (sgp_session_extension_get_type())
G_DECLARE_FINAL_TYPE(SgpSessionExtension, sgp_session_extension, SGP, SESSION_EXTENSION, EExtension)

struct _SgpSessionExtension {
	EExtension parent_instance;
};

G_DEFINE_DYNAMIC_TYPE(SgpSessionExtension, sgp_session_extension, E_TYPE_EXTENSION)

static void sgp_session_extension_constructed(GObject *object)
{
	G_OBJECT_CLASS(sgp_session_extension_parent_class)->constructed(object);
	sgp_transport_guard_install(CAMEL_SESSION(e_extension_get_extensible(E_EXTENSION(object))));
}

static void sgp_session_extension_class_init(SgpSessionExtensionClass *klass)
{
	G_OBJECT_CLASS(klass)->constructed = sgp_session_extension_constructed;
	E_EXTENSION_CLASS(klass)->extensible_type = E_TYPE_MAIL_SESSION;
}

static void sgp_session_extension_class_finalize(SgpSessionExtensionClass *klass)
{
}

static void sgp_session_extension_init(SgpSessionExtension *self)
{
}

void sgp_session_extension_register(GTypeModule *type_module)
{
	sgp_session_extension_register_type(type_module);
}
