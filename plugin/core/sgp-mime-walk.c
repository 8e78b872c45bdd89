/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a mail in the order in which a reader meets them, and which of them are its body.
 * What a walk cannot look into marks the mail as broken or encrypted. */
#include "sgp-mime-private.h"

#define MAXIMAL_DEPTH 32

static gboolean is_attached(GMimeObject *object)
{
	const char *disposition = g_mime_object_get_disposition(object);
	if (disposition != NULL && g_ascii_strcasecmp(disposition, "attachment") == 0)
		return TRUE;
	return GMIME_IS_PART(object) && g_mime_part_get_filename(GMIME_PART(object)) != NULL;
}

gboolean sgp_mime_is_type(GMimeObject *object, const char *type, const char *subtype)
{
	GMimeContentType *content_type = g_mime_object_get_content_type(object);
	return content_type != NULL && g_mime_content_type_is_type(content_type, type, subtype);
}

static gboolean is_signature(GMimeObject *object)
{
	return sgp_mime_is_type(object, "application", "pgp-signature") ||
	       sgp_mime_is_type(object, "application", "pkcs7-signature") ||
	       sgp_mime_is_type(object, "application", "x-pkcs7-signature");
}

static void visit_part(SgpMimeWalk *walk, GMimeObject *object)
{
	gboolean is_text = sgp_mime_is_type(object, "text", "plain") ||
			   sgp_mime_is_type(object, "text", "html");
	if (sgp_mime_is_type(object, "application", "pkcs7-mime") ||
		sgp_mime_is_type(object, "application", "x-pkcs7-mime"))
		walk->is_encrypted = TRUE;
	if (sgp_mime_is_type(object, "message", "partial") ||
		sgp_mime_is_type(object, "message", "external-body"))
		walk->is_broken = TRUE;
	gboolean is_body = is_text && GMIME_IS_PART(object) && !is_attached(object);
	if (!walk->func(object, is_body, walk->user_data))
		walk->is_stopped = TRUE;
}

void sgp_mime_walk(SgpMimeWalk *walk, GMimeObject *object, guint depth)
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
	if (sgp_mime_is_type(object, "multipart", "encrypted"))
		walk->is_encrypted = TRUE;
	if (walk->is_unsigned_only && sgp_mime_is_type(object, "multipart", "signed"))
		return;
	for (int i = 0; i < count; i++) {
		GMimeObject *child = g_mime_multipart_get_part(multipart, i);
		if (walk->is_complete || !sgp_mime_is_type(object, "multipart", "signed") ||
			!is_signature(child))
			sgp_mime_walk(walk, child, depth + 1);
	}
}
