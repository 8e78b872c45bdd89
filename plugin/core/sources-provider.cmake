# SPDX-License-Identifier: GPL-3.0-or-later
# What the recipient's provider offers, and the submission service that enforces it.
# Not through pkg-config: Debian 12's libunbound.pc asks for development files that only a static
# link would need.
find_library(UNBOUND_LIBRARY unbound REQUIRED)
find_path(UNBOUND_INCLUDE_DIR unbound.h REQUIRED)
target_include_directories(siegelpost-core PRIVATE ${UNBOUND_INCLUDE_DIR})
target_link_libraries(siegelpost-core PUBLIC ${UNBOUND_LIBRARY})
target_sources(siegelpost-core PRIVATE
  sgp-delivery-submission.c
  sgp-dns.c
  sgp-dns-data.c
  sgp-mta-sts.c
  sgp-mta-sts-fetch.c
  sgp-pinned-address.c
  sgp-provider-cache.c
  sgp-provider-inquest.c
  sgp-provider-report.c
  sgp-smtp-session.c
  sgp-spool-answers.c
  sgp-submission.c
  sgp-transport-probe.c)
