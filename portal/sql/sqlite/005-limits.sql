-- SPDX-License-Identifier: GPL-3.0-or-later
-- What one customer caused in a day is counted in the transaction that causes more.
CREATE INDEX events_handle ON events (handle, time);
