/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A mail with an S/MIME signature (RFC 8551), from anybody. The input is a whole mail. What must
 * hold: a part has CRLF at every line end and no delimiter in it, and no more bytes than it had,
 * but for those; a boundary is 1 to 70 characters of one line; a signature that counts has its
 * signer's certificate. */
#include "sgp-mime.h"
#include "sgp-smime-signature.h"

#include "fuzz.h"

static void check_part(const char *body, gsize length, const char *boundary, guint n)
{
	g_autoptr(GBytes) part = sgp_smime_signature_dup_part(body, length, boundary, n);
	g_autofree char *delimiter = g_strconcat("--", boundary, "\r\n", NULL);
	gsize size = 0;
	if (part == NULL)
		return;
	const char *data = g_bytes_get_data(part, &size);
	FUZZ_HOLDS(size <= 2 * length);
	for (gsize i = 0; i < size; i++)
		FUZZ_HOLDS(data[i] != '\n' || (i > 0 && data[i - 1] == '\r'));
	FUZZ_HOLDS(size < strlen(delimiter) || memcmp(data, delimiter, strlen(delimiter)) != 0);
}

static void check_signature(const uint8_t *data, size_t size)
{
	g_autoptr(GBytes) bytes = g_bytes_new(data, size);
	g_autoptr(SgpMail) mail = sgp_mime_freeze_bytes(bytes, NULL);
	g_autoptr(SgpSmimeSignature) signature =
		mail != NULL ? sgp_smime_signature_read(mail) : NULL;
	if (signature == NULL)
		return;
	FUZZ_HOLDS(signature->certificates->len > 0);
	FUZZ_HOLDS(g_str_has_prefix(signature->bundle, "-----BEGIN CERTIFICATE-----"));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *body = g_memdup2(data, size);
	const uint8_t *rest = data;
	size_t left = size;
	check_signature(data, size);
	g_autofree char *line = fuzz_take_line(&rest, &left);
	g_autofree char *boundary = sgp_smime_signature_dup_boundary(line);
	FUZZ_HOLDS(boundary == NULL || (strlen(boundary) > 0 && strlen(boundary) <= 70));
	for (guint n = 0; n < 3 && size > 0; n++)
		check_part(body, size, boundary != NULL ? boundary : "b", n);
	return 0;
}
