#!/bin/sh
# Creates or upgrades the schema of both Temporal databases to this release's version. Safe to run again.
#
# Connects with the SQL_* variables of temporal-sql-tool; SQL_PASSWORD_FILE names a file with the password instead. The
# databases must exist.
set -eu

if [ -n "${SQL_PASSWORD_FILE:-}" ]; then
    SQL_PASSWORD=$(cat "$SQL_PASSWORD_FILE")
    export SQL_PASSWORD
fi

schema_root=${SCHEMA_ROOT:-/etc/temporal/schema/postgresql/v12}

# upgrade DATABASE SCHEMA
upgrade() {
    # Sets version 0.0 in an empty database, and changes nothing in others.
    temporal-sql-tool --db "$1" setup-schema -v 0.0
    temporal-sql-tool --db "$1" update-schema -d "$schema_root/$2/versioned"
}

upgrade temporal temporal
upgrade temporal_visibility visibility
echo "schemas are up to date: temporal, temporal_visibility"
