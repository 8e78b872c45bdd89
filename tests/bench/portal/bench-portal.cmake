# SPDX-License-Identifier: GPL-3.0-or-later
# P13: OPAQUE's server side and what it is measured by, each a program of its own.
if(TARGET siegelpost_portal_parts)
  foreach(name multiply opaque)
    add_executable(bench-${name} portal/bench-${name}.c)
    target_link_libraries(bench-${name} PRIVATE siegelpost_options siegelpost_portal_parts)
  endforeach()
endif()
