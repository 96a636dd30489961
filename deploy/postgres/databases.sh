#!/bin/sh
# A database and a role for each part, on the first start only. No part can open the database of another.
# Run by the image of PostgreSQL, which gives the passwords in the environment.
set -eu
for part in people goals checkins feedback notifications gateway; do
  upper=$(echo "$part" | tr '[:lower:]' '[:upper:]')
  eval "password=\$${upper}_PASSWORD"
  psql --no-psqlrc --quiet -v ON_ERROR_STOP=1 -v role="$part" -v password="$password" \
    --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"role" OWNER :"role" TEMPLATE template0 ENCODING 'UTF8';
REVOKE ALL ON DATABASE :"role" FROM PUBLIC;
SQL
done
