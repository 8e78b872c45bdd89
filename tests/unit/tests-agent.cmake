# SPDX-License-Identifier: GPL-3.0-or-later
# Settings, portal, spool.
add_library(test-hostile-portal STATIC hostile-portal.c)
target_link_libraries(test-hostile-portal PUBLIC siegelpost-core PRIVATE siegelpost_options)
foreach(name delivery invitation portal-client portal-office settings spool spool-cipher)
  sgp_unit_test(${name})
endforeach()
target_link_libraries(test-delivery PRIVATE test-hostile-portal)
target_link_libraries(test-portal-client PRIVATE test-hostile-portal)
target_link_libraries(test-invitation PRIVATE test-hostile-portal test-scratch-gpg)
target_link_libraries(test-portal-office PRIVATE test-scratch-gpg)
add_dependencies(test-settings siegelpost-schema)
