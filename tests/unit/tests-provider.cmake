# SPDX-License-Identifier: GPL-3.0-or-later
# Provider probe and submission.
add_library(test-smtp-server STATIC smtp-server.c)
target_link_libraries(test-smtp-server PUBLIC siegelpost-core PRIVATE siegelpost_options)
foreach(name dns-data mta-sts provider-report spool-answers submission transport-probe)
  sgp_unit_test(${name})
endforeach()
target_link_libraries(test-submission PRIVATE test-smtp-server)
