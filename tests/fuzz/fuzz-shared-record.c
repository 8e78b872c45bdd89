/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A consent record that a colleague's agent sealed, once it is opened. What must hold: one that
 * passes is this office's, has the id it came with, a kind and a time, and its texts are text. */
#include "sgp-ledger-sync-private.h"
#include "sgp-protocol.h"

#include "fuzz.h"

#define OFFICE "0123456789ABCDEF0123456789ABCDEF01234567"
#define ID     "01890a5d-ac96-774b-bcce-b302099a8057"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const SgpLedgerSyncKeys keys = { .office = OFFICE };
	SgpSharedRecord record = { .id = ID };
	g_autofree char *exact = g_memdup2(data, size);
	g_autoptr(JsonObject) object = sgp_protocol_parse_object(exact, size);
	if (sgp_ledger_sync_read_record(&keys, object, ID, &record) != NULL)
		return 0;
	const char *const texts[] = { record.device, record.address, record.matter, record.taken_by,
		record.words, record.attachment_sha256, record.title, record.reason };
	FUZZ_HOLDS(strcmp(record.id, ID) == 0 && record.recorded > 0);
	FUZZ_HOLDS(fuzz_is_text(record.kind));
	for (gsize i = 0; i < G_N_ELEMENTS(texts); i++)
		FUZZ_HOLDS(texts[i] == NULL || fuzz_is_text(texts[i]));
	FUZZ_HOLDS(record.withdrawal_id == NULL || sgp_protocol_is_uuid7(record.withdrawal_id));
	return 0;
}
