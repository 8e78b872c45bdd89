# SPDX-License-Identifier: GPL-3.0-or-later
add_executable(bench-seal bench-seal.c)
target_link_libraries(bench-seal PRIVATE siegelpost-core siegelpost_options)
