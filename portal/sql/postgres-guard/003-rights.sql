-- SPDX-License-Identifier: GPL-3.0-or-later
-- What the service's role may do here, where it is not the owner.
CREATE FUNCTION grant_service(service TEXT) RETURNS BIGINT LANGUAGE plpgsql SET search_path = siegelpost_guard, pg_temp AS $$
DECLARE
  one TEXT;
BEGIN
  FOREACH one IN ARRAY ARRAY[
    'REVOKE ALL ON ALL TABLES IN SCHEMA siegelpost_guard FROM PUBLIC, %1$I',
    'REVOKE EXECUTE ON FUNCTION grant_service(TEXT) FROM PUBLIC',
    'GRANT USAGE ON SCHEMA siegelpost_guard TO %1$I',
    'GRANT SELECT ON schema_version TO %1$I',
    'GRANT SELECT, INSERT ON guard TO %1$I',
    'GRANT SELECT, INSERT, UPDATE, DELETE ON tries, logins, known_devices, episodes TO %1$I'] LOOP
    EXECUTE format(one, service);
  END LOOP;
  RETURN 1;
END $$;
