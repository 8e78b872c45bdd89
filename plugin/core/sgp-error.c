/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The error domain of core. Owns the quark and the nicks; never makes sentences for people. */
#include "sgp-error.h"

G_DEFINE_QUARK(sgp - error - quark, sgp_error)

static const char *code_get_nick(SgpError code)
{
	switch (code) {
	case SGP_ERROR_FAILED:
		return "failed";
	case SGP_ERROR_INVALID:
		return "invalid";
	case SGP_ERROR_NOT_FOUND:
		return "not-found";
	case SGP_ERROR_UNREACHABLE:
		return "unreachable";
	case SGP_ERROR_LOCKED:
		return "locked";
	case SGP_ERROR_NOT_ENROLLED:
		return "not-enrolled";
	case SGP_ERROR_REFUSED:
		return "refused";
	case SGP_ERROR_CONFLICT:
		return "conflict";
	case SGP_ERROR_TOO_LARGE:
		return "too-large";
	case SGP_ERROR_STORAGE:
		return "storage";
	case SGP_ERROR_TAMPERED:
		return "tampered";
	case SGP_ERROR_ALREADY_DONE:
		return "already-done";
	}
	return "failed";
}

const char *sgp_error_get_nick(const GError *error)
{
	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return "cancelled";
	return error->domain == SGP_ERROR ? code_get_nick((SgpError)error->code) : "failed";
}
