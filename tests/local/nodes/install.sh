#!/usr/bin/env bash
# Installs the chain nodes that tests marked `nodes` run against into .baton/nodes of this repository, and nothing on
# the system. Names what to install; without a name, all of it. Running it again is quick and changes nothing.
#
#   tests/local/nodes/install.sh anvil surfnet bitcoind
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 1
failed=0

for node in "${@:-anvil surfnet bitcoind}"; do
  # Unquoted on purpose: the default above is three names in one word.
  for name in $node; do
    if [[ ! $name =~ ^[a-z]+$ || ! -f "$here/install_$name.sh" ]]; then
      echo "there is no node called $name; the names are anvil, surfnet and bitcoind" >&2
      exit 2
    fi
    # A shell of its own for each: one that fails must not keep the others from being installed.
    # shellcheck source=/dev/null
    (source "$here/install_$name.sh" && "install_$name") || failed=1
  done
done
exit "$failed"
