# SPDX-License-Identifier: GPL-3.0-or-later
# Keys: acceptance, candidates, wild keys.
foreach(name autocrypt key-candidates key-matrix key-standing smime-signature wkd)
  sgp_unit_test(${name})
  target_link_libraries(test-${name} PRIVATE test-scratch-gpg test-scratch-ca)
endforeach()
target_link_libraries(test-key-lookup PRIVATE test-scratch-ca)
