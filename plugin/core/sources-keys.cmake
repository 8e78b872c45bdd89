# SPDX-License-Identifier: GPL-3.0-or-later
# Keys: acceptance, candidates, wild keys.
target_sources(siegelpost-core PRIVATE
  sgp-autocrypt.c
  sgp-deposited-keys.c
  sgp-dispatcher-keys.c
  sgp-gnupg-run.c
  sgp-key-candidates.c
  sgp-key-harvest.c
  sgp-key-index.c
  sgp-key-intake.c
  sgp-smime-signature.c
  sgp-wkd.c
  sgp-wkd-fetch.c)
