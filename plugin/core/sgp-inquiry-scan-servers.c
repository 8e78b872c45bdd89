/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Who vouches for the author of a received mail: the Authentication-Results of the servers that are
 * trusted (RFC 8601). Owns how such a header is read, of which an attacker may have written parts:
 * quoted strings and comments hold his words (a local part, a reason), and a whole header may have
 * come with the mail. Never decides what follows from it. */
#include <libsoup/soup.h>
#include <stdlib.h>
#include <string.h>

#include "sgp-inquiry-scan.h"

#define MAX_SERVERS 16
#define MAX_PARTS   200 /* of one header; servers write a dozen */

/* What one server says in its topmost header. */
typedef struct {
	char *name; /* (owned) lower case */
	SgpAuthentication result;
	gboolean has_dmarc; /* that header names a result for dmarc */
} Server;

static void server_free(gpointer data)
{
	Server *self = data;
	g_free(self->name);
	g_free(self);
}

/* Comments out (nested, RFC 5322). What stands in quotes is somebody's free text: a semicolon or
 * "=" in it is no syntax, so smtp.mailfrom="x; dmarc=pass"@evil.example says nothing (test:
 * /inquiry-scan/words-in-quotes-and-comments-vouch-for-nobody). is_whole: every comment and quote
 * ends. */
static char *strip_comments(const char *value, gboolean *is_whole)
{
	GString *out = g_string_new(NULL);
	int depth = 0;
	gboolean is_quoted = FALSE;
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\\' && p[1] != '\0' && (depth > 0 || is_quoted)) {
			p++;
			if (is_quoted)
				g_string_append_c(out, '_');
		} else if (is_quoted) {
			is_quoted = *p != '"';
			if (is_quoted)
				g_string_append_c(out,
					g_ascii_isalnum(*p) || strchr(".@+-", *p) != NULL ? *p
											  : '_');
		} else if (*p == '"' && depth == 0) {
			is_quoted = TRUE;
		} else if (*p == '(') {
			depth++;
			g_string_append_c(out, ' ');
		} else if (*p == ')' && depth > 0) {
			depth--;
		} else if (depth == 0) {
			g_string_append_c(out, *p);
		}
	}
	*is_whole = depth == 0 && !is_quoted;
	return g_string_free(out, FALSE);
}

/* Compiled once; the patterns are ours, so they compile. The first group, or NULL. */
static char *dup_group(GRegex **regex, const char *pattern, const char *text)
{
	static GMutex lock;
	g_autoptr(GMatchInfo) match = NULL;
	g_mutex_lock(&lock);
	if (*regex == NULL)
		*regex = g_regex_new(pattern, G_REGEX_CASELESS | G_REGEX_OPTIMIZE, 0, NULL);
	g_mutex_unlock(&lock);
	return g_regex_match(*regex, text, 0, &match) ? g_match_info_fetch(match, 1) : NULL;
}

#define DUP_GROUP(pattern, text)                                                                   \
	({                                                                                         \
		static GRegex *regex_;                                                             \
		dup_group(&regex_, pattern, text);                                                 \
	})

/* The first word of the header is the server's name (RFC 8601, 2.2), maybe with a version after it.
 */
static char *dup_server(const char *header)
{
	g_autofree char *head = g_strndup(header, strcspn(header, ";"));
	g_strstrip(head);
	head[strcspn(head, " \t/")] = '\0';
	return g_ascii_strdown(head, -1);
}

/* The domain that somebody registered, by the list of public suffixes; of a top level that the list
 * does not know, the last two labels (its rule "*"). NULL: it is a public suffix itself, or no
 * domain. (borrowed) */
static const char *get_registered_domain(const char *host)
{
	g_autoptr(GError) error = NULL;
	const char *base = soup_tld_get_base_domain(host, &error);
	if (base != NULL || !g_error_matches(error, SOUP_TLD_ERROR, SOUP_TLD_ERROR_NO_BASE_DOMAIN))
		return base;
	const char *last = strrchr(host, '.');
	if (last == NULL || last == host)
		return NULL;
	const char *before = g_strrstr_len(host, last - host, ".");
	return before != NULL ? before + 1 : host;
}

/* Both have the same registered domain: DMARC's relaxed alignment (RFC 7489, 3.1.1). Whoever rents
 * a name under a provider's domain does not speak for the provider. */
static gboolean is_aligned(const char *signer, const char *domain)
{
	if (strcmp(signer, domain) == 0)
		return strchr(signer, '.') != NULL;
	const char *one = get_registered_domain(signer);
	const char *other = get_registered_domain(domain);
	return one != NULL && other != NULL && strcmp(one, other) == 0;
}

/* The d= of the signature; i= only where the server does not tell d=. */
static gboolean is_signed_by(const char *part, const char *domain)
{
	g_autofree char *raw = DUP_GROUP("\\bheader\\.d\\s*=\\s*([a-z0-9._-]+)", part);
	if (raw == NULL)
		raw = DUP_GROUP("\\bheader\\.i\\s*=\\s*[^\\s;@]*@([a-z0-9._-]+)", part);
	if (raw == NULL)
		return FALSE;
	g_autofree char *signer = g_ascii_strdown(raw, -1);
	return is_aligned(signer, domain);
}

/* A result for another author's domain says nothing of this one. */
static gboolean is_about(const char *part, const char *domain)
{
	g_autofree char *raw = DUP_GROUP("\\bheader\\.from\\s*=\\s*[^\\s;@]*?([a-z0-9._-]+)(?=[\\s;"
					 "]|$)",
		part);
	if (raw == NULL) {
		/* Named, but not to be read: that is not "not named". */
		g_autofree char *named = DUP_GROUP("\\b(header\\.from)\\b", part);
		return named == NULL;
	}
	g_autofree char *from = g_ascii_strdown(raw, -1);
	return is_aligned(from, domain);
}

#define RESULT_OF(method, part)                                                                    \
	DUP_GROUP("^\\s*" method "\\s*(?:/\\s*\\d+\\s*)?=\\s*([a-z]+)(?![\\w-])", part)

static void read_part(const char *part, const char *domain, Server *server)
{
	g_autofree char *dmarc = RESULT_OF("dmarc", part);
	g_autofree char *dkim = dmarc == NULL ? RESULT_OF("dkim", part) : NULL;
	if (dmarc != NULL) {
		server->has_dmarc = TRUE;
		if (g_ascii_strcasecmp(dmarc, "fail") == 0)
			server->result = SGP_AUTHENTICATION_FAIL;
		else if (g_ascii_strcasecmp(dmarc, "pass") == 0 && is_about(part, domain) &&
			 server->result != SGP_AUTHENTICATION_FAIL)
			server->result = SGP_AUTHENTICATION_PASS;
	} else if (dkim != NULL && g_ascii_strcasecmp(dkim, "pass") == 0 &&
		   server->result != SGP_AUTHENTICATION_FAIL && is_signed_by(part, domain)) {
		server->result = SGP_AUTHENTICATION_PASS;
	}
}

/* Each part costs several searches: a header with 256 KiB of ";" would keep us busy for half a
 * minute (test: /inquiry-scan/a-header-of-too-many-parts-vouches-for-nobody). */
static gboolean has_too_many_parts(const char *text)
{
	guint n = 0;
	for (const char *p = strchr(text, ';'); p != NULL && n <= MAX_PARTS; p = strchr(p + 1, ';'))
		n++;
	return n > MAX_PARTS;
}

static Server *read_header(const char *header, const char *domain)
{
	gboolean is_whole = FALSE;
	g_autofree char *text = strip_comments(header, &is_whole);
	Server *server = g_new0(Server, 1);
	server->name = dup_server(is_whole ? text : header);
	server->result = SGP_AUTHENTICATION_NONE;
	if (!is_whole || has_too_many_parts(text)) {
		/* A comment that never ends may hide a failure, and so may too many parts: it
		 * counts wherever it stands, and nothing else does. */
		g_autofree char *fail = DUP_GROUP("\\b(dmarc\\s*=\\s*fail)", header);
		server->has_dmarc = TRUE;
		if (fail != NULL)
			server->result = SGP_AUTHENTICATION_FAIL;
		return server;
	}
	g_auto(GStrv) parts = g_strsplit(text, ";", -1);
	for (guint i = parts[0] != NULL ? 1 : 0; parts[i] != NULL; i++)
		read_part(parts[i], domain, server);
	return server;
}

/* --- Where the mail came in --- */

/* Of one house: the server itself, a machine of its domain, or beside it in one. */
static gboolean is_host_of(const char *server, const char *host)
{
	const char *dot = strchr(server, '.');
	const char *parent = dot != NULL && strchr(dot + 1, '.') != NULL ? dot + 1 : server;
	gsize host_length = strlen(host), parent_length = strlen(parent);
	if (strcmp(host, server) == 0 || strcmp(host, parent) == 0)
		return TRUE;
	return host_length > parent_length && host[host_length - parent_length - 1] == '.' &&
	       strcmp(host + host_length - parent_length, parent) == 0;
}

/* The last "by" before the date: the name before it is the sender's own claim, and may hold one. */
static char *dup_receiver(const char *received)
{
	gboolean is_whole = FALSE;
	g_autofree char *text = strip_comments(received, &is_whole);
	text[strcspn(text, ";")] = '\0';
	g_autofree char *host = DUP_GROUP("^(?:.*\\s)?by\\s+([a-z0-9._-]+)", text);
	return host != NULL ? g_ascii_strdown(host, -1) : NULL;
}

/* The server's own machines wrote the topmost lines that name them. Below the first line of
 * somebody else that follows, everything was there before the mail came in: a header with the
 * server's name in it was written by others (threat 19; test:
 * /inquiry-scan/a-pass-that-came-with-the-mail-vouches-for-nobody). */
static gboolean is_below_border(const SgpMail *mail, guint at, const char *server)
{
	gboolean has_own = FALSE;
	for (guint i = 0; i < at; i += 2) {
		if (g_ascii_strcasecmp(g_ptr_array_index(mail->headers, i), "Received") != 0)
			continue;
		g_autofree char *host = dup_receiver(g_ptr_array_index(mail->headers, i + 1));
		gboolean is_own = host != NULL && is_host_of(server, host);
		if (has_own && !is_own)
			return TRUE;
		has_own = has_own || is_own;
	}
	return FALSE;
}

/* --- All servers of a mail --- */

static Server *find_server(const GPtrArray *servers, const char *name)
{
	for (guint i = 0; i < servers->len; i++) {
		Server *server = g_ptr_array_index(servers, i);
		if (strcmp(server->name, name) == 0)
			return server;
	}
	return NULL;
}

/* Only the topmost of a server: what stands below may have come with the mail, with our server's
 * name in it. But some servers write one header per method, and nobody forges a failure of his own:
 * where the topmost is silent about dmarc, a failure further down counts. */
static void take_header(const SgpMail *mail, guint at, const char *domain, GPtrArray *servers)
{
	Server *found = read_header(g_ptr_array_index(mail->headers, at + 1), domain);
	Server *known = find_server(servers, found->name);
	if (known != NULL || servers->len == MAX_SERVERS) {
		if (known != NULL && !known->has_dmarc && found->has_dmarc) {
			known->has_dmarc = TRUE;
			if (found->result == SGP_AUTHENTICATION_FAIL)
				known->result = SGP_AUTHENTICATION_FAIL;
		}
		server_free(found);
		return;
	}
	if (found->result == SGP_AUTHENTICATION_PASS && is_below_border(mail, at, found->name))
		found->result = SGP_AUTHENTICATION_NONE;
	g_ptr_array_add(servers, found);
}

char *sgp_inquiry_scan_dup_authentications(const SgpMail *mail)
{
	g_autoptr(GPtrArray) servers = g_ptr_array_new_with_free_func(server_free);
	g_autoptr(GString) kept = g_string_new(NULL);
	if (mail->from->len != 1)
		return g_strdup("");
	const char *domain = sgp_address_get_domain(g_ptr_array_index(mail->from, 0));
	for (guint i = 0; i + 1 < mail->headers->len; i += 2) {
		if (g_ascii_strcasecmp(
			    g_ptr_array_index(mail->headers, i), "Authentication-Results") == 0)
			take_header(mail, i, domain, servers);
	}
	for (guint i = 0; i < servers->len; i++) {
		const Server *server = g_ptr_array_index(servers, i);
		g_string_append_printf(kept, "%s %d\n", server->name, (int)server->result);
	}
	return g_strdup(kept->str);
}

static gboolean is_trusted(const char *name, const char *const *authserv_ids)
{
	for (guint i = 0; authserv_ids[i] != NULL; i++) {
		g_autofree char *id = g_strstrip(g_strdup(authserv_ids[i]));
		if (g_ascii_strcasecmp(name, id) == 0)
			return TRUE;
	}
	return FALSE;
}

SgpAuthentication sgp_inquiry_scan_choose_authentication(
	const char *kept, const char *const *authserv_ids)
{
	g_auto(GStrv) lines = g_strsplit(kept, "\n", -1);
	for (guint i = 0; authserv_ids != NULL && lines[i] != NULL; i++) {
		char *blank = strrchr(lines[i], ' ');
		if (blank == NULL)
			continue;
		*blank = '\0';
		if (is_trusted(lines[i], authserv_ids))
			return (SgpAuthentication)CLAMP(atoi(blank + 1), SGP_AUTHENTICATION_UNKNOWN,
				SGP_AUTHENTICATION_FAIL);
	}
	return SGP_AUTHENTICATION_UNKNOWN;
}

SgpAuthentication sgp_inquiry_scan_authentication(
	const SgpMail *mail, const char *const *authserv_ids)
{
	g_autofree char *kept = sgp_inquiry_scan_dup_authentications(mail);
	return sgp_inquiry_scan_choose_authentication(kept, authserv_ids);
}
