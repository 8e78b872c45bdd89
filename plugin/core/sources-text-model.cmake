# SPDX-License-Identifier: GPL-3.0-or-later
# The text model, and sgp_embed_weights(NAME): model/NAME.weights as sgp_text_weights_NAME.
function(sgp_embed_weights name)
  string(REPLACE "-" "_" symbol sgp_text_weights_${name})
  set(from ${CMAKE_CURRENT_SOURCE_DIR}/model/${name}.weights)
  set(to ${CMAKE_CURRENT_BINARY_DIR}/weights-${name}.c)
  add_custom_command(OUTPUT ${to}
    COMMAND ${CMAKE_COMMAND} -DFROM=${from} -DTO=${to} -DNAME=${symbol}
            -P ${CMAKE_CURRENT_SOURCE_DIR}/model/embed.cmake
    DEPENDS ${from} ${CMAKE_CURRENT_SOURCE_DIR}/model/embed.cmake VERBATIM)
  target_sources(siegelpost-core PRIVATE ${to})
endfunction()

target_sources(siegelpost-core PRIVATE
  sgp-text-features.c
  sgp-text-model.c
  sgp-text-words.c)
sgp_embed_weights(opt-out)
find_library(SGP_LIBM m)
if(SGP_LIBM)
  target_link_libraries(siegelpost-core PUBLIC ${SGP_LIBM})
endif()
