/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* One code per thing that a caller can do about it, not per cause. The message is for logs (no
 * address, no subject, no secret); sentences for people are made from the code, in the command line
 * and in ui. */
typedef enum {
	SGP_ERROR_FAILED = 0,   /* we are at fault, or a tool broke: report it */
	SGP_ERROR_INVALID,      /* the input is wrong: correct it (mail, address, option, date) */
	SGP_ERROR_NOT_FOUND,    /* what was named does not exist */
	SGP_ERROR_UNREACHABLE,  /* portal, keyring, gpg did not answer: try again later */
	SGP_ERROR_LOCKED,       /* keyring or key is locked: unlock it */
	SGP_ERROR_NOT_ENROLLED, /* no portal is set up: enrol */
	SGP_ERROR_REFUSED,      /* the portal or the policy says no: see the detail */
	SGP_ERROR_CONFLICT,     /* something changed meanwhile: look again, then repeat */
	SGP_ERROR_TOO_LARGE,    /* over a limit: send less */
	SGP_ERROR_STORAGE,      /* disk or database: mend it */
	SGP_ERROR_TAMPERED,     /* a signature, hash or chain does not fit: stop, tell somebody */
	/* Only for a draft-id that is used up: this very mail was committed before, and is ours to
	 * deliver. A program may close the mail's window on this code, and on no other. */
	SGP_ERROR_ALREADY_DONE,
} SgpError;

#define SGP_ERROR (sgp_error_quark())
GQuark sgp_error_quark(void);
/* "not-found", ...; "cancelled" for G_IO_ERROR_CANCELLED, "failed" for any other domain. For JSON,
 * D-Bus and the spool's rows. */
const char *sgp_error_get_nick(const GError *error);

G_END_DECLS
