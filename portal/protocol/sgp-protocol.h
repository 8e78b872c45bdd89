/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>
#include <json-glib/json-glib.h>

G_BEGIN_DECLS

#define SGP_PROTOCOL_VERSION              1
#define SGP_PROTOCOL_ATTACHMENT_LIMIT     (50 * 1024 * 1024)
#define SGP_PROTOCOL_MESSAGE_LIMIT        (100 * 1024 * 1024)
#define SGP_PROTOCOL_MANIFEST_LIMIT       (64 * 1024)
#define SGP_PROTOCOL_DRAFT_LIMIT          (1024 * 1024)
#define SGP_PROTOCOL_LOOKUP_LIMIT         100
#define SGP_PROTOCOL_PAGE                 50
#define SGP_PROTOCOL_RETENTION_DAYS       180
#define SGP_PROTOCOL_INVITATION_DAYS      21
#define SGP_PROTOCOL_IDLE_SECONDS         (15 * 60)
#define SGP_PROTOCOL_SESSION_SECONDS      (8 * 60 * 60)
#define SGP_PROTOCOL_FRESH_SECONDS        (10 * 60)
#define SGP_PROTOCOL_UPLOAD_SECONDS       (24 * 60 * 60)
#define SGP_PROTOCOL_ENROLMENT_SECONDS    (24 * 60 * 60)
#define SGP_PROTOCOL_MAXIMAL_WAIT_SECONDS 25
#define SGP_PROTOCOL_HANDLE_LENGTH        32
#define SGP_PROTOCOL_WRAP_PAGE            4096
#define SGP_PROTOCOL_WRAP_OVERHEAD        28
#define SGP_PROTOCOL_TUS_VERSION          "1.0.0"

/**
 * SgpProblem:
 *
 * Why a request was refused: the closed list of codes of PROTOCOL.md. Also the code of errors of
 * domain %SGP_PROBLEM_ERROR. Zero is the server's own failure, so that an error nobody classified
 * is never taken for an answer.
 */
typedef enum {
	SGP_PROBLEM_INTERNAL = 0,
	SGP_PROBLEM_BAD_REQUEST,
	SGP_PROBLEM_CROSS_SITE,
	SGP_PROBLEM_NOT_LOGGED_IN,
	SGP_PROBLEM_DEVICE_REVOKED,
	SGP_PROBLEM_WRONG_TOKEN,
	SGP_PROBLEM_WRONG_CODE,
	SGP_PROBLEM_WRONG_PASSWORD,
	SGP_PROBLEM_TOO_MANY_TRIES,
	SGP_PROBLEM_INVITATION_EXPIRED,
	SGP_PROBLEM_LINK_EXPIRED,
	SGP_PROBLEM_WRONG_ANSWER,
	SGP_PROBLEM_LOGIN_AGAIN,
	SGP_PROBLEM_NOT_FOUND,
	SGP_PROBLEM_CONFLICT,
	SGP_PROBLEM_OFFSET_MISMATCH,
	SGP_PROBLEM_CHECKSUM_MISMATCH,
	SGP_PROBLEM_UPLOAD_INCOMPLETE,
	SGP_PROBLEM_TOO_LARGE,
	SGP_PROBLEM_UNSUPPORTED,
	SGP_PROBLEM_BUSY,
} SgpProblem;

#define SGP_PROBLEM_ERROR (sgp_problem_error_quark())
GQuark sgp_problem_error_quark(void);

const char *sgp_problem_get_code(SgpProblem problem);
const char *sgp_problem_get_title(SgpProblem problem);
guint sgp_problem_get_status(SgpProblem problem);
SgpProblem sgp_problem_from_code(const char *code);

/**
 * SgpCustomerState:
 *
 * What the portal knows of an address. Zero is "not known yet", never "none".
 */
typedef enum {
	SGP_CUSTOMER_UNKNOWN = 0,
	SGP_CUSTOMER_NONE,
	SGP_CUSTOMER_INVITED,
	SGP_CUSTOMER_EXPIRED,
	SGP_CUSTOMER_REGISTERED,
	SGP_CUSTOMER_FROZEN,
} SgpCustomerState;

const char *sgp_customer_state_get_word(SgpCustomerState state);
SgpCustomerState sgp_customer_state_from_word(const char *word);

char *sgp_protocol_encode_b64u(const guint8 *data, gsize length);
GBytes *sgp_protocol_decode_b64u(const char *text);
char *sgp_protocol_encode_hex(const guint8 *data, gsize length);

gboolean sgp_protocol_is_handle(const char *text);
gboolean sgp_protocol_is_uuid7(const char *text);
gboolean sgp_protocol_is_sha256_hex(const char *text);
gboolean sgp_protocol_is_message_id(const char *text);
char *sgp_protocol_canonical_address(const char *address);

JsonObject *sgp_protocol_parse_object(const char *data, gsize length);
const char *sgp_protocol_get_text(JsonObject *object, const char *name);
gboolean sgp_protocol_get_integer(JsonObject *object, const char *name, gint64 *value);
gboolean sgp_protocol_is_null(JsonObject *object, const char *name);
GBytes *sgp_protocol_dup_b64u(JsonObject *object, const char *name);
void sgp_protocol_set_text(JsonObject *object, const char *name, const char *value);
void sgp_protocol_set_b64u(JsonObject *object, const char *name, GBytes *value);

G_END_DECLS
