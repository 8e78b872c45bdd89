-- SPDX-License-Identifier: GPL-3.0-or-later
-- The customer's care of the account: recovery, sessions, deposited keys, deletion. Whoever is deleted
-- leaves a row with handle, generation and the state "deleted"; its address is the handle then.
ALTER TABLE customers ADD COLUMN recovery_salt BYTEA;
ALTER TABLE customers ADD COLUMN recovery_hash BYTEA;
ALTER TABLE customers ADD COLUMN recovery_wrap BYTEA;
ALTER TABLE customers ADD COLUMN identity_record TEXT;
ALTER TABLE customers ADD COLUMN reset_asked BIGINT;
ALTER TABLE customers ADD COLUMN seen BIGINT;
ALTER TABLE sessions ADD COLUMN client TEXT NOT NULL DEFAULT '';
ALTER TABLE outbox ADD COLUMN language TEXT;
CREATE INDEX outbox_handle ON outbox (handle, kind, queued);
-- What anybody asked for, registered or not, until the mailer has looked who it is.
CREATE TABLE recovery_requests (
  handle TEXT NOT NULL,
  kind TEXT NOT NULL,
  language TEXT NOT NULL,
  due BIGINT NOT NULL,
  PRIMARY KEY (handle, kind)
);
CREATE TABLE recovery_links (
  token_hash BYTEA PRIMARY KEY,
  handle TEXT NOT NULL REFERENCES customers (handle),
  expires BIGINT NOT NULL
);
CREATE INDEX recovery_links_handle ON recovery_links (handle);
-- Leave for one change of the password; the digest tells the same change from another.
CREATE TABLE recovery_changes (
  change_hash BYTEA PRIMARY KEY,
  handle TEXT NOT NULL REFERENCES customers (handle),
  expires BIGINT NOT NULL,
  digest BYTEA
);
CREATE INDEX recovery_changes_handle ON recovery_changes (handle);
CREATE TABLE former_signature_keys (
  handle TEXT NOT NULL REFERENCES customers (handle),
  generation BIGINT NOT NULL,
  signature_key BYTEA NOT NULL,
  PRIMARY KEY (handle, generation)
);
CREATE TABLE deposited_keys (
  handle TEXT NOT NULL REFERENCES customers (handle),
  id TEXT NOT NULL,
  kind TEXT NOT NULL,
  content TEXT NOT NULL,
  signature TEXT NOT NULL,
  deposited BIGINT NOT NULL,
  PRIMARY KEY (handle, id)
);
-- What the guard is to forget, committed with its cause: the guard has a store of its own.
CREATE TABLE guard_chores (
  handle TEXT NOT NULL,
  chore TEXT NOT NULL,
  PRIMARY KEY (handle, chore)
);
