#!/bin/sh
# Makes the secrets of docker-compose.yml in this folder: random ones, and an empty file for Orchestra's key, which only
# Orchestra can give. Safe to run again: what is there stays as it is.
#
# Compose mounts each file with the owner and mode that it has here, and the containers run as several users. So the
# files can be read by all, and the folder only by its owner.
set -eu
cd "$(dirname "$0")"
umask 022
chmod 700 .

# keep NAME VALUE: writes the value unless the file holds something. Letters and digits, because it may become a part of
# URLs and of YAML.
keep() {
    if [ -s "$1" ]; then
        echo "kept  $1"
        return
    fi
    # Written into the file and not renamed over it: a container that has it mounted would keep the old one.
    printf '%s\n' "$2" >"$1"
    echo "made  $1"
}

random() {
    od -An -N32 -tx1 /dev/urandom | tr -d ' \n'
}

for name in postgres_password temporal_db_password ledger_password api_token page_key metrics_token grafana_password; do
    keep "$name" "$(random)"
done

if [ ! -e orchestra_api_key ]; then
    : >orchestra_api_key
fi
if [ ! -s orchestra_api_key ]; then
    echo "empty orchestra_api_key: write your server key into it (fn_...), unless you use the sandbox or a partners file"
fi
