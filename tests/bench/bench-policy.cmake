# SPDX-License-Identifier: GPL-3.0-or-later
# P1, P3, P4, P16: assessing and the history index.
if(PLUGIN)
  foreach(name assess history)
    add_executable(bench-${name} bench-${name}.c)
    target_link_libraries(bench-${name} PRIVATE bench-common)
  endforeach()
endif()
