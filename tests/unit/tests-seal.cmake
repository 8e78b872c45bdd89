# SPDX-License-Identifier: GPL-3.0-or-later
# Keys and sealing.
add_library(test-scratch-gpg STATIC scratch-gpg.c)
target_link_libraries(test-scratch-gpg PUBLIC siegelpost-core PRIVATE siegelpost_options)
foreach(name copy-mime gnupg-listing gpgme key-lookup key-record legacy-display mail-head mime opened-mail openpgp-packets registration-code sealed-stream sealer splitter wrap)
  sgp_unit_test(${name})
  target_link_libraries(test-${name} PRIVATE test-scratch-gpg)
endforeach()
