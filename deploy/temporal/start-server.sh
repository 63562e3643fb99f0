#!/bin/sh
# Starts Temporal's server with its database password from the file that POSTGRES_PWD_FILE names: the server itself
# takes it from the environment alone, which `docker inspect` and `docker compose config` show to everyone on the host.
set -eu

POSTGRES_PWD=$(cat "${POSTGRES_PWD_FILE:?file with the password of the role temporal}")
: "${POSTGRES_PWD:?the file in POSTGRES_PWD_FILE is empty}"
export POSTGRES_PWD
exec "${TEMPORAL_ENTRY_POINT:-/etc/temporal/entrypoint.sh}"
