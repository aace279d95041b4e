#!/usr/bin/env bash
# Installs the Debian packages that are named and missing. Asks nothing; quick when all are there.
set -eu
missing=()
for package in "$@"; do
    status=$(dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null || true)
    [[ $status == ?i* ]] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
install() {
    "${as_root[@]}" apt-get install -y -q --no-install-recommends "${missing[@]}" >build/deps.log 2>&1 </dev/null
}
mkdir -p build
install || { "${as_root[@]}" apt-get update -q >build/deps.log 2>&1 </dev/null && install; } || {
    tail -n 20 build/deps.log
    echo "The packages could not be installed; build/deps.log has it all."
    exit 1
}
