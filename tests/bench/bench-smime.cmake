# SPDX-License-Identifier: GPL-3.0-or-later
add_executable(bench-smime bench-smime.c)
target_include_directories(bench-smime PRIVATE ${CMAKE_SOURCE_DIR}/tests/unit)
target_link_libraries(bench-smime PRIVATE test-scratch-ca test-scratch-gpg siegelpost-core siegelpost_options)
