/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

GBytes *sgp_page_contact_fill(GBytes *page, const char *german, const char *english);
GBytes *sgp_page_contact_cut(GBytes *page);

G_END_DECLS
