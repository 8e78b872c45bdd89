/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-cli.h"

G_BEGIN_DECLS

/* The forms of 'portal' about customers, messages and devices; says what is expected if it is none.
 */
SgpExit sgp_cli_portal_care(SgpCli *self, int argc, char **argv);

G_END_DECLS
