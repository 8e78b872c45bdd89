/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads MTA-STS records and policies as RFC 8461 writes them, from bytes that an attacker may have
 * chosen. Whatever is not well-formed is no policy; it never guesses what was meant. It fetches
 * nothing and decides nothing about mail. */
#include "sgp-mta-sts.h"

#include <string.h>

#define RECORD_VERSION "v=STSv1"
#define POLICY_VERSION "STSv1"
#define ID_AT_MOST     32
#define AGE_AT_MOST    31557600

const char *sgp_mta_sts_mode_get_nick(SgpMtaStsMode mode)
{
	switch (mode) {
	case SGP_MTA_STS_MODE_NONE:
		return "none";
	case SGP_MTA_STS_MODE_TESTING:
		return "testing";
	case SGP_MTA_STS_MODE_ENFORCE:
		return "enforce";
	}
	return "none";
}

/* ---- the record ---- */

static gboolean is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Records that do not begin with the version are other people's, and are not counted. */
static gboolean is_ours(const char *text)
{
	if (!g_str_has_prefix(text, RECORD_VERSION))
		return FALSE;
	const char *rest = text + strlen(RECORD_VERSION);
	while (is_blank(*rest))
		rest++;
	return *rest == ';' || *rest == '\0';
}

static gboolean is_id(const char *value)
{
	gsize length = strlen(value);
	for (gsize i = 0; i < length; i++) {
		if (!g_ascii_isalnum(value[i]))
			return FALSE;
	}
	return length > 0 && length <= ID_AT_MOST;
}

/* An extension's name and value; nothing of it is used. */
static gboolean is_extension(const char *name, const char *value)
{
	if (!g_ascii_isalnum(name[0]) || strlen(name) > 32 || *value == '\0')
		return FALSE;
	for (const char *p = name; *p != '\0'; p++) {
		if (!g_ascii_isalnum(*p) && strchr("_-.", *p) == NULL)
			return FALSE;
	}
	for (const char *p = value; *p != '\0'; p++) {
		if (*p <= 0x20 || *p >= 0x7f || *p == '=')
			return FALSE;
	}
	return TRUE;
}

static char *dup_id_of(const char *text)
{
	g_auto(GStrv) fields = g_strsplit(text, ";", -1);
	g_autofree char *id = NULL;
	guint n = g_strv_length(fields);
	for (guint i = 1; i < n; i++) {
		char *field = g_strstrip(fields[i]);
		char *equals = strchr(field, '=');
		if (*field == '\0' && i + 1 == n)
			break; /* one ";" at the end is fine */
		if (equals == NULL)
			return NULL;
		*equals = '\0';
		if (g_str_equal(field, "id") ? !is_id(equals + 1)
					     : !is_extension(field, equals + 1))
			return NULL;
		/* Which of two ids is meant nobody can tell. */
		if (g_str_equal(field, "id") && id != NULL)
			return NULL;
		if (g_str_equal(field, "id"))
			id = g_strdup(equals + 1);
	}
	return g_steal_pointer(&id);
}

char *sgp_mta_sts_dup_id(const GPtrArray *records)
{
	g_autofree char *only = NULL;
	for (guint i = 0; i < records->len; i++) {
		gsize length = 0;
		const char *data = g_bytes_get_data(g_ptr_array_index(records, i), &length);
		if (length == 0 || memchr(data, '\0', length) != NULL)
			continue;
		g_autofree char *text = g_strndup(data, length);
		if (!is_ours(text))
			continue;
		if (only != NULL)
			return NULL;
		only = g_steal_pointer(&text);
	}
	return only != NULL ? dup_id_of(only) : NULL;
}

/* ---- the policy ---- */

void sgp_mta_sts_policy_free(SgpMtaStsPolicy *self)
{
	if (self == NULL)
		return;
	g_ptr_array_unref(self->mx);
	g_free(self);
}

/* "*." at most once, at the beginning; labels of letters, digits, "-" and "_". */
static gboolean is_pattern(const char *text)
{
	const char *name = g_str_has_prefix(text, "*.") ? text + 2 : text;
	gsize label = 0;
	for (const char *p = name; *p != '\0'; p++) {
		if (*p == '.' && (label == 0 || p[1] == '\0'))
			return FALSE;
		if (*p != '.' && !g_ascii_isalnum(*p) && *p != '-' && *p != '_')
			return FALSE;
		label = *p == '.' ? 0 : label + 1;
		if (label > 63)
			return FALSE;
	}
	return label > 0 && strlen(name) <= 253;
}

static gboolean read_age(const char *value, gint64 *age)
{
	guint64 number = 0;
	gsize length = strlen(value);
	if (length == 0 || length > 10 || strspn(value, "0123456789") != length)
		return FALSE;
	number = g_ascii_strtoull(value, NULL, 10);
	*age = (gint64)MIN(number, (guint64)AGE_AT_MOST);
	return TRUE;
}

static gboolean read_mode(const char *value, SgpMtaStsMode *mode)
{
	static const SgpMtaStsMode modes[] = { SGP_MTA_STS_MODE_NONE, SGP_MTA_STS_MODE_TESTING,
		SGP_MTA_STS_MODE_ENFORCE };
	for (gsize i = 0; i < G_N_ELEMENTS(modes); i++) {
		if (g_str_equal(value, sgp_mta_sts_mode_get_nick(modes[i]))) {
			*mode = modes[i];
			return TRUE;
		}
	}
	return FALSE;
}

typedef struct {
	SgpMtaStsPolicy *policy; /* (borrowed) */
	gboolean has_version, has_mode, has_age;
} Parse;

/* Of a field that may stand once, the first counts (3.2). Fields that nobody knows are skipped. */
static gboolean take_field(Parse *self, const char *name, const char *value)
{
	if (g_str_equal(name, "version")) {
		gboolean fits = self->has_version || g_str_equal(value, POLICY_VERSION);
		self->has_version = TRUE;
		return fits;
	}
	if (g_str_equal(name, "mode")) {
		gboolean fits = self->has_mode || read_mode(value, &self->policy->mode);
		self->has_mode = TRUE;
		return fits;
	}
	if (g_str_equal(name, "max_age")) {
		gboolean fits = self->has_age || read_age(value, &self->policy->max_age);
		self->has_age = TRUE;
		return fits;
	}
	if (!g_str_equal(name, "mx"))
		return TRUE;
	if (!is_pattern(value))
		return FALSE;
	g_ptr_array_add(self->policy->mx, g_ascii_strdown(value, -1));
	return TRUE;
}

static gboolean take_line(Parse *self, char *line)
{
	gsize length = strlen(line);
	if (length > 0 && line[length - 1] == '\r')
		line[--length] = '\0';
	for (; length > 0 && is_blank(line[length - 1]); length--)
		line[length - 1] = '\0';
	char *colon = strchr(line, ':');
	if (*line == '\0')
		return TRUE;
	if (colon == NULL || colon == line)
		return FALSE;
	*colon = '\0';
	char *value = colon + 1;
	while (is_blank(*value))
		value++;
	return take_field(self, line, value);
}

SgpMtaStsPolicy *sgp_mta_sts_policy_parse(const char *data, gsize length)
{
	if (length == 0 || memchr(data, '\0', length) != NULL)
		return NULL;
	g_autofree char *text = g_strndup(data, length);
	g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
	g_autoptr(SgpMtaStsPolicy) policy = g_new0(SgpMtaStsPolicy, 1);
	policy->mx = g_ptr_array_new_with_free_func(g_free);
	Parse parse = { .policy = policy };
	for (gsize i = 0; lines[i] != NULL; i++) {
		if (!take_line(&parse, lines[i]))
			return NULL;
	}
	if (!parse.has_version || !parse.has_mode || !parse.has_age)
		return NULL;
	/* A policy that enforces for no host at all is a mistake, and covers nothing. */
	if (policy->mode != SGP_MTA_STS_MODE_NONE && policy->mx->len == 0)
		return NULL;
	return g_steal_pointer(&policy);
}

gboolean sgp_mta_sts_policy_covers(const SgpMtaStsPolicy *self, const char *host)
{
	const char *dot = strchr(host, '.');
	for (guint i = 0; i < self->mx->len; i++) {
		const char *pattern = g_ptr_array_index(self->mx, i);
		gboolean is_wild = g_str_has_prefix(pattern, "*.");
		if (!is_wild && g_ascii_strcasecmp(pattern, host) == 0)
			return TRUE;
		if (is_wild && dot != NULL && dot != host &&
			g_ascii_strcasecmp(pattern + 1, dot) == 0)
			return TRUE;
	}
	return FALSE;
}
