-- SPDX-License-Identifier: GPL-3.0-or-later
-- The second line of defence. The service may run in a role that owns nothing here ("admin migrate ROLE"): then it
-- cannot change the schema, rewrite what only grows, or see more rows than the request it works on is about, however
-- wrong one of its statements is (threat 11).
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% only grows', TG_TABLE_NAME;
END $$;
-- For the owner too.
CREATE TRIGGER ledger_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON ledger
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER rosters_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON rosters
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- Each transaction of the service says in siegelpost.scope whose rows it is about: office, door (somebody who is not
-- logged in yet) or customer/HANDLE, behind a seal that only a holder of guard.key can make. A statement that somebody
-- managed to change can call set_config(), but cannot seal another scope. Nobody but the owner reads the key.
CREATE TABLE scope_key (
  id BIGINT PRIMARY KEY CHECK (id = 1),
  key BYTEA NOT NULL
);
CREATE FUNCTION scope() RETURNS TEXT LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = siegelpost, pg_temp AS $$
DECLARE
  given TEXT := current_setting('siegelpost.scope', true);
  word TEXT := substr(given, 66);
  secret BYTEA;
BEGIN
  SELECT key INTO secret FROM scope_key;
  IF left(given, 64) = encode(sha256(secret || sha256(secret || convert_to(word, 'UTF8'))), 'hex') THEN
    RETURN word;
  END IF;
  RETURN NULL;
END $$;

-- What belongs to one customer.
DO $$
DECLARE
  name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['customers', 'sessions', 'messages', 'drafts', 'outbox', 'events', 'recovery_requests',
    'recovery_links', 'recovery_changes', 'former_signature_keys', 'deposited_keys', 'guard_chores'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY own ON %I USING ((SELECT scope()) IN (''office'', ''customer/'' || handle))', name);
  END LOOP;
END $$;
ALTER TABLE uploads ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON uploads USING ((SELECT scope()) IN ('office', owner));
ALTER TABLE blobs ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON blobs USING ((SELECT scope()) = 'office'
  OR EXISTS (SELECT 1 FROM messages m WHERE m.id = blobs.message));
-- Of what a message has taken the portal reads on behalf of the office, by a name that came out of "blobs".
ALTER TABLE blob_parts ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON blob_parts USING ((SELECT scope()) = 'office'
  OR EXISTS (SELECT 1 FROM uploads u WHERE u.id = blob_parts.blob));

-- Who is not logged in yet is found by something only they have: an invitation, a link, a session.
CREATE POLICY door ON customers FOR SELECT USING ((SELECT scope()) = 'door');
CREATE POLICY door ON recovery_changes FOR SELECT USING ((SELECT scope()) = 'door');
CREATE POLICY door ON recovery_links FOR SELECT USING ((SELECT scope()) = 'door');
CREATE POLICY door_uses_up ON recovery_links FOR DELETE USING ((SELECT scope()) = 'door');
CREATE POLICY door ON sessions FOR SELECT USING ((SELECT scope()) = 'door');
CREATE POLICY door_ends ON sessions FOR DELETE USING ((SELECT scope()) = 'door');

-- What belongs to the office alone, and what customers may read of it.
DO $$
DECLARE
  name TEXT;
BEGIN
  FOREACH name IN ARRAY ARRAY['devices', 'enrolments', 'ledger', 'ledger_last', 'office', 'staff', 'rosters'] LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
    EXECUTE format('CREATE POLICY office ON %I USING ((SELECT scope()) = ''office'')', name);
  END LOOP;
  FOREACH name IN ARRAY ARRAY['office', 'staff', 'rosters'] LOOP
    EXECUTE format('CREATE POLICY everybody ON %I FOR SELECT USING (true)', name);
  END LOOP;
END $$;

-- Everything the service does, and nothing else.
CREATE FUNCTION grant_service(service TEXT) RETURNS BIGINT LANGUAGE plpgsql SET search_path = siegelpost, pg_temp AS $$
DECLARE
  one TEXT;
BEGIN
  FOREACH one IN ARRAY ARRAY[
    'REVOKE TEMPORARY ON DATABASE ' || quote_ident(current_database()) || ' FROM PUBLIC',
    'REVOKE ALL ON ALL TABLES IN SCHEMA siegelpost FROM PUBLIC, %1$I',
    'REVOKE EXECUTE ON FUNCTION grant_service(TEXT) FROM PUBLIC',
    'GRANT USAGE ON SCHEMA siegelpost TO %1$I',
    'GRANT USAGE ON SEQUENCE events_id_seq TO %1$I',
    'GRANT SELECT ON schema_version TO %1$I',
    'GRANT SELECT, INSERT ON ledger, rosters TO %1$I',
    'GRANT SELECT, INSERT, DELETE ON blobs, blob_parts, uploads, recovery_links, former_signature_keys, guard_chores, events,
       enrolments, recovery_requests, recovery_changes, deposited_keys, sessions TO %1$I',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON messages, drafts, outbox TO %1$I',
    'GRANT SELECT, INSERT, UPDATE ON customers TO %1$I',
    'GRANT SELECT, INSERT ON office, staff, devices TO %1$I',
    'GRANT UPDATE (office_key) ON office TO %1$I',
    'GRANT UPDATE (staff_key) ON staff TO %1$I',
    'GRANT UPDATE (state, revoked, office_secret) ON devices TO %1$I',
    'GRANT UPDATE (used) ON enrolments TO %1$I',
    'GRANT UPDATE (seen) ON sessions TO %1$I',
    'GRANT UPDATE (address) ON events TO %1$I',
    'GRANT UPDATE (language) ON recovery_requests TO %1$I',
    'GRANT UPDATE (digest) ON recovery_changes TO %1$I',
    'GRANT UPDATE (signature, deposited, generation) ON deposited_keys TO %1$I',
    'GRANT SELECT, UPDATE (n) ON ledger_last TO %1$I'] LOOP
    EXECUTE format(one, service);
  END LOOP;
  RETURN 1;
END $$;

-- A key that was deposited before a reset is signed by a key that counts no more: it waits until the customer confirms it.
ALTER TABLE deposited_keys ADD COLUMN generation BIGINT NOT NULL DEFAULT 0;
UPDATE deposited_keys SET generation = COALESCE((SELECT c.generation FROM customers c
  WHERE c.handle = deposited_keys.handle AND c.registered <= deposited_keys.deposited), 0);
