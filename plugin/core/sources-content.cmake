# SPDX-License-Identifier: GPL-3.0-or-later
target_sources(siegelpost-core PRIVATE
  sgp-attachment-text.c
  sgp-content-model.c
  sgp-content-signature.c
  sgp-content-terms.c
  sgp-uuencode.c)
sgp_embed_weights(content)
set_source_files_properties(sgp-attachment-text.c PROPERTIES
  COMPILE_DEFINITIONS SGP_LIBEXECDIR="${CMAKE_INSTALL_FULL_LIBEXECDIR}")
