/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Subjects, by which a reply finds its inquiry. What must hold: what is behind the reply prefixes
 * is the end of the same string; words are UTF-8 and not empty; a subject shares its words with
 * itself, and sharing goes both ways. The input's first line is one subject, the rest the other. */
#include "sgp-inquiry-scan-private.h"
#include "sgp-inquiry-scan.h"

#include "fuzz.h"

static void check(const char *subject)
{
	const char *behind = sgp_inquiry_scan_skip_reply_prefixes(subject);
	g_auto(GStrv) words = sgp_inquiry_scan_subject_words(subject);
	FUZZ_HOLDS(behind >= subject && behind <= subject + strlen(subject));
	FUZZ_HOLDS(fuzz_is_text(behind));
	for (guint i = 0; words[i] != NULL; i++)
		FUZZ_HOLDS(fuzz_is_text(words[i]) && words[i][0] != '\0');
	FUZZ_HOLDS(sgp_inquiry_scan_subjects_share(subject, subject));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *one = fuzz_take_line(&data, &size);
	g_autofree char *other = fuzz_dup_text(data, size);
	check(one);
	check(other);
	FUZZ_HOLDS(sgp_inquiry_scan_subjects_share(one, other) ==
		   sgp_inquiry_scan_subjects_share(other, one));
	return 0;
}
