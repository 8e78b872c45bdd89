-- SPDX-License-Identifier: GPL-3.0-or-later
-- The portal's store. Nothing in here opens a message: wraps, manifests and escrow are ciphertext,
-- tokens are kept as their SHA-256.
CREATE TABLE office (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  name TEXT NOT NULL,
  portal_address TEXT NOT NULL,
  support_name TEXT NOT NULL,
  support_phone TEXT NOT NULL,
  support_hours TEXT NOT NULL,
  support_mail TEXT NOT NULL,
  retention_days INTEGER NOT NULL,
  invitation_days INTEGER NOT NULL,
  office_key TEXT,
  created INTEGER NOT NULL
);
CREATE TABLE staff (
  address TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  staff_key TEXT,
  created INTEGER NOT NULL
);
CREATE TABLE enrolments (
  token_hash BLOB PRIMARY KEY,
  staff TEXT NOT NULL REFERENCES staff (address),
  expires INTEGER NOT NULL,
  used INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  staff TEXT NOT NULL REFERENCES staff (address),
  name TEXT NOT NULL,
  token_hash BLOB NOT NULL UNIQUE,
  created INTEGER NOT NULL,
  revoked INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE rosters (
  version INTEGER PRIMARY KEY,
  roster TEXT NOT NULL,
  signature TEXT NOT NULL,
  device TEXT,
  created INTEGER NOT NULL
);
CREATE TABLE customers (
  handle TEXT PRIMARY KEY,
  address TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL,
  generation INTEGER NOT NULL,
  language TEXT NOT NULL,
  mailbox_key TEXT NOT NULL,
  escrow TEXT NOT NULL,
  salt BLOB NOT NULL,
  invited_digest BLOB NOT NULL,
  invitation BLOB,
  invitation_expires INTEGER,
  code_wrap BLOB,
  auth_hash BLOB,
  password_record BLOB,
  answer_record BLOB,
  question TEXT,
  password_wrap BLOB,
  answer_wrap BLOB,
  mailbox_wrap BLOB,
  signature_key BLOB,
  signature_mac BLOB,
  registered INTEGER,
  registered_digest BLOB,
  notified INTEGER NOT NULL DEFAULT 0,
  created INTEGER NOT NULL
);
CREATE UNIQUE INDEX customers_invitation ON customers (invitation);
CREATE TABLE sessions (
  token_hash BLOB PRIMARY KEY,
  handle TEXT NOT NULL REFERENCES customers (handle),
  created INTEGER NOT NULL,
  seen INTEGER NOT NULL
);
CREATE INDEX sessions_handle ON sessions (handle);
CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  owner TEXT NOT NULL,
  length INTEGER NOT NULL,
  created INTEGER NOT NULL
);
CREATE TABLE messages (
  id TEXT PRIMARY KEY,
  handle TEXT NOT NULL REFERENCES customers (handle),
  folder TEXT NOT NULL,
  staff TEXT NOT NULL,
  state TEXT NOT NULL,
  digest BLOB NOT NULL,
  manifest TEXT NOT NULL,
  size INTEGER NOT NULL,
  created INTEGER NOT NULL,
  received INTEGER,
  expires INTEGER,
  read_at INTEGER,
  in_reply_to TEXT,
  mail_references TEXT,
  notice TEXT
);
CREATE INDEX messages_folder ON messages (handle, folder, received, id);
CREATE INDEX messages_expires ON messages (expires);
CREATE TABLE blobs (
  message TEXT NOT NULL REFERENCES messages (id),
  n INTEGER NOT NULL,
  size INTEGER NOT NULL,
  sha256 TEXT NOT NULL,
  file TEXT,
  data BLOB,
  PRIMARY KEY (message, n)
);
CREATE TABLE drafts (
  handle TEXT NOT NULL REFERENCES customers (handle),
  id TEXT NOT NULL,
  changed INTEGER NOT NULL,
  wrap BLOB NOT NULL,
  PRIMARY KEY (handle, id)
);
CREATE TABLE outbox (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  handle TEXT NOT NULL,
  recipient TEXT NOT NULL,
  message TEXT NOT NULL,
  state TEXT NOT NULL,
  queued INTEGER NOT NULL,
  due INTEGER NOT NULL,
  tries INTEGER NOT NULL DEFAULT 0,
  sent INTEGER
);
CREATE INDEX outbox_due ON outbox (state, due);
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  time INTEGER NOT NULL,
  type TEXT NOT NULL,
  handle TEXT NOT NULL,
  address TEXT NOT NULL,
  message TEXT
);
