/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The notes of the ledger's heads beside the database, as a crash or an intruder left them. What
 * must hold: they are looked at without an error; an entry that is said to be wrong has a number
 * and a reason; the next entry is noted so that the last line is whole and fits, whatever stood
 * before it. */
#include "sgp-consent-ledger.h"
#include "sgp-ledger-chain-private.h"

#include "fuzz-scratch.h"

#define NOW ((gint64)1795504380)

static SgpStore *get_store(void)
{
	static SgpStore *store;
	static SgpConsentLedger *ledger;
	g_autoptr(SgpSettings) settings = NULL;
	const SgpConsent consent = { .kind = SGP_CONSENT_AGREEMENT,
		.address = "erika@kunde.example",
		.taken_by = "anna@office.example" };
	if (store != NULL)
		return store;
	settings = sgp_settings_new(NULL, NULL);
	store = sgp_store_new(fuzz_scratch_get(), NULL);
	FUZZ_HOLDS(settings != NULL && store != NULL);
	ledger = sgp_consent_ledger_new(store, settings);
	for (int i = 0; i < 3; i++)
		FUZZ_HOLDS(sgp_consent_ledger_record(ledger, &consent, NOW, NULL));
	return store;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	SgpStore *store = get_store();
	g_autofree char *path = g_build_filename(fuzz_scratch_get(), "ledger.heads", NULL);
	g_autoptr(GError) error = NULL;
	gint64 entry = 0;
	gboolean is_there = FALSE;
	FUZZ_HOLDS(g_file_set_contents_full(
		path, (const char *)data, (gssize)size, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
	const char *why = sgp_ledger_heads_check(store, &entry, &error);
	FUZZ_HOLDS(error == NULL && (why == NULL || entry > 0));
	FUZZ_HOLDS(sgp_ledger_heads_check_last(store, &is_there, &error) && error == NULL);
	sgp_ledger_heads_write(store);
	g_autofree char *text = NULL;
	gsize length = 0;
	FUZZ_HOLDS(g_file_get_contents(path, &text, &length, NULL));
	FUZZ_HOLDS(length >= size && memcmp(text, data, size) == 0);
	FUZZ_HOLDS(length == size || text[length - 1] == '\n');
	FUZZ_HOLDS(sgp_ledger_heads_check_last(store, &is_there, &error) && error == NULL);
	return 0;
}
