/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Mailboxes and their canonical form. Owns the one rule by which two addresses are "the same
 * person": whole canonical addr-specs, never display names, never substrings, nothing folded beyond
 * letter case and normal form. */
#include "sgp-address.h"

#include <idn2.h>
#include <string.h>

#include "sgp-error.h"
#include "sgp-normal-text.h"

/* A line break in a name would begin a new field wherever the name is written (threat 32; test
 * /address/a-name-is-one-line). */
#define CONTROLS                                                                                   \
	"\001\002\003\004\005\006\007\010\011\012\013\014\015\016\017\020\021\022\023\024\025\026" \
	"\027\030\031\032\033\034\035\036\037\177"

#define MAX_ADDR_SPEC 320

struct _SgpAddress {
	gatomicrefcount refs;
	char *addr_spec;    /* (owned) canonical */
	const char *domain; /* (borrowed) inside addr_spec */
	char *name;         /* (owned) (nullable) */
};

static gboolean set_invalid(GError **error, const char *why)
{
	g_set_error_literal(error, SGP_ERROR, SGP_ERROR_INVALID, why);
	return FALSE;
}

/* Controls end header lines early or hide what is written: no address needs them (header
 * injection). */
static gboolean has_control(const char *text)
{
	for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		if (g_unichar_iscntrl(c) || g_unichar_type(c) == G_UNICODE_FORMAT)
			return TRUE;
	}
	return FALSE;
}

/* Lower case where upper case leads back to the same letter: no locale, and U+0130 or U+1E9E do not
 * become another person's "i" or "ß". */
static char *fold_case(const char *text)
{
	g_autofree char *composed = sgp_normal_text_dup(text, G_NORMALIZE_NFC);
	GString *out = g_string_new(NULL);
	for (const char *p = composed; *p != '\0'; p = g_utf8_next_char(p)) {
		gunichar c = g_utf8_get_char(p);
		gunichar lower = g_unichar_tolower(c);
		g_string_append_unichar(out, g_unichar_toupper(lower) == c ? lower : c);
	}
	return g_string_free(out, FALSE);
}

static gboolean is_atom_char(unsigned char c)
{
	return c >= 0x80 || g_ascii_isalnum(c) || (c != '\0' && strchr("!#$%&'*+-/=?^_`{|}~", c));
}

static gboolean is_dot_atom(const char *text)
{
	if (*text == '\0' || *text == '.')
		return FALSE;
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '.' ? (p[1] == '.' || p[1] == '\0') : !is_atom_char((unsigned char)*p))
			return FALSE;
	}
	return TRUE;
}

static void append_quoted(GString *out, const char *text)
{
	g_string_append_c(out, '"');
	for (const char *p = text; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\')
			g_string_append_c(out, '\\');
		g_string_append_c(out, *p);
	}
	g_string_append_c(out, '"');
}

/* "..." without quotes and backslashes; NULL unless the whole text is one quoted string. */
static char *unquote(const char *text)
{
	g_autoptr(GString) out = g_string_new(NULL);
	const char *p = text + 1;
	for (; *p != '\0' && *p != '"'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		g_string_append_c(out, *p);
	}
	if (*p != '"' || p[1] != '\0')
		return NULL;
	return g_strdup(out->str);
}

static char *canonical_local(const char *local, GError **error)
{
	g_autofree char *plain = local[0] == '"' ? unquote(local) : g_strdup(local);
	if (plain == NULL || *plain == '\0') {
		set_invalid(error, "the part before @ is missing or badly quoted");
		return NULL;
	}
	for (const char *p = plain; local[0] != '"' && *p != '\0'; p++) {
		if (*p != '.' && !is_atom_char((unsigned char)*p)) {
			set_invalid(error, "the part before @ has a character that needs quotes");
			return NULL;
		}
	}
	g_autofree char *folded = fold_case(plain);
	if (is_dot_atom(folded))
		return g_steal_pointer(&folded);
	GString *quoted = g_string_new(NULL);
	append_quoted(quoted, folded);
	return g_string_free(quoted, FALSE);
}

static gboolean is_host_name(const char *domain)
{
	gsize label = 0;
	for (const char *p = domain;; p++) {
		if (*p == '.' || *p == '\0') {
			if (label == 0 || label > 63)
				return FALSE;
			if (*p == '\0')
				return p - domain <= 253;
			label = 0;
		} else if (g_ascii_isalnum(*p) || *p == '-' || *p == '_') {
			label++;
		} else {
			return FALSE;
		}
	}
}

/* "[192.0.2.1]", "[IPv6:2001:db8::1]". Anything more could hold an "@", and who cuts the address
 * there takes it for somebody else's (test: /address/a-literal-is-a-number). */
static gboolean is_literal(const char *domain)
{
	gsize length = strlen(domain);
	if (length <= 2 || domain[0] != '[' || domain[length - 1] != ']')
		return FALSE;
	for (gsize i = 1; i + 1 < length; i++) {
		if (!g_ascii_isalnum(domain[i]) && strchr(".:-", domain[i]) == NULL)
			return FALSE;
	}
	return TRUE;
}

/* Letters, digits and single hyphens only, in short labels: nearly every domain, and what IDNA
 * leaves as it is. Any doubt is for the library. */
static gboolean is_plain_domain(const char *domain)
{
	guint label = 0;
	for (const char *p = domain; *p != '\0'; p++) {
		if (!g_ascii_isalnum(*p) && *p != '.' && *p != '-')
			return FALSE;
		if (*p == '-' && (label == 0 || !g_ascii_isalnum(p[1])))
			return FALSE;
		if (*p == '.' && (label == 0 || p[1] == '\0'))
			return FALSE;
		label = *p == '.' ? 0 : label + 1;
		if (label > 60 || p - domain > 200)
			return FALSE;
	}
	return label > 0;
}

/* IDNA 2008 A-labels in lower case (RFC 5891, with the case mapping of RFC 5895); address literals
 * stay as they are. */
static char *canonical_domain(const char *domain, GError **error)
{
	if (is_literal(domain))
		return g_ascii_strdown(domain, -1);
	g_autofree char *trimmed = g_strdup(domain);
	gsize length = strlen(trimmed);
	if (length > 1 && trimmed[length - 1] == '.')
		trimmed[length - 1] = '\0';
	if (is_plain_domain(trimmed)) {
		g_autofree char *plain = g_ascii_strdown(trimmed, -1);
		if (is_host_name(plain))
			return g_steal_pointer(&plain);
	}
	char *ascii = NULL;
	int rc = idn2_lookup_u8(
		(const guint8 *)trimmed, (guint8 **)&ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
	if (rc != IDN2_OK) {
		set_invalid(error, "the part after @ is no domain");
		return NULL;
	}
	g_autofree char *lower = g_ascii_strdown(ascii, -1);
	idn2_free(ascii);
	if (!is_host_name(lower)) {
		set_invalid(error, "the part after @ is no domain");
		return NULL;
	}
	return g_steal_pointer(&lower);
}

/* The last @ outside quotes; NULL if there is none. */
static const char *find_at(const char *spec)
{
	const char *at = NULL;
	gboolean quoted = FALSE;
	for (const char *p = spec; *p != '\0'; p++) {
		if (quoted && *p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '"')
			quoted = !quoted;
		else if (*p == '@' && !quoted)
			at = p;
	}
	return at;
}

SgpAddress *sgp_address_new_with_name(const char *addr_spec, const char *name, GError **error)
{
	g_return_val_if_fail(addr_spec != NULL, NULL);
	if (!g_utf8_validate(addr_spec, -1, NULL) || has_control(addr_spec)) {
		set_invalid(error, "the address has characters that are not allowed");
		return NULL;
	}
	g_autofree char *trimmed = g_strstrip(g_strdup(addr_spec));
	const char *at = find_at(trimmed);
	if (at == NULL) {
		set_invalid(error, "the address has no @");
		return NULL;
	}
	g_autofree char *raw_local = g_strndup(trimmed, at - trimmed);
	g_autofree char *local = canonical_local(raw_local, error);
	if (local == NULL)
		return NULL;
	g_autofree char *domain = canonical_domain(at + 1, error);
	if (domain == NULL)
		return NULL;
	if (strlen(local) + strlen(domain) + 1 > MAX_ADDR_SPEC) {
		set_invalid(error, "the address is too long");
		return NULL;
	}
	SgpAddress *self = g_new0(SgpAddress, 1);
	g_atomic_ref_count_init(&self->refs);
	self->addr_spec = g_strconcat(local, "@", domain, NULL);
	self->domain = self->addr_spec + strlen(local) + 1;
	if (name != NULL && *name != '\0' && g_utf8_validate(name, -1, NULL))
		self->name = g_strdelimit(g_strdup(name), CONTROLS, ' ');
	return self;
}

/* --- Reading lists --- */

static const char *skip_comment(const char *p)
{
	int depth = 0;
	for (; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		else if (*p == '(')
			depth++;
		else if (*p == ')' && --depth == 0)
			return p + 1;
	}
	return p;
}

/* Copies one quoted string or one domain literal as it stands; returns the place after it. */
static const char *copy_run(const char *p, char end, GString *out)
{
	g_string_append_c(out, *p++);
	while (*p != '\0') {
		/* A backslash that was escaped escapes nothing: the quote behind it ends the run,
		 * or the next person would be taken for a part of the name (test:
		 * /address/a-name-may-end-with-a-backslash). */
		gboolean last = *p == end;
		if (*p == '\\' && p[1] != '\0')
			g_string_append_c(out, *p++);
		g_string_append_c(out, *p++);
		if (last)
			return p;
	}
	return p;
}

/* Text up to one of the stop characters outside quotes, comments and literals; comments vanish,
 * white space is one blank. */
static const char *read_until(const char *p, const char *stops, GString *out)
{
	while (*p != '\0' && strchr(stops, *p) == NULL) {
		if (*p == '(') {
			p = skip_comment(p);
			g_string_append_c(out, ' ');
		} else if (*p == '"') {
			p = copy_run(p, '"', out);
		} else if (*p == '[') {
			p = copy_run(p, ']', out);
		} else {
			g_string_append_c(out, strchr("\t\r\n", *p) ? ' ' : *p);
			p++;
		}
	}
	return p;
}

static char *dup_name(const char *phrase)
{
	g_autoptr(GString) out = g_string_new(NULL);
	gboolean quoted = FALSE;
	for (const char *p = phrase; *p != '\0'; p++) {
		if (quoted && *p == '\\' && p[1] != '\0')
			g_string_append_c(out, *++p);
		else if (*p == '"')
			quoted = !quoted;
		else
			g_string_append_c(out, *p);
	}
	return g_strdup(g_strstrip(out->str));
}

/* "@relay,@relay:" of RFC 822 source routes: still parsed, never used. */
static const char *skip_route(const char *spec)
{
	const char *colon = spec[0] == '@' ? strchr(spec, ':') : NULL;
	return colon != NULL ? colon + 1 : spec;
}

/* White space around "." and "@" is allowed by the old syntax. */
static char *squeeze(const char *spec)
{
	g_autofree char *copy = g_strdup(spec);
	g_strstrip(copy);
	if (strchr(copy, '"') != NULL)
		return g_steal_pointer(&copy);
	GString *out = g_string_new(NULL);
	for (const char *p = copy; *p != '\0'; p++) {
		if (*p == ' ') {
			const char *next = p + strspn(p, " ");
			gboolean obsolete =
				strchr(".@", *next) != NULL ||
				(out->len > 0 && strchr(".@", out->str[out->len - 1]) != NULL);
			if (obsolete)
				continue;
		}
		g_string_append_c(out, *p);
	}
	return g_string_free(out, FALSE);
}

/* Reads one mailbox at p. Returns the place after it, NULL with error. found: (out) (nullable) none
 * before a comma. */
static const char *read_mailbox(
	const char *p, SgpAddress **found, gboolean *opens_group, GError **error)
{
	g_autoptr(GString) first = g_string_new(NULL);
	p = read_until(p, ",;:<", first);
	*opens_group = *p == ':';
	if (*opens_group && strchr(first->str, '@') != NULL) {
		set_invalid(error, "the address list cannot be read");
		return NULL;
	}
	if (*opens_group)
		return p + 1;
	if (*p != '<') {
		g_autofree char *spec = squeeze(first->str);
		if (*spec != '\0' &&
			(*found = sgp_address_new_with_name(spec, NULL, error)) == NULL)
			return NULL;
		return p;
	}
	g_autoptr(GString) angle = g_string_new(NULL);
	p = read_until(p + 1, ">", angle);
	gboolean is_closed = *p == '>';
	g_autoptr(GString) rest = g_string_new(NULL);
	if (is_closed)
		p = read_until(p + 1, ",;<>", rest);
	g_strstrip(rest->str);
	/* "<a@x> <b@y>" and an angle that never closes: readers disagree on who is meant, so nobody
	 * is. */
	if (!is_closed || *rest->str != '\0' || *p == '<' || *p == '>' ||
		strchr(angle->str, '<') != NULL) {
		set_invalid(error, "the address list cannot be read");
		return NULL;
	}
	g_autofree char *name = dup_name(first->str);
	g_autofree char *spec = squeeze(skip_route(angle->str));
	*found = sgp_address_new_with_name(spec, name, error);
	return *found != NULL ? p : NULL;
}

GPtrArray *sgp_address_parse_list(const char *list, GError **error)
{
	g_autoptr(GPtrArray) all =
		g_ptr_array_new_with_free_func((GDestroyNotify)sgp_address_unref);
	if (list != NULL && !g_utf8_validate(list, -1, NULL)) {
		set_invalid(error, "the address list is not UTF-8");
		return NULL;
	}
	gboolean in_group = FALSE;
	for (const char *p = list; p != NULL && *p != '\0';) {
		g_autoptr(SgpAddress) found = NULL;
		gboolean opens_group = FALSE;
		p = read_mailbox(p, &found, &opens_group, error);
		if (p == NULL)
			return NULL;
		if (opens_group && in_group) {
			set_invalid(error, "the address list has a group inside a group");
			return NULL;
		}
		in_group = in_group || opens_group;
		if (found != NULL)
			g_ptr_array_add(all, g_steal_pointer(&found));
		if (*p == ';') {
			in_group = FALSE;
			p++;
		}
		if (*p == ',')
			p++;
	}
	return g_steal_pointer(&all);
}

SgpAddress *sgp_address_new(const char *mailbox, GError **error)
{
	g_autoptr(GPtrArray) all = sgp_address_parse_list(mailbox, error);
	if (all == NULL)
		return NULL;
	if (all->len != 1) {
		set_invalid(error,
			all->len == 0 ? "there is no address" : "there is more than one address");
		return NULL;
	}
	return sgp_address_ref(g_ptr_array_index(all, 0));
}

SgpAddress *sgp_address_ref(SgpAddress *self)
{
	g_atomic_ref_count_inc(&self->refs);
	return self;
}

void sgp_address_unref(SgpAddress *self)
{
	if (!g_atomic_ref_count_dec(&self->refs))
		return;
	g_free(self->addr_spec);
	g_free(self->name);
	g_free(self);
}

const char *sgp_address_get_addr_spec(const SgpAddress *self)
{
	return self->addr_spec;
}

const char *sgp_address_get_domain(const SgpAddress *self)
{
	return self->domain;
}

gboolean sgp_address_is_routed(const SgpAddress *self)
{
	gsize local = (gsize)(self->domain - 1 - self->addr_spec);
	return strcspn(self->addr_spec, "%!@") < local;
}

const char *sgp_address_get_name(const SgpAddress *self)
{
	return self->name;
}

gboolean sgp_address_equal(gconstpointer a, gconstpointer b)
{
	return strcmp(((const SgpAddress *)a)->addr_spec, ((const SgpAddress *)b)->addr_spec) == 0;
}

guint sgp_address_hash(gconstpointer self)
{
	return g_str_hash(((const SgpAddress *)self)->addr_spec);
}

static gboolean needs_quotes(const char *name)
{
	for (const char *p = name; *p != '\0'; p++) {
		if (*p != ' ' && !is_atom_char((unsigned char)*p))
			return TRUE;
	}
	return FALSE;
}

char *sgp_address_dup_text(const SgpAddress *self)
{
	if (self->name == NULL)
		return g_strdup(self->addr_spec);
	g_autoptr(GString) out = g_string_new(NULL);
	if (needs_quotes(self->name))
		append_quoted(out, self->name);
	else
		g_string_append(out, self->name);
	g_string_append_printf(out, " <%s>", self->addr_spec);
	return g_strdup(out->str);
}
