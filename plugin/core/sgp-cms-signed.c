/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Takes a mail out of the signature that is wrapped around it, as Outlook sends it. Verifies
 * nothing: what the scans read must not depend on whether somebody's certificate is still valid,
 * and the mail programs show by themselves whose signature it is. */
#include "sgp-cms-signed.h"

#include <openssl/cms.h>
#include <openssl/err.h>

GBytes *sgp_cms_signed_dup_content(GBytes *message)
{
	gsize size = 0;
	const guint8 *at = g_bytes_get_data(message, &size);
	CMS_ContentInfo *cms =
		size == 0 || size > G_MAXINT ? NULL : d2i_CMS_ContentInfo(NULL, &at, (long)size);
	GBytes *content = NULL;
	if (cms != NULL && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed &&
		OBJ_obj2nid(CMS_get0_eContentType(cms)) == NID_pkcs7_data) {
		ASN1_OCTET_STRING **text = CMS_get0_content(cms);
		if (text != NULL && *text != NULL)
			content = g_bytes_new(
				ASN1_STRING_get0_data(*text), (gsize)ASN1_STRING_length(*text));
	}
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return content;
}
