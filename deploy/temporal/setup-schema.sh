#!/bin/sh
# Brings both databases of Temporal to the schema of this release. Safe to run again; running it is the upgrade.
#
# Connects by the SQL_* variables of temporal-sql-tool. The databases must exist.
set -eu

schema_root=${SCHEMA_ROOT:-/etc/temporal/schema/postgresql/v12}

# database schema
bring_up_to_date() {
    # Marks an empty database with version 0.0; leaves one with a version as it is.
    temporal-sql-tool --db "$1" setup-schema -v 0.0
    temporal-sql-tool --db "$1" update-schema -d "$schema_root/$2/versioned"
}

bring_up_to_date temporal temporal
bring_up_to_date temporal_visibility visibility
echo "schemas are up to date: temporal, temporal_visibility"
