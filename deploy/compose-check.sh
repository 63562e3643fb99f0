#!/usr/bin/env bash
# Checks docker-compose.yml with Docker Compose itself, alone and with each profile: unknown keys, undefined references,
# wrong durations and ports; and that what it prints has no secret. It names what .env sets without effect. It needs no
# Docker engine. If Compose is not installed, it is unpacked from Debian's archive, the one that apt is configured for,
# into .baton/tools; the system is not changed.
#
# If Compose cannot be found, the check is skipped with a message; with BATON_REQUIRE_COMPOSE=1 it fails.
set -euo pipefail
cd "$(dirname "$0")/.."

readonly suite=trixie
readonly keyring=/usr/share/keyrings/debian-archive-keyring.gpg
readonly tools=$PWD/.baton/tools
readonly fetched=$tools/docker-compose

fetch_compose() {
    for needed in apt-get dpkg-deb; do
        command -v "$needed" >/dev/null || { echo "cannot fetch Compose: $needed is not installed" >&2; return 1; }
    done
    [ -r "$keyring" ] || { echo "cannot verify Compose: $keyring is missing" >&2; return 1; }
    local archive root
    archive=$(apt-get update --print-uris | sed -n "/\/debian\/dists\//{s|^'\(.*/debian\)/dists/.*|\1|p;q}")
    [ -n "$archive" ] || { echo "cannot fetch Compose: apt has no Debian archive configured" >&2; return 1; }
    root=$(mktemp -d)
    # shellcheck disable=SC2064  # expand $root now
    trap "rm -rf '$root'" RETURN
    mkdir -p "$root/lists/partial" "$root/cache/archives/partial" "$root/package" "$tools"
    echo "deb [signed-by=$keyring] $archive $suite main" >"$root/sources.list"
    local apt=(
        apt-get -qq
        -o "Dir::Etc::SourceList=$root/sources.list" -o Dir::Etc::SourceParts=-
        -o "Dir::State::Lists=$root/lists" -o "Dir::Cache=$root/cache"
        # The private folders belong to the user of this script, not to the user _apt.
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

configuration() {
    "${compose[@]}" --env-file .env.example "$@" config
}

# The secrets of this installation, if it has any, must not be in what everyone may print.
shows_a_secret() {
    local file
    for file in deploy/secrets/*; do
        [ "$file" != deploy/secrets/new.sh ] && [ -s "$file" ] || continue
        if grep --quiet --fixed-strings --file="$file" <<<"$1"; then
            echo "docker compose config prints the secret $file" >&2
            return 0
        fi
    done
    return 1
}

# value_of NAME: what .env sets it to, or the default of .env.example.
value_of() {
    sed -nE "/^$1=/{s///;s/ +#.*//;p}" .env.example .env | tail -n 1 | tr -d "\"'\r"
}

# What .env sets and nothing reads has no effect, and Compose does not say so.
name_what_has_no_effect() {
    local name profile known gateways reached
    [ -f .env ] || return 0
    known=$(sed -nE 's/^(# *)?([A-Z_]+)=.*/\2/p' .env.example deploy/*.compose.yml)
    sed -nE 's/^(export )?([A-Za-z_]+)=.*/\2/p' .env | while read -r name; do
        grep --quiet --line-regexp "$name" <<<"$known" || echo "note: .env sets $name, which docker-compose.yml does not read"
    done
    for profile in $(value_of COMPOSE_PROFILES | tr ',' ' '); do
        grep --quiet --line-regexp "$profile" <<<"$1" || echo "note: .env names the profile $profile, which there is not"
    done
    gateways=$(value_of BATON_GATEWAYS) reached=$(value_of BATON_PROXY_GATEWAYS | wc -w)
    if [[ ,$(value_of COMPOSE_PROFILES), = *,proxy,* ]] && [ "$gateways" != "$reached" ]; then
        echo "note: BATON_PROXY_GATEWAYS of .env names $reached of $gateways gateways; the proxy uses no other"
    fi
}

check() {
    local profile profiles printed
    profiles=$("${compose[@]}" --env-file .env.example config --profiles)
    configuration >/dev/null
    name_what_has_no_effect "$profiles"
    for profile in $profiles; do
        configuration --profile "$profile" >/dev/null
    done
    printed=$(configuration --profile '*')
    ! shows_a_secret "$printed" || return 1
    TEMPORAL_ADDRESS=baton.a1b2c.tmprl.cloud:7233 configuration --file docker-compose.yml \
        --file deploy/temporal-cloud.compose.yml --profile '*' >/dev/null
    BATON_WORKERS=3 BATON_GATEWAYS=2 BATON_GATEWAY_PORT=8080-8081 configuration --profile '*' >/dev/null
    echo "docker-compose.yml is valid, also with ${profiles//$'\n'/, } ($("${compose[@]}" version --short))"
}

if find_compose; then
    check
elif [ "${BATON_REQUIRE_COMPOSE:-}" = 1 ]; then
    echo "docker-compose.yml cannot be checked, but BATON_REQUIRE_COMPOSE=1 requires it." >&2
    exit 1
else
    echo "docker-compose.yml was not checked: Docker Compose is not installed and could not be fetched."
fi
