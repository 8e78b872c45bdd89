# SPDX-License-Identifier: GPL-3.0-or-later
# What the benchmarks of the plugin share.
if(PLUGIN)
  add_library(bench-common STATIC bench-common.c)
  target_link_libraries(bench-common PUBLIC siegelpost-core siegelpost_options)
  add_library(bench-sealing STATIC bench-sealing.c)
  target_link_libraries(bench-sealing PUBLIC bench-common)
endif()
