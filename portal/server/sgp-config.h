/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include "sgp-portal.h"

G_BEGIN_DECLS

/* What only the admin commands take. */
typedef struct {
	char *office; /* (owned) (nullable), and so are the others */
	char *portal_mail;
	char *support_name;
	char *support_phone;
	char *support_hours;
	char *support_mail;
	char *name;
	int retention_days; /* not positive: not given */
	int invitation_days;
} SgpAdminOptions;

gboolean sgp_config_parse(
	int *argc, char ***argv, SgpPortalConfig *config, SgpAdminOptions *admin, GError **error);
void sgp_config_clear(SgpPortalConfig *config);
void sgp_admin_options_clear(SgpAdminOptions *admin);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SgpPortalConfig, sgp_config_clear)
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(SgpAdminOptions, sgp_admin_options_clear)

G_END_DECLS
