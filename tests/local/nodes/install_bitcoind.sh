#!/usr/bin/env bash
# Installs bitcoind for the tests into .baton/nodes/bitcoind of this repository; it changes nothing else on the system.
#
# Debian has bitcoind in the package bitcoin-knots, but only in sid. The script downloads it with all libraries that it
# links to, checks them with Debian's signing keys, and unpacks them. bitcoind then runs with the loader of the
# downloaded C library, so the machine's own release does not matter. Run the script directly, or source it and call
# install_bitcoind. DEBIAN_MIRROR names another mirror.

BITCOIND_PACKAGE=bitcoin-knots
BITCOIND_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

# Prints one sentence on why bitcoind cannot be installed, and what to do.
bitcoind_refused() {
  echo "bitcoind cannot be installed: $1; put a bitcoind on the PATH instead; the tests use that too" >&2
  return 1
}

# Writes an apt configuration that keeps lists, cache and package state below $1, and runs no hooks of the machine. The
# machine's other settings, such as a proxy, stay.
bitcoind_apt_config() {
  local root=$1
  mkdir -p "$root"/{lists,archives}/partial "$root/parts" && touch "$root/status" || return
  ln -sf /etc/apt/apt.conf.d/* "$root/parts/" || return
  echo "deb [signed-by=$BITCOIND_KEYRING] ${DEBIAN_MIRROR:-http://deb.debian.org/debian} sid main" >"$root/sources.list"
  # A frozen mirror serves expired lists. Their signatures are still checked, so the only risk is an old test tool.
  cat >"$root/parts/zz-private" <<END
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Acquire::Check-Valid-Until "false";
Acquire::Check-Date "false";
Acquire::Languages "none";
Acquire::Retries "2";
Acquire::http::Timeout "20";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
END
  cat >"$root/apt.conf" <<END
Dir::Etc::parts "$root/parts";
Dir::Etc::sourcelist "$root/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::Etc::preferences "/dev/null";
Dir::Etc::preferencesparts "/dev/null";
Dir::State::lists "$root/lists";
Dir::State::status "$root/status";
Dir::Cache "$root";
Dir::Cache::archives "$root/archives";
END
}

# Downloads the package and its dependencies. The small sysusers package replaces the whole of systemd.
bitcoind_fetch() {
  local apt=$1
  APT_CONFIG="$apt/apt.conf" timeout 240 apt-get -qq update >"$apt/log" 2>&1 &&
    APT_CONFIG="$apt/apt.conf" timeout 300 apt-get -qq -y --download-only install \
      "$BITCOIND_PACKAGE" systemd-standalone-sysusers >>"$apt/log" 2>&1
}

# Writes the command that runs the bitcoind that is unpacked beside it.
bitcoind_wrapper() {
  cat >"$1" <<'END'
#!/usr/bin/env bash
here=$(dirname "$(readlink -f "$0")")
loaders=("$here"/root/usr/lib/*-linux-gnu*/ld-linux*.so.*)
exec "${loaders[0]}" --library-path "$(dirname "${loaders[0]}")" "$here/root/usr/bin/bitcoind" "$@"
END
  chmod +x "$1"
}

# Unpacks the downloaded packages into the folder $1, and checks that bitcoind runs.
bitcoind_unpack() {
  local build=$1 package
  for package in "$build"/apt/archives/*.deb; do
    dpkg-deb -x "$package" "$build/root" || return
  done
  # Debian has moved /lib into /usr/lib; the files of older packages are moved too.
  if [ -d "$build/root/lib" ]; then cp -a "$build/root/lib/." "$build/root/usr/lib/" || return; fi
  rm -rf "$build/apt" "$build/root/lib" "$build/root/usr/share"
  bitcoind_wrapper "$build/bitcoind" && "$build/bitcoind" --version >/dev/null
}

# Installs bitcoind unless it is already there and runs. It takes about 15 seconds and 25 MB of downloads.
install_bitcoind() {
  local nodes target build tool
  nodes="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)/.baton/nodes"
  target="$nodes/bitcoind"
  if "$target/bitcoind" --version >/dev/null 2>&1; then
    echo "bitcoind is installed: $target/bitcoind"
    return 0
  fi
  for tool in apt-get dpkg-deb timeout; do
    command -v "$tool" >/dev/null || { bitcoind_refused "this machine has no $tool"; return 1; }
  done
  [ -r "$BITCOIND_KEYRING" ] || { bitcoind_refused "Debian's keys ($BITCOIND_KEYRING) are missing"; return 1; }
  mkdir -p "$nodes" && build=$(mktemp -d "$nodes/bitcoind.XXXXXX") || return 1
  if ! { bitcoind_apt_config "$build/apt" && bitcoind_fetch "$build/apt"; }; then
    tail -n 5 "$build/apt/log" >&2
    rm -rf "$build"
    bitcoind_refused "Debian's package $BITCOIND_PACKAGE could not be downloaded"
    return 1
  fi
  if ! bitcoind_unpack "$build"; then
    rm -rf "$build"
    bitcoind_refused "the downloaded bitcoind does not run on this machine"
    return 1
  fi
  chmod 755 "$build" && rm -rf "$target" && mv "$build" "$target" && echo "bitcoind was installed: $target/bitcoind"
}

if [ "${BASH_SOURCE[0]}" = "$0" ]; then
  install_bitcoind
fi
