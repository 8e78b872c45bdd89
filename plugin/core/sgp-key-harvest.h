/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>
#include "sgp-key-candidates.h"
#include "sgp-mail.h"
#include "sgp-settings.h"

G_BEGIN_DECLS

/* Keeps the keys that a received mail carries for its own author, as candidates: an Autocrypt
 * header, attached OpenPGP keys, the certificate of a good S/MIME signature. Only of a person's
 * mail, with exactly one author, that is not known to be forged; uses no network. mail: whole (its
 * bytes are at hand), not opened. Worker threads only: it may run gpg. Returns how many keys were
 * kept or seen again; what cannot be read is no error of the mail's. */
guint sgp_key_harvest(SgpKeyCandidates *candidates, SgpSettings *settings, const SgpMail *mail);

G_END_DECLS
