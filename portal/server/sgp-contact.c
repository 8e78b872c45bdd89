/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The office's name, telephone number, hours and address as they stand in the page for browsers
 * without JavaScript, in both languages: such a page cannot ask for them. Every value is text of
 * the administrator's and escaped; what comes out is of the form that sgp-page-contact allows. */

#include "sgp-contact.h"

#include "sgp-protocol.h"

#include <string.h>

/* For a telephone to dial: digits and a plus in front. */
static char *dup_dialled(const char *phone)
{
	g_autoptr(GString) out = g_string_new(NULL);

	for (const char *c = phone; *c != '\0'; c++) {
		if (g_ascii_isdigit(*c) || (*c == '+' && out->len == 0))
			g_string_append_c(out, *c);
		/* "+49 (0)711": the zero is for who dials without the country. */
		if (strncmp(c, "(0)", 3) == 0 && out->len > 0)
			c += 2;
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}

static char *render(const char *name, const char *phone, const char *hours, const char *mail,
	const char *by_phone, const char *by_mail)
{
	g_autofree char *safe_name = g_markup_escape_text(name, -1);
	g_autofree char *safe_phone = g_markup_escape_text(phone, -1);
	g_autofree char *safe_hours = g_markup_escape_text(hours, -1);
	g_autofree char *safe_mail = g_markup_escape_text(mail, -1);
	g_autofree char *dialled = dup_dialled(phone);
	g_autofree char *target = g_uri_escape_string(mail, "@", FALSE);

	return g_strdup_printf("%s: %s <a href=\"tel:%s\">%s</a>%s%s, %s <a "
			       "href=\"mailto:%s\">%s</a>.",
		safe_name, by_phone, dialled, safe_phone, *safe_hours != '\0' ? ", " : "",
		safe_hours, by_mail, target, safe_mail);
}

/**
 * sgp_contact_new:
 * @hours: may be empty
 *
 * Returns: (transfer full): the contact.
 */
SgpContact *sgp_contact_new(
	const char *name, const char *phone, const char *hours, const char *mail)
{
	SgpContact *contact = g_new0(SgpContact, 1);

	contact->german = render(name, phone, hours, mail, "Telefon", "E-Mail");
	contact->english = render(name, phone, hours, mail, "phone", "e-mail");
	return contact;
}

/**
 * sgp_contact_free:
 * @contact: (transfer full) (nullable):
 */
void sgp_contact_free(SgpContact *contact)
{
	if (contact == NULL)
		return;
	g_free(contact->german);
	g_free(contact->english);
	g_free(contact);
}

/**
 * sgp_contact_load:
 *
 * Returns: (transfer full) (nullable): the office's contact; %NULL without an error while the
 * portal is not set up, with one if it could not be read.
 */
SgpContact *sgp_contact_load(SgpDatabase *database, GError **error)
{
	g_autoptr(SgpRows) rows = sgp_database_query(database, error,
		"SELECT support_name, support_phone, support_hours, support_mail FROM office", "");

	if (rows == NULL || sgp_rows_get_count(rows) == 0)
		return NULL;
	return sgp_contact_new(sgp_rows_get_text(rows, 0, 0), sgp_rows_get_text(rows, 0, 1),
		sgp_rows_get_text(rows, 0, 2), sgp_rows_get_text(rows, 0, 3));
}
