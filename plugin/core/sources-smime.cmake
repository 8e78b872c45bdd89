# SPDX-License-Identifier: GPL-3.0-or-later
# S/MIME: certificates, and mail that is sealed for them.
pkg_check_modules(SMIME_DEPS REQUIRED IMPORTED_TARGET libcrypto>=3.0)
target_link_libraries(siegelpost-core PUBLIC PkgConfig::SMIME_DEPS)
target_sources(siegelpost-core PRIVATE
  sgp-certificate.c
  sgp-certificate-chain.c
  sgp-cms-head.c
  sgp-cms-signed.c
  sgp-cms-stream.c
  sgp-gpgsm.c
  sgp-gpgsm-listing.c
  sgp-gpgsm-signer.c
  sgp-key-source-gpgsm.c
  sgp-revocation.c
  sgp-sealer-smime.c
  sgp-tee-stream.c)
