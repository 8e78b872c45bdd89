/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of a received mail, as the reactive rule reads it: "Name: value" lines below what the
 * customer's own server wrote. What must hold: what stands below a failure of the trusted server
 * never makes a pass of it; nobody is trusted where nobody was named; what is kept reads like the
 * mail; why it is no person's mail is one of the known words; a date is none or one that a calendar
 * has. */
#include "sgp-inquiry-scan.h"
#include "sgp-mail-date.h"

#include "fuzz.h"

#define SERVER   "mx.kanzlei.example"
#define YEAR_ONE (-62135683200)
#define YEAR_END 253402387200

static const char *const trusted[] = { SERVER, NULL };

static const char *const reasons[] = { "auto-submitted", "mailing-list", "bulk", "bounce",
	"null-return-path", "report", "receipt", "out-of-office", "calendar", "system-sender",
	"no-single-author", NULL };

static void add(SgpMail *mail, const char *name, const char *value)
{
	g_ptr_array_add(mail->headers, g_strdup(name));
	g_ptr_array_add(mail->headers, g_strdup(value));
}

static SgpMail *dup_mail(const char *from, const uint8_t *data, size_t size, const char *first)
{
	SgpMail *mail = sgp_mail_new();
	g_autoptr(GPtrArray) people = sgp_address_parse_list(from, NULL);
	for (guint i = 0; people != NULL && i < people->len; i++)
		g_ptr_array_add(mail->from, sgp_address_ref(g_ptr_array_index(people, i)));
	if (first != NULL)
		add(mail, "Authentication-Results", first);
	while (size > 0) {
		g_autofree char *line = fuzz_take_line(&data, &size);
		char *colon = strchr(line, ':');
		g_strdelimit(line, "\r", ' ');
		if (colon == NULL)
			continue;
		*colon = '\0';
		add(mail, line, g_strchug(colon + 1));
	}
	return mail;
}

static void check(const SgpMail *mail)
{
	g_autofree char *kept = sgp_inquiry_scan_dup_authentications(mail);
	FUZZ_HOLDS(fuzz_is_text(kept));
	FUZZ_HOLDS(sgp_inquiry_scan_choose_authentication(kept, trusted) ==
		   sgp_inquiry_scan_authentication(mail, trusted));
	FUZZ_HOLDS(sgp_inquiry_scan_authentication(mail, NULL) == SGP_AUTHENTICATION_UNKNOWN);
	for (int is_relay = 0; is_relay < 2; is_relay++) {
		const char *why = sgp_inquiry_scan_not_personal(mail, is_relay != 0);
		FUZZ_HOLDS(why == NULL || g_strv_contains(reasons, why));
	}
	const gint64 date = sgp_inquiry_scan_date(mail);
	FUZZ_HOLDS(date >= YEAR_ONE && date <= YEAR_END);
	for (guint i = 0; i < mail->headers->len; i++) {
		const gint64 any = sgp_mail_date_parse(g_ptr_array_index(mail->headers, i));
		FUZZ_HOLDS(any >= YEAR_ONE - 400000 && any <= YEAR_END + 400000);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autofree char *from = fuzz_take_line(&data, &size);
	g_autoptr(SgpMail) mail = dup_mail(from, data, size, NULL);
	check(mail);
	g_autoptr(SgpMail) failed =
		dup_mail(from, data, size, SERVER "; dmarc=fail header.from=kunde.example");
	FUZZ_HOLDS(sgp_inquiry_scan_authentication(failed, trusted) != SGP_AUTHENTICATION_PASS);
	return 0;
}
