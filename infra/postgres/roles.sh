#!/bin/bash
# Run once by the image, when its database is made: the owner, who migrates, and the role that serves. Neither is a
# superuser. What the second one may do, `hub migrate` says each time.
set -eu
keys=${OWNER_KEYS:-/owner/postgres}

psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set owner="$(cat "$keys/owner-password")" --set serving="$(cat "$keys/serving-password")" <<'SQL'
CREATE ROLE hub LOGIN PASSWORD :'owner';
CREATE ROLE hub_app LOGIN PASSWORD :'serving';
SELECT format('ALTER DATABASE %I OWNER TO hub', current_database()) \gexec
SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()) \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO hub_app', current_database()) \gexec
SQL
