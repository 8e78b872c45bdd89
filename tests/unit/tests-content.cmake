# SPDX-License-Identifier: GPL-3.0-or-later
sgp_unit_test(attachment-text)
sgp_unit_test(uuencode)
sgp_unit_test(opt-out-mails)
sgp_unit_test(opt-out-ways)
target_sources(test-attachment-text PRIVATE ${CMAKE_SOURCE_DIR}/plugin/extract/sgp-extract-confine.c)
target_link_libraries(test-attachment-text PRIVATE siegelpost-extract-readers)
add_dependencies(test-attachment-text siegelpost-extract)
add_dependencies(test-attachment-scan siegelpost-extract)
