/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <composer/e-msg-composer.h>

G_BEGIN_DECLS

void sgp_composer_extension_register(GTypeModule *type_module);
/* Fail-closed assertion: makes this composer's own "send" and "save-to-outbox" stop unless our
 * pipeline let it pass. To be called before Evolution connects its own handlers, that is while the
 * window is being added to the application. */
void sgp_composer_extension_assert_sealed(EMsgComposer *composer);

G_END_DECLS
