#!/usr/bin/env bash
# Installs anvil, an Ethereum node for tests, from npm into .baton/nodes/anvil of this repository. Run it directly, or
# source it and call install_anvil.

readonly ANVIL_VERSION=1.7.1

# Prints the path of the binary for this machine's architecture, or fails with one sentence.
anvil_binary() {
  local system machine
  system=$(uname -s | tr '[:upper:]' '[:lower:]')
  case $(uname -m) in
    x86_64 | amd64) machine=amd64 ;;
    aarch64 | arm64) machine=arm64 ;;
    *)
      echo "anvil cannot be installed: it has no build for $(uname -m)" >&2
      return 1
      ;;
  esac
  echo "$1/node_modules/@foundry-rs/anvil-$system-$machine/bin/anvil"
}

install_anvil() {
  local root binary
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)/.baton/nodes/anvil || return
  binary=$(anvil_binary "$root") || return
  if [[ $("$root/bin/anvil" --version 2>/dev/null) == *"$ANVIL_VERSION"* ]]; then
    echo "anvil $ANVIL_VERSION is installed"
    return 0
  fi
  if ! command -v npm >/dev/null; then
    echo "anvil cannot be installed: npm is missing; install Node.js and run this again" >&2
    return 1
  fi
  mkdir -p "$root" && echo '{"private": true}' >"$root/package.json" || return
  # The binary is an optional dependency of the package, so no install script has to run.
  if ! npm install --prefix "$root" --ignore-scripts --no-audit --no-fund --loglevel=error \
    "@foundry-rs/anvil@$ANVIL_VERSION" >"$root/install.log" 2>&1 || [[ ! -x $binary ]]; then
    echo "anvil cannot be installed: npm failed; see $root/install.log" >&2
    return 1
  fi
  # Tests expect the same path on every architecture.
  mkdir -p "$root/bin" && ln -sf "$binary" "$root/bin/anvil" && echo "anvil $ANVIL_VERSION was installed"
}

if [[ "${BASH_SOURCE[0]}" == "$0" ]]; then
  install_anvil
fi
