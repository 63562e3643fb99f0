#!/usr/bin/env bash
# Installs the chain nodes for tests marked `nodes` into .baton/nodes of this repository; it changes nothing else on the
# system. The arguments name the nodes; without arguments it installs all of them. A second run is quick and changes
# nothing.
#
#   tests/local/nodes/install.sh anvil surfnet bitcoind
set -u

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd) || exit 1
failed=0

for node in "${@:-anvil surfnet bitcoind}"; do
  # Not quoted on purpose: the default above is three names in one word.
  for name in $node; do
    if [[ ! $name =~ ^[a-z]+$ || ! -f "$here/install_$name.sh" ]]; then
      echo "unknown node $name; the nodes are anvil, surfnet and bitcoind" >&2
      exit 2
    fi
    # Each in its own shell, so that a failure does not stop the other installations.
    # shellcheck source=/dev/null
    (source "$here/install_$name.sh" && "install_$name") || failed=1
  done
done
exit "$failed"
