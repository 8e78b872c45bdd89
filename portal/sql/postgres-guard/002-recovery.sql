-- SPDX-License-Identifier: GPL-3.0-or-later
-- Episodes: what one mailed link is good for. They are kept for a day, to be counted.
CREATE TABLE episodes (
  recovery BYTEA PRIMARY KEY,
  handle TEXT NOT NULL,
  began BIGINT NOT NULL,
  expires BIGINT NOT NULL,
  tries BIGINT NOT NULL
);
CREATE INDEX episodes_handle ON episodes (handle, began);
