/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sgp-folder-role.h"

typedef struct {
	const char *name;
	SgpFolderRole role;
} Case;

static void assert_roles(const Case *cases, gsize n)
{
	for (gsize i = 0; i < n; i++) {
		g_test_message("%s", cases[i].name);
		g_assert_cmpint(sgp_folder_role_of_name(cases[i].name), ==, cases[i].role);
	}
}

static void test_languages(void)
{
	static const Case CASES[] = {
		{ "sent", SGP_FOLDER_ROLE_SENT },
		{ "Sent Items", SGP_FOLDER_ROLE_SENT },
		{ "Gesendet", SGP_FOLDER_ROLE_SENT },
		{ "Gesendete Objekte", SGP_FOLDER_ROLE_SENT },
		{ "Gesendete Elemente", SGP_FOLDER_ROLE_SENT },
		{ "Entwürfe", SGP_FOLDER_ROLE_DRAFTS },
		{ "Drafts", SGP_FOLDER_ROLE_DRAFTS },
		{ "Papierkorb", SGP_FOLDER_ROLE_TRASH },
		{ "Gelöschte Elemente", SGP_FOLDER_ROLE_TRASH },
		{ "Spam", SGP_FOLDER_ROLE_JUNK },
		{ "Junk-E-Mail", SGP_FOLDER_ROLE_JUNK },
		{ "Postausgang", SGP_FOLDER_ROLE_OUTBOX },
		{ "outbox", SGP_FOLDER_ROLE_OUTBOX },
	};
	assert_roles(CASES, G_N_ELEMENTS(CASES));
}

static void test_letters(void)
{
	static const Case CASES[] = {
		{ "GESENDETE OBJEKTE", SGP_FOLDER_ROLE_SENT },
		{ "ENTWÜRFE", SGP_FOLDER_ROLE_DRAFTS },
		{ "Entwu\xcc\x88rfe", SGP_FOLDER_ROLE_DRAFTS },
		{ "jUNK-e-mAIL", SGP_FOLDER_ROLE_JUNK },
		{ " Sent ", SGP_FOLDER_ROLE_SENT },
	};
	assert_roles(CASES, G_N_ELEMENTS(CASES));
}

static void test_paths(void)
{
	static const Case CASES[] = {
		{ "INBOX.Gesendet", SGP_FOLDER_ROLE_SENT },
		{ "INBOX/Gesendete Objekte", SGP_FOLDER_ROLE_SENT },
		{ ".Sent", SGP_FOLDER_ROLE_SENT },
		{ "INBOX.Trash.2025", SGP_FOLDER_ROLE_TRASH },
		{ "Papierkorb/Kunden/Meier", SGP_FOLDER_ROLE_TRASH },
		{ "[Gmail]/Papierkorb", SGP_FOLDER_ROLE_TRASH },
		{ "folder://local/Entw%C3%BCrfe", SGP_FOLDER_ROLE_DRAFTS },
		{ "folder://konto/Gesendete%20Objekte", SGP_FOLDER_ROLE_SENT },
		{ "INBOX.Entw&APw-rfe", SGP_FOLDER_ROLE_DRAFTS },
		{ "INBOX/Gel&APY-schte Elemente", SGP_FOLDER_ROLE_TRASH },
	};
	assert_roles(CASES, G_N_ELEMENTS(CASES));
}

static void test_attributes(void)
{
	static const Case CASES[] = {
		{ "\\Sent", SGP_FOLDER_ROLE_SENT },
		{ "\\drafts", SGP_FOLDER_ROLE_DRAFTS },
		{ "(\\HasNoChildren \\Junk)", SGP_FOLDER_ROLE_JUNK },
		{ "\\HasNoChildren \\Trash", SGP_FOLDER_ROLE_TRASH },
		{ "\\Archive", SGP_FOLDER_ROLE_MAIL },
		{ "\\HasNoChildren", SGP_FOLDER_ROLE_MAIL },
	};
	assert_roles(CASES, G_N_ELEMENTS(CASES));
}

static void test_others(void)
{
	static const Case CASES[] = {
		{ "", SGP_FOLDER_ROLE_MAIL },
		{ "INBOX", SGP_FOLDER_ROLE_MAIL },
		{ "Kunden", SGP_FOLDER_ROLE_MAIL },
		{ "Ungesendet", SGP_FOLDER_ROLE_MAIL },
		{ "Sentimental", SGP_FOLDER_ROLE_MAIL },
		{ "Spamfilter Angebote", SGP_FOLDER_ROLE_MAIL },
		{ "Meier & Co", SGP_FOLDER_ROLE_MAIL },
		{ "Meier &- Sohn", SGP_FOLDER_ROLE_MAIL },
		{ "100% Haftpflicht", SGP_FOLDER_ROLE_MAIL },
		{ "&-", SGP_FOLDER_ROLE_MAIL },
		{ "&kaputt-", SGP_FOLDER_ROLE_MAIL },
		{ "\xff\xfe", SGP_FOLDER_ROLE_MAIL },
	};
	assert_roles(CASES, G_N_ELEMENTS(CASES));
}

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	g_test_add_func("/folder-role/english-and-german-names-are-known", test_languages);
	g_test_add_func("/folder-role/letter-case-and-forms-of-letters-never-count", test_letters);
	g_test_add_func("/folder-role/the-nearest-part-of-a-path-counts", test_paths);
	g_test_add_func("/folder-role/special-use-attributes-say-it-themselves", test_attributes);
	g_test_add_func("/folder-role/every-other-folder-holds-received-mail", test_others);
	return g_test_run();
}
