# SPDX-License-Identifier: GPL-3.0-or-later
# Keys and sealing.
target_sources(siegelpost-core PRIVATE
  sgp-base64url.c
  sgp-copy-mime.c
  sgp-gnupg-listing.c
  sgp-gpgme.c
  sgp-gpgme-home.c
  sgp-gpgme-keys.c
  sgp-gpgme-open.c
  sgp-gpgme-seal.c
  sgp-key-acceptance.c
  sgp-key-lookup.c
  sgp-key-record.c
  sgp-key-source.c
  sgp-key-source-gnupg.c
  sgp-legacy-display.c
  sgp-mail-head.c
  sgp-mime.c
  sgp-opened-mail.c
  sgp-openpgp-packets.c
  sgp-registration-code.c
  sgp-sealed-stream.c
  sgp-sealer.c
  sgp-sealer-portal.c
  sgp-splitter.c
  sgp-uuid7.c
  sgp-wrap.c)
