# SPDX-License-Identifier: GPL-3.0-or-later
# cmake -DFROM=x.weights -DTO=x.c -DNAME=sgp_x -P embed.cmake: a file as an array of bytes.
file(READ ${FROM} bytes HEX)
string(REGEX REPLACE "(................................)" "\\1\n" bytes "${bytes}")
string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${bytes}")
get_filename_component(source ${FROM} NAME)
file(WRITE ${TO} "/* Made from ${source} by embed.cmake. */
#include \"sgp-text-weights.h\"

const guint8 ${NAME}[] = {
${bytes}};
const gsize ${NAME}_length = sizeof ${NAME};
")
