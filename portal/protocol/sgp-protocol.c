/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The words, limits and encodings of PROTOCOL.md that both ends share. It checks the form of what
 * came in and never its meaning: no network, no keys, no storage. */

#include "sgp-protocol.h"

#include <gio/gio.h>
#include <string.h>

#define DEEPEST 32 /* objects and lists in one another; we write five */

G_DEFINE_QUARK(sgp - problem - error - quark, sgp_problem_error)

static const struct {
	SgpProblem problem;
	guint status;
	const char *code;
	const char *title;
} problems[] = {
	{ SGP_PROBLEM_INTERNAL, 500, "internal", "The portal failed" },
	{ SGP_PROBLEM_BAD_REQUEST, 400, "bad-request", "The request is malformed" },
	{ SGP_PROBLEM_CROSS_SITE, 403, "cross-site", "The request comes from another site" },
	{ SGP_PROBLEM_NOT_LOGGED_IN, 401, "not-logged-in", "Nobody is logged in" },
	{ SGP_PROBLEM_DEVICE_REVOKED, 401, "device-revoked", "This device is not enrolled" },
	{ SGP_PROBLEM_WRONG_TOKEN, 403, "wrong-token", "The enrolment token is not valid" },
	{ SGP_PROBLEM_WRONG_CODE, 403, "wrong-code", "The registration code is wrong" },
	{ SGP_PROBLEM_WRONG_PASSWORD, 403, "wrong-password", "Address or password is wrong" },
	{ SGP_PROBLEM_TOO_MANY_TRIES, 429, "too-many-tries", "Too many tries" },
	{ SGP_PROBLEM_INVITATION_EXPIRED, 410, "invitation-expired", "The invitation has expired" },
	{ SGP_PROBLEM_LINK_EXPIRED, 410, "link-expired", "The link was used or has expired" },
	{ SGP_PROBLEM_WRONG_ANSWER, 403, "wrong-answer", "The answer is wrong" },
	{ SGP_PROBLEM_LOGIN_AGAIN, 403, "login-again", "The login is too long ago" },
	{ SGP_PROBLEM_NOT_FOUND, 404, "not-found", "There is nothing here" },
	{ SGP_PROBLEM_CONFLICT, 409, "conflict", "Something else is stored under this name" },
	{ SGP_PROBLEM_OFFSET_MISMATCH, 409, "offset-mismatch", "The upload stands elsewhere" },
	{ SGP_PROBLEM_CHECKSUM_MISMATCH, 460, "checksum-mismatch", "The checksum differs" },
	{ SGP_PROBLEM_UPLOAD_INCOMPLETE, 422, "upload-incomplete", "An upload is not complete" },
	{ SGP_PROBLEM_TOO_LARGE, 413, "too-large", "This is larger than the portal takes" },
	{ SGP_PROBLEM_UNSUPPORTED, 415, "unsupported", "The portal does not support this" },
	{ SGP_PROBLEM_BUSY, 503, "busy", "The portal is busy" },
};

/**
 * sgp_problem_get_code:
 *
 * Returns: (transfer none): the word that travels in "code".
 */
const char *sgp_problem_get_code(SgpProblem problem)
{
	for (gsize i = 0; i < G_N_ELEMENTS(problems); i++) {
		if (problems[i].problem == problem)
			return problems[i].code;
	}
	return problems[0].code;
}

/**
 * sgp_problem_get_title:
 *
 * Returns: (transfer none): an English sentence without a full stop, for "title".
 */
const char *sgp_problem_get_title(SgpProblem problem)
{
	for (gsize i = 0; i < G_N_ELEMENTS(problems); i++) {
		if (problems[i].problem == problem)
			return problems[i].title;
	}
	return problems[0].title;
}

/**
 * sgp_problem_get_status:
 *
 * Returns: the HTTP status that belongs to @problem.
 */
guint sgp_problem_get_status(SgpProblem problem)
{
	for (gsize i = 0; i < G_N_ELEMENTS(problems); i++) {
		if (problems[i].problem == problem)
			return problems[i].status;
	}
	return problems[0].status;
}

/**
 * sgp_problem_from_code:
 * @code: (nullable): the word of an answer
 *
 * Returns: the problem; %SGP_PROBLEM_INTERNAL for a word that is not in the list.
 */
SgpProblem sgp_problem_from_code(const char *code)
{
	for (gsize i = 0; i < G_N_ELEMENTS(problems); i++) {
		if (g_strcmp0(problems[i].code, code) == 0)
			return problems[i].problem;
	}
	return SGP_PROBLEM_INTERNAL;
}

static const char *const state_words[] = {
	[SGP_CUSTOMER_UNKNOWN] = "unknown",
	[SGP_CUSTOMER_NONE] = "none",
	[SGP_CUSTOMER_INVITED] = "invited",
	[SGP_CUSTOMER_EXPIRED] = "expired",
	[SGP_CUSTOMER_REGISTERED] = "registered",
	[SGP_CUSTOMER_FROZEN] = "frozen",
};

/**
 * sgp_customer_state_get_word:
 *
 * Returns: (transfer none): the word that travels.
 */
const char *sgp_customer_state_get_word(SgpCustomerState state)
{
	return (gsize)state < G_N_ELEMENTS(state_words) ? state_words[state] : state_words[0];
}

/**
 * sgp_customer_state_from_word:
 *
 * Returns: the state; %SGP_CUSTOMER_UNKNOWN for a word that is not in the list.
 */
SgpCustomerState sgp_customer_state_from_word(const char *word)
{
	for (gsize i = 0; i < G_N_ELEMENTS(state_words); i++) {
		if (g_strcmp0(state_words[i], word) == 0)
			return (SgpCustomerState)i;
	}
	return SGP_CUSTOMER_UNKNOWN;
}

/**
 * sgp_protocol_encode_b64u:
 *
 * base64url without padding (RFC 4648, section 5).
 *
 * Returns: (transfer full): the text.
 */
char *sgp_protocol_encode_b64u(const guint8 *data, gsize length)
{
	char *text = g_base64_encode(length > 0 ? data : (const guint8 *)"", length);

	for (char *c = text; *c != '\0'; c++) {
		if (*c == '+')
			*c = '-';
		else if (*c == '/')
			*c = '_';
		else if (*c == '=')
			*c = '\0';
	}
	return text;
}

/**
 * sgp_protocol_decode_b64u:
 * @text: (nullable): base64url without padding
 *
 * Strict: one value has one text, so that nothing can hide in bits that decoders drop.
 *
 * Returns: (transfer full) (nullable): the bytes, or %NULL if @text is not exactly that encoding.
 */
GBytes *sgp_protocol_decode_b64u(const char *text)
{
	g_autofree char *plain = NULL;
	g_autofree char *again = NULL;
	g_autofree guint8 *data = NULL;
	gsize length = 0;
	gsize size = 0;

	if (text == NULL)
		return NULL;
	length = strlen(text);
	if (length % 4 == 1)
		return NULL;
	plain = g_malloc(length + 4);
	for (gsize i = 0; i < length; i++) {
		char c = text[i];

		if (!g_ascii_isalnum(c) && c != '-' && c != '_')
			return NULL;
		plain[i] = c == '-' ? '+' : c == '_' ? '/' : c;
	}
	while (length % 4 != 0)
		plain[length++] = '=';
	plain[length] = '\0';
	data = g_base64_decode(plain, &size);
	again = sgp_protocol_encode_b64u(data, size);
	if (strcmp(again, text) != 0)
		return NULL;
	return g_bytes_new_take(g_steal_pointer(&data), size);
}

/**
 * sgp_protocol_encode_hex:
 *
 * Returns: (transfer full): lower-case hexadecimal.
 */
char *sgp_protocol_encode_hex(const guint8 *data, gsize length)
{
	static const char digits[] = "0123456789abcdef";
	char *text = g_malloc(2 * length + 1);

	for (gsize i = 0; i < length; i++) {
		text[2 * i] = digits[data[i] >> 4];
		text[2 * i + 1] = digits[data[i] & 15];
	}
	text[2 * length] = '\0';
	return text;
}

static gboolean is_lower_hex(const char *text, gsize length)
{
	if (text == NULL || strlen(text) != length)
		return FALSE;
	for (gsize i = 0; i < length; i++) {
		if (!g_ascii_isdigit(text[i]) && !(text[i] >= 'a' && text[i] <= 'f'))
			return FALSE;
	}
	return TRUE;
}

/**
 * sgp_protocol_is_handle:
 *
 * Returns: whether @text has the form of a handle.
 */
gboolean sgp_protocol_is_handle(const char *text)
{
	return is_lower_hex(text, SGP_PROTOCOL_HANDLE_LENGTH);
}

/**
 * sgp_protocol_is_sha256_hex:
 *
 * Returns: whether @text has the form of a SHA-256 in lower-case hexadecimal.
 */
gboolean sgp_protocol_is_sha256_hex(const char *text)
{
	return is_lower_hex(text, 64);
}

/**
 * sgp_protocol_is_uuid7:
 *
 * Returns: whether @text is a UUID of version 7 in lower case (RFC 9562, section 5.7).
 */
gboolean sgp_protocol_is_uuid7(const char *text)
{
	if (text == NULL || strlen(text) != 36)
		return FALSE;
	for (gsize i = 0; i < 36; i++) {
		gboolean dash = i == 8 || i == 13 || i == 18 || i == 23;

		if (dash != (text[i] == '-'))
			return FALSE;
		if (!dash && !g_ascii_isdigit(text[i]) && !(text[i] >= 'a' && text[i] <= 'f'))
			return FALSE;
	}
	return text[14] == '7' && strchr("89ab", text[19]) != NULL;
}

/**
 * sgp_protocol_is_message_id:
 *
 * A Message-ID with its angle brackets, in printable ASCII without blanks (RFC 5322, 3.6.4, without
 * its comments), so that it can stand in a header field and add nothing to it.
 *
 * Returns: whether @text is one.
 */
gboolean sgp_protocol_is_message_id(const char *text)
{
	gsize length = text != NULL ? strlen(text) : 0;
	gboolean at = FALSE;

	if (length < 5 || length > 512 || text[0] != '<' || text[length - 1] != '>')
		return FALSE;
	for (gsize i = 1; i + 1 < length; i++) {
		if (text[i] <= ' ' || text[i] >= 127 || text[i] == '<' || text[i] == '>')
			return FALSE;
		at = at || text[i] == '@';
	}
	return at;
}

static gboolean is_local_part(const char *text)
{
	if (*text == '\0' || strlen(text) > 64 || *text == '.' || g_str_has_suffix(text, "."))
		return FALSE;
	if (strstr(text, "..") != NULL)
		return FALSE;
	for (const char *c = text; *c != '\0'; c++) {
		if ((guchar)*c <= ' ' || *c == 127 || strchr("()<>[]:;,\\\"@", *c) != NULL)
			return FALSE;
	}
	return TRUE;
}

static gboolean is_ascii_domain(const char *text)
{
	gsize length = strlen(text);

	if (length == 0 || length > 253 || text[0] == '.' || text[0] == '-')
		return FALSE;
	if (text[length - 1] == '.' || text[length - 1] == '-' || strstr(text, "..") != NULL)
		return FALSE;
	for (gsize i = 0; i < length; i++) {
		if (!g_ascii_isalnum(text[i]) && text[i] != '-' && text[i] != '.')
			return FALSE;
	}
	return TRUE;
}

/**
 * sgp_protocol_canonical_address:
 * @address: (nullable): an addr-spec
 *
 * The canonical form of PROTOCOL.md: NFC, the domain in A-labels and lower case, the local part in
 * lower case. Quoted local parts and address literals are not taken.
 *
 * Returns: (transfer full) (nullable): the address, or %NULL if @address is not one.
 */
char *sgp_protocol_canonical_address(const char *address)
{
	g_autofree char *normal = NULL;
	g_autofree char *local = NULL;
	g_autofree char *ascii = NULL;
	g_autofree char *domain = NULL;
	g_autofree char *lower = NULL;
	const char *at = NULL;

	if (address == NULL || strlen(address) > 320 || !g_utf8_validate(address, -1, NULL))
		return NULL;
	normal = g_utf8_normalize(address, -1, G_NORMALIZE_NFC);
	at = normal != NULL ? strrchr(normal, '@') : NULL;
	if (at == NULL)
		return NULL;
	local = g_strndup(normal, (gsize)(at - normal));
	ascii = g_hostname_to_ascii(at + 1);
	if (ascii == NULL || !is_local_part(local))
		return NULL;
	domain = g_ascii_strdown(ascii, -1);
	if (!is_ascii_domain(domain))
		return NULL;
	lower = g_utf8_strdown(local, -1);
	return g_strconcat(lower, "@", domain, NULL);
}

/* Outside of strings (RFC 8259): structure, numbers, true, false and null. */
static gboolean may_stand_bare(char c)
{
	return c != '\0' && strchr("{}[]:,\"0123456789+-.eEaflnrstu", c) != NULL;
}

/* One object, with only blanks around it, and nothing deeper than anybody writes. json-glib would
 * take the last of several values and lose the memory of the others, takes comments and strings in
 * single quotes, in which a double one would hide what follows from us, and goes as deep as the
 * stack allows, and beyond: any browser could end the portal (threat 16; test
 * /protocol/a-body-is-one-json-object-and-nothing-behind-it). */
static gboolean is_one_object(const char *data, gsize length)
{
	gboolean is_quoted = FALSE;
	gboolean has_ended = FALSE;
	guint depth = 0;

	for (gsize i = 0; i < length; i++) {
		char c = data[i];

		if (is_quoted) {
			i += c == '\\' ? 1 : 0;
			is_quoted = c != '"';
		} else if (strchr(" \t\r\n", c) == NULL) {
			if (has_ended || !may_stand_bare(c) || (depth == 0 && c != '{'))
				return FALSE;
			if ((c == '{' || c == '[') && ++depth > DEEPEST)
				return FALSE;
			if (c == '}' || c == ']')
				has_ended = --depth == 0;
			is_quoted = c == '"';
		}
	}
	return has_ended;
}

/**
 * sgp_protocol_parse_object:
 *
 * Returns: (transfer full) (nullable): the JSON object in @data, or %NULL if it is anything else.
 */
JsonObject *sgp_protocol_parse_object(const char *data, gsize length)
{
	g_autoptr(JsonParser) parser = NULL;
	JsonNode *root = NULL;

	/* json-glib takes a NUL as the end: what follows would go unseen. */
	if (data == NULL || length == 0 || length > G_MAXSSIZE || memchr(data, 0, length) != NULL)
		return NULL;
	if (!g_utf8_validate(data, (gssize)length, NULL) || !is_one_object(data, length))
		return NULL;
	parser = json_parser_new_immutable();
	if (!json_parser_load_from_data(parser, data, (gssize)length, NULL))
		return NULL;
	root = json_parser_get_root(parser);
	if (root == NULL || !JSON_NODE_HOLDS_OBJECT(root))
		return NULL;
	return json_object_ref(json_node_get_object(root));
}

/**
 * sgp_protocol_get_text:
 *
 * Returns: (transfer none) (nullable): the string member @name, or %NULL if there is none.
 */
const char *sgp_protocol_get_text(JsonObject *object, const char *name)
{
	JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;

	if (node == NULL || !JSON_NODE_HOLDS_VALUE(node) ||
		json_node_get_value_type(node) != G_TYPE_STRING)
		return NULL;
	return json_node_get_string(node);
}

/**
 * sgp_protocol_get_integer:
 * @value: (out): untouched on failure
 *
 * Returns: whether the member @name is an integer.
 */
gboolean sgp_protocol_get_integer(JsonObject *object, const char *name, gint64 *value)
{
	JsonNode *node = object != NULL ? json_object_get_member(object, name) : NULL;

	if (node == NULL || !JSON_NODE_HOLDS_VALUE(node) ||
		json_node_get_value_type(node) != G_TYPE_INT64)
		return FALSE;
	*value = json_node_get_int(node);
	return TRUE;
}

/**
 * sgp_protocol_is_null:
 *
 * Returns: whether the member @name is absent or null, which the protocol takes for the same.
 */
gboolean sgp_protocol_is_null(JsonObject *object, const char *name)
{
	JsonNode *node = json_object_get_member(object, name);

	return node == NULL || JSON_NODE_HOLDS_NULL(node);
}

/**
 * sgp_protocol_dup_b64u:
 *
 * Returns: (transfer full) (nullable): the bytes of the b64u member @name, or %NULL.
 */
GBytes *sgp_protocol_dup_b64u(JsonObject *object, const char *name)
{
	return sgp_protocol_decode_b64u(sgp_protocol_get_text(object, name));
}

/**
 * sgp_protocol_set_text:
 * @value: (nullable): %NULL becomes null
 */
void sgp_protocol_set_text(JsonObject *object, const char *name, const char *value)
{
	if (value != NULL)
		json_object_set_string_member(object, name, value);
	else
		json_object_set_null_member(object, name);
}

/**
 * sgp_protocol_set_b64u:
 * @value: (nullable): %NULL becomes null
 */
void sgp_protocol_set_b64u(JsonObject *object, const char *name, GBytes *value)
{
	g_autofree char *text = NULL;
	gsize length = 0;
	const guint8 *data = value != NULL ? g_bytes_get_data(value, &length) : NULL;

	if (value != NULL)
		text = sgp_protocol_encode_b64u(data, length);
	sgp_protocol_set_text(object, name, text);
}
