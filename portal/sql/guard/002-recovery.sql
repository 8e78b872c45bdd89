-- SPDX-License-Identifier: GPL-3.0-or-later
-- Episodes: what one mailed link is good for. They are kept for a day, to be counted.
CREATE TABLE episodes (
  recovery BLOB PRIMARY KEY,
  handle TEXT NOT NULL,
  began INTEGER NOT NULL,
  expires INTEGER NOT NULL,
  tries INTEGER NOT NULL
);
CREATE INDEX episodes_handle ON episodes (handle, began);
