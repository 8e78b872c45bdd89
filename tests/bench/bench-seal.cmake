# SPDX-License-Identifier: GPL-3.0-or-later
# P5, P6, P7: sealing OpenPGP.
if(PLUGIN)
  add_executable(bench-seal bench-seal.c)
  target_link_libraries(bench-seal PRIVATE bench-sealing)
endif()
