/* SPDX-License-Identifier: GPL-3.0-or-later */

/* What a browser is called in the list of sessions. Fixed words only: nothing that a client sends
 * gets into the store or onto a page (test "a session is named in words of our own"). */

#include "sgp-client-name.h"

#include <string.h>

typedef struct {
	const char *mark;
	const char *word;
} Name;

/* The first that fits: most browsers also claim to be those further down. */
static const Name browsers[] = {
	{ "Edg", "Edge" },
	{ "OPR/", "Opera" },
	{ "SamsungBrowser/", "Samsung Internet" },
	{ "Firefox/", "Firefox" },
	{ "FxiOS/", "Firefox" },
	{ "CriOS/", "Chrome" },
	{ "Chrome/", "Chrome" },
	{ "Safari/", "Safari" },
};

static const Name systems[] = {
	{ "Android", "Android" },
	{ "iPhone", "iPhone" },
	{ "iPad", "iPad" },
	{ "Windows", "Windows" },
	{ "CrOS", "ChromeOS" },
	{ "Mac OS X", "macOS" },
	{ "Linux", "Linux" },
};

static const char *find(const Name *names, gsize count, const char *text)
{
	for (gsize i = 0; text != NULL && i < count; i++) {
		if (strstr(text, names[i].mark) != NULL)
			return names[i].word;
	}
	return NULL;
}

/**
 * sgp_client_name_dup:
 * @user_agent: (nullable): the header
 *
 * Returns: (transfer full): for instance "Firefox, Android"; empty if nothing is known.
 */
char *sgp_client_name_dup(const char *user_agent)
{
	const char *browser = find(browsers, G_N_ELEMENTS(browsers), user_agent);
	const char *system = find(systems, G_N_ELEMENTS(systems), user_agent);

	if (browser == NULL || system == NULL)
		return g_strdup(browser != NULL ? browser : system != NULL ? system : "");
	return g_strconcat(browser, ", ", system, NULL);
}
