/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attachments of strangers: RTF, archives and office files, HTML, XML, plain text. What must hold:
 * the text is UTF-8 and within its limit, whatever was packed into the file; what was cut says so.
 * PDF is not fed: Poppler is built without sanitizers and far too large to be learned here; it is
 * why the reader runs confined and in a process of its own. */
#include "sgp-extract.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *exact = g_memdup2(data, size);
	g_autoptr(SgpExtract) extract = sgp_extract_new();
	if (memmem(data, size, "%PDF", 4) != NULL)
		return 0;
	sgp_extract_read(extract, exact, size);
	FUZZ_HOLDS(g_utf8_validate_len(extract->text->str, extract->text->len, NULL) ||
		   (extract->is_incomplete && sgp_extract_is_full(extract)));
	FUZZ_HOLDS(extract->text->len <= SGP_EXTRACT_MAX_TEXT);
	return 0;
}
