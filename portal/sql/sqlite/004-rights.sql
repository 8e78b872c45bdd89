-- SPDX-License-Identifier: GPL-3.0-or-later
-- What colleagues told each other, and who signed for whom, only grows, whatever a statement of ours says.
CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger BEGIN SELECT RAISE(ABORT, 'ledger only grows'); END;
CREATE TRIGGER ledger_is_not_deleted BEFORE DELETE ON ledger BEGIN SELECT RAISE(ABORT, 'ledger only grows'); END;
CREATE TRIGGER rosters_are_not_changed BEFORE UPDATE ON rosters BEGIN SELECT RAISE(ABORT, 'rosters only grows'); END;
CREATE TRIGGER rosters_are_not_deleted BEFORE DELETE ON rosters BEGIN SELECT RAISE(ABORT, 'rosters only grows'); END;

-- A key that was deposited before a reset is signed by a key that counts no more: it waits until the customer confirms it.
ALTER TABLE deposited_keys ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
UPDATE deposited_keys SET generation = COALESCE((SELECT c.generation FROM customers c
  WHERE c.handle = deposited_keys.handle AND c.registered <= deposited_keys.deposited), 0);
