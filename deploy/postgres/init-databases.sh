#!/bin/sh
# Makes the roles and databases of Temporal and the ledger. Safe to run again: it then only renews the passwords.
#
# Connects as a superuser by the PG* variables of psql. Each role owns its databases and sees no other.
set -eu

: "${TEMPORAL_DB_PASSWORD:?password of the role temporal}"
: "${LEDGER_DB_PASSWORD:?password of the role ledger}"

# role password: psql quotes the values itself. The statements come by standard input, so that no password is an
# argument that other processes could read.
ensure_role() {
    ROLE_NAME=$1 ROLE_PASSWORD=$2 psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --dbname=postgres <<'SQL'
\getenv role ROLE_NAME
\getenv password ROLE_PASSWORD
SELECT format('CREATE ROLE %I LOGIN', :'role')
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" PASSWORD :'password';
SQL
}

# database owner
ensure_database() {
    DATABASE_NAME=$1 OWNER_NAME=$2 psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --dbname=postgres <<'SQL'
\getenv database DATABASE_NAME
\getenv owner OWNER_NAME
SELECT format('CREATE DATABASE %I OWNER %I', :'database', :'owner')
    WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'database') \gexec
REVOKE ALL ON DATABASE :"database" FROM PUBLIC;
SQL
}

ensure_role temporal "$TEMPORAL_DB_PASSWORD"
ensure_role ledger "$LEDGER_DB_PASSWORD"
ensure_database temporal temporal
ensure_database temporal_visibility temporal
ensure_database ledger ledger
echo "databases are ready: temporal, temporal_visibility, ledger"
