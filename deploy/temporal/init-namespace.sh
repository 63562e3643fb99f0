#!/bin/sh
# Creates the namespace, registers the search attributes of orders, and creates the Nexus endpoint by which workflows of
# other namespaces reach Baton. Safe to run again: it then sets the retention, registers the attributes of a new release
# and turns the endpoint to this namespace.
#
# TEMPORAL_ADDRESS and the other TEMPORAL_* variables of the CLI name the server.
set -eu

namespace=${TEMPORAL_NAMESPACE:-default}
# How long a closed order can still be read.
retention=${TEMPORAL_RETENTION:-30d}
endpoint=${TEMPORAL_NEXUS_ENDPOINT:-baton}
# The task queue of Baton's workflows; a test compares it with baton/orders/names.py.
queue=baton
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
BatonWaitingFor=Keyword
BatonAttention=Bool
BatonAttentionReason=KeywordList
BatonAmountIn=Double
BatonAmountOut=Double
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

ensure_endpoint() {
    verb=create
    if temporal operator nexus endpoint get --name "$endpoint"; then
        verb=update
    fi
    temporal operator nexus endpoint $verb --name "$endpoint" --target-namespace "$namespace" --target-task-queue "$queue"
}

until_done 'waiting for the server' temporal operator cluster health
until_done 'creating the namespace' ensure_namespace
# The server needs some seconds until it finds a namespace that was just created.
until_done 'registering the search attributes' register_attributes
until_done 'creating the Nexus endpoint' ensure_endpoint
echo "namespace $namespace is ready"
