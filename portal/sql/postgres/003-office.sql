-- SPDX-License-Identifier: GPL-3.0-or-later
-- What an office of several people and its operator need: devices that wait for a colleague's approval, records
-- that they share, reminders, and bounces. Devices of before are approved: there was no other state.
ALTER TABLE devices ADD COLUMN state TEXT NOT NULL DEFAULT 'approved';
ALTER TABLE devices ADD COLUMN staff_key TEXT;
ALTER TABLE devices ADD COLUMN office_secret TEXT;
UPDATE devices SET staff_key = (SELECT s.staff_key FROM staff s WHERE s.address = devices.staff);
ALTER TABLE messages ADD COLUMN reminded BIGINT NOT NULL DEFAULT 0;
ALTER TABLE messages ADD COLUMN reminded_at BIGINT;
-- 0 reminders go on, 1 a mail bounced, 2 not collected: the staff were told
ALTER TABLE messages ADD COLUMN reminders_over BIGINT NOT NULL DEFAULT 0;
CREATE INDEX messages_unread ON messages (received) WHERE state = 'published' AND read_at IS NULL;
ALTER TABLE outbox ADD COLUMN tag TEXT;
CREATE UNIQUE INDEX outbox_tag ON outbox (tag);
-- Entries are signed by the device that made them and encrypted to the office.
CREATE TABLE ledger (
  n BIGINT PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  device TEXT NOT NULL,
  entry TEXT NOT NULL,
  created BIGINT NOT NULL
);
-- Whoever adds an entry holds this row until the commit: no number is seen before a smaller one.
CREATE TABLE ledger_last (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  n BIGINT NOT NULL
);
INSERT INTO ledger_last (id, n) VALUES (1, 0);
