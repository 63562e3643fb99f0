#!/bin/sh
# Creates the roles and databases of Temporal and the ledger. Safe to run again: it then only sets the passwords.
#
# Connects as a superuser with psql's PG* variables. Each role owns its databases and can connect to no others. Each
# password may be in a file instead: PGPASSWORD_FILE, TEMPORAL_DB_PASSWORD_FILE, LEDGER_DB_PASSWORD_FILE.
set -eu

# content_of FILE: its content, or nothing if no file is named.
content_of() {
    if [ -n "$1" ]; then
        cat "$1"
    fi
}

if [ -n "${PGPASSWORD_FILE:-}" ]; then
    PGPASSWORD=$(content_of "$PGPASSWORD_FILE")
    export PGPASSWORD
fi
: "${TEMPORAL_DB_PASSWORD:=$(content_of "${TEMPORAL_DB_PASSWORD_FILE:-}")}"
: "${LEDGER_DB_PASSWORD:=$(content_of "${LEDGER_DB_PASSWORD_FILE:-}")}"
: "${TEMPORAL_DB_PASSWORD:?password of the role temporal}"
: "${LEDGER_DB_PASSWORD:?password of the role ledger}"

# ensure_role ROLE PASSWORD. psql quotes the values. The password is not an argument of psql, because other processes
# could read it there.
ensure_role() {
    ROLE_NAME=$1 ROLE_PASSWORD=$2 psql --quiet --no-psqlrc --set=ON_ERROR_STOP=1 --dbname=postgres <<'SQL'
\getenv role ROLE_NAME
\getenv password ROLE_PASSWORD
SELECT format('CREATE ROLE %I LOGIN', :'role')
    WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'role') \gexec
ALTER ROLE :"role" PASSWORD :'password';
SQL
}

# ensure_database DATABASE OWNER
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
