-- SPDX-License-Identifier: GPL-3.0-or-later
-- The guard's own store: how often somebody tried, and the logins that are half done.
CREATE TABLE tries (
  bucket TEXT PRIMARY KEY,
  count BIGINT NOT NULL,
  last BIGINT NOT NULL
);
CREATE TABLE logins (
  login BYTEA PRIMARY KEY,
  handle TEXT NOT NULL,
  bucket TEXT NOT NULL,
  expected BYTEA NOT NULL,
  real BIGINT NOT NULL,
  expires BIGINT NOT NULL
);
CREATE INDEX logins_expires ON logins (expires);
CREATE TABLE known_devices (
  device TEXT NOT NULL,
  handle TEXT NOT NULL,
  seen BIGINT NOT NULL,
  PRIMARY KEY (device, handle)
);
-- Which keys belong to this store: a fingerprint, from which nothing can be computed.
CREATE TABLE guard (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  mark BYTEA NOT NULL
);
