-- SPDX-License-Identifier: GPL-3.0-or-later
-- The guard's own store: how often somebody tried, and the logins that are half done.
CREATE TABLE tries (
  bucket TEXT PRIMARY KEY,
  count INTEGER NOT NULL,
  last INTEGER NOT NULL
);
CREATE TABLE logins (
  login BLOB PRIMARY KEY,
  handle TEXT NOT NULL,
  bucket TEXT NOT NULL,
  expected BLOB NOT NULL,
  real INTEGER NOT NULL,
  expires INTEGER NOT NULL
);
CREATE INDEX logins_expires ON logins (expires);
CREATE TABLE known_devices (
  device BLOB NOT NULL,
  handle TEXT NOT NULL,
  seen INTEGER NOT NULL,
  PRIMARY KEY (device, handle)
);
