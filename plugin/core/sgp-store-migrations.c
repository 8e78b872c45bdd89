/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The schema of the state database, step by step. Owns table definitions only; a step that was
 * released is never edited, a change is a new step at the end. */
#include "sgp-store-private.h"

/* Small named values. */
#define STEP_VALUES "CREATE TABLE value (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;"

/* The history index (sgp-history). Integers instead of texts: 1,000,000 messages are kept here.
 * message: one row per Message-ID hash and author, so that a foreign mail with the same Message-ID
 * never takes the customer's place. sender NULL: known by reference only; 0: not exactly one
 * author. All rows of one id share a conversation. judgement: per copy, for the same reason: a
 * forged copy must not speak for the good one. */
#define STEP_HISTORY                                                                               \
	"CREATE TABLE address (id INTEGER PRIMARY KEY, spec TEXT NOT NULL UNIQUE);"                \
	"CREATE TABLE folder (id INTEGER PRIMARY KEY, uri TEXT NOT NULL UNIQUE,"                   \
	" role INTEGER NOT NULL, is_complete INTEGER NOT NULL, is_hosted INTEGER NOT NULL);"       \
	"CREATE TABLE message (key INTEGER PRIMARY KEY, id INTEGER NOT NULL, sender INTEGER,"      \
	" conversation INTEGER NOT NULL, date INTEGER NOT NULL);"                                  \
	"CREATE INDEX message_id ON message (id);"                                                 \
	"CREATE INDEX message_conversation ON message (conversation);"                             \
	"CREATE INDEX message_sender ON message (sender, date) WHERE sender > 0;"                  \
	"CREATE TABLE copy (folder INTEGER NOT NULL, uid TEXT NOT NULL, message INTEGER NOT NULL," \
	" PRIMARY KEY (folder, uid)) WITHOUT ROWID;"                                               \
	"CREATE INDEX copy_message ON copy (message);"                                             \
	"CREATE TABLE judgement (folder INTEGER NOT NULL, uid TEXT NOT NULL,"                      \
	" message_id TEXT NOT NULL, not_personal TEXT, authentications TEXT NOT NULL,"             \
	" opt_out INTEGER NOT NULL, sentence TEXT, reply_to TEXT NOT NULL, date INTEGER NOT NULL," \
	" subject TEXT NOT NULL, protocol INTEGER NOT NULL,"                                       \
	" PRIMARY KEY (folder, uid)) WITHOUT ROWID;"

/* The ledger (sgp-consent-ledger). What the chain covers is in ledger and never changes; what is
 * personal is aside, bound by a salted commitment, and may be erased only where an erasure entry of
 * the chain names it. */
#define STEP_LEDGER                                                                                \
	"CREATE TABLE ledger (entry INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL,"     \
	" kind TEXT NOT NULL, fields TEXT NOT NULL, commitment BLOB NOT NULL,"                     \
	" previous BLOB NOT NULL, hash BLOB NOT NULL);"                                            \
	"CREATE TABLE ledger_personal (entry INTEGER PRIMARY KEY REFERENCES ledger (entry),"       \
	" salt BLOB NOT NULL, address TEXT, matter TEXT COLLATE NOCASE, fields TEXT NOT NULL);"    \
	"CREATE INDEX ledger_personal_address ON ledger_personal (address);"                       \
	"CREATE INDEX ledger_personal_matter ON ledger_personal (matter);"                         \
	"CREATE TABLE ledger_erased (entry INTEGER PRIMARY KEY REFERENCES ledger (entry),"         \
	" by_entry INTEGER NOT NULL REFERENCES ledger (entry));"                                   \
	"CREATE TABLE matter_tie (message INTEGER PRIMARY KEY, matter TEXT NOT NULL);"             \
	"CREATE TRIGGER ledger_insert BEFORE INSERT ON ledger"                                     \
	" WHEN EXISTS (SELECT 1 FROM ledger WHERE entry = NEW.entry) BEGIN"                        \
	" SELECT RAISE(ABORT, 'the ledger is append-only'); END;"                                  \
	"CREATE TRIGGER ledger_personal_insert BEFORE INSERT ON ledger_personal"                   \
	" WHEN EXISTS (SELECT 1 FROM ledger_personal WHERE entry = NEW.entry) BEGIN"               \
	" SELECT RAISE(ABORT, 'the ledger is append-only'); END;"                                  \
	"CREATE TRIGGER ledger_erased_insert BEFORE INSERT ON ledger_erased"                       \
	" WHEN EXISTS (SELECT 1 FROM ledger_erased WHERE entry = NEW.entry) BEGIN"                 \
	" SELECT RAISE(ABORT, 'the ledger is append-only'); END;"                                  \
	"CREATE TRIGGER ledger_update BEFORE UPDATE ON ledger BEGIN"                               \
	" SELECT RAISE(ABORT, 'the ledger is append-only'); END;"                                  \
	"CREATE TRIGGER ledger_delete BEFORE DELETE ON ledger BEGIN"                               \
	" SELECT RAISE(ABORT, 'the ledger is append-only'); END;"                                  \
	"CREATE TRIGGER ledger_personal_update BEFORE UPDATE ON ledger_personal BEGIN"             \
	" SELECT RAISE(ABORT, 'the ledger is append-only'); END;"                                  \
	"CREATE TRIGGER ledger_personal_delete BEFORE DELETE ON ledger_personal"                   \
	" WHEN NOT EXISTS (SELECT 1 FROM ledger_erased WHERE entry = OLD.entry) BEGIN"             \
	" SELECT RAISE(ABORT, 'only an erasure may delete'); END;"                                 \
	"CREATE TRIGGER ledger_erased_update BEFORE UPDATE ON ledger_erased BEGIN"                 \
	" SELECT RAISE(ABORT, 'the ledger is append-only'); END;"                                  \
	"CREATE TRIGGER ledger_erased_delete BEFORE DELETE ON ledger_erased BEGIN"                 \
	" SELECT RAISE(ABORT, 'the ledger is append-only'); END;"

/* The spool (sgp-spool): what was committed. The bytes lie beside the database, in spool/. */
#define STEP_SPOOL                                                                                 \
	"CREATE TABLE spool_draft (draft TEXT PRIMARY KEY, committed INTEGER NOT NULL)"            \
	" WITHOUT ROWID;"                                                                          \
	"CREATE TABLE spool_copy (id TEXT PRIMARY KEY, draft TEXT NOT NULL,"                       \
	" channel INTEGER NOT NULL, is_sent INTEGER NOT NULL, sender TEXT NOT NULL,"               \
	" state INTEGER NOT NULL, digest TEXT, handle TEXT, manifest TEXT,"                        \
	" created INTEGER NOT NULL, changed INTEGER NOT NULL, tries INTEGER NOT NULL DEFAULT 0,"   \
	" due INTEGER NOT NULL DEFAULT 0, problem TEXT) WITHOUT ROWID;"                            \
	"CREATE INDEX spool_copy_state ON spool_copy (state, due);"                                \
	"CREATE TABLE spool_recipient (copy TEXT NOT NULL, address TEXT NOT NULL,"                 \
	" PRIMARY KEY (copy, address)) WITHOUT ROWID;"                                             \
	"CREATE TABLE spool_blob (copy TEXT NOT NULL, n INTEGER NOT NULL, size INTEGER NOT NULL,"  \
	" sha256 TEXT NOT NULL, upload TEXT, PRIMARY KEY (copy, n)) WITHOUT ROWID;"

/* Steps of one release: each belongs to one part. */
/* Keys that wait to be accepted (sgp-key-candidates). listing: what gpg said of it when it came, so
 * that no process is needed to know it again. source: SHA-256 of the bytes it came in. */
#define STEP_KEYS                                                                                  \
	"CREATE TABLE key_candidate (address TEXT NOT NULL, fingerprint TEXT NOT NULL,"            \
	" origin INTEGER NOT NULL, protocol INTEGER NOT NULL, first_seen INTEGER NOT NULL,"        \
	" last_seen INTEGER NOT NULL, source TEXT NOT NULL, listing TEXT NOT NULL,"                \
	" certificate BLOB NOT NULL, PRIMARY KEY (address, fingerprint, origin));"                 \
	"CREATE TABLE wkd_lookup (address TEXT PRIMARY KEY, asked INTEGER NOT NULL,"               \
	" is_found INTEGER NOT NULL) WITHOUT ROWID;"
/* The provider probe's memory (sgp-provider-cache), and what the submission service answered for
 * each recipient of a copy (sgp-delivery-submission). */
#define STEP_PROVIDER                                                                              \
	"CREATE TABLE provider (domain TEXT PRIMARY KEY, answer INTEGER NOT NULL,"                 \
	" checked INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;"                        \
	"CREATE TABLE provider_policy (domain TEXT PRIMARY KEY, id TEXT NOT NULL,"                 \
	" policy TEXT NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;"                            \
	"CREATE TABLE submission_answer (copy TEXT NOT NULL, address TEXT NOT NULL,"               \
	" answer INTEGER NOT NULL, PRIMARY KEY (copy, address)) WITHOUT ROWID;"
/* A judgement knows which reading made it, so that a better one reads again; and all its authors,
 * so that an objection signed by two is found. 0: before there were versions. */
#define STEP_JUDGEMENT                                                                             \
	"ALTER TABLE judgement ADD COLUMN version INTEGER NOT NULL DEFAULT 0;"                     \
	"ALTER TABLE judgement ADD COLUMN authors TEXT NOT NULL DEFAULT '';"
/* Ledger: an entry follows the last one, or is refused. Erasures are found, and entries counted,
 * without reading all of them. */
#define STEP_LEDGER_2                                                                              \
	"CREATE TRIGGER ledger_next BEFORE INSERT ON ledger"                                       \
	" WHEN NEW.entry IS NOT (SELECT coalesce(max(entry), 0) + 1 FROM ledger)"                  \
	" OR NEW.previous IS NOT coalesce((SELECT hash FROM ledger ORDER BY entry DESC LIMIT 1),"  \
	" zeroblob(32)) BEGIN"                                                                     \
	" SELECT RAISE(ABORT, 'the ledger is append-only'); END;"                                  \
	"CREATE INDEX ledger_count ON ledger (time);"                                              \
	"CREATE INDEX ledger_erasure ON ledger (kind) WHERE kind = 'erasure';"
#define STEP_SPOOL_2 ""
/* Records that an office shares (sgp-ledger-sync). id: a UUIDv7, the same on every device: a
 * colleague's record brings it along, one of ours has its time, its number and its hash in it. So
 * it is made of what the chain covers, and no record can be in the ledger twice. (A schema that is
 * not trusted may not use JSON functions; origin comes first.) ledger_outgoing:
 * plain is what is not sealed yet and not in the entry (whom an erasure is about); n is the
 * portal's number, NULL while it has not got the record, 0 if there is nothing to tell.
 * ledger_refused: what came and does not verify; it is tried again, and never counts till then. */
#define LEDGER_SHARED_KINDS                                                                        \
	"('phone', 'letter', 'agreement', 'withdrawal', 'matter', 'matter-closed', 'erasure')"
#define STEP_LEDGER_3                                                                              \
	"ALTER TABLE ledger ADD COLUMN id TEXT GENERATED ALWAYS AS (CASE"                          \
	" WHEN substr(fields, 1, 17) = '{\"origin\":{\"id\":\"' THEN substr(fields, 18, 36)"       \
	" ELSE printf('%08x-%04x-7%03x-a%s-%s', (time * 1000 + (entry >> 12) % 1000) >> 16,"       \
	" (time * 1000 + (entry >> 12) % 1000) & 65535, entry & 4095,"                             \
	" lower(substr(hex(hash), 1, 3)), lower(substr(hex(hash), 4, 12))) END) VIRTUAL;"          \
	"CREATE UNIQUE INDEX ledger_id ON ledger (id) WHERE kind IN " LEDGER_SHARED_KINDS ";"      \
	"CREATE TABLE ledger_outgoing (entry INTEGER PRIMARY KEY REFERENCES ledger (entry),"       \
	" plain TEXT, sealed TEXT, n INTEGER);"                                                    \
	"CREATE TABLE ledger_refused (n INTEGER PRIMARY KEY, id TEXT NOT NULL,"                    \
	" entry TEXT NOT NULL, why TEXT NOT NULL);"
/* What the portal told (sgp-event-log). */
#define STEP_EVENTS                                                                                \
	"CREATE TABLE portal_event (id INTEGER PRIMARY KEY AUTOINCREMENT, portal INTEGER UNIQUE,"  \
	" kind TEXT NOT NULL, address TEXT, message TEXT, time INTEGER NOT NULL,"                  \
	" is_dismissed INTEGER NOT NULL DEFAULT 0);"

/* What a web form passed on is found by whom it is from (sgp-history-lookup); most mails name
 * nobody else to answer to. */
#define STEP_JUDGEMENT_2                                                                           \
	"CREATE INDEX judgement_reply_to ON judgement (reply_to) WHERE reply_to > '';"

const char *const sgp_store_migrations[] = {
	STEP_VALUES STEP_HISTORY STEP_LEDGER,
	STEP_SPOOL,
	STEP_KEYS STEP_PROVIDER STEP_JUDGEMENT STEP_LEDGER_2 STEP_SPOOL_2,
	STEP_LEDGER_3 STEP_EVENTS,
	STEP_JUDGEMENT_2,
	NULL,
};
