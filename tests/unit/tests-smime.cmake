# SPDX-License-Identifier: GPL-3.0-or-later
# S/MIME.
add_library(test-scratch-ca STATIC scratch-ca.c)
target_link_libraries(test-scratch-ca PUBLIC siegelpost-core PRIVATE siegelpost_options)
foreach(name cms-head gpgsm-listing key-source-gpgsm revocation sealer-smime)
  sgp_unit_test(${name})
  target_link_libraries(test-${name} PRIVATE test-scratch-gpg test-scratch-ca)
  set_tests_properties(${name} PROPERTIES TIMEOUT 300) # real processes, some dozens a test
endforeach()
target_link_libraries(test-opened-mail PRIVATE test-scratch-ca)
