#!/bin/sh
# Creates the namespace and registers the search attributes of orders. Safe to run again: it then sets the retention and
# registers the attributes of a new release.
#
# TEMPORAL_ADDRESS and the other TEMPORAL_* variables of the CLI name the server.
set -eu

namespace=${TEMPORAL_NAMESPACE:-default}
# How long a closed order can still be read.
retention=${TEMPORAL_RETENTION:-30d}
attempts=${INIT_ATTEMPTS:-60}
pause=${INIT_PAUSE:-1}

# The same list as baton/orders/visibility.py; a test compares them.
attributes='
BatonPartner=Keyword
BatonPhase=Keyword
BatonOutcome=Keyword
BatonRoute=Keyword
OrchestraStatus=Keyword
OrchestraQuoteId=Keyword
OrchestraOrderId=Keyword
BatonSource=Keyword
BatonAttention=Bool
BatonNextDeadline=Datetime
'

# until_done WHAT COMMAND...: retries the command until it succeeds; after the last attempt, prints its output.
until_done() {
    what=$1
    shift
    attempt=1
    while ! answer=$("$@" 2>&1); do
        if [ "$attempt" -ge "$attempts" ]; then
            printf '%s\n%s\n' "$what failed $attempts times; the last output was:" "$answer" >&2
            exit 1
        fi
        attempt=$((attempt + 1))
        sleep "$pause"
    done
}

ensure_namespace() {
    if temporal operator namespace describe -n "$namespace"; then
        temporal operator namespace update -n "$namespace" --retention "$retention"
    else
        temporal operator namespace create -n "$namespace" --retention "$retention"
    fi
}

register_attributes() {
    set --
    for attribute in $attributes; do
        set -- "$@" --name "${attribute%%=*}" --type "${attribute#*=}"
    done
    temporal operator search-attribute create -n "$namespace" "$@"
}

until_done 'waiting for the server' temporal operator cluster health
until_done 'creating the namespace' ensure_namespace
# The server needs some seconds until it finds a namespace that was just created.
until_done 'registering the search attributes' register_attributes
echo "namespace $namespace is ready"
