#!/usr/bin/env bash
# Installs Surfnet, a Solana node for tests, from npm into .baton/nodes/surfnet of this repository. Run it directly, or
# source it and call install_surfnet.

readonly SURFNET_VERSION=1.5.0

# Prints one sentence on why Surfnet cannot be installed.
surfnet_refused() {
  echo "surfnet cannot be installed: $1" >&2
  return 1
}

install_surfnet() {
  local root package="@solana/surfpool-linux-x64-gnu"
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)/.baton/nodes/surfnet || return
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    surfnet_refused "node or npm is missing; install Node.js 18 or newer and run this again"
    return
  fi
  # The package is one native module, so it is installed if it loads.
  if grep -qs "\"version\": \"$SURFNET_VERSION\"" "$root/node_modules/$package/package.json" &&
    node -e 'require(process.argv[1]).Surfnet.start' "$root/node_modules/$package" 2>/dev/null; then
    echo "surfnet $SURFNET_VERSION is installed"
    return 0
  fi
  if [[ $(uname -s)-$(uname -m) != Linux-x86_64 ]]; then
    surfnet_refused "it has a build only for Linux on x86_64, and this is $(uname -s) on $(uname -m)"
    return
  fi
  mkdir -p "$root" && echo '{"private": true}' >"$root/package.json" || return
  if ! npm install --prefix "$root" --ignore-scripts --no-audit --no-fund --loglevel=error \
    "$package@$SURFNET_VERSION" >"$root/install.log" 2>&1; then
    surfnet_refused "npm failed; see $root/install.log"
    return
  fi
  if ! node -e 'require(process.argv[1]).Surfnet.start' "$root/node_modules/$package" 2>>"$root/install.log"; then
    surfnet_refused "the installed package does not load; see $root/install.log"
    return
  fi
  echo "surfnet $SURFNET_VERSION was installed"
}

if [[ "${BASH_SOURCE[0]}" == "$0" ]]; then
  install_surfnet
fi
