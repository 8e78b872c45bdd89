/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The only file that knows GMime: turns foreign bytes into a frozen mail. Part contents stay in the
 * file descriptor; only texts that are read are in memory, up to a limit. It never guesses in
 * silence: what it could not read for certain marks the mail as undecodable, and the scans then ask
 * instead of finding nothing. */
#include "sgp-mime.h"

#include <errno.h>
#include <fcntl.h>
#include <gcrypt.h>
#include <gmime/gmime.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sgp-error.h"

#define MAXIMAL_TEXT  (8 * 1024 * 1024)
#define MAXIMAL_DEPTH 32
#define BUFFER_SIZE   65536
#define START_SIZE    (1024 * 1024)
#define SEALS         (F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW)

G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeStream, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParser, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeMessage, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(GMimeParserOptions, g_mime_parser_options_free)

static gpointer initialise(gpointer unused)
{
	g_mime_init();
	return NULL;
}

static void ensure_gmime(void)
{
	static GOnce once = G_ONCE_INIT;
	g_once(&once, initialise, NULL);
}

static gboolean set_io_error(GError **error, const char *what)
{
	int cause = errno;
	g_set_error(
		error, G_IO_ERROR, g_io_error_from_errno(cause), "%s: %s", what, g_strerror(cause));
	return FALSE;
}

/* ---- parsing ---- */

typedef struct {
	gboolean is_broken;
} Warnings;

/* What other programs may read in another way than GMime does. */
static void note_warning(
	gint64 offset, GMimeParserWarning warning, const char *item, gpointer user_data)
{
	Warnings *warnings = user_data;
	switch (warning) {
	case GMIME_WARN_MALFORMED_MULTIPART:
	case GMIME_WARN_TRUNCATED_MESSAGE:
	case GMIME_WARN_MALFORMED_MESSAGE:
	case GMIME_CRIT_CONFLICTING_HEADER:
	case GMIME_CRIT_CONFLICTING_PARAMETER:
	case GMIME_CRIT_MULTIPART_WITHOUT_BOUNDARY:
	case GMIME_CRIT_NESTING_OVERFLOW:
	case GMIME_CRIT_PART_WITHOUT_HEADERS_OR_CONTENT:
		warnings->is_broken = TRUE;
		return;
	case GMIME_WARN_DUPLICATED_HEADER:
	case GMIME_WARN_DUPLICATED_PARAMETER:
	case GMIME_WARN_UNENCODED_8BIT_HEADER:
	case GMIME_WARN_INVALID_CONTENT_TYPE:
	case GMIME_WARN_INVALID_RFC2047_HEADER_VALUE:
	case GMIME_CRIT_INVALID_HEADER_NAME:
	case GMIME_WARN_INVALID_PARAMETER:
	case GMIME_WARN_INVALID_ADDRESS_LIST:
	case GMIME_WARN_PART_WITHOUT_CONTENT:
		return;
	}
}

/* A descriptor with an offset of its own: one mail is read by several threads, and by the program
 * that gave it to us. */
static int reopen(int fd, GError **error)
{
	g_autofree char *path = g_strdup_printf("/proc/self/fd/%d", fd);
	int own = open(path, O_RDONLY | O_CLOEXEC);
	if (own < 0)
		set_io_error(error, "reopen mail");
	return own;
}

/* The first bytes of it, at the most. */
static GMimeMessage *parse_start(int fd, gint64 limit, gboolean *is_broken, GError **error)
{
	ensure_gmime();
	int own = reopen(fd, error);
	if (own < 0)
		return NULL;
	g_autoptr(GMimeStream) file = g_mime_stream_fs_new(own); /* closes own */
	g_autoptr(GMimeStream) start = g_mime_stream_length(file) > limit
					       ? g_mime_stream_substream(file, 0, limit)
					       : g_object_ref(file);
	g_autoptr(GMimeParser) parser = g_mime_parser_new_with_stream(start);
	g_mime_parser_set_persist_stream(parser, TRUE); /* contents stay where they are */
	Warnings warnings = { FALSE };
	g_autoptr(GMimeParserOptions) options = g_mime_parser_options_new();
	g_mime_parser_options_set_warning_callback(options, note_warning, &warnings);
	g_autoptr(GMimeMessage) message = g_mime_parser_construct_message(parser, options);
	if (message == NULL || g_mime_message_get_mime_part(message) == NULL ||
		g_mime_header_list_get_count(
			g_mime_object_get_header_list(GMIME_OBJECT(message))) == 0) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "not a mail");
		return NULL;
	}
	if (is_broken != NULL)
		*is_broken = warnings.is_broken;
	return g_steal_pointer(&message);
}

static GMimeMessage *parse(int fd, gboolean *is_broken, GError **error)
{
	return parse_start(fd, G_MAXINT64, is_broken, error);
}

/* ---- text ---- */

static GByteArray *read_content(GMimePart *part, gboolean *is_whole)
{
	GMimeDataWrapper *wrapper = g_mime_part_get_content(part);
	GByteArray *bytes = g_byte_array_new();
	*is_whole = TRUE;
	if (wrapper == NULL)
		return bytes;
	g_autoptr(GMimeStream) memory = g_mime_stream_mem_new_with_byte_array(bytes);
	g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(memory), FALSE);
	GMimeStream *content = g_mime_data_wrapper_get_stream(wrapper);
	gint64 length = g_mime_stream_length(content);
	if (length > MAXIMAL_TEXT) {
		g_autoptr(GMimeStream) start = g_mime_stream_substream(
			content, content->bound_start, content->bound_start + MAXIMAL_TEXT);
		GMimeDataWrapper *head = g_mime_data_wrapper_new_with_stream(
			start, g_mime_data_wrapper_get_encoding(wrapper));
		g_mime_data_wrapper_write_to_stream(head, memory);
		g_object_unref(head);
		*is_whole = FALSE;
	} else if (g_mime_data_wrapper_write_to_stream(wrapper, memory) < 0) {
		*is_whole = FALSE;
	}
	return bytes;
}

/* NULL also for a text with a NUL in it: what stands behind it would be lost, and such bytes are
 * not what their charset says (UTF-16 that calls itself UTF-8). */
static char *convert(const char *text, gsize length, const char *charset)
{
	const char *name = g_mime_charset_iconv_name(charset);
	gsize n_written = 0;
	g_autofree char *converted = g_convert(text, (gssize)length, "UTF-8",
		name != NULL ? name : charset, NULL, &n_written, NULL);
	if (converted == NULL || strlen(converted) != n_written)
		return NULL;
	return g_steal_pointer(&converted);
}

/* A byte order mark says more than any label. NULL: there is none. */
static const char *get_marked_charset(const char *text, gsize length)
{
	if (length >= 2 && memcmp(text, "\xff\xfe", 2) == 0)
		return "UTF-16LE";
	if (length >= 2 && memcmp(text, "\xfe\xff", 2) == 0)
		return "UTF-16BE";
	return NULL;
}

static gboolean is_ascii_name(const char *charset)
{
	return charset == NULL || *charset == '\0' ||
	       g_ascii_strcasecmp(charset, "us-ascii") == 0 ||
	       g_ascii_strcasecmp(charset, "ascii") == 0 ||
	       g_ascii_strcasecmp(charset, "unknown-8bit") == 0;
}

/* UTF-8, without NUL. is_certain: the bytes are what the charset says they are. Else a reading as
 * Western European, which shows most of a German text but proves nothing. */
static char *decode_text(const char *text, gsize length, const char *charset, gboolean *is_certain)
{
	g_autofree char *decoded = NULL;
	const char *marked = get_marked_charset(text, length);
	charset = marked != NULL ? marked : charset;
	*is_certain = memchr(text, '\0', length) == NULL || !is_ascii_name(charset);
	if (is_ascii_name(charset)) {
		if (g_utf8_validate(text, (gssize)length, NULL))
			decoded = g_strndup(text, length);
	} else {
		decoded = convert(text, length, charset);
	}
	if (decoded != NULL)
		return g_steal_pointer(&decoded);
	*is_certain = FALSE;
	decoded = convert(text, length, "windows-1252");
	if (decoded == NULL)
		decoded = convert(text, length, "iso-8859-1");
	return decoded != NULL ? g_steal_pointer(&decoded)
			       : g_utf8_make_valid(text, (gssize)length);
}

/* A header's text as UTF-8: a field's bytes may be anything. */
static char *dup_valid(const char *text)
{
	gboolean is_certain;
	return decode_text(text, strlen(text), NULL, &is_certain);
}

/* ---- the parts ---- */

/* What a walk over the parts calls: for body texts (is_body), and for everything else a reader sees
 * as an attachment. FALSE stops the walk. */
typedef gboolean (*PartFunc)(GMimeObject *part, gboolean is_body, gpointer user_data);

typedef struct {
	PartFunc func;
	gpointer user_data;
	gboolean is_complete;      /* signatures are parts too */
	gboolean is_unsigned_only; /* what is signed is left out */
	gboolean is_encrypted;
	gboolean is_broken;
	gboolean is_stopped;
} Walk;

static gboolean is_attached(GMimeObject *object)
{
	const char *disposition = g_mime_object_get_disposition(object);
	if (disposition != NULL && g_ascii_strcasecmp(disposition, "attachment") == 0)
		return TRUE;
	return GMIME_IS_PART(object) && g_mime_part_get_filename(GMIME_PART(object)) != NULL;
}

static gboolean is_type(GMimeObject *object, const char *type, const char *subtype)
{
	GMimeContentType *content_type = g_mime_object_get_content_type(object);
	return content_type != NULL && g_mime_content_type_is_type(content_type, type, subtype);
}

static gboolean is_signature(GMimeObject *object)
{
	return is_type(object, "application", "pgp-signature") ||
	       is_type(object, "application", "pkcs7-signature") ||
	       is_type(object, "application", "x-pkcs7-signature");
}

static void visit_part(Walk *walk, GMimeObject *object)
{
	gboolean is_text = is_type(object, "text", "plain") || is_type(object, "text", "html");
	if (is_type(object, "application", "pkcs7-mime") ||
		is_type(object, "application", "x-pkcs7-mime"))
		walk->is_encrypted = TRUE;
	if (is_type(object, "message", "partial") || is_type(object, "message", "external-body"))
		walk->is_broken = TRUE;
	gboolean is_body = is_text && GMIME_IS_PART(object) && !is_attached(object);
	if (!walk->func(object, is_body, walk->user_data))
		walk->is_stopped = TRUE;
}

static void walk_object(Walk *walk, GMimeObject *object, guint depth)
{
	if (walk->is_stopped)
		return;
	if (!GMIME_IS_MULTIPART(object)) {
		visit_part(walk, object);
		return;
	}
	GMimeMultipart *multipart = GMIME_MULTIPART(object);
	int count = g_mime_multipart_get_count(multipart);
	if (count == 0 || depth >= MAXIMAL_DEPTH) {
		walk->is_broken = TRUE;
		return;
	}
	if (is_type(object, "multipart", "encrypted"))
		walk->is_encrypted = TRUE;
	if (walk->is_unsigned_only && is_type(object, "multipart", "signed"))
		return;
	for (int i = 0; i < count; i++) {
		GMimeObject *child = g_mime_multipart_get_part(multipart, i);
		if (walk->is_complete || !is_type(object, "multipart", "signed") ||
			!is_signature(child))
			walk_object(walk, child, depth + 1);
	}
}

/* ---- filling the mail ---- */

typedef struct {
	SgpMail *mail;
	GString *text;
	GString *html; /* (nullable) */
	gsize n_text;  /* bytes of both */
} Filling;

static gboolean is_known_encoding(GMimeObject *object)
{
	static const char *const KNOWN[] = { "7bit", "8bit", "binary", "base64", "quoted-printable",
		"x-uuencode", "uuencode", "x-uue", NULL };
	const char *value = g_mime_object_get_header(object, "Content-Transfer-Encoding");
	if (value == NULL)
		return TRUE;
	g_autofree char *name = g_strdup(value);
	g_strstrip(name);
	for (gsize i = 0; KNOWN[i] != NULL; i++)
		if (g_ascii_strcasecmp(name, KNOWN[i]) == 0)
			return TRUE;
	return FALSE;
}

static void add_text(Filling *filling, GMimeObject *object)
{
	SgpMail *mail = filling->mail;
	gboolean is_whole;
	gboolean is_certain;
	g_autoptr(GByteArray) bytes = read_content(GMIME_PART(object), &is_whole);
	g_autofree char *text =
		decode_text(bytes->data != NULL ? (const char *)bytes->data : "", bytes->len,
			g_mime_object_get_content_type_parameter(object, "charset"), &is_certain);
	if (!is_whole || !is_certain || !is_known_encoding(object))
		mail->is_undecodable = TRUE;
	if (strstr(text, "-----BEGIN PGP MESSAGE-----") != NULL)
		mail->is_encrypted = TRUE;
	filling->n_text += strlen(text);
	if (filling->n_text > MAXIMAL_TEXT) {
		mail->is_undecodable = TRUE;
		return;
	}
	gboolean is_html = is_type(object, "text", "html");
	if (is_html && filling->html == NULL)
		filling->html = g_string_new(NULL);
	GString *to = is_html ? filling->html : filling->text;
	if (to->len > 0 && to->str[to->len - 1] != '\n')
		g_string_append_c(to, '\n');
	g_string_append(to, text);
}

static GMimeStream *ref_content(GMimeObject *object, GMimeContentEncoding *encoding)
{
	*encoding = GMIME_CONTENT_ENCODING_DEFAULT;
	if (!GMIME_IS_PART(object))
		return NULL;
	GMimeDataWrapper *wrapper = g_mime_part_get_content(GMIME_PART(object));
	if (wrapper == NULL)
		return NULL;
	*encoding = g_mime_data_wrapper_get_encoding(wrapper);
	return g_mime_data_wrapper_get_stream(wrapper);
}

/* Base64 is counted, not decoded: that is ten times faster, and attachments are nearly always that.
 */
static gint64 count_base64(GMimeStream *content)
{
	g_autofree guint8 *buffer = g_malloc(BUFFER_SIZE);
	gint64 n = 0;
	ssize_t got;
	g_mime_stream_reset(content);
	while ((got = g_mime_stream_read(content, (char *)buffer, BUFFER_SIZE)) > 0)
		for (ssize_t i = 0; i < got; i++)
			n += buffer[i] > ' ' && buffer[i] != '=';
	g_mime_stream_reset(content);
	return n * 3 / 4;
}

static gboolean is_message_written(GMimeObject *object, GMimeStream *to)
{
	GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
	return inner == NULL || g_mime_object_write_to_stream(GMIME_OBJECT(inner), NULL, to) >= 0;
}

static gint64 count_bytes(GMimeObject *object)
{
	GMimeContentEncoding encoding;
	GMimeStream *content = ref_content(object, &encoding);
	if (content != NULL && encoding == GMIME_CONTENT_ENCODING_BASE64)
		return count_base64(content);
	g_autoptr(GMimeStream) counter = g_mime_stream_null_new();
	if (GMIME_IS_MESSAGE_PART(object))
		is_message_written(object, counter);
	else if (content != NULL)
		g_mime_data_wrapper_write_to_stream(
			g_mime_part_get_content(GMIME_PART(object)), counter);
	return (gint64)GMIME_STREAM_NULL(counter)->written;
}

static void add_attachment(Filling *filling, GMimeObject *object)
{
	g_autofree char *name = NULL;
	if (GMIME_IS_PART(object)) {
		const char *given = g_mime_part_get_filename(GMIME_PART(object));
		name = given == NULL ? NULL : dup_valid(given);
	} else if (g_mime_object_get_content_disposition_parameter(object, "filename") != NULL) {
		name = dup_valid(
			g_mime_object_get_content_disposition_parameter(object, "filename"));
	}
	g_autofree char *type =
		g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));
	const char *id = g_mime_object_get_content_id(object);
	g_autofree char *content_id = id == NULL ? NULL : dup_valid(id);
	g_ptr_array_add(filling->mail->attachments,
		sgp_mail_attachment_new(name, type, content_id, count_bytes(object)));
}

static gboolean fill_part(GMimeObject *object, gboolean is_body, gpointer user_data)
{
	Filling *filling = user_data;
	if (is_body)
		add_text(filling, object);
	else
		add_attachment(filling, object);
	return TRUE;
}

/* ---- header fields ---- */

static void add_addresses(GPtrArray *to, const char *raw)
{
	g_autofree char *valid = dup_valid(raw);
	g_autofree char *unfolded = g_mime_utils_header_unfold(valid);
	g_autoptr(GPtrArray) found = sgp_address_parse_list(unfolded, NULL);
	/* Addresses are read before encoded words are decoded: an encoded "x <victim@...>" is a
	 * name. */
	for (guint i = 0; found != NULL && i < found->len; i++) {
		SgpAddress *address = g_ptr_array_index(found, i);
		const char *name = sgp_address_get_name(address);
		g_autofree char *decoded =
			name == NULL ? NULL : g_mime_utils_header_decode_phrase(NULL, name);
		SgpAddress *named = sgp_address_new_with_name(
			sgp_address_get_addr_spec(address), decoded, NULL);
		g_ptr_array_add(to, named != NULL ? named : sgp_address_ref(address));
	}
}

/* "Your message of Monday": words are no ids, or all mails that were answered so would be one
 * conversation. */
static gboolean is_free_text(const char *text)
{
	g_auto(GStrv) words = g_strsplit_set(text, " \t\r\n,", -1);
	guint n_words = 0, n_ids = 0;
	for (guint i = 0; words[i] != NULL; i++) {
		n_words += *words[i] != '\0';
		n_ids += strchr(words[i], '@') != NULL;
	}
	return n_words > 1 && n_ids < n_words;
}

/* An id has no blanks; a line break in it was folded in, or wants to begin a line of its own where
 * the id is written (test: /mime/an-id-is-one-word). */
static void take_blanks_out(char *id)
{
	char *to = id;
	for (const char *p = id; *p != '\0'; p++) {
		if (!g_ascii_isspace(*p) && !g_ascii_iscntrl(*p))
			*to++ = *p;
	}
	*to = '\0';
}

/* Message-IDs without <>; those of a lax program may lack them. */
static void add_ids(GPtrArray *to, const char *raw)
{
	g_autofree char *text = dup_valid(raw);
	const char *at = text;
	gboolean has_brackets = strchr(text, '<') != NULL;
	if (!has_brackets && is_free_text(text))
		return;
	while (*at != '\0') {
		if (has_brackets) {
			at = strchr(at, '<');
			if (at == NULL)
				return;
			at++;
		} else {
			at += strspn(at, " \t\r\n,");
		}
		gsize length = strcspn(at, has_brackets ? "<>" : " \t\r\n,");
		g_autofree char *id = g_strndup(at, length);
		take_blanks_out(id);
		if (*id != '\0')
			g_ptr_array_add(to, g_steal_pointer(&id));
		at += length;
	}
}

static void set_once(char **field, char *value)
{
	g_autofree char *owned = value;
	if (*field == NULL)
		*field = g_steal_pointer(&owned);
}

static gint64 read_date(const char *raw)
{
	GDateTime *date = g_mime_utils_header_decode_date(raw);
	gint64 seconds = date == NULL ? 0 : g_date_time_to_unix(date);
	g_clear_pointer(&date, g_date_time_unref);
	return seconds;
}

typedef struct {
	char *subject;    /* (owned) (nullable) */
	char *message_id; /* (owned) (nullable) */
} FirstFields;

static void fill_field(
	SgpMail *mail, FirstFields *first, const char *name, const char *raw, const char *value)
{
	if (g_ascii_strcasecmp(name, "From") == 0)
		add_addresses(mail->from, raw);
	else if (g_ascii_strcasecmp(name, "To") == 0)
		add_addresses(mail->to, raw);
	else if (g_ascii_strcasecmp(name, "Cc") == 0)
		add_addresses(mail->cc, raw);
	else if (g_ascii_strcasecmp(name, "Bcc") == 0)
		add_addresses(mail->bcc, raw);
	else if (g_ascii_strcasecmp(name, "Reply-To") == 0)
		add_addresses(mail->reply_to, raw);
	else if (g_ascii_strcasecmp(name, "In-Reply-To") == 0)
		add_ids(mail->in_reply_to, raw);
	else if (g_ascii_strcasecmp(name, "References") == 0)
		add_ids(mail->references, raw);
	else if (g_ascii_strcasecmp(name, "Subject") == 0)
		set_once(&first->subject, g_strdup(value));
	else if (g_ascii_strcasecmp(name, "Date") == 0 && mail->date == 0)
		mail->date = read_date(raw);
	if (g_ascii_strcasecmp(name, "Message-ID") == 0) {
		g_autoptr(GPtrArray) ids = g_ptr_array_new_with_free_func(g_free);
		add_ids(ids, raw);
		if (ids->len > 0)
			set_once(&first->message_id, g_strdup(g_ptr_array_index(ids, 0)));
	}
	if (g_ascii_strcasecmp(name, "Sender") == 0 && mail->sender == NULL) {
		g_autoptr(GPtrArray) senders =
			g_ptr_array_new_with_free_func((GDestroyNotify)sgp_address_unref);
		add_addresses(senders, raw);
		if (senders->len == 1)
			mail->sender = sgp_address_ref(g_ptr_array_index(senders, 0));
	}
}

static void fill_header(SgpMail *mail, GMimeHeaderList *list)
{
	FirstFields first = { NULL, NULL };
	int count = g_mime_header_list_get_count(list);
	for (int i = 0; i < count; i++) {
		GMimeHeader *header = g_mime_header_list_get_header_at(list, i);
		const char *raw = g_mime_header_get_raw_value(header);
		const char *decoded = g_mime_header_get_value(header);
		g_autofree char *value = dup_valid(decoded != NULL ? decoded : "");
		g_autofree char *name = dup_valid(g_mime_header_get_name(header));
		if (raw != NULL)
			fill_field(mail, &first, name, raw, value);
		g_ptr_array_add(mail->headers, g_steal_pointer(&name));
		g_ptr_array_add(mail->headers, g_steal_pointer(&value));
	}
	if (first.subject != NULL) {
		g_free(mail->subject);
		mail->subject = first.subject;
	}
	if (first.message_id != NULL) {
		g_free(mail->message_id);
		mail->message_id = first.message_id;
	}
}

/* ---- freezing ---- */

static char *dup_sum(gcry_md_hd_t hash)
{
	const guint8 *sum = gcry_md_read(hash, GCRY_MD_SHA256);
	GString *hex = g_string_new(NULL);
	for (guint i = 0; i < 32; i++)
		g_string_append_printf(hex, "%02x", sum[i]);
	return g_string_free(hex, FALSE);
}

/* SHA-256 of what fd holds. */
static char *digest_fd(int fd, GError **error)
{
	g_autofree guint8 *buffer = g_malloc(BUFFER_SIZE);
	gcry_md_hd_t hash;
	gcry_md_open(&hash, GCRY_MD_SHA256, 0);
	gint64 at = 0;
	ssize_t got;
	while ((got = pread(fd, buffer, BUFFER_SIZE, at)) > 0) {
		gcry_md_write(hash, buffer, (gsize)got);
		at += got;
	}
	g_autofree char *hex = dup_sum(hash);
	gcry_md_close(hash);
	if (got < 0) {
		set_io_error(error, "read mail");
		return NULL;
	}
	return g_steal_pointer(&hex);
}

static void fill_parts(SgpMail *mail, GMimeMessage *message)
{
	g_autoptr(GString) text = g_string_new(NULL);
	Filling filling = { .mail = mail, .text = text };
	Walk walk = { .func = fill_part, .user_data = &filling };
	GMimeObject *root = g_mime_message_get_mime_part(message);
	if (g_mime_object_get_content_type(root) == NULL)
		walk.is_broken = TRUE;
	walk_object(&walk, root, 0);
	mail->is_encrypted |= walk.is_encrypted;
	mail->is_undecodable |= walk.is_broken;
	g_free(mail->text);
	mail->text = g_string_free(g_steal_pointer(&text), FALSE);
	mail->html = filling.html == NULL ? NULL : g_string_free(filling.html, FALSE);
	g_free(mail->content_type);
	mail->content_type =
		g_mime_content_type_get_mime_type(g_mime_object_get_content_type(root));
}

/* Nobody can change what this descriptor shows, by whatever other descriptor. */
static gboolean is_sealed(int fd)
{
	int seals = fcntl(fd, F_GET_SEALS);
	return seals >= 0 && (seals & SEALS) == SEALS;
}

static gboolean copy_bytes(int from, int to)
{
	g_autofree char *buffer = g_malloc(BUFFER_SIZE);
	gint64 at = 0;
	ssize_t got;
	while ((got = pread(from, buffer, BUFFER_SIZE, at)) > 0) {
		for (ssize_t done = 0, written; done < got; done += written) {
			written = write(to, buffer + done, (gsize)(got - done));
			if (written < 0)
				return FALSE;
		}
		at += got;
	}
	return got == 0;
}

/* What was assessed is what leaves: the mail is read more than once, and whoever could write to it
 * in between would send what nobody assessed (tests /mime/what-was-frozen-does-not-follow-its-file,
 * /mime/what-cannot-be-sealed-is-copied). A memfd is sealed where it lies; everything else is
 * copied into one: memory, for a copy on a disk would be clear text there. */
static int open_sealed(int fd, GError **error)
{
	if (is_sealed(fd) || (fcntl(fd, F_ADD_SEALS, SEALS) == 0 && is_sealed(fd)))
		return reopen(fd, error);
	int memory = memfd_create("mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memory >= 0 && copy_bytes(fd, memory) && fcntl(memory, F_ADD_SEALS, SEALS) == 0)
		return memory;
	set_io_error(error, "mail");
	if (memory >= 0)
		close(memory);
	return -1;
}

/**
 * sgp_mime_freeze:
 * @fd: seekable; stays the caller's
 *
 * Returns: (transfer full): the mail, with a descriptor of its own that nobody can write to
 */
SgpMail *sgp_mime_freeze(int fd, GError **error)
{
	g_autoptr(SgpMail) mail = sgp_mail_new();
	gboolean is_broken = FALSE;
	mail->fd = open_sealed(fd, error);
	if (mail->fd < 0)
		return NULL;
	g_autoptr(GMimeMessage) message = parse(mail->fd, &is_broken, error);
	if (message == NULL)
		return NULL;
	mail->digest = digest_fd(mail->fd, error);
	if (mail->digest == NULL)
		return NULL;
	mail->is_undecodable = is_broken;
	fill_header(mail, g_mime_object_get_header_list(GMIME_OBJECT(message)));
	/* GMime keeps the fields of the root part (Content-...) apart. */
	fill_header(mail,
		g_mime_object_get_header_list(GMIME_OBJECT(g_mime_message_get_mime_part(message))));
	fill_parts(mail, message);
	return g_steal_pointer(&mail);
}

SgpMail *sgp_mime_freeze_bytes(GBytes *bytes, GError **error)
{
	gsize size;
	const char *start = g_bytes_get_data(bytes, &size);
	int fd = memfd_create("mail", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	SgpMail *mail = NULL;
	gsize done = 0;
	while (fd >= 0 && done < size) {
		ssize_t got = write(fd, start + done, size - done);
		if (got <= 0)
			break;
		done += (gsize)got;
	}
	if (fd < 0 || done < size)
		set_io_error(error, "memfd");
	else
		mail = sgp_mime_freeze(fd, error);
	if (fd >= 0)
		close(fd);
	return mail;
}

SgpMail *sgp_mime_freeze_file(const char *path, GError **error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0) {
		set_io_error(error, "open mail");
		return NULL;
	}
	SgpMail *mail = sgp_mime_freeze(fd, error);
	close(fd);
	return mail;
}

/* ---- attachments ---- */

typedef struct {
	guint wanted;
	GMimeObject *found; /* (nullable) (borrowed) */
} Search;

static gboolean find_attachment(GMimeObject *object, gboolean is_body, gpointer user_data)
{
	Search *search = user_data;
	if (is_body)
		return TRUE;
	if (search->wanted-- > 0)
		return TRUE;
	search->found = object;
	return FALSE;
}

char *sgp_mime_dup_attachment_text(const SgpMail *mail, guint n, gboolean *is_certain)
{
	*is_certain = FALSE;
	g_autoptr(GMimeMessage) message = mail->fd < 0 ? NULL : parse(mail->fd, NULL, NULL);
	if (message == NULL)
		return NULL;
	Search search = { .wanted = n };
	Walk walk = { .func = find_attachment, .user_data = &search };
	walk_object(&walk, g_mime_message_get_mime_part(message), 0);
	if (search.found == NULL || !GMIME_IS_PART(search.found))
		return NULL;
	gboolean is_whole = FALSE;
	g_autoptr(GByteArray) bytes = read_content(GMIME_PART(search.found), &is_whole);
	char *text = decode_text(bytes->data != NULL ? (const char *)bytes->data : "", bytes->len,
		g_mime_object_get_content_type_parameter(search.found, "charset"), is_certain);
	*is_certain = *is_certain && is_whole && is_known_encoding(search.found);
	return text;
}

static gboolean is_written(GMimeObject *object, GMimeStream *to)
{
	if (GMIME_IS_MESSAGE_PART(object))
		return is_message_written(object, to);
	if (!GMIME_IS_PART(object))
		return g_mime_object_write_content_to_stream(object, NULL, to) >= 0;
	GMimeDataWrapper *wrapper = g_mime_part_get_content(GMIME_PART(object));
	return wrapper == NULL || g_mime_data_wrapper_write_to_stream(wrapper, to) >= 0;
}

/* A GMime stream that hands on what is written to it, so that a 200 MB attachment is never in
 * memory. */
typedef gboolean (*TakeFunc)(gpointer taker, const char *data, gsize length, GError **error);

typedef struct {
	GMimeStream parent_object;
	TakeFunc take;
	gpointer taker; /* (borrowed) */
	GError *error;  /* (owned) (nullable) */
} OutStream;

typedef GMimeStreamClass OutStreamClass;

static GType out_stream_get_type(void);

G_DEFINE_TYPE(OutStream, out_stream, GMIME_TYPE_STREAM)

static ssize_t out_stream_write(GMimeStream *stream, const char *data, size_t length)
{
	OutStream *self = (OutStream *)stream;
	if (self->error != NULL || !self->take(self->taker, data, length, &self->error))
		return -1;
	stream->position += (gint64)length;
	return (ssize_t)length;
}

static int out_stream_flush(GMimeStream *stream)
{
	return 0;
}

static void out_stream_class_init(OutStreamClass *class)
{
	class->write = out_stream_write;
	class->flush = out_stream_flush;
}

static void out_stream_init(OutStream *self)
{
}

static gboolean write_part(GMimeObject *object, TakeFunc take, gpointer taker, GError **error)
{
	OutStream *stream = g_object_new(out_stream_get_type(), NULL);
	g_mime_stream_construct(GMIME_STREAM(stream), 0, -1);
	stream->take = take;
	stream->taker = taker;
	gboolean is_done = is_written(object, GMIME_STREAM(stream)) && stream->error == NULL;
	if (stream->error != NULL)
		g_propagate_error(error, g_steal_pointer(&stream->error));
	else if (!is_done)
		g_set_error(error, SGP_ERROR, SGP_ERROR_INVALID, "a part is broken");
	g_object_unref(stream);
	return is_done;
}

typedef struct {
	GOutputStream *out;
	GCancellable *cancellable;
} Output;

static gboolean take_to_output(gpointer taker, const char *data, gsize length, GError **error)
{
	Output *output = taker;
	return g_output_stream_write_all(
		output->out, data, length, NULL, output->cancellable, error);
}

/**
 * sgp_mime_write_attachment:
 * @n: index in mail->attachments
 * @out: gets the decoded bytes
 */
gboolean sgp_mime_write_attachment(
	const SgpMail *mail, guint n, GOutputStream *out, GCancellable *cancellable, GError **error)
{
	g_autoptr(GMimeMessage) message = parse(mail->fd, NULL, error);
	if (message == NULL)
		return FALSE;
	Search search = { .wanted = n };
	Walk walk = { .func = find_attachment, .user_data = &search };
	walk_object(&walk, g_mime_message_get_mime_part(message), 0);
	if (search.found == NULL) {
		g_set_error(error, SGP_ERROR, SGP_ERROR_NOT_FOUND, "no such attachment");
		return FALSE;
	}
	Output output = { .out = out, .cancellable = cancellable };
	return write_part(search.found, take_to_output, &output, error);
}

/* ---- digests ---- */

/* Text as it is hashed: line ends as LF, and none at the end of a part. */
typedef struct {
	gcry_md_hd_t hash;
	gboolean is_after_cr;
	gsize n_feeds; /* line ends that are held back, because the part may end here */
	GError *error; /* (owned) (nullable) */
} PartHash;

static void hash_text(PartHash *self, const char *data, gsize length)
{
	for (; self->n_feeds > 0 && length > 0; self->n_feeds--)
		gcry_md_putc(self->hash, '\n');
	gcry_md_write(self->hash, data, length);
}

static gboolean take_to_hash(gpointer taker, const char *data, gsize length, GError **error)
{
	PartHash *self = taker;
	const char *stop = data + length;
	while (data < stop) {
		gsize run = 0;
		while (data + run < stop && data[run] != '\r' && data[run] != '\n')
			run++;
		if (run > 0 && self->is_after_cr) {
			hash_text(self, "\r", 1); /* a CR that was no line end */
			self->is_after_cr = FALSE;
		}
		hash_text(self, data, run);
		data += run;
		if (data == stop)
			break;
		if (*data == '\n')
			self->n_feeds++;
		else if (self->is_after_cr)
			hash_text(self, "\r", 1);
		self->is_after_cr = *data == '\r';
		data++;
	}
	return TRUE;
}

static gboolean hash_part(GMimeObject *object, gboolean is_body, gpointer user_data)
{
	PartHash *self = user_data;
	if (GMIME_IS_MESSAGE_PART(object)) {
		GMimeMessage *inner = g_mime_message_part_get_message(GMIME_MESSAGE_PART(object));
		Walk walk = { .func = hash_part, .user_data = self, .is_complete = TRUE };
		if (inner != NULL && g_mime_message_get_mime_part(inner) != NULL)
			walk_object(&walk, g_mime_message_get_mime_part(inner), 0);
		return self->error == NULL;
	}
	g_autofree char *type =
		g_mime_content_type_get_mime_type(g_mime_object_get_content_type(object));
	g_autofree char *lower = g_ascii_strdown(type, -1);
	gcry_md_write(self->hash, lower, strlen(lower));
	gcry_md_putc(self->hash, '\n');
	write_part(object, take_to_hash, self, &self->error);
	if (self->is_after_cr)
		hash_text(self, "\r", 1);
	self->is_after_cr = FALSE;
	self->n_feeds = 0;
	gcry_md_putc(self->hash, '\0');
	return self->error == NULL;
}

/**
 * sgp_mime_dup_content_digest:
 *
 * A digest that stays the same while mail programs write the same mail anew: of the parts' types
 * and decoded contents, not of boundaries, folding or encodings. See SgpCopy in sgp-sealer.h.
 *
 * Returns: (transfer full): SHA-256, hex
 */
char *sgp_mime_dup_content_digest(const SgpMail *mail, GError **error)
{
	g_autoptr(GMimeMessage) message = parse(mail->fd, NULL, error);
	if (message == NULL)
		return NULL;
	PartHash self = { NULL };
	gcry_md_open(&self.hash, GCRY_MD_SHA256, 0);
	Walk walk = { .func = hash_part, .user_data = &self, .is_complete = TRUE };
	walk_object(&walk, g_mime_message_get_mime_part(message), 0);
	g_autofree char *hex = dup_sum(self.hash);
	gcry_md_close(self.hash);
	if (self.error != NULL) {
		g_propagate_error(error, self.error);
		return NULL;
	}
	return g_steal_pointer(&hex);
}

/**
 * sgp_mime_check_unchanged:
 *
 * What was assessed is what leaves: its bytes are sealed, so that there is nothing to compare.
 * Errors: CONFLICT (they could be changed)
 */
gboolean sgp_mime_check_unchanged(const SgpMail *mail, GError **error)
{
	if (is_sealed(mail->fd))
		return TRUE;
	g_set_error(error, SGP_ERROR, SGP_ERROR_CONFLICT, "the mail can be changed meanwhile");
	return FALSE;
}

/* ---- places in the bytes ---- */

typedef struct {
	const SgpMail *mail;
	GMimeMessage *message; /* (borrowed) */
	GArray *texts;         /* (borrowed) (element-type SgpMimeText) */
} PlaceSearch;

/* The end of a part's Content-Type field, if it stands in the bytes where GMime says. */
static gint64 find_type_end(const PlaceSearch *search, GMimeObject *object)
{
	GMimeHeaderList *list = g_mime_object_get_header_list(object);
	GMimeHeader *header = g_mime_header_list_get_header(list, "Content-Type");
	if (header == NULL || g_mime_header_get_raw_value(header) == NULL)
		return -1;
	g_autofree char *raw = g_strdup_printf(
		"%s:%s", g_mime_header_get_raw_name(header), g_mime_header_get_raw_value(header));
	gsize length = strlen(raw);
	g_autofree char *there = g_malloc0(length + 1);
	gint64 offset = g_mime_header_get_offset(header);
	if (offset < 0 || pread(search->mail->fd, there, length, offset) != (gssize)length ||
		memcmp(there, raw, length) != 0)
		return -1;
	while (length > 0 && g_ascii_isspace(raw[length - 1]))
		length--;
	return length > 0 && raw[length - 1] != ';' ? offset + (gint64)length : -1;
}

static SgpMimeTextEncoding get_text_encoding(GMimeContentEncoding encoding)
{
	switch (encoding) {
	case GMIME_CONTENT_ENCODING_DEFAULT:
	case GMIME_CONTENT_ENCODING_7BIT:
	case GMIME_CONTENT_ENCODING_8BIT:
		return SGP_MIME_TEXT_AS_IS;
	case GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE:
		return SGP_MIME_TEXT_QUOTED;
	case GMIME_CONTENT_ENCODING_BASE64:
		return SGP_MIME_TEXT_BASE64;
	case GMIME_CONTENT_ENCODING_BINARY:
	case GMIME_CONTENT_ENCODING_UUENCODE:
		return SGP_MIME_TEXT_OTHER;
	}
	return SGP_MIME_TEXT_OTHER;
}

static gboolean note_place(GMimeObject *object, gboolean is_body, gpointer user_data)
{
	PlaceSearch *search = user_data;
	GMimeContentEncoding encoding;
	GMimeStream *content = is_body ? ref_content(object, &encoding) : NULL;
	if (content == NULL || !is_known_encoding(object))
		return TRUE;
	const char *charset = g_mime_object_get_content_type_parameter(object, "charset");
	SgpMimeText text = {
		.type_end = find_type_end(search, object),
		.content = content->bound_start,
		.end = content->bound_end,
		.encoding = get_text_encoding(encoding),
		.is_html = is_type(object, "text", "html"),
		.is_utf8 = is_ascii_name(charset) || g_ascii_strcasecmp(charset, "utf-8") == 0,
		.is_8bit = encoding == GMIME_CONTENT_ENCODING_8BIT && !is_ascii_name(charset),
	};
	for (guint i = 0; i < search->texts->len; i++)
		if (g_array_index(search->texts, SgpMimeText, i).is_html == text.is_html)
			return TRUE;
	if (text.end < 0)
		text.end = text.content + g_mime_stream_length(content);
	g_array_append_val(search->texts, text);
	return TRUE;
}

/**
 * sgp_mime_find_texts:
 *
 * Returns: (transfer full): where they are; empty if that is not certain
 */
GArray *sgp_mime_find_texts(const SgpMail *mail)
{
	GArray *texts = g_array_new(FALSE, TRUE, sizeof(SgpMimeText));
	g_autoptr(GMimeMessage) message = parse_start(mail->fd, START_SIZE, NULL, NULL);
	if (message == NULL || mail->is_undecodable || mail->is_encrypted)
		return texts;
	PlaceSearch search = { .mail = mail, .texts = texts };
	Walk walk = { .func = note_place, .user_data = &search, .is_unsigned_only = TRUE };
	walk_object(&walk, g_mime_message_get_mime_part(message), 0);
	return texts;
}
