# SPDX-License-Identifier: GPL-3.0-or-later
# P8: sealing S/MIME.
if(PLUGIN)
  add_executable(bench-smime bench-smime.c)
  target_include_directories(bench-smime PRIVATE ${CMAKE_SOURCE_DIR}/tests/unit)
  target_link_libraries(bench-smime PRIVATE test-scratch-ca test-scratch-gpg bench-sealing)
endif()
