# SPDX-License-Identifier: GPL-3.0-or-later
# Portal, spool, settings, and what puts everything together.
file(READ ${CMAKE_SOURCE_DIR}/plugin/data/org.siegelpost.gschema.xml SGP_SETTINGS_SCHEMA_TEXT)
string(REPLACE "\\" "\\\\" SGP_SETTINGS_SCHEMA_TEXT "${SGP_SETTINGS_SCHEMA_TEXT}")
string(REPLACE "\"" "\\\"" SGP_SETTINGS_SCHEMA_TEXT "${SGP_SETTINGS_SCHEMA_TEXT}")
string(REPLACE "\n" "\\n\" \\\n\t\"" SGP_SETTINGS_SCHEMA_TEXT "${SGP_SETTINGS_SCHEMA_TEXT}")
configure_file(sgp-settings-schema.h.in ${CMAKE_CURRENT_BINARY_DIR}/sgp-settings-schema.h @ONLY)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/plugin/data/org.siegelpost.gschema.xml)
target_include_directories(siegelpost-core PRIVATE ${CMAKE_CURRENT_BINARY_DIR})

set_source_files_properties(sgp-portal-pages.c PROPERTIES
  COMPILE_DEFINITIONS SGP_DATADIR="${CMAKE_INSTALL_FULL_DATADIR}/siegelpost")
target_sources(siegelpost-core PRIVATE
  sgp-customer-keys.c
  sgp-deposited-certificates.c
  sgp-delivery.c
  sgp-delivery-worker.c
  sgp-dispatcher.c
  sgp-dispatcher-portal.c
  sgp-event-log.c
  sgp-invitation.c
  sgp-invitation-check.c
  sgp-invitation-escrow.c
  sgp-ledger-sync.c
  sgp-ledger-sync-record.c
  sgp-portal-account.c
  sgp-portal-client.c
  sgp-portal-client-ledger.c
  sgp-portal-client-care.c
  sgp-portal-client-upload.c
  sgp-portal-customer.c
  sgp-portal-device.c
  sgp-portal-enrolment.c
  sgp-portal-events.c
  sgp-portal-office.c
  sgp-portal-pages.c
  sgp-portal-pages-watch.c
  sgp-portal-roster.c
  sgp-portal-transport.c
  sgp-prepare-result.c
  sgp-secret-store.c
  sgp-settings.c
  sgp-spool.c
  sgp-spool-care.c
  sgp-spool-check.c
  sgp-spool-cipher.c
  sgp-spool-files.c
  sgp-spool-key.c)
