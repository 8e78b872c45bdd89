/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a mail is about, by its words. What must hold: words of health stay found, whatever follows
 * them, in plain text as in HTML, and so does a file inside a text; a finding names its words, at
 * most ten, in UTF-8; the class shown for two findings does not hang on their order; megabytes of
 * one character end in time. */
#include "sgp-content-scan.h"
#include "sgp-uuencode.h"

#include "fuzz.h"

#define HEALTH "Die Diagnose lautet Depression.\n\n"

static void check_because(SgpContentClass class, const GPtrArray *because)
{
	FUZZ_HOLDS(because->len <= 10);
	FUZZ_HOLDS(class == SGP_CONTENT_CLASS_GENERAL || class == SGP_CONTENT_CLASS_UNKNOWN ||
		   because->len > 0);
	for (guint i = 0; i < because->len; i++)
		FUZZ_HOLDS(fuzz_is_text(g_ptr_array_index(because, i)));
}

static SgpContentClass scan(const char *text)
{
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	const SgpContentClass class = sgp_content_scan_text(text, because);
	check_because(class, because);
	return class;
}

static SgpContentClass scan_mail(const char *subject, const char *text, const char *html)
{
	g_autoptr(GPtrArray) because = g_ptr_array_new_with_free_func(g_free);
	g_autoptr(SgpMail) mail = sgp_mail_new();
	g_free(mail->subject);
	mail->subject = g_strdup(subject);
	g_free(mail->text);
	mail->text = g_strdup(text);
	mail->html = g_strdup(html);
	const SgpContentClass class = sgp_content_scan_mail(mail, because);
	check_because(class, because);
	return class;
}

/* A file inside the text is seen, whatever stands before it; there may be many of them. */
static void check_embedded(const char *text)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
	g_autofree char *with_file = g_strconcat(text, "\nbegin 644 a.txt\n#0V%T\n`\nend\n", NULL);
	sgp_uuencode_find(text, names);
	FUZZ_HOLDS(names->len <= 16);
	for (guint i = 0; i < names->len; i++)
		FUZZ_HOLDS(fuzz_is_text(g_ptr_array_index(names, i)));
	FUZZ_HOLDS(sgp_uuencode_is_in(with_file));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *text = fuzz_dup_text(data, size);
	g_autofree char *after = g_strconcat(HEALTH, text, NULL);
	g_autofree char *escaped = g_markup_escape_text(text, -1);
	g_autofree char *html = g_strconcat("<p>" HEALTH "</p><p>", escaped, NULL);
	g_autofree char *subject = g_strdelimit(g_strdup(text), "\r\n", ' ');
	check_embedded(text);
	const SgpContentClass one = scan(text);
	const SgpContentClass other = scan_mail(subject, text, text);
	FUZZ_HOLDS(sgp_content_scan_combine(one, other) == sgp_content_scan_combine(other, one));
	FUZZ_HOLDS(scan(after) == SGP_CONTENT_CLASS_HEALTH);
	FUZZ_HOLDS(scan_mail("Frage", after, NULL) == SGP_CONTENT_CLASS_HEALTH);
	FUZZ_HOLDS(scan_mail("Frage", "", html) == SGP_CONTENT_CLASS_HEALTH);
	return 0;
}
