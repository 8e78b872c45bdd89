/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The files of the spool, DIR/spool/: "<copy>" for a mail, "<copy>.<n>" for a blob of a portal
 * copy, "<copy>.plain" for an internal plain copy, encrypted under the spool's key. Used by
 * sgp-spool only. Errors: STORAGE; LOCKED and UNREACHABLE for the key. Thread-safe. */
typedef struct _SgpSpoolFiles SgpSpoolFiles;

SgpSpoolFiles *sgp_spool_files_new(const char *state_dir, GError **error);
void sgp_spool_files_free(SgpSpoolFiles *self);
/* Writes what fd holds from its beginning, on disk under its name when sgp_spool_files_sync()
 * returned, too. */
gboolean sgp_spool_files_write(SgpSpoolFiles *self, const char *name, int fd, GError **error);
/* The same for clear text: only its ciphertext is written. */
gboolean sgp_spool_files_write_plain(
	SgpSpoolFiles *self, const char *copy_id, int fd, GError **error);
gboolean sgp_spool_files_sync(SgpSpoolFiles *self, GError **error);
int sgp_spool_files_open(SgpSpoolFiles *self, const char *name, GError **error);
int sgp_spool_files_open_plain(
	SgpSpoolFiles *self, const char *copy_id, GError **error); /* a memfd */
/* All files of a copy; none is fine. */
void sgp_spool_files_remove(SgpSpoolFiles *self, const char *copy_id);
/* Copy ids that have files here. (element-type utf8) (transfer full) */
GPtrArray *sgp_spool_files_list(SgpSpoolFiles *self, GError **error);
/* TRUE: no other process uses this spool now, and none can begin to until release. */
gboolean sgp_spool_files_try_exclusive(SgpSpoolFiles *self);
void sgp_spool_files_release_exclusive(SgpSpoolFiles *self);
int sgp_spool_files_lock_delivery(SgpSpoolFiles *self, GError **error);

G_END_DECLS
