#!/usr/bin/env bash
# Lets Docker Compose read docker-compose.yml: unknown keys, undefined references, bad durations and ports, and whether
# a missing secret is refused. Needs no engine. Where Compose is not installed it is unpacked from Debian's archive, the
# one that apt uses anyway, into .baton/tools, without changing the system.
#
# Without Compose the check is left out with a word about it; with BATON_REQUIRE_COMPOSE=1 that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly suite=trixie
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
readonly tools=$PWD/.baton/tools
readonly fetched=$tools/docker-compose

fetch_compose() {
    for needed in apt-get dpkg-deb; do
        command -v "$needed" >/dev/null || { echo "$needed is not here to fetch it" >&2; return 1; }
    done
    [ -r "$keyring" ] || { echo "$keyring is not here to verify it" >&2; return 1; }
    local archive root
    archive=$(apt-get update --print-uris | sed -n "/\/debian\/dists\//{s|^'\(.*/debian\)/dists/.*|\1|p;q}")
    [ -n "$archive" ] || { echo "apt knows no Debian archive to fetch it from" >&2; return 1; }
    root=$(mktemp -d)
    # shellcheck disable=SC2064  # the folder of this moment
    trap "rm -rf '$root'" RETURN
    mkdir -p "$root/lists/partial" "$root/cache/archives/partial" "$root/package" "$tools"
    echo "deb [signed-by=$keyring] $archive $suite main" >"$root/sources.list"
    local apt=(
        apt-get -qq
        -o "Dir::Etc::SourceList=$root/sources.list" -o Dir::Etc::SourceParts=-
        -o "Dir::State::Lists=$root/lists" -o "Dir::Cache=$root/cache"
        # The private folders belong to whoever runs this, not to apt's own user.
        -o APT::Sandbox::User=root
    )
    "${apt[@]}" update >&2 &&
        (cd "$root" && "${apt[@]}" download docker-compose >&2) &&
        dpkg-deb -x "$root"/docker-compose_*.deb "$root/package" &&
        mv "$root/package/usr/libexec/docker/cli-plugins/docker-compose" "$fetched"
}

find_compose() {
    if docker compose version >/dev/null 2>&1; then
        compose=(docker compose)
    elif [ -x "$fetched" ] || fetch_compose; then
        compose=("$fetched")
    else
        return 1
    fi
}

# The required variables with throw-away values: what is checked is the file, not anyone's secrets.
with_values() {
    env POSTGRES_PASSWORD=x TEMPORAL_DB_PASSWORD=x LEDGER_DB_PASSWORD=x ORCHESTRA_API_KEY=x ORCHESTRA_WEBHOOK_SECRET=x "$@"
}

check() {
    with_values "${compose[@]}" --env-file .env.example --profile '*' config --quiet
    if env -u POSTGRES_PASSWORD -u ORCHESTRA_API_KEY "${compose[@]}" --env-file .env.example config --quiet 2>/dev/null; then
        echo "docker-compose.yml: it is accepted with empty secrets" >&2
        return 1
    fi
    echo "docker-compose.yml is valid ($("${compose[@]}" version --short))"
}

if find_compose; then
    check
elif [ "${BATON_REQUIRE_COMPOSE:-}" = 1 ]; then
    echo "docker-compose.yml cannot be checked, and BATON_REQUIRE_COMPOSE=1 says that it must be." >&2
    exit 1
else
    echo "docker-compose.yml was not checked: Docker Compose is not here and could not be fetched."
fi
