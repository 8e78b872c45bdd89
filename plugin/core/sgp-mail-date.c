/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dates of mail headers. Owns nothing; an unreadable date is 0, never "now". */
#include "sgp-mail-date.h"

#include <stdio.h>
#include <string.h>

static int month_from_name(const char *name)
{
	static const char *const names[] = { "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug",
		"sep", "oct", "nov", "dec" };
	for (int i = 0; i < 12; i++) {
		if (g_ascii_strncasecmp(name, names[i], 3) == 0)
			return i + 1;
	}
	return 0;
}

/* Minutes east of UTC; unknown zones are UTC (RFC 5322, 4.3). */
static int zone_from_text(const char *zone)
{
	static const struct {
		const char *name;
		int minutes;
	} names[] = { { "EST", -300 }, { "EDT", -240 }, { "CST", -360 }, { "CDT", -300 },
		{ "MST", -420 }, { "MDT", -360 }, { "PST", -480 }, { "PDT", -420 }, { "CET", 60 },
		{ "CEST", 120 }, { "MEZ", 60 }, { "MESZ", 120 } };
	if ((zone[0] == '+' || zone[0] == '-') && strspn(zone + 1, "0123456789") == 4) {
		int number = (int)g_ascii_strtoll(zone + 1, NULL, 10);
		int minutes = number / 100 * 60 + number % 100;
		return zone[0] == '-' ? -minutes : minutes;
	}
	for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
		if (g_ascii_strcasecmp(zone, names[i].name) == 0)
			return names[i].minutes;
	}
	return 0;
}

gint64 sgp_mail_date_parse(const char *text)
{
	int day = 0, year = 0, hour = 0, minute = 0, second = 0;
	char month[16] = "", zone[8] = "";
	const char *comma = strchr(text, ',');
	const char *from = comma != NULL ? comma + 1 : text;
	/* "Tue 24 Nov 2026": some leave the comma out. */
	from += strspn(from, " \t\r\n");
	while (g_ascii_isalpha(*from))
		from++;
	int n = sscanf(from, " %2d %15[A-Za-z.] %4d %2d:%2d:%2d %7[-+A-Za-z0-9]", &day, month,
		&year, &hour, &minute, &second, zone);
	if (n < 6) {
		second = 0;
		n = sscanf(from, " %2d %15[A-Za-z.] %4d %2d:%2d %7[-+A-Za-z0-9]", &day, month,
			&year, &hour, &minute, zone);
		if (n < 5)
			return 0;
	}
	if (year < 50)
		year += 2000;
	else if (year < 1000)
		year += 1900;
	int month_number = month_from_name(month);
	if (month_number == 0)
		return 0;
	g_autoptr(GDateTime) date =
		g_date_time_new_utc(year, month_number, day, hour, minute, CLAMP(second, 0, 59));
	if (date == NULL)
		return 0;
	return g_date_time_to_unix(date) - zone_from_text(zone) * (gint64)60;
}
